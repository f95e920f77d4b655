package io.bactrian.channel;

import io.bactrian.alert.AlertMessage;
import java.time.Clock;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A channel that sends each message once, one after the other, and tries again while its receiver cannot be reached. */
final class QueuedChannel implements AlertChannel {
    private static final Logger LOG = LoggerFactory.getLogger(AlertChannels.class);

    private final String name;
    private final Outbox outbox;
    private final Sender sender;
    private final Consumer<Boolean> count;
    private final int most;
    private final Clock clock;

    /** The sending of one message. */
    @FunctionalInterface
    interface Sender {
        void send(AlertMessage message) throws NotDelivered;
    }

    /**
     * @param count is told of each message that was sent (true) or given up (false)
     * @param most the most messages in one round, which is a second
     */
    QueuedChannel(String name, Outbox outbox, Sender sender, Consumer<Boolean> count, int most, Clock clock) {
        this.name = name;
        this.outbox = outbox;
        this.sender = sender;
        this.count = count;
        this.most = most;
        this.clock = clock;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void add(List<AlertMessage> messages) {
        for (AlertMessage message : messages) {
            if (outbox.add(message)) {
                LOG.warn(
                        "{} alerts wait for {}: the oldest ones are dropped. The log has them all",
                        outbox.size(),
                        name);
            }
        }
    }

    @Override
    public boolean isDue(long now) {
        return outbox.isDue(now);
    }

    @Override
    public void send() {
        for (int i = 0; i < most; i++) {
            AlertMessage message = outbox.take(clock.millis());
            if (message == null) {
                return;
            }
            try {
                sender.send(message);
                count.accept(true);
                if (outbox.sent()) {
                    LOG.info("Alerts reach {} again", name);
                }
            } catch (NotDelivered e) {
                log(outbox.failed(e, clock.millis()), e);
            } catch (RuntimeException | Error e) {
                // Its message may quote an address.
                NotDelivered why = new NotDelivered(e.getClass().getSimpleName(), null, false);
                log(outbox.failed(why, clock.millis()), why);
            }
        }
    }

    private void log(Outbox.Failed failed, NotDelivered why) {
        if (failed == Outbox.Failed.GIVEN_UP || failed == Outbox.Failed.GIVEN_UP_AGAIN) {
            count.accept(false);
        }
        switch (failed) {
            case FIRST ->
                LOG.warn(
                        "Cannot send alerts to {}: {}; trying again for up to an hour, {} waiting",
                        name,
                        why.getMessage(),
                        outbox.size());
            case GIVEN_UP ->
                LOG.warn("Gave up sending an alert to {}: {}; further ones are tried", name, why.getMessage());
            case AGAIN, GIVEN_UP_AGAIN -> LOG.debug("Cannot send alerts to {}: {}", name, why.getMessage());
        }
    }
}
