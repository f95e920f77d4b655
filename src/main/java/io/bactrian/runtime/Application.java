package io.bactrian.runtime;

import io.bactrian.config.Config;
import io.bactrian.demo.DemoProviders;
import io.bactrian.web.HttpServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.function.Function;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The gateway: what its files say, served over HTTP, whatever they come to say while it runs. */
public final class Application implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Application.class);
    private static final Duration EVERY_SECOND = Duration.ofSeconds(1);

    private final Path directory;
    private final Duration lookEvery;
    private final SharedState state;
    private final EventLoops eventLoops = new EventLoops();
    private final DemoLifecycle demo = new DemoLifecycle(eventLoops);
    private final HttpServer httpServer;
    private final Generations generations;
    private @Nullable ConfigSnapshot start;
    private @Nullable Reloader reloader;

    /** @param directory may hold an {@code application.properties} and {@code routes/}; what is missing is built in */
    public Application(Path directory) {
        this(directory, EVERY_SECOND);
    }

    /** @param lookEvery how often it is looked whether the files have changed */
    public Application(Path directory, Duration lookEvery) {
        this(directory, lookEvery, Protocols::builtIn);
    }

    /** @param protocols the protocols that callers and providers may use */
    public Application(Path directory, Duration lookEvery, Function<Clock, Protocols> protocols) {
        this.directory = directory;
        this.lookEvery = lookEvery;
        this.state = new SharedState(new MonotonicClock(), protocols);
        this.httpServer = new HttpServer(state.protocols.callers());
        this.generations = new Generations(directory, eventLoops, state, demo, httpServer);
    }

    /**
     * Reads the configuration and the routes; nothing listens to callers yet.
     *
     * @param run false if they are only to be checked
     * @throws Exception a mistake in the configuration or the routes
     */
    public void prepare(boolean run) throws Exception {
        // Before they are read: what is changed meanwhile will be noticed.
        start = ConfigSnapshot.at(directory);
        generations.begin(run);
    }

    /** Builds the routes, which shows their mistakes, after a {@link #prepare} that is not to run; nothing listens. */
    public void build() throws Exception {
        generations.serving().build();
    }

    /**
     * Starts to listen.
     *
     * @throws org.apache.camel.FailedToCreateRouteException a mistake in the routes
     * @throws IOException if the port is taken
     */
    public void start() throws Exception {
        Generation first = generations.serving();
        Config running = first.config();
        HttpServer.needFree(running.server());
        state.stores.open();
        first.start();
        httpServer.serve(first.wing());
        httpServer.listen(eventLoops.vertx(), first.wing(), first.context());
        int port = port();
        LOG.info("Bactrian listens on http://{}:{}", running.server().host(), port);
        if (running.demo()) {
            DemoProviders simulated = demo.providers();
            LOG.warn("Demo: no provider has a key, simulated ones answer. Try:\n\n{}\n", simulated.curlHints(port));
        }
        ConfigSnapshot read = start;
        if (running.reload() && read != null) {
            reloader = new Reloader(directory, read, generations, state);
            reloader.start(lookEvery);
        }
    }

    /** The address it listens on. */
    public String host() {
        return httpServer.host();
    }

    /** The port it listens on. */
    public int port() {
        return httpServer.port();
    }

    /** Where a route was read from. */
    public String fileOf(String route) {
        return generations.serving().fileOf(route);
    }

    /** The Camel whose routes serve new requests. */
    public CamelContext context() {
        return generations.serving().context();
    }

    @Override
    public void close() {
        Reloader looking = reloader;
        if (looking != null) {
            looking.close();
        }
        generations.close();
        httpServer.close();
        demo.close();
        state.close();
        eventLoops.close();
    }
}
