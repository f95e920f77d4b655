package io.bactrian.runtime;

import io.bactrian.config.Config;
import io.bactrian.config.HealthSettings;
import io.bactrian.config.Probe;
import io.bactrian.config.Provider;
import io.bactrian.health.Breakers;
import io.bactrian.health.HealthState;
import io.bactrian.health.ProviderHealth;
import io.bactrian.health.TargetHealth;
import io.bactrian.monitor.HealthDocument;
import io.bactrian.monitor.HealthMonitor;
import io.bactrian.monitor.HealthSteps;
import io.bactrian.monitor.TargetHealthCheck;
import io.bactrian.routing.ListModelsSteps;
import io.bactrian.routing.Observer;
import io.bactrian.routing.ProbeCall;
import io.bactrian.routing.Rescues;
import java.util.Objects;
import org.apache.camel.CamelContext;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.health.HealthCheck;
import org.apache.camel.spi.Registry;
import org.jspecify.annotations.Nullable;

/** The beans of the health monitor in one generation. */
final class MonitorBeans implements GenerationPart {
    private final Config config;
    private final SharedState state;
    private final Breakers breakers;
    private final TargetHealth health;
    private final Observer observer;
    private @Nullable HealthSteps steps;

    /** @param observer is told of probes */
    MonitorBeans(Config config, SharedState state, Breakers breakers, TargetHealth health, Observer observer) {
        this.config = config;
        this.state = state;
        this.breakers = breakers;
        this.health = health;
        this.observer = observer;
    }

    /** Binds the beans that {@code routes/health.camel.yaml} refers to, and a health check for each target. */
    void bind(CamelContext context, ListModelsSteps lists, Rescues rescues) {
        Registry registry = context.getRegistry();
        HealthSettings settings = config.health();
        ProducerTemplate template = context.createProducerTemplate();
        ProbeCall call = new ProbeCall(
                template, rescues, config.limits(), settings.prompt(), settings.timeout(), config.demo(), state.clock);
        HealthMonitor probes = new HealthMonitor(
                config,
                state.healthBook,
                state.cooldowns,
                state.drills,
                state.latencies,
                call,
                observer::probed,
                state.clock);
        HealthDocument document = new HealthDocument(
                config, state.healthBook, new ProviderHealth(state.healthBook, state.keyPool), breakers, health);
        HealthSteps monitor = new HealthSteps(probes, document, settings, template, state.clock);
        steps = monitor;
        RouteBeans.bind(registry, "health-probe", monitor::probe);
        RouteBeans.bind(registry, "health-publish", monitor::publish);
        RouteBeans.bind(registry, "encode-list-models", lists::prepare);
        RouteBeans.bind(registry, "read-list-models", lists::read);
        config.everyTarget().values().forEach(target -> {
            TargetHealthCheck check = new TargetHealthCheck(target, state.healthBook);
            registry.bind(check.getId(), HealthCheck.class, check);
        });
    }

    private HealthSteps steps() {
        return Objects.requireNonNull(steps, "bind has not been called");
    }

    /** Lets this monitor take over. */
    @Override
    public void serve() {
        steps().serve(breakers);
    }

    /** Ends its probes and publishers. */
    @Override
    public void retire() {
        steps().close();
    }

    /** Has the targets of a provider that are down probed at once, because something has changed there. */
    void lookAgain(String provider) {
        config.everyTarget().values().stream()
                .filter(target -> target.provider().name().equals(provider))
                .filter(target -> state.healthBook.of(target).state() == HealthState.DOWN)
                .forEach(state.healthBook::forget);
    }

    /** Whether any target is probed by its provider's list of models. */
    static boolean listsModels(Config config) {
        return config.providers().values().stream().anyMatch(provider -> listsModels(config, provider));
    }

    /** Whether a target of the provider is probed by its list of models. */
    static boolean listsModels(Config config, Provider provider) {
        return config.health().on()
                && config.everyTarget().values().stream()
                        .anyMatch(target -> target.provider().name().equals(provider.name())
                                && config.health().probe(target) == Probe.MODELS);
    }
}
