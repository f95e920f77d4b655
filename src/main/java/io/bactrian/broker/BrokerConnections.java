package io.bactrian.broker;

import jakarta.jms.ConnectionFactory;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.activemq.artemis.api.core.TransportConfiguration;
import org.apache.activemq.artemis.core.remoting.impl.invm.InVMConnectorFactory;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.apache.qpid.jms.JmsConnectionFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.InfrastructureProxy;
import org.springframework.jms.connection.CachingConnectionFactory;

/**
 * The connections to one broker. Listeners make their own; senders share one, unless they send within the transaction of a
 * listener: then they use its session, so that both commit at once. They connect when first used and reconnect after a failure.
 * Thread-safe.
 */
public final class BrokerConnections implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BrokerConnections.class);
    private static final int SESSIONS = 8;
    private static final Pattern IN_THIS_PROCESS = Pattern.compile("vm://(\\d+)");

    /** A broker that hangs must not hang the stop of the gateway. */
    private static final Duration CLOSE = Duration.ofSeconds(3);

    private final String url;
    private final ConnectionFactory listeners;
    private final Senders senders;
    private final BrokerWatch watch;

    private BrokerConnections(String url) {
        this.url = url;
        this.listeners = factory(url);
        this.senders = new Senders(listeners);
        this.watch = new BrokerWatch(url, factory(url));
    }

    /**
     * The connections to the broker at a URL.
     *
     * @throws IllegalArgumentException if it is no URL of a broker
     */
    public static BrokerConnections to(String url) {
        try {
            return new BrokerConnections(url);
        } catch (RuntimeException e) {
            throw new IllegalArgumentException("not the URL of a broker", e);
        }
    }

    private static ConnectionFactory factory(String url) {
        if (BrokerUrls.amqp(url)) {
            return new JmsConnectionFactory(BrokerUrls.forAmqp(url));
        }
        if (!BrokerUrls.core(url)) {
            throw new IllegalArgumentException("neither tcp nor amqp");
        }
        ActiveMQConnectionFactory factory = core(url);
        if (!url.contains("consumerWindowSize")) {
            // A suspended consumer must not keep messages that others could take.
            factory.setConsumerWindowSize(0);
        }
        if (!url.startsWith("vm:") && !url.contains("callTimeout")) {
            factory.setCallTimeout(BrokerUrls.CALL_MILLIS);
        }
        // Otherwise each message that is sent asks the broker for its queue.
        factory.setCacheDestinations(true);
        return factory;
    }

    private static ActiveMQConnectionFactory core(String url) {
        Matcher inThisProcess = IN_THIS_PROCESS.matcher(url);
        // What the client does with a URL looks into many classes by reflection, which is much of the time of a start.
        return inThisProcess.matches()
                ? new ActiveMQConnectionFactory(
                        false,
                        new TransportConfiguration(
                                InVMConnectorFactory.class.getName(), Map.of("serverId", inThisProcess.group(1))))
                : new ActiveMQConnectionFactory(BrokerUrls.forCore(url));
    }

    /** The addresses of the broker, without users, passwords and options. */
    public String address() {
        return BrokerUrls.told(url);
    }

    /** Whether the broker is spoken to in AMQP 1.0. */
    public boolean amqp() {
        return BrokerUrls.amqp(url);
    }

    /** Makes the connections of listeners. */
    public ConnectionFactory listeners() {
        return listeners;
    }

    /** Makes the sessions of senders. */
    public ConnectionFactory senders() {
        return senders;
    }

    /** Whether the broker delivers later what is sent with a delay; true until it is known not to. */
    public boolean delays() {
        return watch.delays();
    }

    /** Begins to watch whether the broker is there, once; for a broker of another process. */
    void watch() {
        watch.start();
    }

    /** The messages of a queue, as last seen; null if that is unknown. Never waits for the broker. */
    @Nullable
    QueueDepth depth(String queue) {
        return watch.depth(queue);
    }

    /** Why the broker cannot be used, in words for operators; null if it can. */
    @Nullable
    String trouble() {
        return watch.trouble();
    }

    /** Closes them; waits for a limited time. */
    @Override
    public void close() {
        watch.close();
        Thread closer = Thread.ofPlatform().daemon().name("broker-close").start(senders::destroy);
        try {
            if (!closer.join(CLOSE)) {
                LOG.debug("The broker does not answer; its connection is left behind");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
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
