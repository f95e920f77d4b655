package io.bactrian.request;

import io.bactrian.health.TrackedCall;
import io.bactrian.policy.Failure;
import io.bactrian.protocol.CallOptions;
import io.bactrian.protocol.Usage;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The call last made for a request: its options, its entry in the trail, and what is learned from it. Belongs to the thread that
 * makes the calls; its entry in the trail may be read by any.
 */
public final class CurrentCall {
    private final AttemptTrail trail;
    private AttemptTrail.@Nullable Entry entry;
    private boolean reserved;
    private Runnable end = () -> {};
    private CallOptions options = CallOptions.plainly(false);
    private @Nullable TrackedCall tracked;
    private @Nullable Usage heard;
    private List<String> dropped = List.of();

    private CurrentCall(AttemptTrail trail, AttemptTrail.@Nullable Entry entry) {
        this.trail = trail;
        this.entry = entry;
        this.reserved = entry != null;
    }

    static CurrentCall none(AttemptTrail trail) {
        return new CurrentCall(trail, null);
    }

    /** None yet, but the first one has its place in the trail. */
    static CurrentCall expected(AttemptTrail trail, String target) {
        return new CurrentCall(trail, trail.reserve(target));
    }

    void begin(String target, CallOptions how, TrackedCall call) {
        if (reserved && entry != null) {
            entry.begin();
            reserved = false;
        } else {
            entry = trail.open(target);
        }
        options = how;
        tracked = call;
        heard = null;
    }

    /** How it asked. */
    public CallOptions options() {
        return options;
    }

    /** What is learned from it. */
    public TrackedCall tracked() {
        return Objects.requireNonNull(tracked, "no call was made");
    }

    /** When it began, epoch milliseconds. */
    public long startedAt() {
        return tracked().startedAt();
    }

    /** It goes out: its provider may see it from now on. */
    public void sent() {
        if (entry != null) {
            entry.sent();
        }
    }

    /** Whether it has no end in the trail yet. */
    public boolean isOpen() {
        AttemptTrail.Entry made = entry;
        return made != null && made.isOpen();
    }

    /** Its place in the trail while it is open, else null. */
    AttemptTrail.@Nullable Entry open() {
        return isOpen() ? entry : null;
    }

    /** Notes how it failed. */
    public void failed(Failure failure, long millis) {
        if (entry != null) {
            entry.failed(failure, millis, heard);
        }
    }

    void answered(String outcome, int status, long millis, @Nullable Usage spent) {
        if (entry != null) {
            entry.answered(outcome, status, millis, spent);
        }
    }

    /** Notes what it had cost when it broke off. */
    void noteUsage(@Nullable Usage spent) {
        heard = spent;
    }

    /** Notes the harmless parameters that its target does not take. */
    public void dropped(List<String> fields) {
        dropped = fields;
    }

    public List<String> dropped() {
        return dropped;
    }

    /** Says what has to be done when it is over, however it ends; done more than once it does nothing. */
    public void onEnd(Runnable what) {
        end = what;
    }

    /** It is over. */
    public void end() {
        end.run();
    }
}
