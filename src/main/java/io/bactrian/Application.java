package io.bactrian;

import io.bactrian.config.Config;
import io.bactrian.demo.DemoProviders;
import io.bactrian.web.Extras;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.impl.VertxBuilder;
import io.vertx.core.spi.ExecutorServiceFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.component.http.HttpActivityListener;
import org.apache.camel.component.http.HttpComponent;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.Main;
import org.apache.camel.main.MainListenerSupport;
import org.apache.camel.main.SimpleMainShutdownStrategy;
import org.apache.camel.model.Model;
import org.apache.camel.model.RouteDefinition;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.HttpResponse;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The gateway as a Camel Main application. */
public final class Application implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Application.class);
    private static final int LONGEST_DRAIN_SECONDS = 45;

    private final Path directory;
    private final Main main = new Main();
    private final Memory memory = new Memory(new Ticker());
    private @Nullable Vertx vertx;
    private @Nullable DemoProviders demo;
    private @Nullable Config config;
    private @Nullable House house;

    /** @param directory may hold an {@code application.properties} and {@code routes/}; what is missing is built in */
    public Application(Path directory) {
        this.directory = directory;
    }

    /**
     * Reads the configuration and the routes; nothing listens to callers yet.
     *
     * @param run false if they are only to be checked
     * @throws Exception a mistake in the configuration or the routes
     */
    public void prepare(boolean run) throws Exception {
        Path file = directory.resolve("application.properties");
        main.setPropertyPlaceholderLocations(
                Files.isRegularFile(file) ? "file:" + file : "classpath:application.properties");
        main.setShutdownStrategy(new SimpleMainShutdownStrategy());
        main.addMainListener(new MainListenerSupport() {
            @Override
            public void beforeConfigure(BaseMainSupport support) {
                configure(support.getCamelContext(), run);
            }

            @Override
            public void afterConfigure(BaseMainSupport support) {
                insist(support.getCamelContext());
                openRoutes(support.getCamelContext());
            }
        });
        main.init();
    }

    private void configure(CamelContext context, boolean run) {
        Settings settings = Settings.of(context);
        Config read = settings.config(Map.of());
        if (read.demo()) {
            read = settings.config(run ? startDemo().baseUrls() : Map.of());
        }
        config = read;
        read.notices().forEach(LOG::warn);
        camel(context, read.server());
        if (run) {
            context.getRegistry().bind("vertx", vertx());
        }
        House built = new House(read, memory);
        built.furnish(context, demo);
        house = built;
        Extras.complete(context, read.server());
    }

    private DemoProviders startDemo() {
        DemoProviders started = DemoProviders.start(vertx());
        demo = started;
        return started;
    }

    /** What this Camel is set to, unless a property says otherwise. */
    private void camel(CamelContext context, Config.Server server) {
        boolean own = Files.isDirectory(directory.resolve("routes"));
        main.configure()
                .withName("bactrian")
                .withRoutesIncludePattern(
                        own ? "file:" + directory.resolve("routes") + "/*.camel.yaml" : "classpath:routes/*.camel.yaml")
                .withShutdownTimeout(LONGEST_DRAIN_SECONDS)
                .withExtraShutdownTimeout(1)
                .withAutoConfigurationLogSummary(false);
        // The file's host and port would come back over those of the environment.
        Properties listen = new Properties();
        listen.setProperty("camel.server.host", server.host());
        listen.setProperty("camel.server.port", Integer.toString(server.port()));
        context.getPropertiesComponent().setOverrideProperties(listen);
        main.configure()
                .httpServer()
                .withEnabled(true)
                .withMaxBodySize(server.maxBody())
                .withFileUploadEnabled(false);
    }

    /** What the routes stand on, whatever the properties say; see docs/decisions for why. */
    private static void insist(CamelContext context) {
        context.setStreamCaching(false);
        for (String scheme : new String[] {"http", "https"}) {
            HttpComponent http = context.getComponent(scheme, HttpComponent.class);
            http.setAutomaticRetriesDisabled(true);
            http.setCookieManagementDisabled(true);
            http.setFollowRedirects(false);
            http.setHttpActivityListener(EXCHANGE_IN_CONTEXT);
        }
    }

    private void openRoutes(CamelContext context) {
        House built = house;
        if (built == null) {
            throw new IllegalStateException("configure comes first");
        }
        try {
            built.open(context);
        } catch (Exception e) {
            throw new IllegalStateException("The routes of the targets cannot be made: " + e.getMessage(), e);
        }
    }

    /** Builds the routes, which shows their mistakes, after a {@link #prepare} that is not to run; nothing listens. */
    void build() throws Exception {
        main.configure().withAutoStartup(false).httpServer().withEnabled(false);
        main.start();
    }

    /**
     * Starts to listen.
     *
     * @throws org.apache.camel.FailedToCreateRouteException a mistake in the routes
     * @throws IOException if the port is taken
     */
    public void start() throws Exception {
        Config running = config;
        if (running == null) {
            throw new IllegalStateException("prepare comes first");
        }
        needFree(running.server());
        memory.shelves.open();
        main.start();
        int port = port();
        LOG.info("Bactrian listens on http://{}:{}", running.server().host(), port);
        DemoProviders simulated = demo;
        if (simulated != null) {
            LOG.warn("Demo: no provider has a key, simulated ones answer. Try:\n\n{}\n", simulated.curlHints(port));
        }
    }

    /** The HTTP server of Camel only logs that it cannot listen, and goes on. */
    private static void needFree(Config.Server server) throws IOException {
        try (ServerSocket probe = new ServerSocket()) {
            probe.bind(new InetSocketAddress(server.host(), server.port()));
        } catch (IOException e) {
            throw new IOException("cannot listen on %s:%d: %s".formatted(server.host(), server.port(), e.getMessage()));
        }
    }

    /** The port it listens on. */
    public int port() {
        return Extras.port(main.getCamelContext());
    }

    /** Where a route was read from. */
    String fileOf(String route) {
        RouteDefinition definition = context()
                .getCamelContextExtension()
                .getContextPlugin(Model.class)
                .getRouteDefinition(route);
        return definition == null || definition.getResource() == null
                ? "this program"
                : definition.getResource().getLocation();
    }

    public CamelContext context() {
        return main.getCamelContext();
    }

    @Override
    public void close() {
        main.stop();
        main.shutdown();
        DemoProviders simulated = demo;
        if (simulated != null) {
            simulated.close();
        }
        memory.close();
        Vertx running = vertx;
        if (running != null) {
            running.close().toCompletionStage().toCompletableFuture().join();
        }
    }

    /** Every request gets a virtual thread of its own instead of one of Vert.x's twenty workers. */
    private Vertx vertx() {
        Vertx running = vertx;
        if (running == null) {
            VertxOptions options = new VertxOptions().setMaxWorkerExecuteTime(Long.MAX_VALUE / 2);
            running = new VertxBuilder(options)
                    .executorServiceFactory(new VirtualThreads())
                    .init()
                    .vertx();
            vertx = running;
        }
        return running;
    }

    private static final class VirtualThreads implements ExecutorServiceFactory {
        @Override
        public ExecutorService createExecutor(
                @Nullable ThreadFactory threads, @Nullable Integer concurrency, @Nullable Integer maxConcurrency) {
            return Executors.newThreadPerTaskExecutor(
                    Thread.ofVirtual().name("request-", 0).factory());
        }
    }

    /** Makes camel-http put the exchange where the HTTP client's interceptor finds it. */
    private static final HttpActivityListener EXCHANGE_IN_CONTEXT = new HttpActivityListener() {
        @Override
        public void onRequestSubmitted(
                Object source, Exchange exchange, HttpHost host, HttpRequest request, HttpEntity entity) {}

        @Override
        public void onResponseReceived(
                Object source,
                Exchange exchange,
                HttpHost host,
                HttpResponse response,
                HttpEntity entity,
                long elapsed) {}
    };
}
