package io.bactrian.testing;

import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** A caller that sends requests over Kafka, on topics of its own, and reads what comes back. For one thread. */
public final class KafkaCaller implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    private final String name = "t" + UUID.randomUUID().toString().substring(0, 8);
    private final KafkaBroker broker;
    private final KafkaProducer<String, String> producer;
    private final KafkaConsumer<String, String> consumer;
    private final List<ConsumerRecord<String, String>> received = new ArrayList<>();
    private int sent;

    /** @param partitions of the topic of the requests */
    public KafkaCaller(KafkaBroker broker, int partitions) {
        this.broker = broker;
        broker.topics(partitions, requestsTopic());
        broker.topics(1, repliesTopic(), deadLettersTopic());
        producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", broker.brokers(), "acks", "all"),
                new StringSerializer(),
                new StringSerializer());
        consumer = new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        broker.brokers(),
                        "group.id",
                        name + "-caller",
                        "auto.offset.reset",
                        "earliest"),
                new StringDeserializer(),
                new StringDeserializer());
        consumer.subscribe(List.of(repliesTopic(), deadLettersTopic()));
    }

    private String requestsTopic() {
        return name + ".requests";
    }

    private String repliesTopic() {
        return name + ".replies";
    }

    private String deadLettersTopic() {
        return name + ".dead";
    }

    /** The configuration of a gateway that takes its requests. */
    public String[] properties() {
        return new String[] {
            "bactrian.kafka.brokers=" + broker.brokers(),
            "bactrian.kafka.requests=" + requestsTopic(),
            "bactrian.kafka.replies=" + repliesTopic(),
            "bactrian.kafka.dead-letters=" + deadLettersTopic(),
            "bactrian.kafka.group=" + name,
            "bactrian.kafka.consumers=2"
        };
    }

    /** Sends a request with headers, names and values in turn. */
    public void send(String key, String text, String... headers) {
        ProducerRecord<String, String> record = new ProducerRecord<>(requestsTopic(), key, text);
        for (int i = 0; i < headers.length; i += 2) {
            record.headers().add(headers[i], headers[i + 1].getBytes(StandardCharsets.UTF_8));
        }
        producer.send(record);
        producer.flush();
    }

    /** Sends a request with a key and an id of its own; its id. */
    public String send() {
        String id = name + "-" + ++sent;
        send(id, "Say hello", "BactrianRequestId", id);
        return id;
    }

    /** Waits for a number of replies. */
    public List<ConsumerRecord<String, String>> replies(int count) {
        return awaited(repliesTopic(), replies -> replies.size() >= count);
    }

    /** Waits for one reply to each of these ids; all replies so far. */
    public List<ConsumerRecord<String, String>> repliesTo(Set<String> ids) {
        return awaited(repliesTopic(), replies -> ids(replies).containsAll(ids));
    }

    /** Waits for a number of dead letters. */
    public List<ConsumerRecord<String, String>> deadLetters(int count) {
        return awaited(deadLettersTopic(), letters -> letters.size() >= count);
    }

    private List<ConsumerRecord<String, String>> awaited(
            String topic, Predicate<List<ConsumerRecord<String, String>>> enough) {
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(10)).until(() -> {
            consumer.poll(Duration.ofMillis(200)).forEach(received::add);
            return enough.test(of(topic));
        });
        return of(topic);
    }

    private List<ConsumerRecord<String, String>> of(String topic) {
        return received.stream().filter(record -> record.topic().equals(topic)).toList();
    }

    /** The ids of the requests that these replies answer. */
    public static Set<String> ids(List<ConsumerRecord<String, String>> replies) {
        return replies.stream()
                .map(reply -> header(reply, "BactrianRequestId"))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** A header; empty if there is none. */
    public static String header(ConsumerRecord<String, String> record, String name) {
        Header header = record.headers().lastHeader(name);
        return header == null ? "" : new String(header.value(), StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        producer.close(Duration.ofSeconds(2));
        consumer.close(Duration.ofSeconds(2));
    }
}
