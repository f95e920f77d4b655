package io.bactrian.channel;

import io.bactrian.alert.AlertMessage;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The channel to an Alertmanager, which is told the state of every alert again each minute, because it forgets what it is not
 * told. A resolved alert is told of for some minutes, so that a call that fails loses nothing. It outlives a reload of the
 * configuration. Thread-safe.
 */
final class AlertmanagerChannel implements AlertChannel {
    static final String NAME = "Alertmanager";
    private static final Logger LOG = LoggerFactory.getLogger(AlertChannels.class);
    private static final long AGAIN_AFTER = Duration.ofMinutes(1).toMillis();
    private static final long RESOLVED_FOR = Duration.ofMinutes(5).toMillis();
    private static final int MAX_KNOWN = 1_000;

    private final Clock clock;
    private final Backoff backoff = new Backoff();
    /** The latest message about each alert that was told to be open, by key. */
    private final Map<String, AlertMessage> known = new LinkedHashMap<>();

    private volatile @Nullable Sender sender;
    private boolean changed;
    private boolean sending;
    private long sentAt;

    /** The sending of the state of several alerts. */
    @FunctionalInterface
    interface Sender {
        void send(List<AlertMessage> state) throws NotDelivered;
    }

    AlertmanagerChannel(Clock clock) {
        this.clock = clock;
    }

    /** Sends this way from now on. */
    AlertmanagerChannel by(Sender current) {
        sender = current;
        return this;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public synchronized void add(List<AlertMessage> messages) {
        for (AlertMessage message : messages) {
            String key = message.alert().key();
            if (known.size() < MAX_KNOWN || known.containsKey(key)) {
                known.put(key, message);
                changed = true;
            }
        }
    }

    @Override
    public synchronized boolean isDue(long now) {
        boolean old = now - sentAt >= AGAIN_AFTER || now < sentAt;
        return !sending && !known.isEmpty() && (changed || old || backoff.isFailing()) && backoff.isOver(now);
    }

    @Override
    public void send() {
        List<AlertMessage> state;
        synchronized (this) {
            if (!isDue(clock.millis())) {
                return;
            }
            sending = true;
            changed = false;
            state = new ArrayList<>(known.values());
        }
        try {
            Objects.requireNonNull(sender).send(state);
            if (sent(clock.millis())) {
                LOG.info("Alerts reach {} again", NAME);
            }
        } catch (NotDelivered e) {
            failed(e);
        } catch (RuntimeException | Error e) {
            failed(new NotDelivered(e.getClass().getSimpleName(), null, false));
        }
    }

    private synchronized boolean sent(long now) {
        boolean failed = backoff.isFailing();
        backoff.succeeded();
        sending = false;
        sentAt = now;
        known.values().removeIf(message -> {
            Long end = message.alert().resolvedAt();
            return end != null && now - end > RESOLVED_FOR;
        });
        return failed;
    }

    private synchronized void failed(NotDelivered why) {
        boolean first = !backoff.isFailing();
        backoff.failed(clock.millis(), why.retryAfter());
        sending = false;
        if (first) {
            LOG.warn("Cannot send alerts to {}: {}; trying again", NAME, why.getMessage());
        } else {
            LOG.debug("Cannot send alerts to {}: {}", NAME, why.getMessage());
        }
    }
}
