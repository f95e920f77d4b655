package io.bactrian.runtime;

import io.bactrian.config.Bound;
import io.bactrian.config.Chain;
import io.bactrian.config.Config;
import io.bactrian.config.Provider;
import io.bactrian.config.Service;
import io.bactrian.config.Target;
import io.bactrian.demo.DemoProviders;
import io.bactrian.health.Breakers;
import io.bactrian.health.CallOutcomes;
import io.bactrian.health.TargetHealth;
import io.bactrian.lastresort.LastResorts;
import io.bactrian.metrics.Recorder;
import io.bactrian.metrics.RequestLog;
import io.bactrian.policy.FallbackPolicy;
import io.bactrian.protocol.CallerProtocol;
import io.bactrian.protocol.CallerProtocols;
import io.bactrian.protocol.ProviderProtocol;
import io.bactrian.protocol.ProviderProtocols;
import io.bactrian.protocol.anthropic.Messages;
import io.bactrian.provider.DrillRunner;
import io.bactrian.provider.ProviderClient;
import io.bactrian.provider.failure.Classifier;
import io.bactrian.routing.AnswerSteps;
import io.bactrian.routing.ChainSorter;
import io.bactrian.routing.ChatSteps;
import io.bactrian.routing.EncodeStep;
import io.bactrian.routing.ListModelsSteps;
import io.bactrian.routing.Navigator;
import io.bactrian.routing.Observer;
import io.bactrian.routing.RaceStep;
import io.bactrian.routing.RequestPlanner;
import io.bactrian.routing.Rescues;
import io.bactrian.routing.RouteNames;
import io.bactrian.selection.ChainOrdering;
import io.bactrian.web.AdminEndpoint;
import io.bactrian.web.Admission;
import io.bactrian.web.ChatEndpoints;
import io.bactrian.web.DemoFaultEndpoint;
import io.bactrian.web.HeaderAllowList;
import io.bactrian.web.HttpResponses;
import io.bactrian.web.OperatorLog;
import io.bactrian.web.StatusEndpoints;
import io.bactrian.web.TargetFigures;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.camel.CamelContext;
import org.apache.camel.Processor;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.builder.TemplatedRouteBuilder;
import org.apache.camel.spi.Registry;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The beans of one generation: builds the steps of the routes and binds them under the names that the routes refer to. */
final class RouteBeans {
    /** The prefix of every bean, because the routes of users share the registry. */
    private static final String PREFIX = "bactrian-";

    private static final Logger LOG = LoggerFactory.getLogger(RouteBeans.class);

    private final Config config;
    private final SharedState state;
    private final Breakers breakers;
    private final Admission admission;
    private final TargetHealth health;
    private final Clock clock;
    private final RouteNames routeNames = new RouteNames();
    private final Map<String, Chain.Entry> candidates = new LinkedHashMap<>();
    private final ProviderProtocols providers;
    private final CallerProtocols callers;
    private final List<GenerationPart> parts = new ArrayList<>();
    private @Nullable AlertBeans alerts;
    private Map<String, Processor> ownSteps = Map.of();

    RouteBeans(Config config, SharedState state, Breakers breakers, Admission admission) {
        this.config = config;
        this.state = state;
        this.breakers = breakers;
        this.admission = admission;
        this.health = new TargetHealth(breakers, state.cooldowns, state.keyPool, state.healthBook);
        this.clock = state.clock;
        this.providers = state.protocols.providers();
        this.callers = state.protocols.callers();
        config.chains().values().forEach(chain -> chain.candidates()
                .forEach(c -> candidates.putIfAbsent(c.target().name(), c)));
        config.targets()
                .values()
                .forEach(target -> candidates.computeIfAbsent(
                        target.name(),
                        n -> new Chain.Entry(target, config.limits().resolve(null, target))));
    }

    /**
     * Binds the beans that the routes in {@code routes/} refer to.
     *
     * @param demo the simulated providers; null if none run
     */
    void bind(CamelContext context, @Nullable DemoProviders demo) {
        Registry registry = context.getRegistry();
        Observer observer =
                new Recorder(List.of(state.meters, state.alertCounters, new RequestLog(clock), state.page.traffic()));
        CallOutcomes outcomes = new CallOutcomes(
                breakers,
                state.cooldowns,
                state.keyPool,
                state.latencies,
                state.permits,
                state.healthBook,
                observer,
                clock);
        Classifier classifier = new Classifier(clock, secrets(), failure -> {
            state.meters.unclassified(failure);
            state.alertCounters.unclassified(failure);
            LOG.warn(
                    "Unclassified provider failure: status {}, code {}, type {}",
                    failure.status(),
                    failure.code(),
                    failure.errorType());
        });
        Rescues rescues = new Rescues(state.missing, providers);
        DrillRunner drillRunner = new DrillRunner(state.drills, clock);
        for (ProviderProtocol protocol : encoded()) {
            bind(
                    registry,
                    encodeBean(protocol),
                    new EncodeStep(
                            protocol,
                            outcomes,
                            health,
                            routeNames,
                            state.missing,
                            rescues,
                            classifier,
                            drillRunner,
                            state.watchdog,
                            state.stopping,
                            clock));
        }

        LastResorts lastResorts = state.stores.of(config);
        RequestPlanner planner = new RequestPlanner(
                config,
                providers,
                new ChainSorter(new ChainOrdering(state.latencies, health), state.missing),
                state.balance,
                lastResorts,
                state.cooldowns.ofCallers(),
                clock);
        Navigator navigator = new Navigator(
                new FallbackPolicy(health, () -> ThreadLocalRandom.current().nextDouble()),
                outcomes,
                rescues,
                state.line,
                state.stopping,
                config.server().bounds().maxWaiting(),
                () -> state.bounds.accept(Bound.WAITING),
                clock);
        ChatSteps steps = new ChatSteps(
                planner, navigator, routeNames, lastResorts, providers, observer, state.traces, state.stopping, clock);
        bind(registry, "plan", steps::plan);
        bind(registry, "plan-count-tokens", steps::planTokenCount);
        bind(registry, "estimate-tokens", ChatSteps::estimateTokens);
        bind(registry, "decide", steps::decide);
        bind(registry, "last-resort", steps::lastResort);
        bind(registry, "exhausted", steps::exhausted);
        bind(registry, "done", steps::done);
        RaceStep races = new RaceStep(
                navigator,
                routeNames,
                state.hedges,
                state.latencies::p95,
                state.missing,
                context.createProducerTemplate());
        bind(registry, "race", races::run);

        AnswerSteps answers = new AnswerSteps(classifier, state.answerMemory, clock);
        bind(registry, "classify", answers::classify);
        bind(registry, "read-answer", answers::read);

        ChatEndpoints endpoints = new ChatEndpoints(
                config,
                planner,
                admission,
                state.budgets,
                callers,
                state.watchdog,
                state.traces,
                state.bounds,
                state.stopping,
                clock);
        HttpResponses responses = new HttpResponses(callers, clock, config.demo());
        registry.bind(PREFIX + "headers", new HeaderAllowList());
        for (CallerProtocol protocol : callers.all()) {
            bind(registry, "read-" + protocol.name(), endpoints.reader(protocol));
        }
        bind(registry, "read-count-tokens", endpoints.countReader(Messages.PROTOCOL));
        context.addRoutePolicyFactory(new RouteEnds(steps::settle, responses::settle));
        bind(registry, "render", responses::render);
        bind(registry, "render-error", responses::renderError);

        StatusEndpoints status = new StatusEndpoints(
                callers,
                endpoints,
                responses,
                config,
                health,
                breakers,
                state.drills,
                state.meters,
                state.line,
                new TargetFigures(state.latencies, state.keyPool, state.healthBook),
                state.reloadStatus,
                state.alertBook,
                state.exposition,
                () -> state.queueReports.of(config.queue()),
                state.cluster,
                clock);
        bind(registry, "models", status::models);
        bind(registry, "status", status::status);
        bind(registry, "metrics", status::metrics);
        bind(registry, "live", status::live);
        bind(registry, "ready", status::ready);
        bind(registry, "unknown", status::unknown);
        OperatorLog audit = new OperatorLog(state.page.events(), clock);
        AdminEndpoint admin = new AdminEndpoint(
                endpoints,
                responses,
                status,
                config.limits(),
                breakers,
                state.cooldowns,
                state.healthBook,
                state.drills,
                audit,
                clock);
        bind(registry, "admin-target", audit.withRefusals(admin::act));
        AlertBeans alerting = new AlertBeans(context, config, state, breakers, health);
        alerts = alerting;
        MonitorBeans probing = new MonitorBeans(config, state, breakers, health, observer);
        probing.bind(context, new ListModelsSteps(providers, outcomes, classifier, state.watchdog, clock), rescues);
        bind(
                registry,
                "demo-fault",
                audit.withRefusals(new DemoFaultEndpoint(endpoints, responses, demo, audit, probing::lookAgain)::set));
        PageBeans page = new PageBeans(config, state, breakers, health, endpoints, status, demo);
        page.bind(registry);
        QueueBeans queue = new QueueBeans(config, state, health);
        queue.bind(context);
        NodeBeans nodes = new NodeBeans(context, config, state, breakers);
        KafkaBeans kafka = new KafkaBeans(config, state);
        kafka.bind(context);
        parts.addAll(List.of(alerting, page, probing, queue, nodes, kafka));
        ownSteps = Map.copyOf(registry.findByTypeWithName(Processor.class));
    }

    /** One line for each of these beans that a bean of the same name in the user's routes or properties has replaced. */
    List<String> replaced(Registry registry) {
        return ownSteps.entrySet().stream()
                .filter(own -> own.getKey().startsWith(PREFIX)
                        && registry.lookupByNameAndType(own.getKey(), Processor.class) != own.getValue())
                .map(own -> "the bean " + own.getKey() + " is the gateway's own; choose another name for yours")
                .sorted()
                .toList();
    }

    /** Lets the alerts, the page, the health monitor and the queues of this generation take over. */
    void serve() {
        parts.forEach(GenerationPart::serve);
    }

    /** Ends the open pages, the health monitor and the pauses of the queues of this generation. */
    void retire() {
        parts.forEach(GenerationPart::retire);
    }

    /** The protocols in which providers are called: one for each service, and those of counting tokens. */
    private List<ProviderProtocol> encoded() {
        List<ProviderProtocol> encoded = new ArrayList<>();
        for (ProviderProtocol protocol : providers.all().values()) {
            for (Service service : Service.values()) {
                ProviderProtocol serving = protocol.serving(service);
                if (serving != null) {
                    encoded.add(serving);
                }
            }
            ProviderProtocol counter = protocol.tokenCounter();
            if (counter != null) {
                encoded.add(counter);
            }
        }
        return encoded;
    }

    /** The name, without its prefix, of the bean that encodes requests in a protocol. */
    private static String encodeBean(ProviderProtocol protocol) {
        return "encode-" + protocol.name();
    }

    /** Every key of a provider or a caller. */
    private Set<String> secrets() {
        Set<String> secrets = new HashSet<>(config.server().keys().keySet());
        config.providers().values().forEach(provider -> secrets.addAll(provider.keys()));
        return secrets;
    }

    /** Binds a step under its name, to which the prefix of all beans is added. */
    static void bind(Registry registry, String name, Processor step) {
        registry.bind(PREFIX + name, Processor.class, contained(step));
    }

    /** Makes an exception of an error: Camel does not catch errors inside a circuit breaker, so that nothing would end the call. */
    private static Processor contained(Processor step) {
        return exchange -> {
            try {
                step.process(exchange);
            } catch (Error e) {
                throw new RuntimeCamelException(e);
            }
        };
    }

    /** Creates the routes of providers and targets from the route templates, which must have been loaded. */
    void open(CamelContext context) throws Exception {
        for (Provider provider : config.providers().values()) {
            if (provider.on()) {
                open(context, provider);
            }
        }
        for (Chain.Entry entry : candidates.values()) {
            Target target = entry.target();
            target(
                    context,
                    routeNames.add(target),
                    RouteNames.attempt(target.provider().name(), Service.CHAT),
                    breakers.of(target, entry.limits()));
        }
        Objects.requireNonNull(alerts, "bind has not been called").open(context);
    }

    private void open(CamelContext context, Provider provider) throws Exception {
        String client = PREFIX + "client-" + provider.name();
        context.getRegistry().bind(client, new ProviderClient(provider));
        ProviderProtocol protocol = providers.of(provider);
        for (Service service : Service.values()) {
            ProviderProtocol serving = protocol.serving(service);
            if (serving != null) {
                String route = RouteNames.attempt(provider.name(), service);
                attempt(context, provider, route, serving, client);
                target(context, RouteNames.adHoc(provider.name(), service), route, neverOpen(provider));
            }
        }
        if (MonitorBeans.listsModels(config, provider)) {
            String route = RouteNames.listModels(provider.name());
            TemplatedRouteBuilder.builder(context, "list-models")
                    .routeId(route)
                    .prefixId(route + "-")
                    .parameter("name", route)
                    .parameter("address", provider.baseUrl() + "/models")
                    .parameter("client", client)
                    .add();
        }
        ProviderProtocol counter = protocol.tokenCounter();
        if (counter != null) {
            attempt(context, provider, RouteNames.count(provider.name()), counter, client);
        }
    }

    private static void attempt(
            CamelContext context, Provider provider, String route, ProviderProtocol protocol, String client)
            throws Exception {
        TemplatedRouteBuilder.builder(context, "attempt")
                .routeId(route)
                .prefixId(route + "-")
                .parameter("name", route)
                .parameter("address", provider.baseUrl() + protocol.path())
                .parameter("client", client)
                .parameter("encode", PREFIX + encodeBean(protocol))
                .add();
    }

    private static void target(CamelContext context, String route, String attempt, CircuitBreaker breaker)
            throws Exception {
        String bean = PREFIX + "breaker-" + route;
        context.getRegistry().bind(bean, CircuitBreaker.class, breaker);
        TemplatedRouteBuilder.builder(context, "target")
                .routeId(route)
                .prefixId(route + "-")
                .parameter("name", route)
                .parameter("attempt", attempt)
                .parameter("breaker", bean)
                .add();
    }

    /** The breaker of the route that all models named by callers share. It never opens: each model has its own breaker. */
    private static CircuitBreaker neverOpen(Provider provider) {
        CircuitBreaker breaker = CircuitBreaker.ofDefaults("any-" + provider.name());
        breaker.transitionToDisabledState();
        return breaker;
    }
}
