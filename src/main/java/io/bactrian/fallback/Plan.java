package io.bactrian.fallback;

import io.bactrian.config.Chain;
import io.bactrian.config.Chain.Candidate;
import io.bactrian.config.Limits;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The stops of one request: who may still be asked. Not thread-safe: it belongs to the request's thread. */
public final class Plan {
    private final List<Stop> stops;
    private final Limits limits;
    private final long deadlineAt;
    private final boolean fallback;
    private boolean finishing;
    private int calls;
    private @Nullable Supplier<@Nullable StandIn> lastResort;
    private @Nullable StandIn standIn;

    private Plan(List<Stop> stops, Limits limits, long deadlineAt, boolean fallback) {
        this.stops = stops;
        this.limits = limits;
        this.fallback = fallback;
        this.deadlineAt = deadlineAt;
    }

    /**
     * The plan for one request along a chain.
     *
     * @param fallback false if only the first eligible candidate may answer
     * @param deadlineAt epoch milliseconds
     * @param obstacle names what a candidate cannot do for this request, null if it can serve it
     */
    public static Plan of(
            Chain chain, boolean fallback, long deadlineAt, Function<Candidate, @Nullable String> obstacle) {
        List<Stop> stops = new ArrayList<>(chain.candidates().size());
        boolean open = true;
        for (Candidate candidate : chain.candidates()) {
            String hindered = obstacle.apply(candidate);
            Stop stop = new Stop(candidate, stops.size());
            if (hindered != null) {
                stop.exclude(hindered, FailureClass.UNSUPPORTED);
            } else if (!open) {
                stop.spend();
            } else {
                open = fallback;
            }
            stops.add(stop);
        }
        return new Plan(stops, chain.limits(), deadlineAt, fallback);
    }

    public List<Stop> stops() {
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

    /** Calls made so far, to all candidates. */
    public int calls() {
        return calls;
    }

    /** Notes a call that is about to be made. */
    public void call(Stop stop) {
        calls++;
        stop.called();
    }

    /** How many candidates other than this one have not had their turn and could take it now. */
    public int othersLeft(Stop stop, Predicate<Stop> available) {
        int n = 0;
        for (Stop other : stops) {
            if (other != stop && other.untried() && available.test(other)) {
                n++;
            }
        }
        return n;
    }

    /** Words have been spoken: from now on only those are asked that can finish what another began. */
    public void finishOnly(Predicate<Stop> able) {
        finishing = true;
        stops.stream().filter(able.negate()).forEach(Stop::spend);
    }

    /** Whether half an answer waits for its other half: nobody waits long for that. */
    boolean finishing() {
        return finishing;
    }

    /**
     * Says what looks for something that stands in when no candidate can answer. It is asked once at most, and only then.
     */
    public void lastResort(Supplier<@Nullable StandIn> search) {
        lastResort = search;
    }

    /** What stands in for the answer; null if there is nothing, or if half an answer has been spoken. */
    @Nullable
    StandIn standIn() {
        Supplier<@Nullable StandIn> search = lastResort;
        if (search != null && fallback && !finishing) {
            lastResort = null;
            standIn = search.get();
        }
        return finishing ? null : standIn;
    }

    /** Whether no candidate can serve this kind of request at all. */
    public boolean nobodyEligible() {
        return stops.stream().allMatch(s -> s.spent() && s.calls() == 0);
    }
}
