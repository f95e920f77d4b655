package io.bactrian.config;

/**
 * The settings of requests from Kafka ({@code bactrian.kafka.*}). Immutable.
 *
 * @param brokers the addresses of brokers, separated by commas; empty = off
 * @param requests the topic from which requests are taken
 * @param replies the topic of the replies
 * @param deadLetters the topic for requests that cannot be answered
 * @param group the consumer group
 * @param consumers threads that take records; each has one in progress
 */
public record KafkaSettings(
        String brokers, String requests, String replies, String deadLetters, String group, int consumers) {

    /** No Kafka. */
    public static final KafkaSettings OFF =
            new KafkaSettings("", "llm.requests", "llm.replies", "llm.dead", "bactrian", 10);

    public boolean enabled() {
        return !brokers.isEmpty();
    }
}
