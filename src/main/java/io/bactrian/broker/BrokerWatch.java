package io.bactrian.broker;

import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.JMSSecurityException;
import jakarta.jms.Session;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection of its own to a broker of another process, by which the gateway knows whether the broker is there, what it can do
 * and how many messages wait. One line in the log says that the broker is away, and one that it is back. Thread-safe.
 */
final class BrokerWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BrokerWatch.class);
    private static final Duration LOOK = Duration.ofSeconds(5);
    private static final Duration TRY_AGAIN = Duration.ofSeconds(1);
    private static final long CALL_MILLIS = 5_000;

    private final String name;
    private final ConnectionFactory factory;
    private final boolean artemis;
    private final Thread thread;
    private final Semaphore wake = new Semaphore(0);
    private final Trouble trouble = new Trouble();
    /** What was last seen of each queue that was asked for. */
    private final Map<String, Seen> seen = new ConcurrentHashMap<>();

    private volatile boolean delays = true;
    private volatile boolean closed;
    private volatile @Nullable Connection connection;
    private volatile boolean lost;
    /** Whether it answers questions about its queues; another user may be allowed to ask after it was away. */
    private boolean tells = true;

    private long awaySince;

    private record Seen(@Nullable QueueDepth depth) {}

    /** @param factory makes the connection; used for nothing else */
    BrokerWatch(String url, ConnectionFactory factory) {
        this.name = BrokerUrls.told(url);
        this.factory = factory;
        this.artemis = factory instanceof ActiveMQConnectionFactory;
        if (factory instanceof ActiveMQConnectionFactory core) {
            core.setReconnectAttempts(0);
            core.setInitialConnectAttempts(1);
            core.setCallTimeout(CALL_MILLIS);
        }
        thread = Thread.ofPlatform().daemon().name("broker-watch").unstarted(this::run);
    }

    synchronized void start() {
        if (thread.getState() == Thread.State.NEW && !closed) {
            thread.start();
        }
    }

    private void run() {
        try {
            while (!closed) {
                look();
                Duration pause = connection == null ? TRY_AGAIN : LOOK;
                wake.tryAcquire(pause.toMillis(), TimeUnit.MILLISECONDS);
                wake.drainPermits();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            drop();
        }
    }

    private void look() {
        try {
            Connection known = connection;
            if (lost && known != null) {
                throw new JMSException("lost");
            }
            if (known == null) {
                connect();
            } else if (artemis) {
                count(known);
            } else {
                known.createSession(false, Session.AUTO_ACKNOWLEDGE).close();
            }
        } catch (JMSException | RuntimeException e) {
            drop();
            if (!closed) {
                away(e);
            }
        }
    }

    private void connect() throws JMSException {
        Connection made = factory.createConnection();
        connection = made;
        lost = false;
        tells = true;
        made.setExceptionListener(thrown -> {
            lost = true;
            wake.release();
        });
        made.start();
        if (artemis) {
            count(made);
        } else {
            probe(made);
        }
        if (trouble.over()) {
            LOG.info("The broker {} is back after {} s", name, (System.nanoTime() - awaySince) / 1_000_000_000);
        }
    }

    /** Finds out whether the broker has what the queue needs. */
    private void probe(Connection made) throws JMSException {
        boolean can = AmqpProbe.delays(made);
        if (!can && delays) {
            LOG.warn(
                    "The broker {} delivers at once what is sent with a delay: requests that no target can answer wait in"
                            + " the gateway. For ActiveMQ Classic set schedulerSupport=\"true\"",
                    name);
        }
        delays = can;
    }

    private void count(Connection made) throws JMSException {
        if (seen.isEmpty() || !tells) {
            made.createSession(false, Session.AUTO_ACKNOWLEDGE).close();
            return;
        }
        Map<String, @Nullable QueueDepth> figures = ArtemisFigures.of(made, Set.copyOf(seen.keySet()));
        tells = !figures.isEmpty();
        seen.replaceAll((queue, old) -> new Seen(figures.get(queue)));
    }

    private void away(Exception thrown) {
        String why = words(thrown);
        seen.replaceAll((queue, old) -> new Seen(null));
        if (trouble.begins("the broker %s is away (%s)".formatted(name, why))) {
            awaySince = System.nanoTime();
            LOG.warn("The broker {} is away ({}): requests wait until it is back; HTTP serves", name, why);
        }
    }

    /** The reason in words without anything from the URL, which may carry a password. */
    private static String words(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof JMSSecurityException) {
                return "it does not accept user and password";
            }
            if (cause instanceof ConnectException) {
                return "it refuses connections";
            }
            if (cause instanceof UnknownHostException) {
                return "its name is unknown";
            }
            if (cause instanceof SSLException) {
                return "TLS failed";
            }
            if (cause instanceof JMSException e && "CONNECTION_TIMEDOUT".equals(e.getErrorCode())) {
                return "it does not answer";
            }
        }
        return thrown instanceof JMSException e && "lost".equals(e.getMessage())
                ? "the connection broke"
                : "cannot connect";
    }

    private void drop() {
        Connection old = connection;
        connection = null;
        if (old != null) {
            try {
                old.close();
            } catch (JMSException | RuntimeException e) {
                LOG.debug("The connection was gone already", e);
            }
        }
    }

    boolean delays() {
        return delays;
    }

    @Nullable
    QueueDepth depth(String queue) {
        if (!artemis) {
            return null;
        }
        Seen last = seen.get(queue);
        if (last == null && seen.putIfAbsent(queue, new Seen(null)) == null) {
            wake.release();
        }
        return last == null ? null : last.depth();
    }

    @Nullable
    String trouble() {
        return trouble.why();
    }

    /** Ends it; does not wait. */
    @Override
    public synchronized void close() {
        closed = true;
        thread.interrupt();
    }
}
