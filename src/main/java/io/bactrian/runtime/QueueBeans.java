package io.bactrian.runtime;

import io.bactrian.config.QueueSettings;
import io.bactrian.queue.AnswerLedger;
import io.bactrian.queue.QueueSteps;
import io.bactrian.queue.StoredReply;
import org.apache.camel.CamelContext;
import org.apache.camel.spi.Registry;
import org.jspecify.annotations.Nullable;
import org.springframework.core.task.SimpleAsyncTaskExecutor;

/** The beans that {@code routes/queue.camel.yaml} refers to, in one generation. */
final class QueueBeans {
    private final QueueSettings settings;
    private final SharedState state;

    QueueBeans(QueueSettings settings, SharedState state) {
        this.settings = settings;
        this.state = state;
    }

    void bind(CamelContext context) {
        if (!settings.enabled()) {
            return;
        }
        Registry registry = context.getRegistry();
        QueueSteps steps = new QueueSteps(NONE, state.clock);
        RouteBeans.bind(registry, "queue-read", steps::read);
        RouteBeans.bind(registry, "queue-keep", steps::keep);
        RouteBeans.bind(registry, "queue-settle", steps::settle);
        RouteBeans.bind(registry, "queue-address", steps::address);
        SimpleAsyncTaskExecutor threads = new SimpleAsyncTaskExecutor("queue-");
        threads.setVirtualThreads(true);
        registry.bind("bactrian-queue-threads", threads);
    }

    static final AnswerLedger NONE = new AnswerLedger() {
        @Override
        public @Nullable StoredReply find(String id, byte[] body) {
            return null;
        }

        @Override
        public void store(String id, byte[] body, StoredReply reply) {}

        @Override
        public int started(String id) {
            return 0;
        }

        @Override
        public void ended(String id) {}
    };
}
