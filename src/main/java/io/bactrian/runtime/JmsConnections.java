package io.bactrian.runtime;

import java.util.List;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.apache.camel.CamelContext;
import org.apache.camel.component.jms.JmsComponent;
import org.apache.camel.support.service.ServiceSupport;
import org.springframework.jms.connection.CachingConnectionFactory;

/**
 * The connection to the JMS broker of {@code bactrian.queue.broker-url}, as the component {@code jms} of a context. It connects
 * when first used, keeps its sessions, connects anew after a failure, and ends with the context. Thread-safe.
 */
final class JmsConnections extends ServiceSupport {
    private final CachingConnectionFactory connections;

    private JmsConnections(CachingConnectionFactory connections) {
        this.connections = connections;
    }

    /**
     * Binds the component.
     *
     * @throws InvalidConfiguration if the URL is none
     */
    static void bind(CamelContext context, String url) {
        CachingConnectionFactory connections;
        try {
            connections = new CachingConnectionFactory(new ActiveMQConnectionFactory(url));
        } catch (RuntimeException e) {
            throw new InvalidConfiguration(
                    List.of("bactrian.queue.broker-url = ***: not the URL of a broker, such as tcp://localhost:61616"));
        }
        connections.setReconnectOnException(true);
        connections.setSessionCacheSize(8);
        context.addComponent("jms", JmsComponent.jmsComponentAutoAcknowledge(connections));
        try {
            context.addService(new JmsConnections(connections));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    protected void doStop() {
        connections.destroy();
    }
}
