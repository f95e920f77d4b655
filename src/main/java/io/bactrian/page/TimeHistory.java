package io.bactrian.page;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.config.Target;
import io.bactrian.health.TargetLatencies;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The times to first token of each target over the last ten minutes, a point each five seconds. Thread-safe. */
final class TimeHistory {
    static final int STEP_SECONDS = 5;
    static final int POINTS = 120;

    /** Of a target that was never looked at. */
    private static final Times NONE = new Times();

    private final Map<String, Times> targets = new HashMap<>();
    private long last = Long.MIN_VALUE;

    private static final class Times {
        final int[] p50 = new int[POINTS];
        final int[] p95 = new int[POINTS];
        int samples;

        Times() {
            Arrays.fill(p50, -1);
            Arrays.fill(p95, -1);
        }

        void set(int index, @Nullable Duration median, @Nullable Duration high) {
            p50[index] = millis(median);
            p95[index] = millis(high);
        }

        private static int millis(@Nullable Duration time) {
            return time == null ? -1 : (int) Math.min(Integer.MAX_VALUE, time.toMillis());
        }
    }

    /** Notes the times at a point, if there is none yet. A target without a call since the last one gets no time. */
    synchronized void sample(Collection<Target> configured, TargetLatencies latencies, long now) {
        long step = now / 1000 / STEP_SECONDS;
        if (step <= last) {
            return;
        }
        long from = Math.max(last + 1, step - POINTS + 1);
        Map<String, Target> present = new HashMap<>();
        configured.forEach(target -> present.put(target.name(), target));
        targets.keySet().retainAll(present.keySet());
        present.forEach((name, target) -> {
            Times times = targets.computeIfAbsent(name, n -> new Times());
            for (long at = from; at < step; at++) {
                times.set(index(at), null, null);
            }
            boolean stream = latencies.median(target, true) != null;
            int samples = latencies.samples(target, true) + latencies.samples(target, false);
            boolean called = samples != times.samples;
            times.samples = samples;
            times.set(
                    index(step),
                    called ? latencies.median(target, stream) : null,
                    called ? latencies.p95(target, stream) : null);
        });
        last = step;
    }

    private static int index(long step) {
        return (int) Math.floorMod(step, (long) POINTS);
    }

    /** Adds the times of some targets, up to a point. */
    synchronized void add(ObjectNode out, Set<String> names, long lastStep) {
        for (String name : names) {
            Times times = targets.getOrDefault(name, NONE);
            ObjectNode own = out.putObject(name);
            add(own.putArray("p50"), times.p50, lastStep);
            add(own.putArray("p95"), times.p95, lastStep);
        }
    }

    private void add(ArrayNode out, int[] millis, long lastStep) {
        for (long step = lastStep - POINTS + 1; step <= lastStep; step++) {
            int value = step > last || step <= last - POINTS ? -1 : millis[index(step)];
            if (value < 0) {
                out.addNull();
            } else {
                out.add(value);
            }
        }
    }
}
