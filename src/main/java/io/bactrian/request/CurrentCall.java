package io.bactrian.request;

import io.bactrian.health.TrackedCall;
import io.bactrian.policy.Failure;
import io.bactrian.protocol.CallOptions;
import io.bactrian.protocol.Usage;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The latest call of a request: its options, its entry in the trail, and its {@link TrackedCall}. Not thread-safe: used by the
 * thread that makes the calls. Its entry in the trail may be read by any thread.
 */
public final class CurrentCall {
    private final AttemptTrail trail;
    private AttemptTrail.@Nullable Entry entry;
    private boolean reserved;
    private Runnable end = () -> {};
    private CallOptions options = CallOptions.plainly(false);
    private @Nullable TrackedCall tracked;
    private CallTrace trace = CallTrace.NONE;
    private @Nullable Usage usage;
    private List<String> dropped = List.of();
    private Supplier<byte[]> body = () -> new byte[0];
    private Map<String, String> headers = Map.of();

    private CurrentCall(AttemptTrail trail, AttemptTrail.@Nullable Entry entry) {
        this.trail = trail;
        this.entry = entry;
        this.reserved = entry != null;
    }

    static CurrentCall none(AttemptTrail trail) {
        return new CurrentCall(trail, null);
    }

    /** No call yet, with an entry in the trail reserved for the first one. */
    static CurrentCall expected(AttemptTrail trail, String target) {
        return new CurrentCall(trail, trail.reserve(target));
    }

    void begin(String target, CallOptions callOptions, TrackedCall call, CallTrace callTrace) {
        if (reserved && entry != null) {
            entry.begin(callTrace);
            reserved = false;
        } else {
            entry = trail.open(target, callTrace);
        }
        options = callOptions;
        tracked = call;
        trace = callTrace;
        usage = null;
    }

    /** The options with which the target is called. */
    public CallOptions options() {
        return options;
    }

    /** The call as {@code health} tracks it. */
    public TrackedCall tracked() {
        return Objects.requireNonNull(tracked, "no call was made");
    }

    /** The trace of the call. */
    public CallTrace trace() {
        return trace;
    }

    /** The time at which the call began, epoch milliseconds. */
    public long startedAt() {
        return tracked().startedAt();
    }

    /** Notes that the call is being sent: from now on its provider may see it. */
    public void sent() {
        if (entry != null) {
            entry.sent();
        }
    }

    /** True if the call has begun and has no outcome in the trail yet. */
    public boolean isOpen() {
        AttemptTrail.Entry made = entry;
        return made != null && made.isOpen();
    }

    /** The entry in the trail while the call is open, else null. */
    AttemptTrail.@Nullable Entry open() {
        return isOpen() ? entry : null;
    }

    /** Records the failure of the call in the trail. */
    public void failed(Failure failure, long millis) {
        if (entry != null) {
            entry.failed(failure, millis, usage);
        }
    }

    void answered(String outcome, int status, long millis, @Nullable Usage spent) {
        if (entry != null) {
            entry.answered(outcome, status, millis, spent);
        }
    }

    /** Notes the tokens that the call had cost when it broke off. */
    void noteUsage(@Nullable Usage spent) {
        usage = spent;
    }

    /** Notes the request's harmless parameters that were not sent because the target does not take them. */
    public void dropped(List<String> fields) {
        dropped = fields;
    }

    /** The parameters that were not sent. */
    public List<String> dropped() {
        return dropped;
    }

    /**
     * Notes what is sent, for a look at it if the provider refuses it.
     *
     * @param sentBody makes the body again, which is not kept
     * @param passedOn the caller's headers
     */
    public void sends(Supplier<byte[]> sentBody, Map<String, String> passedOn) {
        body = sentBody;
        headers = passedOn;
    }

    /** The body that was sent. */
    public byte[] sentBody() {
        return body.get();
    }

    /** The caller's headers that were passed on. */
    public Map<String, String> sentHeaders() {
        return headers;
    }

    /** Sets the action of {@link #end}; running it more than once must do no harm. */
    public void onEnd(Runnable action) {
        end = action;
    }

    /** Ends the call, whatever its outcome, and releases what it holds. */
    public void end() {
        end.run();
    }
}
