package io.bactrian.queue;

import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Session;
import org.apache.camel.Exchange;
import org.apache.camel.component.jms.JmsMessage;
import org.jspecify.annotations.Nullable;

/**
 * A request as it was taken from the queue. Belongs to the thread of its consumer.
 *
 * @param id the id of the request: the caller's ({@code BactrianRequestId}), else that of the message
 * @param correlationId the one of the reply
 * @param replyTo the address of the reply; null if the message names none
 * @param expiresAt epoch milliseconds; 0 = never
 * @param message the message itself, which cannot be changed
 * @param session the session of the consumer: what it sends is committed together with the taking of the message
 */
record QueueMessage(
        String id,
        String correlationId,
        @Nullable Destination replyTo,
        long expiresAt,
        Message message,
        Session session) {
    private static final String PROPERTY = "bactrianQueueMessage";

    /** Reads the message of an exchange, and keeps it there. */
    static QueueMessage take(Exchange exchange) throws JMSException {
        JmsMessage jms = exchange.getMessage(JmsMessage.class);
        Message message = jms.getJmsMessage();
        String given = message.getStringProperty("BactrianRequestId");
        String messageId = message.getJMSMessageID();
        String correlationId = message.getJMSCorrelationID();
        QueueMessage taken = new QueueMessage(
                given == null || given.isBlank() ? messageId : given,
                correlationId == null ? messageId : correlationId,
                message.getJMSReplyTo(),
                message.getJMSExpiration(),
                message,
                jms.getJmsSession());
        exchange.setProperty(PROPERTY, taken);
        return taken;
    }

    /** The message that an exchange began with. */
    static QueueMessage of(Exchange exchange) {
        if (exchange.getProperty(PROPERTY) instanceof QueueMessage message) {
            return message;
        }
        throw new IllegalStateException("No request from a queue on the exchange: bactrian-queue-read comes first.");
    }
}
