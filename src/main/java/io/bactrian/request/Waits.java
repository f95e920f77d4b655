package io.bactrian.request;

import java.util.ArrayList;
import java.util.List;

/** The times in which a request waited without a call to a provider. Thread-safe: candidates asked at once wait each. */
public final class Waits {
    private volatile List<Wait> waits = List.of();

    /** The reasons for waits. */
    public enum Reason {
        /** The provider asked for it. */
        RETRY_AFTER,
        /** Before the same target is asked again. */
        BACKOFF,
        /** No target can be asked. */
        NO_TARGET,
        /** For a better target than the one that could be asked. */
        BETTER,
        /** Every connection to the provider is taken. */
        SLOT
    }

    /** One wait. */
    public record Wait(Reason reason, Span span) {}

    /**
     * Adds a wait that ends now.
     *
     * @param from its start, as {@link System#nanoTime} counts
     */
    public synchronized void since(long from, Reason reason) {
        List<Wait> more = new ArrayList<>(waits);
        more.add(new Wait(reason, new Span(from, System.nanoTime())));
        waits = List.copyOf(more);
    }

    /** The waits so far, in order. */
    public List<Wait> all() {
        return waits;
    }
}
