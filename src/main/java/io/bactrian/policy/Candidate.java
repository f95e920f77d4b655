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

/** A candidate and its state within one request. Not thread-safe: it belongs to the thread of the request. */
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
    private @Nullable Failure obstacle;
    private boolean trial;

    /** @param group the candidates that are asked together with it; null if it is asked alone */
    Candidate(Entry entry, @Nullable Group group, int index) {
        this.entry = entry;
        this.group = group;
        this.index = index;
    }

    /** The candidates that are asked together with it; null if it is asked alone. */
    @Nullable
    Group group() {
        return group;
    }

    boolean isTogetherWith(Candidate other) {
        return group != null && group == other.group;
    }

    boolean isAtProviderOf(Candidate other) {
        return target().provider().name().equals(other.target().provider().name());
    }

    public Target target() {
        return entry.target();
    }

    public Limits limits() {
        return entry.limits();
    }

    /** Notes that a way to finish a broken answer failed here. */
    public void failedWay(Rescue way) {
        failedWays.add(way);
    }

    /** The ways to finish a broken answer that have not failed here, the preferred one first. */
    public List<Rescue> waysLeft() {
        return limits().streamRescue().stream()
                .filter(way -> !failedWays.contains(way))
                .toList();
    }

    /** The position in the chain, from 0. */
    public int index() {
        return index;
    }

    /** The number of calls made to this candidate. */
    public int calls() {
        return calls;
    }

    /** The reason why it was skipped without a call; null if it was called or has not had its turn. */
    public @Nullable String skipped() {
        return calls == 0 ? skipped : null;
    }

    /** The class of its last failure, or of the reason why it was skipped; null if there is neither. */
    public @Nullable FailureClass lastFailure() {
        return lastFailure;
    }

    /** The reason in words why the request cannot be put to it; null if there is none, or none in words. */
    public @Nullable Failure obstacle() {
        return obstacle;
    }

    /** Whether it is called during its cooldown, to see whether it is back. */
    public boolean isTrial() {
        return trial;
    }

    void askForTrial() {
        trial = true;
    }

    /** True if it may never be asked for such a request, because it lacks something or the caller wants no fallback. */
    boolean isUnable() {
        return spent && calls == 0 && (lastFailure == null || lastFailure == FailureClass.UNSUPPORTED);
    }

    /** The time at which a cooling, open or parked candidate may be asked again, in epoch milliseconds. */
    long returnsAt() {
        return returnsAt;
    }

    boolean spent() {
        return spent;
    }

    /** True if it was set aside until a known time. */
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

    /** Notes a failure for a retry; true if it is the first of its class here. Most classes are retried once. */
    boolean firstOf(FailureClass type) {
        return retried.add(type);
    }

    boolean excuseStaleConnection() {
        boolean first = !staleConnectionExcused;
        staleConnectionExcused = true;
        return first;
    }

    /** True once a kept connection was found closed: the next call is made on a new one, whatever the pool holds. */
    public boolean needsNewConnection() {
        return staleConnectionExcused;
    }

    void spend() {
        spent = true;
    }

    /** Sets it aside until a time in epoch milliseconds. */
    void park(long at) {
        returnsAt = at;
    }

    /** Skips it for a reason that lasts as long as this request. */
    void exclude(String label, FailureClass type) {
        skipped = label;
        lastFailure = type;
        spent = true;
    }

    /** Skips it because the request cannot be put to it. */
    void exclude(String label, Failure why) {
        exclude(label, FailureClass.UNSUPPORTED);
        obstacle = why;
    }

    /** Skips it until a time in epoch milliseconds. */
    void skip(String label, FailureClass type, long at) {
        skipped = label;
        lastFailure = type;
        returnsAt = at;
    }
}
