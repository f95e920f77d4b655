package io.bactrian.routing;

import io.bactrian.config.Chain;
import io.bactrian.policy.Candidate;
import io.bactrian.policy.Decision;
import io.bactrian.policy.Decision.AskGroup;
import io.bactrian.request.RacerReply;
import io.bactrian.request.RequestContext;
import io.bactrian.request.RequestContext.HedgeResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A race of several candidates for one request: each is called in a part of the request of its own, the first good answer wins,
 * and the other calls are cancelled. A candidate that fails does not end the race of the others. Run by the request's thread.
 */
final class Race {
    /** The longest wait for the cancelled calls after the race; a call whose socket was closed ends at once. */
    private static final long MAX_WAIT_FOR_LOSERS_MILLIS = 50;

    private static final long NEVER = Long.MAX_VALUE;
    private static final long CHECK_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final RequestContext whole;
    private final AskGroup group;
    private final Consumer<RequestContext> ask;
    private final Function<Candidate, Duration> slowAfter;
    private final BooleanSupplier mayHedge;
    private final List<RequestContext> started = new ArrayList<>();
    private final LinkedBlockingQueue<RequestContext> ended = new LinkedBlockingQueue<>();
    private final List<RequestContext> hedges = new ArrayList<>(1);
    private @Nullable RequestContext winner;
    private int running;
    /** The time at which the latest candidate counts as slow, as {@link System#nanoTime} counts. */
    private long slowAt = NEVER;

    /**
     * A race about to begin.
     *
     * @param ask calls the candidate of a part, and returns when that has ended
     * @param slowAfter the time after which a candidate without content counts as slow
     * @param mayHedge true if one more candidate may be called because another is slow
     */
    Race(
            RequestContext whole,
            AskGroup group,
            Consumer<RequestContext> ask,
            Function<Candidate, Duration> slowAfter,
            BooleanSupplier mayHedge) {
        this.whole = whole;
        this.group = group;
        this.ask = ask;
        this.slowAfter = slowAfter;
        this.mayHedge = mayHedge;
    }

    /**
     * Runs the race to its end.
     *
     * @return the part of the request that won, with a whole answer or one that broke off after content was sent; null if none
     *     won
     */
    @Nullable
    RequestContext run() {
        whole.onCancel(this::stop);
        try {
            startNext();
            while (group.kind() == Chain.Kind.RACE && startNext()) {
                // A race starts all candidates at once.
            }
            follow();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            stop();
        } catch (Throwable e) {
            stop();
            throw e;
        } finally {
            whole.onCancel(null);
            whole.plan().awaited(0);
        }
        RequestContext won = winner();
        if (won != null) {
            whole.adopt(won);
        }
        hedges.forEach(hedge -> whole.hedged(hedge == won ? HedgeResult.WON : HedgeResult.LOST));
        return won;
    }

    /** The last decisions of the parts. */
    List<Decision> decisions() {
        List<Decision> decisions = new ArrayList<>();
        for (RequestContext part : parts()) {
            Decision decision = part.decision();
            if (decision != null) {
                decisions.add(decision);
            }
        }
        return decisions;
    }

    private void follow() throws InterruptedException {
        while (running > 0) {
            RequestContext over = slowAt == NEVER ? ended.take() : ended.poll(untilCheck(), TimeUnit.NANOSECONDS);
            if (over == null) {
                hedge();
                continue;
            }
            running--;
            RequestContext won = winner();
            if (won == over) {
                awaitLosers();
                return;
            }
            if (won == null && running == 0 && !whole.isCancelled()) {
                startNext();
            } else if (slowAt != NEVER && over == started.getLast()) {
                // The candidate that was to overtake a slow one has failed: the next one starts.
                slowAt = System.nanoTime();
            }
        }
    }

    /**
     * Nanoseconds until the latest candidate counts as slow. One with content is checked again, because it may be retried
     * without content if its call fails before any was sent.
     */
    private long untilCheck() {
        return mayStartAnother() ? slowAt - System.nanoTime() : CHECK_NANOS;
    }

    /** True if one more candidate may start, because the latest one has no content yet. */
    private boolean mayStartAnother() {
        return started.size() < group.candidates().size()
                && winner() == null
                && !whole.isCancelled()
                && started.getLast().firstContentAfter() < 0;
    }

    /** Starts the next candidate beside a slow one, if it is allowed. */
    private void hedge() {
        if (!mayStartAnother() || System.nanoTime() - slowAt < 0) {
            return;
        }
        if (!mayHedge.getAsBoolean()) {
            whole.hedged(HedgeResult.DENIED);
            slowAt = NEVER;
        } else if (startNext()) {
            hedges.add(started.getLast());
        } else {
            slowAt = NEVER;
        }
    }

    private boolean startNext() {
        if (started.size() == group.candidates().size()) {
            return false;
        }
        Candidate candidate = group.candidates().get(started.size());
        RequestContext[] part = new RequestContext[1];
        part[0] = whole.racer(candidate, new RacerReply(whole.reply(), () -> isFirst(part[0])));
        part[0].decide(new Decision.Ask(candidate, 0, Decision.Wait.NONE));
        if (!part[0].plan().claimCall()) {
            return false;
        }
        synchronized (this) {
            if (winner != null) {
                part[0].plan().disclaimCall();
                return false;
            }
            started.add(part[0]);
            whole.plan().awaited(group.candidates().size() - started.size());
        }
        if (whole.isCancelled()) {
            part[0].cancel();
        }
        boolean moreToCome = group.kind() == Chain.Kind.HEDGE
                && started.size() < group.candidates().size();
        slowAt = moreToCome ? System.nanoTime() + slowAfter.apply(candidate).toNanos() : NEVER;
        boolean runs = false;
        try {
            Thread.ofVirtual().name("racer").start(() -> {
                try {
                    ask.accept(part[0]);
                } finally {
                    part[0].plan().disclaimCall();
                    ended.add(part[0]);
                }
            });
            runs = true;
            running++;
        } finally {
            if (!runs) {
                part[0].plan().disclaimCall();
            }
        }
        return true;
    }

    /** Decides the race for a part unless it has been decided; true if that part is the winner. */
    private boolean isFirst(RequestContext part) {
        List<RequestContext> others;
        synchronized (this) {
            if (winner != null || whole.isCancelled()) {
                return winner == part;
            }
            winner = part;
            whole.adopt(part);
            others = List.copyOf(started);
        }
        others.stream().filter(other -> other != part).forEach(RequestContext::cancel);
        return true;
    }

    private void awaitLosers() throws InterruptedException {
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(MAX_WAIT_FOR_LOSERS_MILLIS);
        while (running > 0 && ended.poll(until - System.nanoTime(), TimeUnit.NANOSECONDS) != null) {
            running--;
        }
    }

    private void stop() {
        parts().forEach(RequestContext::cancel);
    }

    private synchronized List<RequestContext> parts() {
        return List.copyOf(started);
    }

    private synchronized @Nullable RequestContext winner() {
        return winner;
    }
}
