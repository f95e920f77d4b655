package io.bactrian.runtime;

import io.bactrian.demo.DemoProviders;
import org.jspecify.annotations.Nullable;

/**
 * The simulated providers: started when a configuration first needs them, and stopped with the gateway. Thread-safe.
 */
final class DemoLifecycle implements AutoCloseable {
    private final EventLoops eventLoops;
    private @Nullable DemoProviders started;

    DemoLifecycle(EventLoops eventLoops) {
        this.eventLoops = eventLoops;
    }

    synchronized DemoProviders providers() {
        DemoProviders running = started;
        if (running == null) {
            running = DemoProviders.start(eventLoops.vertx());
            started = running;
        }
        return running;
    }

    @Override
    public synchronized void close() {
        DemoProviders running = started;
        if (running != null) {
            running.close();
        }
    }
}
