package io.bactrian.broker;

import io.bactrian.config.QueueSettings;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The broker of this process, and the connections to every broker in use. They belong to the process: a reload of the
 * configuration takes them over. Thread-safe.
 */
public final class Brokers implements AutoCloseable {
    private final Path directory;
    private final Map<String, BrokerConnections> byUrl = new HashMap<>();
    private @Nullable EmbeddedBroker embedded;

    /** @param directory the folder of the gateway */
    public Brokers(Path directory) {
        this.directory = directory;
    }

    /** Starts the embedded broker, if one is wanted and it does not run yet; does not wait for it. */
    public synchronized void start(QueueSettings settings) {
        if (settings.embedded()) {
            broker(settings).start();
        }
    }

    private EmbeddedBroker broker(QueueSettings settings) {
        EmbeddedBroker known = embedded;
        if (known != null) {
            return known;
        }
        EmbeddedBroker made =
                new EmbeddedBroker(directory.resolve(settings.directory()).resolve("broker"), settings.port());
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

    /** The broker of this process; null if there is none. */
    public synchronized @Nullable EmbeddedBroker embedded() {
        return embedded;
    }

    @Override
    public synchronized void close() {
        byUrl.values().forEach(BrokerConnections::close);
        byUrl.clear();
        if (embedded != null) {
            embedded.close();
            embedded = null;
        }
    }
}
