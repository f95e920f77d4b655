package io.bactrian.policy;

import io.bactrian.config.Chain;
import io.bactrian.config.Chain.Entry;
import io.bactrian.config.Limits;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The stops of one request: who may still be asked. Belongs to the request's thread; candidates that are asked at once have
 * plans of their own, which share the count of calls.
 */
public final class Plan {
    private final List<Candidate> stops;
    private final List<Candidate> beyond;
    private final Limits limits;
    private final long startedAt;
    private final long deadlineAt;
    private final boolean fallback;
    private final boolean alone;
    private final AtomicInteger calls;
    private final AtomicInteger awaited;
    private boolean claimed;
    private boolean finishing;
    private boolean patient = true;
    private @Nullable Supplier<@Nullable LastResortAnswer> lastResort;
    private @Nullable LastResortAnswer lastResortAnswer;

    private Plan(List<Candidate> stops, Limits limits, long startedAt, long deadlineAt, boolean fallback) {
        this.stops = stops;
        this.beyond = stops;
        this.limits = limits;
        this.startedAt = startedAt;
        this.deadlineAt = deadlineAt;
        this.fallback = fallback;
        this.alone = false;
        this.calls = new AtomicInteger();
        this.awaited = new AtomicInteger();
    }

    private Plan(Plan whole, Candidate asked) {
        this.stops = List.of(asked);
        this.beyond = whole.stops.stream()
                .filter(other -> !asked.isTogetherWith(other))
                .toList();
        this.limits = whole.limits;
        this.startedAt = whole.startedAt;
        this.deadlineAt = whole.deadlineAt;
        this.fallback = whole.fallback;
        this.alone = true;
        this.calls = whole.calls;
        this.awaited = whole.awaited;
    }

    /**
     * The plan for one request along a chain, whose balance groups have been put in order.
     *
     * @param fallback false if only the first eligible candidate may answer
     * @param startedAt epoch milliseconds
     * @param deadlineAt epoch milliseconds
     * @param obstacle names what a candidate cannot do for this request, null if it can serve it
     */
    public static Plan of(
            Chain chain,
            boolean fallback,
            long startedAt,
            long deadlineAt,
            Function<Entry, @Nullable String> obstacle) {
        List<Candidate> stops = new ArrayList<>(chain.steps().size());
        boolean open = true;
        for (Chain.Step step : chain.steps()) {
            Chain.Group group = step instanceof Chain.Group g && g.kind() != Chain.Kind.BALANCE ? g : null;
            for (Entry entry : step.candidates()) {
                String hindered = obstacle.apply(entry);
                Candidate asked = new Candidate(entry, group, stops.size());
                if (hindered != null) {
                    asked.exclude(hindered, FailureClass.UNSUPPORTED);
                } else if (!open) {
                    asked.spend();
                } else {
                    open = fallback;
                }
                stops.add(asked);
            }
        }
        return new Plan(stops, chain.limits(), startedAt, deadlineAt, fallback);
    }

    /** The plan of one candidate that is asked while the others of its group are, too; it waits for nobody to come back. */
    public Plan alone(Candidate asked) {
        return new Plan(this, asked);
    }

    boolean isAlone() {
        return alone;
    }

    public List<Candidate> candidates() {
        return Collections.unmodifiableList(stops);
    }

    /** Whether more than the first eligible candidate may answer. */
    public boolean fallback() {
        return fallback;
    }

    /** The limits of the whole request. */
    public Limits limits() {
        return limits;
    }

    /** Epoch milliseconds. */
    public long deadlineAt() {
        return deadlineAt;
    }

    /** Until when a better candidate that is not back yet is worth waiting for, epoch milliseconds. */
    public long betterUntil() {
        return patient
                ? Math.min(deadlineAt, startedAt + limits.waitForQuality().toMillis())
                : startedAt;
    }

    /** From now on whoever can answer is good enough. */
    public void settleForWorse() {
        patient = false;
    }

    /** Calls made or claimed so far, to all candidates. */
    public int calls() {
        return calls.get();
    }

    /** Notes a call that is about to be made. */
    public void call(Candidate asked) {
        if (!claimed) {
            calls.incrementAndGet();
        }
        claimed = false;
        asked.called();
    }

    /**
     * Claims the next call of this plan: those who are asked at once share what is left, and each of them would take the last
     * one if it only looked.
     *
     * @return false if none is left
     */
    public boolean claimCall() {
        return claimCall(0);
    }

    private boolean claimCall(int keptBack) {
        int most = limits.maxTotalAttempts() - keptBack;
        claimed = claimed || calls.getAndUpdate(n -> n < most ? n + 1 : n) < most;
        return claimed;
    }

    /** Gives a claimed call back that was not made. */
    public void disclaimCall() {
        if (claimed) {
            calls.decrementAndGet();
        }
        claimed = false;
    }

    /** Keeps a call back for each of so many members of the group now asked that have not had their turn. */
    public void awaited(int members) {
        awaited.set(members);
    }

    /** Whether there is a call left for this candidate beside one for each that has not had its turn. */
    boolean hasCallFor(Candidate asked) {
        int keptBack = othersLeft(asked, s -> true);
        return alone ? claimCall(keptBack + awaited.get()) : calls() + keptBack < limits.maxTotalAttempts();
    }

    /** How many candidates, beyond those asked together with this one, have not had their turn and could take it now. */
    public int othersLeft(Candidate asked, Predicate<Candidate> available) {
        int n = 0;
        for (Candidate other : beyond) {
            if (other != asked && other.untried() && available.test(other)) {
                n++;
            }
        }
        return n;
    }

    /**
     * Whether a candidate, beyond those asked together with this one, could be asked in this one's place: one that has not had
     * its turn, or one that was set aside until a time that has passed.
     */
    public boolean anotherIsBack(Candidate asked, long now, Predicate<Candidate> well) {
        for (Candidate other : beyond) {
            if (other != asked && other.mayBeAsked(now) && well.test(other)) {
                return true;
            }
        }
        return false;
    }

    /** Words have been spoken: from now on only those are asked that can finish what another began. */
    public void finishOnly(Predicate<Candidate> able) {
        finishing = true;
        stops.stream().filter(able.negate()).forEach(Candidate::spend);
    }

    /** Whether half an answer waits for its other half: nobody waits long for that. */
    boolean finishing() {
        return finishing;
    }

    /**
     * Says what looks for something that stands in when no candidate can answer. It is asked once at most, and only then.
     */
    public void lastResort(Supplier<@Nullable LastResortAnswer> search) {
        lastResort = search;
    }

    /** What stands in for the answer; null if there is nothing, or if half an answer has been spoken. */
    @Nullable
    LastResortAnswer lastResort() {
        Supplier<@Nullable LastResortAnswer> search = lastResort;
        if (search != null && fallback && !finishing) {
            lastResort = null;
            lastResortAnswer = search.get();
        }
        return finishing ? null : lastResortAnswer;
    }

    /** Whether no candidate can serve this kind of request at all. */
    public boolean noneEligible() {
        return stops.stream().allMatch(s -> s.spent() && s.calls() == 0);
    }
}
