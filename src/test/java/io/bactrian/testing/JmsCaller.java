package io.bactrian.testing;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.protocol.Json;
import jakarta.jms.BytesMessage;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.Destination;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Queue;
import jakarta.jms.TextMessage;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A program that puts requests on a queue and takes replies from another. For one thread. */
public final class JmsCaller implements AutoCloseable {
    private static final long LONGEST_MILLIS = 30_000;

    private final JMSContext jms;

    public JmsCaller(ConnectionFactory factory) {
        jms = factory.createContext();
    }

    public JMSContext jms() {
        return jms;
    }

    public Queue queue(String name) {
        return jms.createQueue(name);
    }

    /** A text message with an id of the caller as correlation id. */
    public TextMessage text(String correlationId, String body) {
        try {
            TextMessage message = jms.createTextMessage(body);
            message.setJMSCorrelationID(correlationId);
            return message;
        } catch (JMSException e) {
            throw new IllegalStateException(e);
        }
    }

    public BytesMessage bytes(byte[] body) {
        try {
            BytesMessage message = jms.createBytesMessage();
            message.writeBytes(body);
            return message;
        } catch (JMSException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Puts a request on {@code llm.requests}. */
    public void ask(Message message) {
        jms.createProducer().send(queue("llm.requests"), message);
    }

    /** Puts a request there whose reply goes to this address. */
    public void ask(Message message, Destination replyTo) {
        try {
            message.setJMSReplyTo(replyTo);
        } catch (JMSException e) {
            throw new IllegalStateException(e);
        }
        ask(message);
    }

    /** The next message of a queue; fails if none comes. */
    public Message take(String name) {
        return take(queue(name));
    }

    public Message take(Destination from) {
        Message message = takeIn(from, LONGEST_MILLIS);
        if (message == null) {
            throw new AssertionError("no message at " + from);
        }
        return message;
    }

    /** The next message; null if none comes in that time. */
    public @Nullable Message takeIn(Destination from, long millis) {
        try (JMSConsumer consumer = jms.createConsumer(from)) {
            return consumer.receive(millis);
        }
    }

    /** The next messages of a queue, that many; fails if they do not come. */
    public List<Message> take(String name, int count) {
        List<Message> messages = new ArrayList<>();
        try (JMSConsumer consumer = jms.createConsumer(queue(name))) {
            while (messages.size() < count) {
                Message message = consumer.receive(LONGEST_MILLIS);
                if (message == null) {
                    throw new AssertionError("only " + messages.size() + " of " + count + " messages at " + name);
                }
                messages.add(message);
            }
        }
        return messages;
    }

    /** The document in a reply. */
    public static JsonNode json(Message reply) {
        try {
            JsonNode node = Json.parse(reply.getBody(String.class).getBytes(StandardCharsets.UTF_8));
            if (node == null) {
                throw new AssertionError("not JSON: " + reply.getBody(String.class));
            }
            return node;
        } catch (JMSException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        jms.close();
    }
}
