package io.bactrian.queue;

import io.bactrian.protocol.Ids;
import io.bactrian.protocol.RequestRejected;
import io.bactrian.routing.MessageHeaders;
import jakarta.jms.BytesMessage;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageEOFException;
import jakarta.jms.MessageFormatException;
import jakarta.jms.ObjectMessage;
import jakarta.jms.Session;
import jakarta.jms.StreamMessage;
import jakarta.jms.TextMessage;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.camel.component.jms.JmsMessage;
import org.jspecify.annotations.Nullable;

/**
 * A request as it was taken from the queue. Belongs to the thread of its consumer.
 *
 * @param id the id of the request: the caller's ({@code BactrianRequestId}), else that of the message
 * @param correlationId the one of the reply
 * @param replyTo the address of the reply; null if the message names none
 * @param expiresAt epoch milliseconds; 0 = never
 * @param delivered how often the broker has delivered the message, as far as it knows; at least 1
 * @param tries how often the request was put back, because no target could answer
 * @param faults how often the gateway itself has failed to handle it
 * @param message the message itself, which cannot be changed
 * @param session the session of the consumer: what it sends is committed together with the taking of the message
 */
record QueueMessage(
        String id,
        String correlationId,
        @Nullable Destination replyTo,
        long expiresAt,
        int delivered,
        int tries,
        int faults,
        Message message,
        Session session) {
    /** Properties of a request that are headers of {@code direct:chat}. */
    static final List<String> PASSED_ON =
            List.of(MessageHeaders.CHAIN, MessageHeaders.MIN_QUALITY, "traceparent", "tracestate");

    static final String TRIES = "BactrianTries";
    static final String FAULTS = "BactrianFaults";

    private static final String DELIVERY_COUNT = "JMSXDeliveryCount";
    private static final int TOO_LARGE = 413;

    /** Reads the properties of a message; its body is left for {@link #body}. */
    static QueueMessage take(JmsMessage jms) throws JMSException {
        Message message = jms.getJmsMessage();
        String given = text(message, MessageHeaders.REQUEST_ID);
        String messageId = message.getJMSMessageID();
        String id = Ids.ofRequest(Ids.isUsable(given) ? given : messageId);
        String correlationId = message.getJMSCorrelationID();
        return new QueueMessage(
                id,
                correlationId != null ? correlationId : messageId != null ? messageId : id,
                replyTo(message),
                message.getJMSExpiration(),
                Math.max(1, count(message, DELIVERY_COUNT)),
                count(message, TRIES),
                count(message, FAULTS),
                message,
                jms.getJmsSession());
    }

    /** A text of the message; null if there is none, or something that is no text, such as bytes. */
    static @Nullable String text(Message message, String name) throws JMSException {
        try {
            return message.getStringProperty(name);
        } catch (MessageFormatException e) {
            return null;
        }
    }

    /** Other protocols can carry an address that JMS cannot read: one that is as good as none. */
    private static @Nullable Destination replyTo(Message message) throws JMSException {
        try {
            return message.getJMSReplyTo();
        } catch (MessageFormatException | RuntimeException e) {
            return null;
        }
    }

    /** A number of the message; 0 if there is none. */
    private static int count(Message message, String name) throws JMSException {
        try {
            return message.propertyExists(name) ? Math.max(0, message.getIntProperty(name)) : 0;
        } catch (MessageFormatException | NumberFormatException e) {
            return 0;
        }
    }

    /** The milliseconds until the message expires, below 0 if it has; null if it never does. */
    @Nullable
    Long left(long now) {
        return expiresAt == 0 ? null : (Long) (expiresAt - now);
    }

    /**
     * The body in bytes: a text in UTF-8.
     *
     * @param most the largest body, in bytes
     * @throws RequestRejected 400 if the message has none or cannot be read, 413 if it is too large
     */
    byte[] body(long most) throws JMSException {
        try {
            if (message instanceof TextMessage text) {
                String all = text.getText();
                small(all == null ? 0 : all.length(), most);
                byte[] bytes = all == null ? new byte[0] : all.getBytes(StandardCharsets.UTF_8);
                small(bytes.length, most);
                return bytes;
            }
            if (message instanceof BytesMessage bytes) {
                small(bytes.getBodyLength(), most);
                byte[] all = bytes.getBodyLength() == 0 ? null : bytes.getBody(byte[].class);
                return all == null ? new byte[0] : all;
            }
        } catch (MessageFormatException | MessageEOFException e) {
            throw RequestRejected.invalid(null, "The message body cannot be read.");
        }
        throw RequestRejected.invalid(null, "A request is a text or bytes message, and not a " + kind() + " message.");
    }

    private static void small(long length, long most) {
        if (length > most) {
            throw new RequestRejected(
                    TOO_LARGE,
                    "invalid_request_error",
                    "request_too_large",
                    null,
                    "The request is larger than the limit of " + most + " bytes (bactrian.server.max-body).");
        }
    }

    private String kind() {
        return switch (message) {
            case MapMessage map -> "map";
            case ObjectMessage object -> "object";
            case StreamMessage stream -> "stream";
            default -> "body-less";
        };
    }
}
