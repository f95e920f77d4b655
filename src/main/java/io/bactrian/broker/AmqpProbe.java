package io.bactrian.broker;

import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TemporaryQueue;

/** A look at what a broker of unknown make can do: transactions, which the queue needs, and delays. Stateless. */
final class AmqpProbe {
    private static final long DELAY_MILLIS = 2_000;
    private static final long PATIENCE_MILLIS = 700;

    private AmqpProbe() {}

    /**
     * Whether the broker delivers later what is sent with a delay.
     *
     * @throws JMSException if it has no transactions, or is gone
     */
    static boolean delays(Connection connection) throws JMSException {
        Session session = connection.createSession(true, Session.SESSION_TRANSACTED);
        try {
            TemporaryQueue queue = session.createTemporaryQueue();
            MessageProducer producer = session.createProducer(queue);
            boolean sent = false;
            try {
                producer.setDeliveryDelay(DELAY_MILLIS);
                producer.send(session.createMessage());
                sent = true;
            } catch (JMSException e) {
                // It says so itself; only whether it has transactions is left to see.
                producer.setDeliveryDelay(0);
                producer.send(session.createMessage());
            }
            session.commit();
            boolean early = session.createConsumer(queue).receive(PATIENCE_MILLIS) != null;
            session.commit();
            return sent && !early;
        } finally {
            session.close();
        }
    }
}
