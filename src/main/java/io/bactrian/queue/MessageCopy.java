package io.bactrian.queue;

import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.Message;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.Map;
import org.apache.camel.component.jms.DefaultJmsKeyFormatStrategy;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A copy of a request for another queue or another time: body, properties, correlation id, reply address, type, priority and
 * delivery mode are those of the original. It is sent in the consumer's session, in the transaction that takes the original.
 */
final class MessageCopy {
    private static final Logger LOG = LoggerFactory.getLogger(MessageCopy.class);
    private static final DefaultJmsKeyFormatStrategy NAMES = new DefaultJmsKeyFormatStrategy();
    private static final int MAX_NAME = 100;

    private final QueueMessage original;
    private final Map<String, Object> properties;

    private MessageCopy(QueueMessage original, Map<String, Object> properties) {
        this.original = original;
        this.properties = properties;
    }

    /** A copy without the properties that count its tries. */
    static MessageCopy of(QueueMessage original) throws JMSException {
        Map<String, Object> properties = new HashMap<>();
        Enumeration<?> names = original.message().getPropertyNames();
        while (names.hasMoreElements()) {
            String name = String.valueOf(names.nextElement());
            if (isCallers(name)) {
                properties.put(name, original.message().getObjectProperty(name));
            }
        }
        return new MessageCopy(original, properties);
    }

    /** Properties of the broker and of the standard are set by the broker alone. */
    private static boolean isCallers(String name) {
        return !name.startsWith("JMS")
                && !name.startsWith("_AMQ")
                && !name.startsWith("__AMQ")
                && !name.equals(QueueMessage.TRIES)
                && !name.equals(QueueMessage.FAULTS);
    }

    /** Adds properties. */
    MessageCopy with(Map<String, String> more) {
        properties.putAll(more);
        return this;
    }

    /** Adds a property; none if its value is null. */
    MessageCopy with(String name, @Nullable Object value) {
        if (value != null) {
            properties.put(name, value);
        }
        return this;
    }

    /**
     * Sends it.
     *
     * @param queue the name of the queue
     * @param delay milliseconds until it is delivered
     * @param timeToLive milliseconds; 0 = for ever
     */
    void send(String queue, long delay, long timeToLive) throws JMSException {
        Message copy = message();
        Message message = original.message();
        for (Map.Entry<String, Object> property : properties.entrySet()) {
            set(copy, property.getKey(), property.getValue());
        }
        copy.setJMSCorrelationID(original.correlationId());
        copy.setJMSReplyTo(original.replyTo());
        copy.setJMSType(message.getJMSType());
        Session session = original.session();
        MessageProducer producer = session.createProducer(session.createQueue(queue));
        try {
            if (delay > 0) {
                producer.setDeliveryDelay(delay);
            }
            producer.send(copy, message.getJMSDeliveryMode(), message.getJMSPriority(), timeToLive);
        } finally {
            producer.close();
        }
    }

    /**
     * Sets a property. Other protocols know names and values that JMS does not, such as {@code content-type}: such a name is
     * written as Camel writes it, {@code content_HYPHEN_type}, and what cannot be written at all is left out. An exception here
     * would bring the message back for ever.
     */
    private static void set(Message copy, String name, Object value) throws JMSException {
        if (!write(copy, name, value) && !write(copy, NAMES.encodeKey(name), value)) {
            LOG.info("The property {} cannot be copied", name.length() > MAX_NAME ? name.substring(0, MAX_NAME) : name);
        }
    }

    private static boolean write(Message copy, String name, Object value) throws JMSException {
        try {
            copy.setObjectProperty(name, value);
            return true;
        } catch (MessageFormatException | JMSRuntimeException | IllegalArgumentException e) {
            return false;
        }
    }

    /** A new message with the body; one whose body is of no use is sent on itself, as the standard allows. */
    private Message message() throws JMSException {
        if (original.message() instanceof TextMessage text) {
            return original.session().createTextMessage(text.getText());
        }
        if (original.message() instanceof BytesMessage bytes) {
            BytesMessage copy = original.session().createBytesMessage();
            byte[] body = bytes.getBodyLength() == 0 ? null : bytes.getBody(byte[].class);
            if (body != null) {
                copy.writeBytes(body);
            }
            return copy;
        }
        original.message().clearProperties();
        return original.message();
    }
}
