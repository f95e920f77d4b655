package io.bactrian.channel;

import java.time.Clock;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The messages that wait in all channels. They outlive a reload of the configuration. Thread-safe. */
public final class Outboxes {
    private final Map<String, Outbox> outboxes = new ConcurrentHashMap<>();
    private final AlertmanagerChannel alertmanager;

    public Outboxes(Clock clock) {
        alertmanager = new AlertmanagerChannel(clock);
    }

    Outbox of(String channel) {
        return outboxes.computeIfAbsent(channel, name -> new Outbox());
    }

    AlertmanagerChannel alertmanager() {
        return alertmanager;
    }

    /** Forgets the channels that are no longer there, with their messages. */
    void keepOnly(Collection<String> channels) {
        outboxes.keySet().retainAll(channels);
    }
}
