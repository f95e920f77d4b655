package io.bactrian.broker;

import io.bactrian.config.QueueSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import javax.management.MBeanServerFactory;
import org.apache.activemq.artemis.core.config.Configuration;
import org.apache.activemq.artemis.core.server.ActiveMQServer;
import org.apache.activemq.artemis.core.server.MessageReference;
import org.apache.activemq.artemis.core.server.Queue;
import org.apache.activemq.artemis.core.server.impl.ActiveMQServerImpl;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.NestedExceptionUtils;

/**
 * An Artemis broker in this process, with a journal on disk, and the thread that keeps it running: it starts the broker, starts
 * it again after a failure of the disk, opens its port and watches the room on the disk. A broker that cannot start costs only
 * the queue. Thread-safe.
 */
public final class EmbeddedBroker implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedBroker.class);
    /** The number of the broker among those of this process, by which connections find it. */
    private static final AtomicInteger COUNT = new AtomicInteger();

    private static final String HOST = "127.0.0.1";
    private static final String ACCEPTOR = "tcp";
    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final Duration TRY_AGAIN = Duration.ofSeconds(3);
    private static final Duration START = Duration.ofSeconds(10);
    private static final Duration STOP = Duration.ofSeconds(20);

    private final int id = COUNT.incrementAndGet();
    private final Path folder;
    private final QueueSettings settings;
    private final Supplier<Map<String, String>> keys;
    private final Thread keeper;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Trouble trouble = new Trouble();
    private final Trouble portTrouble = new Trouble();
    private final Trouble spaceTrouble = new Trouble();
    private volatile @Nullable ActiveMQServer server;
    private @Nullable FolderLock lock;

    /**
     * @param folder for its files
     * @param settings the port where other programs on this machine reach it (0 = none), and the names of the queues
     * @param keys the names of callers' keys by the keys; none = all programs on this machine may use it
     */
    EmbeddedBroker(Path folder, QueueSettings settings, Supplier<Map<String, String>> keys) {
        this.folder = folder.toAbsolutePath().normalize();
        this.settings = settings;
        this.keys = keys;
        keeper = Thread.ofPlatform().daemon().name("broker").unstarted(this::keep);
    }

    /** Starts it on a thread of its own, once. */
    synchronized void start() {
        if (keeper.getState() == Thread.State.NEW) {
            keeper.start();
        }
    }

    private void keep() {
        try {
            Duration pause;
            do {
                pause = look();
            } while (!closing.await(pause.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            end();
        }
    }

    private Duration look() {
        ActiveMQServer running = server;
        if (running != null && running.isActive()) {
            running.getSecurityStore().setSecurityEnabled(!keys.get().isEmpty());
            openPort(running);
            watchSpace();
            return LOOK;
        }
        if (running != null) {
            stop(running);
            server = null;
        }
        return begin() ? Duration.ZERO : TRY_AGAIN;
    }

    private boolean begin() {
        try {
            if (lock == null) {
                lock = FolderLock.take(folder);
            }
            if (lock == null) {
                there(
                        "another process uses the folder %s; start each gateway in a folder of its own, or set bactrian.queue.broker-url to share one broker"
                                .formatted(folder));
                return false;
            }
            FreeSpace space = FreeSpace.of(folder);
            if (!space.enough()) {
                there("the disk of %s is full (%s left); the broker starts when there is room"
                        .formatted(folder, space.words()));
                return false;
            }
        } catch (IOException e) {
            there("cannot write to the folder %s (%s); allow it, or set bactrian.queue.directory to another"
                    .formatted(folder, e.getClass().getSimpleName()));
            return false;
        }
        return run();
    }

    private boolean run() {
        AtomicReference<Throwable> why = new AtomicReference<>();
        try {
            Configuration configuration = BrokerConfiguration.of(folder, id, settings);
            configuration.setSecurityEnabled(!keys.get().isEmpty());
            // The server of the platform, which it would ask for otherwise, looks for every bean of Java first.
            ActiveMQServer made =
                    new ActiveMQServerImpl(configuration, MBeanServerFactory.newMBeanServer(), new BrokerUsers(keys));
            server = made;
            made.registerActivationFailureListener(why::set);
            made.registerIOCriticalErrorListener((thrown, message, file) ->
                    there("the disk of %s failed (%s); the broker starts again when it can write"
                            .formatted(folder, reason(thrown))));
            made.start();
            if (made.waitForActivation(START.toMillis(), TimeUnit.MILLISECONDS) && made.isActive()) {
                if (trouble.over()) {
                    LOG.info("The broker of the queue runs again");
                }
                return true;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            why.set(e);
        }
        there("the broker could not start in %s (%s)".formatted(folder, reason(why.get())));
        return false;
    }

    /** Notes that there is no queue, and why. */
    private void there(String why) {
        if (trouble.begins(why)) {
            LOG.warn("There is no queue: {}", why);
        }
    }

    private static String reason(@Nullable Throwable thrown) {
        return thrown == null
                ? "no reason given"
                : NestedExceptionUtils.getMostSpecificCause(thrown).toString();
    }

    private void openPort(ActiveMQServer running) {
        int port = settings.port();
        if (port == 0 || running.getRemotingService().getAcceptor(ACCEPTOR) != null) {
            return;
        }
        try {
            // Artemis would complain in lines of its own.
            new ServerSocket(port, 1, InetAddress.getByName(HOST)).close();
            running.getRemotingService()
                    .createAcceptor(ACCEPTOR, "tcp://%s:%d?protocols=CORE,AMQP".formatted(HOST, port))
                    .start();
            if (portTrouble.over()) {
                LOG.info("Other programs reach the queue at {}:{} now", HOST, port);
            } else {
                LOG.info("The queue listens on {}:{}", HOST, port);
            }
        } catch (Exception e) {
            withdraw(running);
            String why = "the port %d is taken".formatted(port);
            if (portTrouble.begins(why)) {
                LOG.warn(
                        "The queue works for this process only: {}. What other programs send to this port reaches another"
                                + " broker; set bactrian.queue.port to a free port, or bactrian.queue.broker-url ="
                                + " tcp://{}:{} to use that broker",
                        why,
                        HOST,
                        port);
            }
        }
    }

    private static void withdraw(ActiveMQServer running) {
        try {
            running.getRemotingService().destroyAcceptor(ACCEPTOR);
        } catch (Exception e) {
            LOG.debug("There is no acceptor", e);
        }
    }

    private void watchSpace() {
        try {
            FreeSpace space = FreeSpace.of(folder);
            if (!space.low()) {
                if (spaceTrouble.over()) {
                    LOG.info("The disk of {} has room again: {}", folder, space.words());
                }
            } else if (spaceTrouble.begins("the disk of " + folder + " is nearly full")) {
                LOG.warn(
                        "The disk of {} is nearly full: {} left. If it is full, there is no queue until there is room",
                        folder,
                        space.words());
            }
        } catch (IOException e) {
            LOG.debug("Cannot see the room on the disk", e);
        }
    }

    /** The URL at which connections of this process reach it. */
    String url() {
        return "vm://" + id;
    }

    /** Whether it is the broker that these settings want. */
    boolean fits(QueueSettings wanted) {
        return wanted.embedded()
                && wanted.port() == settings.port()
                && wanted.directory().equals(settings.directory());
    }

    /** Whether it takes and gives messages. */
    public boolean isActive() {
        ActiveMQServer running = server;
        return running != null && running.isActive();
    }

    /** The messages of a queue; null if there is no such queue now. */
    @Nullable
    QueueDepth depth(String name) {
        ActiveMQServer running = server;
        // While it starts or stops, it may be active without having its queues.
        Queue queue = running != null && running.isActive() && running.getPostOffice() != null
                ? running.locateQueue(name)
                : null;
        if (queue == null) {
            return null;
        }
        long now = System.currentTimeMillis();
        long oldest = Math.min(sent(queue.peekFirstMessage(), now), sent(queue.peekFirstScheduledMessage(), now));
        return new QueueDepth(queue.getMessageCount(), now - oldest);
    }

    private static long sent(@Nullable MessageReference message, long now) {
        return message == null ? now : Math.min(now, message.getMessage().getTimestamp());
    }

    /** Why there is no queue, in words for operators; null if there is one. */
    @Nullable
    String trouble() {
        return trouble.why();
    }

    /** What operators should see to, although there is a queue; null if nothing. */
    @Nullable
    String warning() {
        String space = spaceTrouble.why();
        return space == null ? portTrouble.why() : space;
    }

    private void end() {
        ActiveMQServer running = server;
        if (running != null) {
            stop(running);
            server = null;
        }
        try {
            if (lock != null) {
                lock.close();
            }
        } catch (IOException e) {
            LOG.debug("The lock of the folder is gone", e);
        }
    }

    private static void stop(ActiveMQServer running) {
        try {
            running.stop();
        } catch (Exception e) {
            LOG.warn("The broker could not stop: {}", reason(e));
        }
    }

    /** Stops it; waits for its end, for a limited time. */
    @Override
    public void close() {
        closing.countDown();
        try {
            if (keeper.getState() != Thread.State.NEW && !keeper.join(STOP)) {
                LOG.warn("The broker has not stopped within {} s", STOP.toSeconds());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
