package io.bactrian.runtime;

import io.bactrian.alert.AlertCounters;
import io.bactrian.alert.AlertRound;
import io.bactrian.alert.Observatory;
import io.bactrian.channel.AlertChannels;
import io.bactrian.channel.AlertTimer;
import io.bactrian.channel.HttpPostSteps;
import io.bactrian.config.Config;
import io.bactrian.health.Breakers;
import io.bactrian.policy.Availability;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.CamelContext;
import org.apache.camel.Processor;
import org.apache.camel.model.Model;
import org.apache.camel.spi.Registry;

/** The beans and routes of alerts in one generation. */
final class AlertBeans implements GenerationPart {
    private final Config config;
    private final AlertCounters counters;
    private final AlertChannels channels;

    /** Binds the beans that {@code routes/alerts.camel.yaml} refers to. */
    AlertBeans(CamelContext context, Config config, SharedState state, Breakers breakers, Availability availability) {
        this.config = config;
        counters = state.alertCounters;
        channels = new AlertChannels(config.alerts(), state.outboxes, context, state.meters::alertMessage, state.clock);
        Observatory observatory = new Observatory(
                config,
                new Observatory.Sources(
                        state.alertCounters,
                        state.healthBook,
                        breakers,
                        availability,
                        state.cooldowns,
                        state.latencies,
                        state.drills,
                        state.queueReports.watch(config.queue()),
                        state.reloadStatus));
        AlertTimer timer = new AlertTimer(
                new AlertRound(observatory, state.alertBook, config.alerts(), state.clock), channels, state.clock);
        Registry registry = context.getRegistry();
        bind(registry, "bactrian-alerts", timer::tick);
        bind(registry, "bactrian-alert-request", HttpPostSteps::request);
        bind(registry, "bactrian-alert-response", HttpPostSteps::response);
    }

    /** Lets this configuration take over what outlives configurations. One that is refused must never get here. */
    @Override
    public void serve() {
        counters.follow(config);
        channels.serve();
    }

    private static void bind(Registry registry, String name, Processor step) {
        registry.bind(name, Processor.class, step);
    }

    /**
     * Creates the routes of the channels.
     *
     * @throws InvalidConfiguration if an endpoint cannot be made, or the route files lack what it needs
     */
    void open(CamelContext context) throws Exception {
        Model model = context.getCamelContextExtension().getContextPlugin(Model.class);
        List<String> mistakes = new ArrayList<>();
        if (channels.isPosting()
                && model.getRouteDefinitions().stream()
                        .map(EndpointAddress::of)
                        .noneMatch("direct:alert-post"::equals)) {
            mistakes.add("routes: no route consumes from direct:alert-post; the channels of bactrian.alerts need it");
        }
        if (!channels.endpoints().isEmpty() && model.getRouteTemplateDefinition("alert-publish") == null) {
            mistakes.add("routes: there is no route template alert-publish; the channels of bactrian.alerts need it");
        }
        channels.endpoints()
                .forEach((property, uris) -> uris.forEach(uri -> {
                    try {
                        context.getEndpoint(uri);
                    } catch (RuntimeException e) {
                        mistakes.add(property + ": " + StartupErrors.words(e, uri));
                    }
                }));
        InvalidConfiguration.check(mistakes);
        channels.open(context);
    }
}
