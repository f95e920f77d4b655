package io.bactrian.runtime;

import io.bactrian.config.Chain;
import io.bactrian.config.Config;
import io.bactrian.config.QueueSettings;
import io.bactrian.policy.Availability;
import io.bactrian.queue.QueuePause;
import io.bactrian.queue.QueueSteps;
import io.bactrian.queue.ServingTargets;
import org.apache.camel.CamelContext;
import org.apache.camel.spi.Registry;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.task.SimpleAsyncTaskExecutor;

/** The beans that {@code routes/queue.camel.yaml} refers to, in one generation. */
final class QueueBeans implements GenerationPart {
    private static final Logger LOG = LoggerFactory.getLogger(QueueBeans.class);

    /** The Java in which a virtual thread that waits for a message leaves its carrier to others. */
    private static final int UNPINNED = 24;

    private final Config config;
    private final QueueSettings settings;
    private final SharedState state;
    private final Availability health;
    private @Nullable CamelContext context;
    private @Nullable QueuePause pause;

    QueueBeans(Config config, SharedState state, Availability health) {
        this.config = config;
        this.settings = config.queue();
        this.state = state;
        this.health = health;
    }

    void bind(CamelContext to) {
        if (!settings.enabled()) {
            return;
        }
        context = to;
        Registry registry = to.getRegistry();
        QueueSteps steps = new QueueSteps(
                settings,
                config.server().bounds().maxBody(),
                state.ledgers.of(settings),
                state.queue,
                state.brokers.connections(settings)::delays,
                state.clock);
        RouteBeans.bind(registry, "queue-read", steps::read);
        RouteBeans.bind(registry, "queue-keep", steps::keep);
        RouteBeans.bind(registry, "queue-settle", steps::settle);
        RouteBeans.bind(registry, "queue-address", steps::address);
        RouteBeans.bind(registry, "queue-returned", steps::returned);
        ServingTargets targets = new ServingTargets(
                config.chains().values().stream()
                        .flatMap(chain -> chain.candidates().stream())
                        .map(Chain.Entry::target)
                        .toList(),
                health,
                state.clock);
        pause = new QueuePause(targets, steps, state.queue.figures(), settings.consumers(), state.clock);
        registry.bind("bactrian-queue-pause", pause);
        SimpleAsyncTaskExecutor threads = new SimpleAsyncTaskExecutor("queue-");
        threads.setVirtualThreads(Runtime.version().feature() >= UNPINNED);
        registry.bind("bactrian-queue-threads", threads);
    }

    /** Takes over the pause of the generation before. */
    @Override
    public void serve() {
        if (context == null || pause == null) {
            state.queue.off();
            return;
        }
        pause.serve();
        String requests = settings.requests();
        // jms:queue:name, jms:name or amqp:queue:name: a route of one's own may stand in for the built-in one
        if (context.getRoutes().stream()
                .map(route -> route.getEndpoint().getEndpointBaseUri())
                .noneMatch(uri -> uri.endsWith(":" + requests) || uri.endsWith("/" + requests))) {
            LOG.warn(
                    "Nothing is taken from the queue {}: routes/ has no queue.camel.yaml. Copy it from the built-in"
                            + " routes, or set bactrian.queue.enabled = false if there are no other routes with queues",
                    requests);
        }
    }

    /** Leaves the consumption to the next generation. */
    @Override
    public void retire() {
        if (pause != null) {
            pause.close();
        }
    }
}
