package io.bactrian.runtime;

import io.bactrian.broker.BrokerConnections;
import io.bactrian.broker.Brokers;
import io.bactrian.config.QueueSettings;
import java.util.List;
import org.apache.camel.CamelContext;
import org.apache.camel.component.jms.JmsComponent;

/** The component {@code jms} of a context, with the connections to the broker of the configuration. Stateless. */
final class JmsConnections {
    private JmsConnections() {}

    /**
     * Binds the component, if there is a broker.
     *
     * @throws InvalidConfiguration if the URL is none
     */
    static void bind(CamelContext context, QueueSettings settings, Brokers brokers) {
        if (!settings.hasBroker()) {
            return;
        }
        BrokerConnections connections;
        try {
            connections = brokers.connections(settings);
        } catch (IllegalArgumentException e) {
            throw new InvalidConfiguration(
                    List.of("bactrian.queue.broker-url = ***: not the URL of a broker, such as tcp://localhost:61616"));
        }
        JmsComponent jms = new JmsComponent();
        jms.setConnectionFactory(connections.listeners());
        jms.getConfiguration().setTemplateConnectionFactory(connections.senders());
        context.addComponent("jms", jms);
    }
}
