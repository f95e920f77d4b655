package io.bactrian.testing;

import jakarta.jms.ConnectionFactory;
import org.apache.activemq.artemis.api.core.QueueConfiguration;
import org.apache.activemq.artemis.api.core.RoutingType;
import org.apache.activemq.artemis.core.config.Configuration;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.server.JournalType;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.apache.activemq.artemis.core.settings.impl.AddressSettings;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;

/** A JMS broker in this process, on a free port, without a journal. Thread-safe. */
public final class Broker implements AutoCloseable {
    private final EmbeddedActiveMQ server;
    private final String url;

    private Broker(EmbeddedActiveMQ server, String url) {
        this.server = server;
        this.url = url;
    }

    /** Starts one, and waits until it takes connections. */
    public static Broker start() {
        return startAt("tcp://127.0.0.1:" + Ports.free());
    }

    /** Starts one that makes no queues but those that are named here, and temporary ones. */
    public static Broker withQueues(String... names) {
        return startAt("tcp://127.0.0.1:" + Ports.free(), names);
    }

    /** Starts one at the address of another that has been closed. */
    public static Broker startAt(String url) {
        return startAt(url, new String[0]);
    }

    private static Broker startAt(String url, String... onlyQueues) {
        try {
            Configuration configuration = new ConfigurationImpl()
                    .setPersistenceEnabled(false)
                    .setJournalType(JournalType.NIO)
                    .setSecurityEnabled(false)
                    .setJMXManagementEnabled(false)
                    .addAcceptorConfiguration("tcp", url);
            for (String name : onlyQueues) {
                configuration.addQueueConfiguration(QueueConfiguration.of(name).setRoutingType(RoutingType.ANYCAST));
            }
            if (onlyQueues.length > 0) {
                configuration.addAddressSetting(
                        "#", new AddressSettings().setAutoCreateQueues(false).setAutoCreateAddresses(false));
            }
            EmbeddedActiveMQ server = new EmbeddedActiveMQ();
            server.setConfiguration(configuration);
            server.start();
            return new Broker(server, url);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    public String url() {
        return url;
    }

    /** The same broker for clients that speak AMQP. */
    public String amqpUrl() {
        return url.replace("tcp:", "amqp:");
    }

    public ConnectionFactory connectionFactory() {
        return new ActiveMQConnectionFactory(url);
    }

    @Override
    public void close() {
        try {
            server.stop();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
