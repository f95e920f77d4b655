package io.bactrian.queue;

import io.bactrian.protocol.RequestRejected;
import io.bactrian.routing.HeaderValues;
import io.bactrian.routing.MessageHeaders;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.component.kafka.KafkaConstants;
import org.apache.camel.component.kafka.consumer.KafkaManualCommit;
import org.jspecify.annotations.Nullable;

/** One delivery of a record from Kafka, from its taking to the commit of its offset. Belongs to the thread of its consumer. */
final class KafkaDelivery {
    /** The header of the reply that names the request; the caller's if it has sent one. */
    static final String CORRELATION_ID = "BactrianCorrelationId";

    private static final String PROPERTY = "bactrianKafkaDelivery";
    private final Map<String, Object> received;
    private final byte @Nullable [] body;
    private final byte[] bodyHash;
    private final String id;
    private final @Nullable Object key;
    private final long timestamp;
    private final KafkaManualCommit offset;
    final long takenAt;
    int tries;
    int faults;

    @Nullable
    StoredReply reply;

    @Nullable
    QueueOutcome outcome;
    /** The class of a dead letter, and the reason. */
    String deadAs = "";

    String deadBecause = "";

    private KafkaDelivery(Message message, KafkaManualCommit offset, long now) {
        received = new HashMap<>(message.getHeaders());
        body = message.getBody(byte[].class);
        bodyHash = Sha256.of(body == null ? new byte[0] : body);
        key = received.get(KafkaConstants.KEY);
        timestamp = received.get(KafkaConstants.TIMESTAMP) instanceof Long time ? time : now;
        this.offset = offset;
        String given = text(MessageHeaders.REQUEST_ID);
        id = given != null
                ? given
                : received.get(KafkaConstants.TOPIC) + "-" + received.get(KafkaConstants.PARTITION) + "-"
                        + received.get(KafkaConstants.OFFSET);
        takenAt = now;
    }

    /**
     * Reads the record of an exchange, and keeps it there.
     *
     * @param now epoch milliseconds
     */
    static KafkaDelivery take(Exchange exchange, long now) {
        Message message = exchange.getMessage();
        KafkaManualCommit offset = message.getHeader(KafkaConstants.MANUAL_COMMIT, KafkaManualCommit.class);
        if (offset == null) {
            throw new IllegalStateException("kafka-in needs autoCommitEnable: false and allowManualCommit: true.");
        }
        KafkaDelivery taken = new KafkaDelivery(message, offset, now);
        exchange.setProperty(PROPERTY, taken);
        return taken;
    }

    /** The delivery that an exchange began with. */
    static KafkaDelivery of(Exchange exchange) {
        if (exchange.getProperty(PROPERTY) instanceof KafkaDelivery delivery) {
            return delivery;
        }
        throw new IllegalStateException("No record from Kafka on the exchange: bactrian-kafka-read comes first.");
    }

    /** The id of the request: the caller's ({@code BactrianRequestId}), else topic, partition and offset. */
    String id() {
        return id;
    }

    String correlationId() {
        String given = text(CORRELATION_ID);
        return given == null ? id : given;
    }

    /** The hash of the body, by which the same request is known when it is delivered again. */
    byte[] bodyHash() {
        return bodyHash;
    }

    /**
     * Milliseconds until it expires ({@code BactrianTimeout} after the time of the record); null if it never does.
     *
     * @throws RequestRejected if the header cannot be read
     */
    @Nullable
    Long left(long now) {
        Duration timeout = HeaderValues.timeout(MessageHeaders.TIMEOUT, text(MessageHeaders.TIMEOUT));
        return timeout == null ? null : timestamp + timeout.toMillis() - now;
    }

    /** Puts the request for {@code direct:chat} into a message, whatever an earlier try has left there. */
    void ask(Message message, String maxWait, @Nullable Long left) {
        Map<String, Object> headers = new HashMap<>();
        for (String name : QueueMessage.PASSED_ON) {
            String value = text(name);
            if (value != null) {
                headers.put(name, value);
            }
        }
        headers.put(MessageHeaders.REQUEST_ID, id);
        headers.put(MessageHeaders.MAX_WAIT, maxWait);
        if (left != null) {
            headers.put(MessageHeaders.TIMEOUT, left);
        }
        message.setHeaders(headers);
        message.setBody(body);
    }

    /** Puts the record as it came into a message, with all its headers but Camel's. */
    void original(Message message) {
        Map<String, Object> headers = new HashMap<>();
        received.forEach((name, value) -> {
            if (value instanceof byte[] && !name.startsWith("Camel")) {
                headers.put(name, value);
            }
        });
        keyed(headers);
        message.setHeaders(headers);
        message.setBody(body);
    }

    void keyed(Map<String, Object> headers) {
        if (key != null) {
            headers.put(KafkaConstants.KEY, key);
        }
    }

    /** The record is not delivered again, unless the commit fails. */
    void commit() {
        offset.commit();
    }

    private @Nullable String text(String name) {
        Object value = received.get(name);
        String text = value instanceof byte[] bytes ? new String(bytes, StandardCharsets.UTF_8) : null;
        return text == null || text.isBlank() ? null : text.strip();
    }
}
