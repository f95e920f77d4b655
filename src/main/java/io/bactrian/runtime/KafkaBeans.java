package io.bactrian.runtime;

import io.bactrian.config.Config;
import io.bactrian.config.KafkaSettings;
import io.bactrian.config.QueueSettings;
import io.bactrian.queue.KafkaSteps;
import io.bactrian.queue.KafkaWatch;
import java.time.Duration;
import java.util.List;
import org.apache.camel.CamelContext;
import org.apache.camel.Consumer;
import org.apache.camel.Route;
import org.apache.camel.spi.Registry;
import org.apache.camel.support.service.ServiceHelper;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The beans that {@code routes/kafka.camel.yaml} refers to, in one generation. Nothing of Kafka is loaded unless it is on. */
final class KafkaBeans implements GenerationPart {
    private static final Logger LOG = LoggerFactory.getLogger(KafkaBeans.class);
    private static final String COMPONENT = "org.apache.camel.component.kafka.KafkaComponent";
    private static final String ROUTE = "kafka";

    private final KafkaSettings settings;
    private final Duration longestDeadline;
    private final QueueSettings queue;
    private final SharedState state;
    private @Nullable CamelContext context;
    private @Nullable KafkaSteps steps;
    private @Nullable KafkaWatch watch;

    KafkaBeans(Config config, SharedState state) {
        this.settings = config.kafka();
        this.longestDeadline = Generation.longestDeadline(config);
        this.queue = config.queue();
        this.state = state;
    }

    /**
     * Binds them, if Kafka is on.
     *
     * @throws InvalidConfiguration if its client is not there
     */
    void bind(CamelContext to) {
        if (!settings.enabled()) {
            return;
        }
        if (to.getClassResolver().resolveClass(COMPONENT) == null) {
            throw new InvalidConfiguration(List.of("bactrian.kafka.brokers = " + settings.brokers()
                    + ": the client of Kafka is not part of this build; build with mvn -Pkafka package, or put"
                    + " camel-kafka and what it needs on the class path (docs/kafka.md)"));
        }
        context = to;
        KafkaSteps made = new KafkaSteps(state.ledgers.of(queue), state.queue.figures(), state.clock);
        steps = made;
        Registry registry = to.getRegistry();
        RouteBeans.bind(registry, "kafka-read", made::read);
        RouteBeans.bind(registry, "kafka-ask", made::ask);
        RouteBeans.bind(registry, "kafka-keep", made::keep);
        RouteBeans.bind(registry, "kafka-settle", made::settle);
        RouteBeans.bind(registry, "kafka-address", made::address);
        RouteBeans.bind(registry, "kafka-too-large", made::tooLarge);
        RouteBeans.bind(registry, "kafka-bury", made::bury);
        RouteBeans.bind(registry, "kafka-commit", made::commit);
    }

    /** Watches the brokers. */
    @Override
    public void serve() {
        if (context == null) {
            return;
        }
        Route route = context.getRoute(ROUTE);
        if (route == null) {
            LOG.warn("Nothing is taken from Kafka: routes/ has no kafka.camel.yaml. Copy it from the built-in routes");
            return;
        }
        watch = KafkaWatch.over(route.getEndpoint(), settings);
    }

    /**
     * Leaves the topic to the next generation: records that wait for a target go back at once; the partitions do when the others
     * are answered.
     */
    @Override
    public void retire() {
        KafkaSteps taken = steps;
        if (watch != null) {
            watch.close();
            watch = null;
        }
        if (taken == null || context == null) {
            return;
        }
        steps = null;
        taken.close();
        Route route = context.getRoute(ROUTE);
        if (route != null) {
            Thread.ofVirtual().name("kafka-retire").start(() -> leave(taken, route.getConsumer()));
        }
    }

    private void leave(KafkaSteps taken, Consumer consumer) {
        try {
            taken.awaitIdle(longestDeadline.plus(KafkaSteps.LONGEST_STAY).toMillis());
            ServiceHelper.stopService(consumer);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
