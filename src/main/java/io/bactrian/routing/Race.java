package io.bactrian.routing;

import io.bactrian.config.Chain;
import io.bactrian.policy.Candidate;
import io.bactrian.policy.Decision;
import io.bactrian.policy.Decision.AskGroup;
import io.bactrian.request.RacerReply;
import io.bactrian.request.RequestContext;
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
 * One request at several candidates: each is asked in a part of the request of its own, the first good answer wins, the others
 * are cancelled. A failure ends nobody's race but its own. Run by the request's thread.
 */
final class Race {
    /** So long the losers are waited for after the end: whose socket has been closed notices at once. */
    private static final long LOSERS_MILLIS = 50;

    private static final long NEVER = Long.MAX_VALUE;
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final RequestContext whole;
    private final AskGroup group;
    private final Consumer<RequestContext> ask;
    private final Function<Candidate, Duration> slowAfter;
    private final BooleanSupplier mayHedge;
    private final List<RequestContext> started = new ArrayList<>();
    private final LinkedBlockingQueue<RequestContext> ended = new LinkedBlockingQueue<>();
    private @Nullable RequestContext winner;
    private int running;
    /** When the newest is slow if it has said nothing, as {@link System#nanoTime} counts. */
    private long slowAt = NEVER;

    /**
     * A race about to begin.
     *
     * @param ask asks a part's candidate, and returns when it is over
     * @param slowAfter when a candidate that has said nothing is slow
     * @param mayHedge whether one more may be asked because another is slow
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
     * Runs to its end.
     *
     * @return the part of the request that won, whole or broken off after words were spoken; null if nobody did
     */
    @Nullable
    RequestContext run() {
        whole.onCancel(this::stop);
        try {
            startNext();
            while (group.kind() == Chain.Kind.RACE && startNext()) {
                // All at once.
            }
            follow();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            stop();
        } finally {
            whole.onCancel(null);
            whole.plan().awaited(0);
        }
        RequestContext won = winner();
        if (won != null) {
            whole.adopt(won);
        }
        return won;
    }

    /** What the parts decided on that ended without an answer. */
    List<Decision> verdicts() {
        List<Decision> verdicts = new ArrayList<>();
        for (RequestContext part : parts()) {
            Decision decision = part.decision();
            if (decision != null) {
                verdicts.add(decision);
            }
        }
        return verdicts;
    }

    private void follow() throws InterruptedException {
        while (running > 0) {
            RequestContext over = slowAt == NEVER ? ended.take() : ended.poll(untilLook(), TimeUnit.NANOSECONDS);
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
                // It was to help a slow one: the next one does.
                slowAt = System.nanoTime();
            }
        }
    }

    /** Nanoseconds until the newest is slow; one that has spoken may yet fall silent again, when it breaks unseen. */
    private long untilLook() {
        return mayStartAnother() ? slowAt - System.nanoTime() : LOOK_NANOS;
    }

    /** Whether one more starts if the newest stays silent. */
    private boolean mayStartAnother() {
        return started.size() < group.candidates().size()
                && winner() == null
                && !whole.isCancelled()
                && started.getLast().firstContentAfter() < 0;
    }

    /** The newest is slow: the next one starts beside it, if that may be. */
    private void hedge() {
        if (mayStartAnother() && System.nanoTime() - slowAt >= 0 && !(mayHedge.getAsBoolean() && startNext())) {
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
        running++;
        boolean moreToCome = group.kind() == Chain.Kind.HEDGE
                && started.size() < group.candidates().size();
        slowAt = moreToCome ? System.nanoTime() + slowAfter.apply(candidate).toNanos() : NEVER;
        Thread.ofVirtual().name("racer").start(() -> {
            try {
                ask.accept(part[0]);
            } finally {
                part[0].plan().disclaimCall();
                ended.add(part[0]);
            }
        });
        return true;
    }

    /** The moment at which a race is decided. */
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
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LOSERS_MILLIS);
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
