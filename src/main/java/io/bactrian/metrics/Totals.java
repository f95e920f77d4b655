package io.bactrian.metrics;

import io.bactrian.metrics.ChainMeters.Outcome;
import java.util.concurrent.atomic.LongAdder;

/** The counts of requests since the start, as the status document shows them. Thread-safe. */
public final class Totals {
    private final LongAdder[] outcomes = new LongAdder[Outcome.values().length];
    private final LongAdder fallbacks = new LongAdder();
    private final LongAdder rescued = new LongAdder();
    private final LongAdder lastResorts = new LongAdder();
    private final LongAdder degraded = new LongAdder();
    private final LongAdder malformed = new LongAdder();

    Totals() {
        for (int i = 0; i < outcomes.length; i++) {
            outcomes[i] = new LongAdder();
        }
    }

    void ended(Outcome outcome) {
        outcomes[outcome.ordinal()].increment();
    }

    void fellBack() {
        fallbacks.increment();
    }

    void wasRescued() {
        rescued.increment();
    }

    void usedLastResort() {
        lastResorts.increment();
    }

    void wasDegraded() {
        degraded.increment();
    }

    void malformedEvent() {
        malformed.increment();
    }

    public long answered() {
        return of(Outcome.ANSWERED);
    }

    /** Requests that no target answered. */
    public long failed() {
        return of(Outcome.FAILED);
    }

    /** Requests with a mistake of their callers'. */
    public long refused() {
        return of(Outcome.REFUSED);
    }

    /** Requests whose caller left. */
    public long cancelled() {
        return of(Outcome.CANCELLED);
    }

    private long of(Outcome outcome) {
        return outcomes[outcome.ordinal()].sum();
    }

    /** Requests answered by another candidate than the first. */
    public long fallbacks() {
        return fallbacks.sum();
    }

    /** Streams that broke off after part of the answer was sent and were finished nevertheless. */
    public long rescued() {
        return rescued.sum();
    }

    /** Requests answered by an earlier answer or a fixed text. */
    public long lastResorts() {
        return lastResorts.sum();
    }

    /** Answers labelled as degraded. */
    public long degraded() {
        return degraded.sum();
    }

    /** Skipped events in streams of providers. */
    public long malformed() {
        return malformed.sum();
    }
}
