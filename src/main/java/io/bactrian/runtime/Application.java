package io.bactrian.runtime;

import io.bactrian.config.Config;
import io.bactrian.demo.DemoProviders;
import io.bactrian.trace.Traces;
import io.bactrian.tryout.Tryout;
import io.bactrian.tryout.TryoutOptions;
import io.bactrian.web.HttpServer;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The gateway: serves the configuration and the routes of a directory over HTTP, and follows changes of the files while
 * it runs.
 */
public final class Application implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Application.class);
    private static final Duration EVERY_SECOND = Duration.ofSeconds(1);

    private final Installation installation;
    private final Duration lookEvery;
    private final SharedState state;
    private final EventLoops eventLoops = new EventLoops();
    private final DemoLifecycle demo = new DemoLifecycle(eventLoops);
    private final HttpServer httpServer;
    private final Generations generations;
    private @Nullable ConfigSnapshot start;
    private @Nullable Reloader reloader;

    /**
     * @param directory may have an {@code application.properties}, there or in {@code config/}, and {@code routes/}; the built-in ones replace what
     *     is missing
     */
    public Application(Path directory) {
        this(directory, EVERY_SECOND);
    }

    /** @param lookEvery the interval at which the files are checked for changes */
    public Application(Path directory, Duration lookEvery) {
        this(directory, lookEvery, Protocols::builtIn);
    }

    /** @param protocols the protocols that callers and providers may use */
    public Application(Path directory, Duration lookEvery, Function<Clock, Protocols> protocols) {
        this(directory, lookEvery, protocols, new Traces());
    }

    /** @param traces where the traces of requests go */
    public Application(Path directory, Duration lookEvery, Function<Clock, Protocols> protocols, Traces traces) {
        this(Installation.in(directory), lookEvery, protocols, traces);
    }

    private Application(
            Installation installation, Duration lookEvery, Function<Clock, Protocols> protocols, Traces traces) {
        this.installation = installation;
        this.lookEvery = lookEvery;
        this.state = new SharedState(new MonotonicClock(), protocols, traces, installation.directory());
        this.httpServer = new HttpServer(state.protocols.callers(), state.bounds);
        this.generations = new Generations(installation, eventLoops, state, demo, httpServer);
    }

    /**
     * The engine in an application, whose routes send requests to {@code direct:chat} of its {@link #context}.
     *
     * @param host the properties of the application
     */
    public static Application embedded(EmbeddedProperties host) {
        return new Application(Installation.embedded(host), EVERY_SECOND, Protocols::builtIn, new Traces());
    }

    /**
     * Reads the configuration and the routes; the gateway does not listen yet.
     *
     * @param run false if they are only checked
     * @throws Exception if the configuration or the routes are invalid
     */
    public void prepare(boolean run) throws Exception {
        // Taken before the files are read, so that a change in between is noticed.
        if (!installation.isEmbedded()) {
            start = ConfigSnapshot.at(installation.directory());
        }
        generations.begin(run);
        trace();
    }

    private void trace() {
        try {
            state.traces.open();
        } catch (IllegalArgumentException e) {
            String why = StartupErrors.line(String.valueOf(e.getMessage()));
            if (!installation.isEmbedded()) {
                throw new InvalidConfiguration(List.of(why));
            }
            LOG.warn("Requests are not traced: {}", why);
        } catch (LinkageError e) {
            if (!installation.isEmbedded()) {
                throw e;
            }
            // The variables may be meant for something else in the application, which must start nevertheless.
            LOG.warn(
                    "Requests are not traced, although a variable OTEL_… asks for it: a jar is missing, or too old: {}"
                            + " (docs/embedding.md#dependencies)",
                    StartupErrors.root(e));
        }
    }

    /** Builds the routes, which reveals their mistakes, after a {@link #prepare} that only checks; nothing listens. */
    public void build() throws Exception {
        generations.serving().build();
    }

    /**
     * A run of requests over the queue of the configuration, after a {@link #prepare} that only checks.
     *
     * @param out where it tells how far it is
     * @throws InvalidConfiguration if there is no queue that another process can reach
     */
    public Tryout tryout(TryoutOptions options, PrintStream out) {
        return TryoutStart.with(generations.serving().config(), options, out);
    }

    /**
     * Starts to listen.
     *
     * @throws org.apache.camel.FailedToCreateRouteException if a route is invalid
     * @throws IOException if the port is taken
     */
    public void start() throws Exception {
        Generation first = generations.serving();
        Config running = first.config();
        if (installation.http()) {
            HttpServer.needFree(running.server());
        }
        state.stores.open();
        state.quotas.open();
        state.brokers.serve(running.queue(), running.server().keys());
        state.ledgers.open();
        state.brokers.start(running.queue());
        first.start();
        if (installation.http()) {
            httpServer.serve(first.router());
            httpServer.listen(eventLoops.vertx(), first.router(), first.context());
        }
        FirstUse.begin(running.providers().values().stream()
                .anyMatch(provider -> "https".equals(provider.baseUrl().getScheme())));
        if (installation.isEmbedded()) {
            LOG.info("Bactrian answers direct:chat");
        }
        if (installation.http()) {
            tellAddress(running);
        }
        if (running.demo()) {
            tellDemo();
        }
        ConfigSnapshot read = start;
        if (running.reload() && read != null) {
            reloader = new Reloader(installation.directory(), read, generations, state);
            reloader.start(lookEvery);
        }
    }

    private void tellAddress(Config running) {
        LOG.info("Bactrian listens on http://{}:{}", running.server().host(), port());
        if (!running.server().keys().isEmpty()) {
            LOG.info(
                    "Operators: {}",
                    running.server().operators().isEmpty()
                            ? "none; bactrian.server.operators names them"
                            : String.join(", ", running.server().operators()));
        }
    }

    private void tellDemo() {
        DemoProviders simulated = demo.providers();
        if (installation.http()) {
            LOG.warn(
                    "Demo: no provider has a key; simulated providers answer. Try:\n\n{}\n",
                    simulated.curlHints(port()));
        } else {
            LOG.warn("Demo: simulated providers answer, with no model behind them");
        }
    }

    /** The address on which the gateway listens. */
    public String host() {
        return httpServer.host();
    }

    /** The port on which the gateway listens. */
    public int port() {
        return httpServer.port();
    }

    /** One line for each mistake that an error of {@link #prepare}, {@link #build} or {@link #start} tells of. */
    public List<String> mistakes(Throwable thrown) {
        return start == null && !installation.isEmbedded()
                ? List.of(StartupErrors.root(thrown))
                : generations.serving().mistakes(thrown);
    }

    /** The Camel context whose routes serve new requests. */
    public CamelContext context() {
        return generations.serving().context();
    }

    /** The time that requests in progress have to end after {@link #close}. */
    public Duration grace() {
        return generations.grace();
    }

    /** Begins the end of an engine in an application: no request waits for a target any more, those in progress go on. */
    public void waitNoMore() {
        state.stopping.begin();
    }

    /** Stops at once what is left of an engine in an application: requests still in progress get an error. */
    public void closeNow() {
        close(Duration.ZERO);
    }

    @Override
    public void close() {
        close(generations.grace());
    }

    private void close(Duration grace) {
        Reloader looking = reloader;
        if (looking != null) {
            looking.close();
        }
        generations.close(grace);
        httpServer.close();
        demo.close();
        state.close();
        eventLoops.close();
    }
}
