package io.bactrian.policy;

import io.bactrian.config.Chain.Entry;
import io.bactrian.config.Chain.Group;
import io.bactrian.config.Limits;
import io.bactrian.config.Limits.Rescue;
import io.bactrian.config.Target;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One candidate on its way through one request. Not thread-safe: it belongs to the request's thread. */
public final class Candidate {
    private final Entry entry;
    private final @Nullable Group group;
    private final int index;
    private final Set<FailureClass> retried = EnumSet.noneOf(FailureClass.class);
    private final Set<Rescue> failedWays = EnumSet.noneOf(Rescue.class);
    private int calls;
    private boolean spent;
    private boolean staleConnectionExcused;
    private long returnsAt;
    private @Nullable String skipped;
    private @Nullable FailureClass lastFailure;

    /** @param group the candidates it is asked together with; null for one by itself */
    Candidate(Entry entry, @Nullable Group group, int index) {
        this.entry = entry;
        this.group = group;
        this.index = index;
    }

    /** The candidates it is asked together with; null for one by itself. */
    @Nullable
    Group group() {
        return group;
    }

    boolean isTogetherWith(Candidate other) {
        return group != null && group == other.group;
    }

    public Target target() {
        return entry.target();
    }

    public Limits limits() {
        return entry.limits();
    }

    /** Notes that a way to finish a broken answer did not lead to its end here. */
    public void failedWay(Rescue way) {
        failedWays.add(way);
    }

    /** The ways to finish a broken answer that have not been tried here, the best first. */
    public List<Rescue> waysLeft() {
        return limits().streamRescue().stream()
                .filter(way -> !failedWays.contains(way))
                .toList();
    }

    /** The place in the chain, from 0. */
    public int index() {
        return index;
    }

    /** How many calls went to this candidate. */
    public int calls() {
        return calls;
    }

    /** Why it was passed over without a call, null if it was called or its turn has not come. */
    public @Nullable String skipped() {
        return calls == 0 ? skipped : null;
    }

    /** The class of its last failure, or of what it was skipped for; null if it has neither. */
    public @Nullable FailureClass lastFailure() {
        return lastFailure;
    }

    /** When a candidate that is cooling, open or parked may be asked again, epoch milliseconds. */
    long returnsAt() {
        return returnsAt;
    }

    boolean spent() {
        return spent;
    }

    /** Whether it has been set aside until a time that is known. */
    boolean isAway() {
        return !spent && !untried() && returnsAt > 0;
    }

    boolean mayBeAsked(long now) {
        return untried() || (isAway() && returnsAt <= now);
    }

    boolean untried() {
        return calls == 0 && skipped == null && !spent;
    }

    void called() {
        calls++;
    }

    void failed(FailureClass type) {
        lastFailure = type;
    }

    /** Whether this is the first failure of the class here: most classes are tried again once. */
    boolean firstOf(FailureClass type) {
        return retried.add(type);
    }

    boolean excuseStaleConnection() {
        boolean first = !staleConnectionExcused;
        staleConnectionExcused = true;
        return first;
    }

    void spend() {
        spent = true;
    }

    /** Sets it aside until it returns. */
    void park(long at) {
        returnsAt = at;
    }

    /** Passes over it for a reason that will not go away within this request. */
    void exclude(String label, FailureClass type) {
        skipped = label;
        lastFailure = type;
        spent = true;
    }

    /** Passes over it until it returns. */
    void skip(String label, FailureClass type, long at) {
        skipped = label;
        lastFailure = type;
        returnsAt = at;
    }
}
