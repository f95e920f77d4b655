package io.bactrian;

import io.bactrian.fallback.Cooldowns;
import io.bactrian.fallback.Keys;
import io.bactrian.metrics.Meters;
import io.bactrian.provider.Lacks;
import io.bactrian.provider.Slots;
import io.bactrian.provider.Watchdog;
import io.bactrian.web.Crowd;
import io.bactrian.web.Loading;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;

/** What the gateway knows from experience, whatever its configuration says at the moment. Thread-safe. */
final class Memory implements AutoCloseable {
    final Clock clock;
    final Cooldowns cooldowns = new Cooldowns();
    final Keys keys = new Keys(cooldowns);
    final Lacks lacks = new Lacks();
    final Slots slots = new Slots();
    final Watchdog watchdog;
    final Meters meters;
    final Crowd crowd = new Crowd();
    final Loading loading;

    Memory(Clock clock) {
        this.clock = clock;
        watchdog = new Watchdog(clock);
        meters = new Meters(new SimpleMeterRegistry(), clock);
        loading = new Loading(clock.millis());
    }

    @Override
    public void close() {
        watchdog.close();
    }
}
