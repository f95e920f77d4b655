package io.bactrian.broker;

import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.JMSSecurityException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TemporaryQueue;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import org.apache.activemq.artemis.api.jms.ActiveMQJMSClient;
import org.apache.activemq.artemis.api.jms.management.JMSManagementHelper;
import org.jspecify.annotations.Nullable;

/** The figures of an Artemis broker in another process, which it gives over its management queue. Stateless. */
final class ArtemisFigures {
    private static final long PATIENCE_MILLIS = 3_000;

    private ArtemisFigures() {}

    /**
     * The messages of these queues; null for a queue that the broker does not have.
     *
     * @return empty if the broker does not tell, because the user may not ask
     */
    static Map<String, @Nullable QueueDepth> of(Connection connection, Set<String> queues) throws JMSException {
        Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
        try {
            MessageProducer producer = session.createProducer(ActiveMQJMSClient.createQueue("activemq.management"));
            producer.setDeliveryMode(DeliveryMode.NON_PERSISTENT);
            TemporaryQueue replies = session.createTemporaryQueue();
            MessageConsumer consumer = session.createConsumer(replies);
            Map<String, @Nullable QueueDepth> depths = new HashMap<>();
            for (String queue : queues) {
                Long messages = ask(session, producer, consumer, replies, queue, "messageCount");
                Long age =
                        messages == null ? null : ask(session, producer, consumer, replies, queue, "firstMessageAge");
                depths.put(
                        queue, messages == null ? null : new QueueDepth(messages, age == null ? 0 : Math.max(0, age)));
            }
            return depths;
        } catch (JMSSecurityException | TimeoutException e) {
            return Map.of();
        } finally {
            session.close();
        }
    }

    private static @Nullable Long ask(
            Session session,
            MessageProducer producer,
            MessageConsumer consumer,
            TemporaryQueue replies,
            String queue,
            String attribute)
            throws JMSException, TimeoutException {
        Message question = session.createMessage();
        question.setJMSReplyTo(replies);
        JMSManagementHelper.putAttribute(question, "queue." + queue, attribute);
        producer.send(question);
        Message answer = consumer.receive(PATIENCE_MILLIS);
        if (answer == null) {
            throw new TimeoutException();
        }
        try {
            return JMSManagementHelper.hasOperationSucceeded(answer)
                            && JMSManagementHelper.getResult(answer) instanceof Number number
                    ? number.longValue()
                    : null;
        } catch (Exception e) {
            return null;
        }
    }
}
