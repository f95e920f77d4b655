package io.bactrian.runtime;

import io.bactrian.cluster.NodeReporter;
import io.bactrian.cluster.ServedTargets;
import io.bactrian.config.Config;
import io.bactrian.health.Breakers;
import org.apache.camel.CamelContext;
import org.apache.camel.ProducerTemplate;
import org.jspecify.annotations.Nullable;

/** The beans by which a generation tells other nodes and hears of them; without a broker it does neither. */
final class NodeBeans implements GenerationPart {
    /** The topic of all nodes. A report that was not delivered soon is of no use. */
    private static final String TOPIC = "jms:topic:llm.health?deliveryPersistent=false&timeToLive=30000";

    private final @Nullable NodeReporter reporter;

    NodeBeans(CamelContext context, Config config, SharedState state, Breakers breakers) {
        RouteBeans.bind(
                context.getRegistry(),
                "nodes-receive",
                exchange -> state.cluster.receive(exchange.getMessage().getBody(String.class)));
        if (!config.queue().hasBroker()) {
            reporter = null;
            return;
        }
        ProducerTemplate template = context.createProducerTemplate();
        reporter = new NodeReporter(
                state.cluster,
                new ServedTargets(config, breakers, state.cooldowns, state.keyPool),
                config.health().node(),
                report -> template.sendBody(TOPIC, report));
    }

    /** Lets this generation take over. */
    @Override
    public void serve() {
        if (reporter != null) {
            reporter.serve();
        }
    }

    @Override
    public void retire() {
        if (reporter != null) {
            reporter.close();
        }
    }
}
