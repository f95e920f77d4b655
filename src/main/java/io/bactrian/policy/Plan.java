package io.bactrian.policy;

import io.bactrian.config.Chain;
import io.bactrian.config.Chain.Entry;
import io.bactrian.config.Limits;
import io.bactrian.config.Target;
import io.bactrian.policy.Availability.Unavailable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The candidates of one request and the calls that remain. It belongs to the thread of the request; candidates that are
 * asked at once have plans of their own, which share the count of calls.
 */
public final class Plan {
    private final List<Candidate> candidates;
    private final List<Candidate> outsideGroup;
    private final Limits limits;
    private final long startedAt;
    private final long deadlineAt;
    private final boolean fallback;
    private final boolean alone;
    private final AtomicInteger calls;
    private final AtomicInteger awaited;
    private final AtomicReference<@Nullable Refusal> refusal;
    private boolean claimed;
    private boolean finishing;
    private boolean asksSecondOpinion;
    private boolean waitsForBetter = true;
    private long maxWaitMillis;
    /** The start of the wait for a candidate, in epoch milliseconds; negative while there is none. */
    private long waitsSince = -1;

    private long waited;
    private @Nullable Supplier<@Nullable LastResortAnswer> lastResort;
    private @Nullable LastResortAnswer lastResortAnswer;

    private Plan(List<Candidate> candidates, Limits limits, long startedAt, long deadlineAt, boolean fallback) {
        this.candidates = candidates;
        this.outsideGroup = candidates;
        this.limits = limits;
        this.startedAt = startedAt;
        this.deadlineAt = deadlineAt;
        this.fallback = fallback;
        this.maxWaitMillis = limits.maxWait().toMillis();
        this.alone = false;
        this.calls = new AtomicInteger();
        this.awaited = new AtomicInteger();
        this.refusal = new AtomicReference<>();
    }

    private Plan(Plan whole, Candidate candidate) {
        this.candidates = List.of(candidate);
        this.outsideGroup = whole.candidates.stream()
                .filter(other -> !candidate.isTogetherWith(other))
                .toList();
        this.limits = whole.limits;
        this.startedAt = whole.startedAt;
        this.deadlineAt = whole.deadlineAt;
        this.fallback = whole.fallback;
        this.maxWaitMillis = whole.maxWaitMillis;
        this.alone = true;
        this.calls = whole.calls;
        this.awaited = whole.awaited;
        this.refusal = whole.refusal;
    }

    /**
     * A plan for one request along a chain whose balance groups have been arranged.
     *
     * @param fallback false if only the first eligible candidate may answer
     * @param startedAt epoch milliseconds
     * @param deadlineAt epoch milliseconds
     * @param obstacle the label of what a candidate lacks for this request; null if it can serve it
     */
    public static Plan of(
            Chain chain,
            boolean fallback,
            long startedAt,
            long deadlineAt,
            Function<Entry, @Nullable String> obstacle) {
        List<Candidate> candidates = new ArrayList<>(chain.steps().size());
        boolean open = true;
        for (Chain.Step step : chain.steps()) {
            Chain.Group group = step instanceof Chain.Group g && g.kind() != Chain.Kind.BALANCE ? g : null;
            for (Entry entry : step.candidates()) {
                String unable = obstacle.apply(entry);
                Candidate candidate = new Candidate(entry, group, candidates.size());
                if (unable != null) {
                    candidate.exclude(unable, FailureClass.UNSUPPORTED);
                } else if (!open) {
                    candidate.spend();
                } else {
                    open = fallback;
                }
                candidates.add(candidate);
            }
        }
        return new Plan(candidates, chain.limits(), startedAt, deadlineAt, fallback);
    }

    /**
     * Passes over the candidates that rest for this request alone, unless all do that could serve it.
     *
     * @param rest the rest of a target, which is told whether the request would ask it first; null if there is none
     */
    public void passOver(BiFunction<Target, Boolean, @Nullable Unavailable> rest) {
        Map<Candidate, Unavailable> resting = new HashMap<>();
        boolean others = false;
        for (Candidate candidate : candidates) {
            if (candidate.untried()) {
                Unavailable unavailable = rest.apply(candidate.target(), !others);
                if (unavailable == null) {
                    others = true;
                } else {
                    resting.put(candidate, unavailable);
                }
            }
        }
        if (others) {
            resting.forEach((candidate, why) -> candidate.skip(why.label(), why.type(), why.until()));
        }
    }

    /**
     * A plan for one candidate that is asked at the same time as others of its group; it does not wait for a candidate.
     */
    public Plan alone(Candidate candidate) {
        return new Plan(this, candidate);
    }

    boolean isAlone() {
        return alone;
    }

    /** The candidates in the order of the chain; unmodifiable. */
    public List<Candidate> candidates() {
        return Collections.unmodifiableList(candidates);
    }

    /** True if more than the first eligible candidate may answer. */
    public boolean fallback() {
        return fallback;
    }

    /** The limits of the whole request. */
    public Limits limits() {
        return limits;
    }

    /** The deadline in epoch milliseconds. */
    public long deadlineAt() {
        return deadlineAt;
    }

    /** The time until which a better but unavailable candidate is worth waiting for, in epoch milliseconds. */
    public long betterUntil() {
        return waitsForBetter
                ? Math.min(deadlineAt, startedAt + limits.waitForQuality().toMillis())
                : startedAt;
    }

    /** Ends the waiting for better candidates. */
    public void settleForWorse() {
        waitsForBetter = false;
    }

    /**
     * The time until which the request may wait for a candidate while none can be asked, in epoch milliseconds: all of its
     * waits together are limited.
     */
    public long waitsUntil(long now) {
        long since = waitsSince < 0 ? now : waitsSince;
        return Math.min(deadlineAt, since - waited + maxWaitMillis);
    }

    /** Shortens the wait of the request while no candidate can be asked. */
    public void waitAtMost(Duration longest) {
        maxWaitMillis = Math.min(maxWaitMillis, longest.toMillis());
    }

    /** Notes that the request waits, because no candidate can be asked. */
    void waits(long now) {
        waitsSince = waitsSince < 0 ? now : waitsSince;
    }

    /** Notes that a candidate can be asked. */
    void waitsNoMore(long now) {
        waited += waitsSince < 0 ? 0 : now - waitsSince;
        waitsSince = -1;
    }

    /** The number of calls made or claimed so far, to all candidates. */
    public int calls() {
        return calls.get();
    }

    /** Counts a call that is about to be made. */
    public void call(Candidate candidate) {
        if (!claimed) {
            calls.incrementAndGet();
        }
        claimed = false;
        candidate.called();
    }

    /**
     * Claims the next call of this plan. Candidates that are asked at once share the remaining calls; if they only
     * compared the count, each of them could take the last one.
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

    /** Returns a claimed call that was not made. */
    public void disclaimCall() {
        if (claimed) {
            calls.decrementAndGet();
        }
        claimed = false;
    }

    /**
     * Reserves one call for each member of the current group that has not had its turn.
     *
     * @param members the number of these members
     */
    public void awaited(int members) {
        awaited.set(members);
    }

    /** True if a call remains for this candidate besides one for each candidate that has not had its turn. */
    boolean hasCallFor(Candidate candidate) {
        int keptBack = othersLeft(candidate, s -> true);
        return alone ? claimCall(keptBack + awaited.get()) : calls() + keptBack < limits.maxTotalAttempts();
    }

    /**
     * The number of candidates, beyond those asked together with this one, that have not had their turn and are
     * available.
     */
    public int othersLeft(Candidate candidate, Predicate<Candidate> available) {
        int n = 0;
        for (Candidate other : outsideGroup) {
            if (other != candidate && other.untried() && available.test(other)) {
                n++;
            }
        }
        return n;
    }

    /**
     * True if a candidate, beyond those asked together with this one, could be asked in its place: one that has not had
     * its turn, or one that was set aside until a time that has passed.
     */
    public boolean anotherIsBack(Candidate candidate, long now, Predicate<Candidate> well) {
        for (Candidate other : outsideGroup) {
            if (other != candidate && other.mayBeAsked(now) && well.test(other)) {
                return true;
            }
        }
        return false;
    }

    /** Restricts the plan, once part of an answer was sent, to candidates that can finish that answer. */
    public void finishOnly(Predicate<Candidate> able) {
        finishing = true;
        candidates.stream().filter(able.negate()).forEach(Candidate::spend);
    }

    /** True if half an answer was sent and has to be finished; waits are short then. */
    boolean finishing() {
        return finishing;
    }

    /** Notes a refusal of the request; candidates that are asked at once share the first. */
    void refused(Candidate by, Failure failure) {
        refusal.compareAndSet(null, new Refusal(by, failure));
    }

    /** The first refusal of the request that another candidate was asked about; null if there is none. */
    @Nullable
    Refusal refusal() {
        return refusal.get();
    }

    /** Restricts the plan to candidates at other providers, one of which is asked for a second opinion. */
    void askSecondOpinion(Candidate refuser) {
        asksSecondOpinion = true;
        candidates.stream()
                .filter(candidate -> candidate.isAtProviderOf(refuser))
                .forEach(Candidate::spend);
    }

    /** True if a candidate is asked only because another refused the request; no candidate is waited for then. */
    boolean asksSecondOpinion() {
        return asksSecondOpinion;
    }

    /** A refusal of a request, which may be the provider's own. */
    record Refusal(Candidate by, Failure failure) {}

    /** Sets the search for a last resort. It is run at most once, and only if no candidate can answer. */
    public void lastResort(Supplier<@Nullable LastResortAnswer> search) {
        lastResort = search;
    }

    /** The last resort of this request; null if there is none, or if part of an answer was sent. */
    @Nullable
    LastResortAnswer lastResort() {
        Supplier<@Nullable LastResortAnswer> search = lastResort;
        if (search != null && fallback && !finishing) {
            lastResort = null;
            lastResortAnswer = search.get();
        }
        return finishing ? null : lastResortAnswer;
    }

    /** True if no candidate can serve this kind of request. */
    public boolean noneEligible() {
        return candidates.stream().allMatch(s -> s.spent() && s.calls() == 0);
    }
}
