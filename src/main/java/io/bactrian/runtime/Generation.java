package io.bactrian.runtime;

import io.bactrian.config.Chain;
import io.bactrian.config.Config;
import io.bactrian.config.Target;
import io.bactrian.demo.DemoProviders;
import io.bactrian.health.Breakers;
import io.bactrian.metrics.LiveState;
import io.bactrian.routing.OwnContexts;
import io.bactrian.web.Admission;
import io.bactrian.web.GenerationRouter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.Consumer;
import org.apache.camel.Route;
import org.apache.camel.Suspendable;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.Main;
import org.apache.camel.main.MainListenerSupport;
import org.apache.camel.main.SimpleMainShutdownStrategy;
import org.apache.camel.model.Model;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.spi.ShutdownAware;
import org.apache.camel.spi.ShutdownStrategy;
import org.apache.camel.support.service.ServiceHelper;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One version of the configuration and the routes, in a Camel context of its own: from its start until the last request
 * that it received has ended.
 */
final class Generation {
    private static final Logger LOG = LoggerFactory.getLogger(Generation.class);
    /** The routes that beans and route templates call. */
    private static final List<String> REQUIRED_ROUTES = List.of("direct:chat", "direct:next", "direct:exhausted");

    /** The templates from which the routes of targets and providers are made. */
    private static final List<String> REQUIRED_TEMPLATES = List.of("target", "attempt");

    private static final String MODELS = "list-models";
    private static final String MONITOR = "timer:health";
    private static final String RACE = "direct:race";
    private static final String LAST_RESORT = "direct:last-resort";

    /** The deadline ends a request; reporting its end takes a moment longer. */
    private static final Duration GRACE_AFTER_DEADLINE = Duration.ofSeconds(5);

    private final String name;
    private final Installation installation;
    private final EventLoops eventLoops;
    private final SharedState state;
    private final DemoLifecycle demo;
    private final @Nullable Breakers known;
    private final Main main = new Main();
    private @Nullable Built built;
    private volatile long overdueAt = Long.MAX_VALUE;

    /** The parts of a prepared generation. */
    private record Built(
            EffectiveProperties settings,
            Config config,
            Breakers breakers,
            RouteBeans beans,
            @Nullable GenerationRouter generationRouter) {}

    /**
     * A generation that has yet to be prepared.
     *
     * @param before the generation whose breakers it takes over; null for the first one
     */
    Generation(
            String name,
            Installation installation,
            EventLoops eventLoops,
            SharedState state,
            DemoLifecycle demo,
            @Nullable Generation before) {
        this.name = name;
        this.installation = installation;
        this.eventLoops = eventLoops;
        this.state = state;
        this.demo = demo;
        this.known = before == null ? null : before.built().breakers();
    }

    /**
     * Reads the configuration and the routes.
     *
     * @param run false if they are only checked
     * @throws Exception if either is invalid
     */
    void prepare(boolean run) throws Exception {
        main.setPropertyPlaceholderLocations(installation.properties());
        main.setRoutesCollector(new BuiltInRoutes());
        if (installation.isEmbedded()) {
            CamelSettings.seclude(main);
        }
        main.setShutdownStrategy(new SimpleMainShutdownStrategy());
        main.addMainListener(new MainListenerSupport() {
            @Override
            public void beforeConfigure(BaseMainSupport support) {
                configure(support.getCamelContext(), run);
            }

            @Override
            public void afterConfigure(BaseMainSupport support) {
                CamelSettings.insist(support.getCamelContext());
                needRoutes();
                needPublishers();
                needOwnBeans();
                openRoutes(support.getCamelContext());
                needOneConsumerEach();
            }
        });
        main.init();
    }

    private void configure(CamelContext context, boolean run) {
        OwnContexts.add(context);
        EmbeddedProperties host = installation.host();
        EffectiveProperties settings =
                host == null ? EffectiveProperties.of(context) : EffectiveProperties.of(context, host);
        Config config = settings.config(Map.of());
        DemoProviders simulated = null;
        if (config.demo()) {
            simulated = run ? demo.providers() : null;
            config = settings.config(simulated == null ? Map.of() : simulated.baseUrls());
        }
        InvalidConfiguration.check(installation.routeFiles().mistakes());
        CamelSettings.suggest(main, name, installation, config);
        Collection<Target> targets = config.everyTarget().values();
        Breakers breakers = known == null
                ? new Breakers(state.clock, state.cluster::changed, targets)
                : known.inherit(config.limits(), targets);
        JmsConnections.bind(context, config.queue(), state.brokers);
        Admission admission = new Admission(
                config.server().keys(), config.server().maxInFlight(), state.inFlight, state.page.sessions());
        RouteBeans routeBeans = new RouteBeans(config, state, breakers, admission);
        routeBeans.bind(context, simulated);
        built = new Built(
                settings,
                config,
                breakers,
                routeBeans,
                installation.http() ? router(context, config, admission) : null);
    }

    private GenerationRouter router(CamelContext context, Config config, Admission admission) {
        return new GenerationRouter(
                eventLoops.vertx(), context, config.server(), state.protocols.callers(), admission, state.bodies);
    }

    private void needRoutes() {
        List<String> starts =
                model().getRouteDefinitions().stream().map(EndpointAddress::of).toList();
        List<String> missing = new ArrayList<>();
        for (String address : REQUIRED_ROUTES) {
            if (!starts.contains(address)) {
                missing.add("routes: no route consumes from " + address + "; every request needs it");
            }
        }
        for (String template : REQUIRED_TEMPLATES) {
            if (model().getRouteTemplateDefinition(template) == null) {
                missing.add("routes: there is no route template " + template + "; every request needs it");
            }
        }
        // Older route files may lack these routes, and need them only if there are such chains.
        wantedBy(Generation::asksSeveral, RACE, starts, missing);
        wantedBy(chain -> !chain.lastResorts().isEmpty(), LAST_RESORT, starts, missing);
        if (MonitorBeans.listsModels(built().config()) && model().getRouteTemplateDefinition(MODELS) == null) {
            missing.add("routes: there is no route template " + MODELS + "; probe = models needs it");
        }
        InvalidConfiguration.check(missing);
        if (built().config().health().on() && starts.stream().noneMatch(start -> start.startsWith(MONITOR))) {
            LOG.warn(
                    "There is no health monitor: routes/ has no health.camel.yaml. Copy it from the built-in routes, or"
                            + " set bactrian.health.period = 0s");
        }
    }

    private void needPublishers() {
        InvalidConfiguration.check(PublisherCheck.mistakes(
                context(), "bactrian.health.publish", built().config().health().publish()));
    }

    private void needOwnBeans() {
        InvalidConfiguration.check(built().beans().replaced(context().getRegistry()));
    }

    /** Rejects two routes that consume from one direct endpoint, the gateway's own among them. */
    private void needOneConsumerEach() {
        Map<String, String> consumers = new HashMap<>();
        List<String> mistakes = new ArrayList<>();
        for (RouteDefinition route : model().getRouteDefinitions()) {
            String address = EndpointAddress.of(input(route));
            if (!address.startsWith("direct:") || "false".equals(route.getAutoStartup())) {
                continue;
            }
            String file = fileOf(route.getId());
            String here = (file.isEmpty() ? "" : file + ": ") + "route " + route.getId();
            String other = consumers.putIfAbsent(address, here);
            if (other != null) {
                mistakes.add("%s, and %s: both consume from %s; only one route can".formatted(other, here, address));
            }
        }
        InvalidConfiguration.check(mistakes);
    }

    private String input(RouteDefinition route) {
        String input = String.valueOf(route.getInput().getEndpointUri());
        if (route.getTemplateParameters() != null) {
            for (Map.Entry<String, Object> parameter :
                    route.getTemplateParameters().entrySet()) {
                input = input.replace("{{" + parameter.getKey() + "}}", String.valueOf(parameter.getValue()));
            }
        }
        try {
            return context().resolvePropertyPlaceholders(input);
        } catch (IllegalArgumentException e) {
            // Told when the route is built.
            return "";
        }
    }

    private void wantedBy(Predicate<Chain> which, String address, List<String> starts, List<String> missing) {
        List<String> chains = built().config().chains().values().stream()
                .filter(which)
                .map(Chain::name)
                .toList();
        if (!chains.isEmpty() && !starts.contains(address)) {
            missing.add("routes: no route consumes from %s; the chain %s needs it"
                    .formatted(address, String.join(", ", chains)));
        }
    }

    private static boolean asksSeveral(Chain chain) {
        return chain.steps().stream()
                .anyMatch(step -> step instanceof Chain.Group group && group.kind() != Chain.Kind.BALANCE);
    }

    private void openRoutes(CamelContext context) {
        try {
            built().beans().open(context);
        } catch (InvalidConfiguration e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException("Cannot create the routes of the targets: " + e.getMessage(), e);
        }
    }

    /** Builds the routes, which reveals their mistakes, after a {@link #prepare} that only checks. */
    void build() throws Exception {
        main.configure().withAutoStartup(false).httpServer().withEnabled(false);
        main.start();
    }

    /**
     * Starts the routes; no request reaches them yet.
     *
     * @throws org.apache.camel.FailedToCreateRouteException if a route is invalid
     */
    void start() throws Exception {
        main.start();
        built().beans().serve();
    }

    /**
     * Makes way for the next generation. Consumers that start exchanges by themselves, such as timers, stop; those that
     * requests in flight need go on until these requests have ended, but no longer than the longest deadline.
     */
    void retire() {
        if (built == null) {
            return;
        }
        built().beans().retire();
        overdueAt = state.clock.millis()
                + longestDeadline(built().config()).plus(GRACE_AFTER_DEADLINE).toMillis();
        for (Route route : context().getRoutes()) {
            Consumer consumer = route.getConsumer();
            boolean serves = consumer.getEndpoint() instanceof PlatformHttpEndpoint
                    || (consumer instanceof ShutdownAware aware && aware.deferShutdown(route.getShutdownRunningTask()));
            if (!serves) {
                stop(consumer);
            }
        }
    }

    private static void stop(Consumer consumer) {
        try {
            if (consumer instanceof Suspendable) {
                ServiceHelper.suspendService(consumer);
            } else {
                ServiceHelper.stopService(consumer);
            }
        } catch (RuntimeException e) {
            LOG.warn(
                    "Cannot stop the consumer of {}: {}",
                    consumer.getEndpoint().getEndpointBaseUri(),
                    StartupErrors.root(e));
        }
    }

    /** The longest time that a request may take. */
    static Duration longestDeadline(Config config) {
        return Stream.concat(
                        Stream.of(config.limits().resolve(null, null).deadline()),
                        config.chains().values().stream()
                                .map(chain -> chain.limits().deadline()))
                .max(Duration::compareTo)
                .orElseThrow();
    }

    /** True if a retired generation has nothing left to do. */
    boolean over() {
        return state.clock.millis() >= overdueAt || idle();
    }

    /** True if no request and no other exchange is in flight. */
    boolean idle() {
        Built parts = built;
        GenerationRouter router = parts == null ? null : parts.generationRouter();
        return parts == null
                || ((router == null || router.empty())
                        && context().getInflightRepository().size() == 0);
    }

    /** The time that requests in progress have when the program stops: Camel's shutdown timeout. */
    Duration grace() {
        CamelContext context = main.getCamelContext();
        if (context == null || built == null) {
            return Duration.ZERO;
        }
        ShutdownStrategy strategy = context.getShutdownStrategy();
        return Duration.of(strategy.getTimeout(), strategy.getTimeUnit().toChronoUnit());
    }

    /** Stops it as soon as its exchanges have ended, at the latest after Camel's shutdown timeout. */
    void close() {
        Built parts = built;
        if (parts != null) {
            // Pages stay open for as long as people look at them, and must not hold up the stop.
            parts.beans().retire();
        }
        main.stop();
        main.shutdown();
    }

    /** Stops it although requests may be left. */
    void abandon() {
        CamelContext context = main.getCamelContext();
        if (context != null) {
            context.getShutdownStrategy().setTimeUnit(TimeUnit.SECONDS);
            context.getShutdownStrategy().setTimeout(1);
        }
        close();
    }

    Config config() {
        return built().config();
    }

    /** Notes for the metrics, and for what is known of targets, that this generation serves. */
    void measure() {
        state.known.follow(built().config().everyTarget().values());
        state.meters.serve(built().config());
        state.exposition.serve(new LiveState.Serving(built().config(), built().breakers()));
    }

    EffectiveProperties settings() {
        return built().settings();
    }

    GenerationRouter router() {
        return Objects.requireNonNull(built().generationRouter(), "there is no HTTP server");
    }

    CamelContext context() {
        return main.getCamelContext();
    }

    /** One line for each mistake that an error of {@link #prepare}, {@link #build} or {@link #start} tells of. */
    List<String> mistakes(Throwable thrown) {
        return StartupErrors.lines(thrown, installation.routeFiles(), this::fileOf);
    }

    /** The file from which a route was read; empty if it was read from none. */
    private String fileOf(String route) {
        RouteDefinition definition = main.getCamelContext() == null ? null : model().getRouteDefinition(route);
        return definition == null || definition.getResource() == null
                ? ""
                : RouteFiles.file(definition.getResource().getLocation());
    }

    private Model model() {
        return context().getCamelContextExtension().getContextPlugin(Model.class);
    }

    private Built built() {
        return Objects.requireNonNull(built, "prepare has not been called");
    }
}
