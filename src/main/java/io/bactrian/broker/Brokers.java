package io.bactrian.broker;

import io.bactrian.config.QueueSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The broker of this process, and the connections to every broker in use. They belong to the process: a reload of the
 * configuration takes them over, and those that no configuration uses any more are closed. Thread-safe.
 */
public final class Brokers implements AutoCloseable {
    private final Path directory;
    /** The connections by the URL of the configuration; an empty one is that of the embedded broker. */
    private final Map<String, BrokerConnections> byUrl = new HashMap<>();

    private @Nullable EmbeddedBroker embedded;
    private QueueSettings serving = QueueSettings.OFF;
    private volatile Map<String, String> keys = Map.of();

    /** @param directory the folder of the gateway */
    public Brokers(Path directory) {
        this.directory = directory;
    }

    /**
     * Starts the embedded broker, or begins to watch the other one, if there is one in this configuration; does not wait.
     *
     * @throws IllegalArgumentException if its URL is none
     */
    public synchronized void start(QueueSettings settings) {
        if (settings.embedded()) {
            broker(settings).start();
        } else if (settings.hasBroker()) {
            connections(settings).watch();
        }
    }

    /**
     * Notes the configuration that serves.
     *
     * @param callers the names of callers' keys by the keys; they are the users of the embedded broker
     */
    public synchronized void serve(QueueSettings settings, Map<String, String> callers) {
        serving = settings;
        keys = callers;
    }

    private EmbeddedBroker broker(QueueSettings settings) {
        EmbeddedBroker known = embedded;
        if (known != null) {
            return known;
        }
        EmbeddedBroker made =
                new EmbeddedBroker(directory.resolve(settings.directory()).resolve("broker"), settings, () -> keys);
        embedded = made;
        return made;
    }

    /**
     * The connections to the broker of a configuration.
     *
     * @throws IllegalArgumentException if its URL is none
     */
    public synchronized BrokerConnections connections(QueueSettings settings) {
        return byUrl.computeIfAbsent(
                settings.brokerUrl(),
                url -> BrokerConnections.to(url.isEmpty() ? broker(settings).url() : url));
    }

    /** Closes what none of these configurations uses; does not wait. */
    public void only(Collection<QueueSettings> inUse) {
        Set<String> wanted = inUse.stream()
                .filter(QueueSettings::hasBroker)
                .map(QueueSettings::brokerUrl)
                .collect(Collectors.toUnmodifiableSet());
        List<AutoCloseable> idle = new ArrayList<>();
        synchronized (this) {
            byUrl.entrySet().removeIf(entry -> !wanted.contains(entry.getKey()) && idle.add(entry.getValue()));
            if (embedded != null && !wanted.contains("")) {
                idle.add(embedded);
                embedded = null;
            }
        }
        if (!idle.isEmpty()) {
            Thread.ofPlatform().daemon().name("broker-close").start(() -> close(idle));
        }
    }

    private static void close(List<AutoCloseable> inOrder) {
        for (AutoCloseable one : inOrder) {
            try {
                one.close();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** Whether the embedded broker has the port and the folder of these settings, or there is none. */
    public synchronized boolean fits(QueueSettings settings) {
        return embedded == null || embedded.fits(settings);
    }

    /** The broker of this process; null if there is none. */
    public synchronized @Nullable EmbeddedBroker embedded() {
        return embedded;
    }

    /** The messages of a queue of the configuration that serves; null if that is unknown. Never waits for a broker. */
    public @Nullable QueueDepth depth(String queue) {
        EmbeddedBroker own;
        BrokerConnections other;
        synchronized (this) {
            own = serving.embedded() ? embedded : null;
            other = byUrl.get(serving.brokerUrl());
        }
        return own != null ? own.depth(queue) : other != null ? other.depth(queue) : null;
    }

    /** Why the broker cannot be used, in words for operators; null if it can, or there is none. */
    public synchronized @Nullable String trouble() {
        if (serving.embedded()) {
            return embedded == null ? null : embedded.trouble();
        }
        BrokerConnections other = byUrl.get(serving.brokerUrl());
        return other == null ? null : other.trouble();
    }

    /** What operators should see to although the broker can be used, such as a disk that is nearly full; null if nothing. */
    public synchronized @Nullable String warning() {
        return serving.embedded() && embedded != null ? embedded.warning() : null;
    }

    @Override
    public void close() {
        List<AutoCloseable> all = new ArrayList<>();
        synchronized (this) {
            all.addAll(byUrl.values());
            byUrl.clear();
            if (embedded != null) {
                all.add(embedded);
                embedded = null;
            }
        }
        close(all);
    }
}
