package io.bactrian.channel;

import io.bactrian.alert.AlertMessage;
import io.bactrian.alert.Severity;
import java.time.Clock;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The messages that wait in all channels. They outlive a reload of the configuration. Thread-safe. */
public final class Outboxes {
    private final Map<String, Outbox> outboxes = new ConcurrentHashMap<>();
    private final AlertmanagerChannel alertmanager;
    /** The alerts that channels have been told of, until they are told of the end. */
    private final Set<String> told = ConcurrentHashMap.newKeySet();

    public Outboxes(Clock clock) {
        alertmanager = new AlertmanagerChannel(clock);
    }

    Outbox of(String channel) {
        return outboxes.computeIfAbsent(channel, name -> new Outbox());
    }

    AlertmanagerChannel alertmanager() {
        return alertmanager;
    }

    /**
     * Whether the channels are to get a message: all that is urgent enough, and the end of what they were told of, although
     * nothing so harmless is sent any more.
     */
    boolean takes(AlertMessage message, Severity least) {
        if (message.drill()) {
            return false;
        }
        boolean urgent = message.alert().severity().compareTo(least) >= 0;
        if (message.state() == AlertMessage.State.RESOLVED) {
            return told.remove(message.alert().key()) || urgent;
        }
        if (urgent) {
            told.add(message.alert().key());
        }
        return urgent;
    }

    /** Forgets the channels that are no longer there, with their messages. */
    void keepOnly(Collection<String> channels) {
        outboxes.keySet().retainAll(channels);
    }
}
