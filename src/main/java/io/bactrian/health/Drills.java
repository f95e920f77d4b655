package io.bactrian.health;

import io.bactrian.config.Service;
import io.bactrian.config.Target;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The drills of operators: targets that fail for all callers for a while. Thread-safe. */
public final class Drills {
    private final Map<String, Standing> standing = new ConcurrentHashMap<>();

    /**
     * A running drill.
     *
     * @param until epoch milliseconds
     */
    public record Standing(DrillFault fault, long until) {}

    /**
     * Starts a drill, in place of one that is running.
     *
     * @param until epoch milliseconds
     * @param now epoch milliseconds
     */
    public void begin(Target target, DrillFault fault, long until, long now) {
        standing.values().removeIf(drill -> drill.until() <= now);
        standing.put(key(target), new Standing(fault, until));
    }

    public void end(Target target) {
        standing.remove(key(target));
    }

    /** The running drill of a target; null if there is none. */
    public @Nullable Standing of(Target target, long now) {
        if (standing.isEmpty()) {
            return null;
        }
        Standing drill = standing.get(key(target));
        return drill == null || drill.until() <= now ? null : drill;
    }

    /** A drill concerns every service of a target. */
    private static String key(Target target) {
        return target.at(Service.CHAT).key();
    }
}
