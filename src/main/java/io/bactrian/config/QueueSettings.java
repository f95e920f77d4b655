package io.bactrian.config;

import java.time.Duration;

/**
 * The settings of the queue ({@code bactrian.queue.*}). Immutable.
 *
 * @param enabled whether requests are taken from a queue
 * @param brokerUrl the URL of the broker, which may carry a password; empty = the embedded broker if the queue is enabled
 * @param port the port on this machine where the embedded broker listens; 0 = only for the gateway itself
 * @param directory the folder of the embedded broker's journal and of the stored answers, below that of the gateway
 * @param requests the queue from which requests are taken
 * @param replies the queue for the replies to requests that name none
 * @param deadLetters the queue for requests that cannot be answered
 * @param consumers requests in progress at once
 * @param store a JDBC URL for the answers, which may carry a password; empty = an H2 file in the directory
 * @param keep the time for which answers and replies are kept
 */
public record QueueSettings(
        boolean enabled,
        String brokerUrl,
        int port,
        String directory,
        String requests,
        String replies,
        String deadLetters,
        int consumers,
        String store,
        Duration keep) {

    /** No queue. */
    public static final QueueSettings OFF = new QueueSettings(
            false, "", 0, "data", "llm.requests", "llm.replies", "llm.dead", 50, "", Duration.ofHours(24));

    /** Whether the gateway runs a broker of its own. */
    public boolean embedded() {
        return enabled && brokerUrl.isEmpty();
    }

    /** Whether there is a broker, embedded or not. */
    public boolean hasBroker() {
        return enabled || !brokerUrl.isEmpty();
    }

    /** Without the URLs, which may carry passwords. */
    @Override
    public String toString() {
        return "QueueSettings[" + (enabled ? requests : "off") + "]";
    }
}
