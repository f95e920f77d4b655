package io.bactrian.broker;

import jakarta.jms.ConnectionFactory;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.apache.qpid.jms.JmsConnectionFactory;
import org.springframework.core.InfrastructureProxy;
import org.springframework.jms.connection.CachingConnectionFactory;

/**
 * The connections to one broker. Listeners make their own; senders share one, unless they send within the transaction of a
 * listener: then they use its session, so that both commit at once. They connect when first used and reconnect after a failure.
 * Thread-safe.
 */
public final class BrokerConnections implements AutoCloseable {
    private static final int SESSIONS = 8;

    private final ConnectionFactory listeners;
    private final Senders senders;

    private BrokerConnections(ConnectionFactory listeners) {
        this.listeners = listeners;
        this.senders = new Senders(listeners);
    }

    /**
     * The connections to the broker at a URL.
     *
     * @throws IllegalArgumentException if it is no URL of a broker
     */
    public static BrokerConnections to(String url) {
        try {
            return new BrokerConnections(url.startsWith("amqp") ? amqp(url) : artemis(url));
        } catch (RuntimeException e) {
            throw new IllegalArgumentException("not the URL of a broker", e);
        }
    }

    private static ConnectionFactory artemis(String url) {
        ActiveMQConnectionFactory factory = new ActiveMQConnectionFactory(url);
        // A suspended consumer must not keep messages that others could take.
        factory.setConsumerWindowSize(0);
        // Otherwise each message that is sent asks the broker for its queue.
        factory.setCacheDestinations(true);
        return factory;
    }

    private static ConnectionFactory amqp(String url) {
        return new JmsConnectionFactory(
                url.contains("jms.prefetchPolicy")
                        ? url
                        : url + (url.contains("?") ? "&" : "?") + "jms.prefetchPolicy.all=0");
    }

    /** Makes the connections of listeners. */
    public ConnectionFactory listeners() {
        return listeners;
    }

    /** Makes the sessions of senders. */
    public ConnectionFactory senders() {
        return senders;
    }

    @Override
    public void close() {
        senders.destroy();
    }

    /** A connection that senders share. To Spring it is the factory of the listeners, whose transactions its users so join. */
    private static final class Senders extends CachingConnectionFactory implements InfrastructureProxy {
        private final ConnectionFactory listeners;

        Senders(ConnectionFactory listeners) {
            super(listeners);
            this.listeners = listeners;
            setReconnectOnException(true);
            setSessionCacheSize(SESSIONS);
        }

        @Override
        public Object getWrappedObject() {
            return listeners;
        }
    }
}
