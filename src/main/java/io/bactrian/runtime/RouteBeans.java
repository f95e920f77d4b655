package io.bactrian.runtime;

import io.bactrian.config.Api;
import io.bactrian.config.Chain;
import io.bactrian.config.Config;
import io.bactrian.config.Provider;
import io.bactrian.config.Target;
import io.bactrian.demo.DemoProviders;
import io.bactrian.health.Breakers;
import io.bactrian.health.TargetHealth;
import io.bactrian.lastresort.LastResorts;
import io.bactrian.metrics.Recorder;
import io.bactrian.metrics.RequestLog;
import io.bactrian.policy.FallbackPolicy;
import io.bactrian.protocol.ProviderProtocol;
import io.bactrian.protocol.anthropic.CountTokensProvider;
import io.bactrian.protocol.anthropic.MessagesProvider;
import io.bactrian.protocol.openai.ChatProvider;
import io.bactrian.provider.DrillRunner;
import io.bactrian.provider.ProviderClient;
import io.bactrian.provider.failure.Classifier;
import io.bactrian.routing.AdHocBreakers;
import io.bactrian.routing.AnswerSteps;
import io.bactrian.routing.ChainSorter;
import io.bactrian.routing.ChatSteps;
import io.bactrian.routing.EncodeStep;
import io.bactrian.routing.Navigator;
import io.bactrian.routing.Observer;
import io.bactrian.routing.RaceStep;
import io.bactrian.routing.RequestPlanner;
import io.bactrian.routing.Rescues;
import io.bactrian.routing.RouteNames;
import io.bactrian.selection.ChainOrdering;
import io.bactrian.web.AdminEndpoint;
import io.bactrian.web.ChatEndpoints;
import io.bactrian.web.DemoFaultEndpoint;
import io.bactrian.web.HeaderAllowList;
import io.bactrian.web.HttpResponses;
import io.bactrian.web.StatusEndpoints;
import io.bactrian.web.TargetFigures;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import java.time.Clock;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.camel.CamelContext;
import org.apache.camel.Processor;
import org.apache.camel.builder.TemplatedRouteBuilder;
import org.apache.camel.spi.Registry;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Builds everything that a configuration asks for, and gives it the names that the routes refer to. */
final class RouteBeans {
    private static final Logger LOG = LoggerFactory.getLogger(RouteBeans.class);

    private final Config config;
    private final SharedState state;
    private final Breakers breakers;
    private final TargetHealth health;
    private final Clock clock;
    private final RouteNames routeNames = new RouteNames();
    private final Map<String, Chain.Entry> candidates = new LinkedHashMap<>();
    private final Map<Api, ProviderProtocol> wires;
    private final ProviderProtocol counting;

    RouteBeans(Config config, SharedState state, Breakers breakers) {
        this.config = config;
        this.state = state;
        this.breakers = breakers;
        this.health = new TargetHealth(breakers, state.cooldowns, state.keyPool);
        this.clock = state.clock;
        MessagesProvider anthropic = new MessagesProvider(clock);
        this.wires = Map.of(Api.OPENAI, new ChatProvider(), Api.ANTHROPIC, anthropic);
        this.counting = new CountTokensProvider(anthropic);
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
     * @param demo the simulated providers, null where none run
     */
    void bind(CamelContext context, @Nullable DemoProviders demo) {
        Registry registry = context.getRegistry();
        Observer observer = new Recorder(state.meters, new RequestLog(clock));
        AdHocBreakers adHoc = new AdHocBreakers(breakers, routeNames);
        Classifier classifier = new Classifier(clock, secrets(), failure -> {
            state.meters.unclassified(failure);
            LOG.warn(
                    "A failure that no row of the table knows: status {}, code {}, type {}",
                    failure.status(),
                    failure.code(),
                    failure.errorType());
        });
        Rescues rescues = new Rescues(state.missing);
        DrillRunner drillRunner = new DrillRunner(state.drills, clock);
        Map<String, ProviderProtocol> encoded = new HashMap<>(Map.of("encode-count", counting));
        wires.forEach((api, protocol) -> encoded.put("encode-" + name(api), protocol));
        encoded.forEach((bean, protocol) -> registry.bind(
                bean,
                new EncodeStep(
                        protocol,
                        state.keyPool,
                        health,
                        adHoc,
                        state.missing,
                        rescues,
                        classifier,
                        drillRunner,
                        state.permits,
                        state.latencies,
                        state.watchdog,
                        clock)));

        LastResorts lastResorts = state.stores.of(config);
        RequestPlanner planner = new RequestPlanner(
                config,
                wires,
                new ChainSorter(new ChainOrdering(state.latencies, health), state.missing),
                state.balance,
                lastResorts,
                clock);
        Navigator navigator = new Navigator(
                new FallbackPolicy(health, () -> ThreadLocalRandom.current().nextDouble()),
                state.cooldowns,
                state.keyPool,
                adHoc,
                rescues,
                observer,
                state.line,
                clock);
        ChatSteps steps = new ChatSteps(planner, navigator, routeNames, lastResorts, observer, clock);
        bind(registry, "plan", steps::plan);
        bind(registry, "decide", steps::decide);
        bind(registry, "lastResort", steps::lastResort);
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

        AnswerSteps answers =
                new AnswerSteps(classifier, breakers, adHoc, state.cooldowns, state.keyPool, observer, clock);
        bind(registry, "classify", answers::classify);
        bind(registry, "read", answers::read);

        ChatEndpoints door = new ChatEndpoints(config, planner, state.inFlight, state.budgets, state.watchdog, clock);
        HttpResponses told = new HttpResponses(clock, config.demo());
        TargetFigures figures = new TargetFigures(state.latencies, state.keyPool);
        StatusEndpoints pages = new StatusEndpoints(
                door,
                told,
                config,
                health,
                breakers,
                state.drills,
                state.meters,
                state.line,
                figures,
                state.reloadStatus,
                clock);
        registry.bind("doorHeaders", new HeaderAllowList());
        bind(registry, "readChatCompletions", door::chatCompletions);
        bind(registry, "readMessages", door::messages);
        bind(registry, "readCountTokens", door::countTokens);
        bind(registry, "render", told::render);
        bind(registry, "renderError", told::renderError);
        bind(registry, "models", pages::models);
        bind(registry, "status", pages::status);
        bind(registry, "live", pages::live);
        bind(registry, "ready", pages::ready);
        bind(registry, "unknown", pages::unknown);
        AdminEndpoint admin =
                new AdminEndpoint(door, told, pages, config.limits(), breakers, state.cooldowns, state.drills, clock);
        bind(registry, "adminTarget", admin::act);
        bind(registry, "demoFault", new DemoFaultEndpoint(door, told, demo)::set);
    }

    /** Every key, those of callers too. */
    private Set<String> secrets() {
        Set<String> secrets = new HashSet<>(config.server().keys().keySet());
        config.providers().values().forEach(provider -> secrets.addAll(provider.keys()));
        return secrets;
    }

    private static void bind(Registry registry, String name, Processor step) {
        registry.bind(name, Processor.class, step);
    }

    /** Makes the routes of providers and targets from their templates, which have been read by now. */
    void open(CamelContext context) throws Exception {
        for (Provider provider : config.providers().values()) {
            if (provider.on()) {
                open(context, provider);
            }
        }
        for (Chain.Entry entry : candidates.values()) {
            Target target = entry.target();
            target(context, routeNames.add(target), target.provider(), breakers.of(target, entry.limits()));
        }
    }

    private void open(CamelContext context, Provider provider) throws Exception {
        String route = RouteNames.attempt(provider.name());
        String client = "client-" + provider.name();
        context.getRegistry().bind(client, new ProviderClient(provider));
        ProviderProtocol protocol = Objects.requireNonNull(wires.get(provider.api()));
        attempt(context, provider, route, protocol).parameter("client", client).add();
        if (provider.api() == Api.ANTHROPIC) {
            attempt(context, provider, RouteNames.count(provider.name()), counting)
                    .parameter("client", client)
                    .parameter("encode", "encode-count")
                    .add();
        }
        target(context, RouteNames.adHoc(provider.name()), provider, neverOpen(provider));
    }

    private static TemplatedRouteBuilder attempt(
            CamelContext context, Provider provider, String route, ProviderProtocol protocol) {
        return TemplatedRouteBuilder.builder(context, "attempt-" + name(provider.api()))
                .routeId(route)
                .prefixId(route + "-")
                .parameter("name", route)
                .parameter("address", provider.baseUrl() + protocol.path());
    }

    private static void target(CamelContext context, String route, Provider provider, CircuitBreaker breaker)
            throws Exception {
        String bean = "breaker-" + route;
        context.getRegistry().bind(bean, CircuitBreaker.class, breaker);
        TemplatedRouteBuilder.builder(context, "target")
                .routeId(route)
                .prefixId(route + "-")
                .parameter("name", route)
                .parameter("provider", RouteNames.attempt(provider.name()))
                .parameter("breaker", bean)
                .add();
    }

    /** Models that callers name have breakers of their own, in a bounded store; the route they share has one in name only. */
    private static CircuitBreaker neverOpen(Provider provider) {
        CircuitBreaker breaker = CircuitBreaker.ofDefaults("any-" + provider.name());
        breaker.transitionToDisabledState();
        return breaker;
    }

    private static String name(Api api) {
        return api == Api.OPENAI ? "openai" : "anthropic";
    }
}
