package io.bactrian.channel;

import io.bactrian.alert.AlertRound;
import java.time.Clock;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The step of the route that looks each second whether there is an alert, and starts the channels that have something to send,
 * each on a thread of its own. Called by one thread at a time.
 */
public final class AlertTimer {
    private static final Logger LOG = LoggerFactory.getLogger(AlertTimer.class);
    /** A receiver that keeps a channel for longer is given up: it sends its answer byte by byte. */
    private static final long LONGEST_SEND = 120_000;

    private final AlertRound round;
    private final AlertChannels channels;
    private final Clock clock;
    private final Map<String, Sending> sending = new ConcurrentHashMap<>();
    private boolean failed;

    /** A channel at work. */
    private record Sending(Thread thread, long since) {}

    public AlertTimer(AlertRound round, AlertChannels channels, Clock clock) {
        this.round = round;
        this.channels = channels;
        this.clock = clock;
    }

    /** Evaluates the rules, and sends what is due. Never waits. */
    public void tick(Exchange exchange) {
        try {
            channels.add(round.evaluate());
            failed = false;
        } catch (RuntimeException | LinkageError e) {
            if (!failed) {
                LOG.error("Cannot evaluate the alerts; the next try follows in a second", e);
            }
            failed = true;
        }
        long now = clock.millis();
        interruptLong(now);
        for (AlertChannel channel : channels.due(now)) {
            if (!sending.containsKey(channel.name())) {
                start(channel, now);
            }
        }
    }

    private void start(AlertChannel channel, long now) {
        Thread thread = Thread.ofVirtual().name("alerts-" + channel.name()).unstarted(() -> {
            try {
                channel.send();
            } finally {
                sending.remove(channel.name());
            }
        });
        sending.put(channel.name(), new Sending(thread, now));
        thread.start();
    }

    private void interruptLong(long now) {
        for (Iterator<Sending> all = sending.values().iterator(); all.hasNext(); ) {
            Sending one = all.next();
            if (now - one.since() > LONGEST_SEND) {
                one.thread().interrupt();
            }
        }
    }
}
