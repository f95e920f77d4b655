package io.bactrian;

import io.bactrian.demo.DemoProviders;
import org.jspecify.annotations.Nullable;

/** The simulated providers: started when a configuration first asks for them, then there until the end. Thread-safe. */
final class Demo implements AutoCloseable {
    private final Loops loops;
    private @Nullable DemoProviders started;

    Demo(Loops loops) {
        this.loops = loops;
    }

    synchronized DemoProviders providers() {
        DemoProviders running = started;
        if (running == null) {
            running = DemoProviders.start(loops.vertx());
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
