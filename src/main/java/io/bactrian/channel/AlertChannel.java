package io.bactrian.channel;

import io.bactrian.alert.AlertMessage;
import java.util.List;

/** A way to bring messages to operators. Thread-safe. */
interface AlertChannel {

    /** A name for people, without a secret. */
    String name();

    /** Takes messages in. Never waits. */
    void add(List<AlertMessage> messages);

    /** True if there is something to send now. */
    boolean isDue(long now);

    /** Sends what is due, and waits for it. */
    void send();
}
