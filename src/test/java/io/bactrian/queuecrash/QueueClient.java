package io.bactrian.queuecrash;

import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.apache.activemq.artemis.jms.client.ActiveMQSession;

/**
 * A caller that sends requests and reads their replies from a queue of its own. It connects again whenever it loses the broker,
 * and sends again what the broker has not confirmed; the broker drops what it has had already. Thread-safe.
 */
final class QueueClient implements AutoCloseable {
    static final String REQUESTS = "llm.requests";

    private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final int RECEIVE_MILLIS = 500;

    private final ActiveMQConnectionFactory factory;
    private final String replyQueue;
    private final Map<String, Map<String, Answered>> replies = new ConcurrentHashMap<>();
    private final Thread receiver;
    private volatile boolean closed;

    /**
     * A reply.
     *
     * @param status that of the HTTP response it would have been
     */
    record Answered(String correlationId, String status, String text) {}

    QueueClient(String url, String replyQueue) {
        // A broker that hangs must not keep a caller for the usual half a minute.
        this.factory = new ActiveMQConnectionFactory(url + "?callTimeout=5000&reconnectAttempts=0");
        this.replyQueue = replyQueue;
        this.receiver = Thread.ofVirtual().name("replies").start(this::receive);
    }

    /** Sends a request for each mark; returns when the broker has confirmed all of them. */
    void send(Iterable<String> marks, String padding) {
        Connection connection = null;
        Session session = null;
        MessageProducer producer = null;
        for (String mark : marks) {
            while (!closed) {
                try {
                    if (producer == null) {
                        connection = factory.createConnection();
                        session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
                        producer = session.createProducer(session.createQueue(REQUESTS));
                        producer.setDeliveryMode(DeliveryMode.PERSISTENT);
                    }
                    producer.send(request(session, mark, padding));
                    break;
                } catch (JMSException e) {
                    close(connection);
                    producer = null;
                    LockSupport.parkNanos(RETRY_NANOS);
                }
            }
        }
        close(connection);
    }

    private Message request(Session session, String mark, String padding) throws JMSException {
        TextMessage message = session.createTextMessage("""
                {"model":"default","messages":[{"role":"user","content":"%s%s"}]}""".formatted(CountingProvider.question(mark), padding));
        message.setStringProperty("BactrianRequestId", mark);
        message.setStringProperty("_AMQ_DUPL_ID", mark);
        message.setJMSCorrelationID(mark);
        message.setJMSReplyTo(session.createQueue(replyQueue));
        return message;
    }

    /** Reads replies until it is closed. One that is delivered again, as its receipt was lost, is the same reply. */
    private void receive() {
        while (!closed) {
            Connection connection = null;
            try {
                connection = factory.createConnection();
                Set<Exception> lost = ConcurrentHashMap.newKeySet();
                connection.setExceptionListener(lost::add);
                Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
                MessageConsumer consumer = session.createConsumer(session.createQueue(replyQueue));
                connection.start();
                while (!closed && lost.isEmpty()) {
                    Message message = consumer.receive(RECEIVE_MILLIS);
                    if (message instanceof TextMessage text) {
                        note(text);
                    }
                }
            } catch (JMSException e) {
                LockSupport.parkNanos(RETRY_NANOS);
            } finally {
                close(connection);
            }
        }
    }

    private void note(TextMessage reply) throws JMSException {
        String id = reply.getJMSCorrelationID();
        replies.computeIfAbsent(id, any -> new ConcurrentHashMap<>())
                .put(
                        reply.getJMSMessageID(),
                        new Answered(id, String.valueOf(reply.getObjectProperty("BactrianStatus")), reply.getText()));
    }

    /** How many requests have a reply. */
    int answered() {
        return replies.size();
    }

    /** The replies with a correlation id, by the id of their message. */
    Map<String, Answered> replies(String mark) {
        return replies.getOrDefault(mark, Map.of());
    }

    void forget() {
        replies.clear();
    }

    /** The messages of a queue, those in the hands of consumers and those for later included; 0 if there is no such queue. */
    long depth(String queue) throws JMSException {
        try (Connection connection = factory.createConnection();
                Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE)) {
            Queue known = session.createQueue(queue);
            return ((ActiveMQSession) session)
                    .getCoreSession()
                    .queueQuery(SimpleString.of(known.getQueueName()))
                    .getMessageCount();
        } catch (ActiveMQException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void close(Connection connection) {
        try {
            if (connection != null) {
                connection.close();
            }
        } catch (JMSException e) {
            // It was lost.
        }
    }

    @Override
    public void close() {
        closed = true;
        try {
            receiver.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
