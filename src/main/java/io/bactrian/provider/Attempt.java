package io.bactrian.provider;

import io.bactrian.health.TrackedCall;
import io.bactrian.policy.CallFailed;
import io.bactrian.policy.Candidate;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import io.bactrian.protocol.ProviderProtocol;
import io.bactrian.provider.failure.Classifier;
import io.bactrian.request.RequestContext;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.apache.hc.core5.concurrent.Cancellable;
import org.jspecify.annotations.Nullable;

/**
 * One call to a provider: the limit it stands under and the way to cancel it, which closes its socket. Driven by the
 * request's thread, cancelled by any.
 */
public final class Attempt {
    /** While the last candidate is silent, so often is looked whether another is back. */
    private static final long LOOK_UP_MILLIS = 1_000;

    private final RequestContext context;
    private final Candidate asked;
    private final TrackedCall tracked;
    private final ProviderProtocol protocol;
    private final Classifier classifier;
    private final boolean last;
    private final Clock clock;
    private final Watchdog.Watch watch;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final AtomicReference<@Nullable CallFailed> ended = new AtomicReference<>();
    private volatile @Nullable Cancellable call;
    private volatile BooleanSupplier held = () -> false;
    private volatile String awaited = "";
    private volatile long limitAt;
    private volatile @Nullable BooleanSupplier another;
    private int status;
    private long endBy;
    private Function<String, @Nullable String> headers = name -> null;

    /**
     * A call about to be made.
     *
     * @param tracked begun for this call, and ended with it
     * @param last whether no other candidate is left that could answer
     */
    public Attempt(
            RequestContext context,
            Candidate asked,
            TrackedCall tracked,
            ProviderProtocol protocol,
            Classifier classifier,
            boolean last,
            Watchdog watchdog,
            Clock clock) {
        this.context = context;
        this.asked = asked;
        this.tracked = tracked;
        this.protocol = protocol;
        this.classifier = classifier;
        this.last = last;
        this.clock = clock;
        this.watch = watchdog.repeating(this::expire);
    }

    public RequestContext context() {
        return context;
    }

    public Candidate candidate() {
        return asked;
    }

    /** What is learned from the call. */
    public TrackedCall tracked() {
        return tracked;
    }

    public ProviderProtocol protocol() {
        return protocol;
    }

    public boolean last() {
        return last;
    }

    /** Epoch milliseconds. */
    public long startedAt() {
        return tracked.startedAt();
    }

    /** The HTTP status that came, 0 if none did. */
    public int status() {
        return status;
    }

    /** The response headers, by lower-case name. */
    public Function<String, @Nullable String> headers() {
        return headers;
    }

    void answered(int code, Function<String, @Nullable String> responseHeaders) {
        status = code;
        headers = responseHeaders;
    }

    /**
     * Learns how the call is cancelled; cancels it at once if that has been asked for already.
     *
     * @param holding whether the call still has its connection, which goes back behind the answer's last byte
     */
    void bind(Cancellable request, BooleanSupplier holding) {
        held = holding;
        call = request;
        context.onCancel(() -> cancel(new CallFailed(Failure.of(FailureClass.CANCELLED, "the caller left"))));
        if (ended.get() != null) {
            request.cancel();
        }
    }

    /**
     * Expects a sign of life within a time from now, never beyond the deadline of the request.
     *
     * @param within null for as long as the deadline allows
     */
    public void expect(@Nullable Duration within, String what) {
        long deadline = context.plan().deadlineAt();
        long limit = within == null ? deadline : Math.min(deadline, clock.millis() + within.toMillis());
        awaited = what;
        another = null;
        limitAt = limit;
        watch.until(limit);
    }

    /**
     * Expects a sign of life of the last candidate, who has all of the deadline; but only so much from now once another
     * candidate is back that could answer in its place.
     *
     * @param back whether another candidate is
     */
    public void expectOfLast(Duration within, String what, BooleanSupplier back) {
        expect(within, what);
        another = back;
    }

    /**
     * Expects the end of the stream within a time from the first time that this is asked.
     *
     * @param busyMillis spent with the caller meanwhile, which is added
     */
    public void expectEnd(Duration within, long busyMillis) {
        long now = clock.millis();
        endBy = (endBy == 0 ? now + within.toMillis() : endBy) + busyMillis;
        expect(Duration.ofMillis(endBy - now), "end of the stream");
    }

    private void expire() {
        long now = clock.millis();
        long deadline = context.plan().deadlineAt();
        BooleanSupplier back = another;
        if (now < limitAt || (back != null && now < deadline && !back.getAsBoolean())) {
            watch.until(Math.min(deadline, Math.max(limitAt, now + LOOK_UP_MILLIS)));
            return;
        }
        String reason = "no " + awaited + " within " + (now - startedAt()) + " ms";
        boolean counts = now < deadline || !context.ownDeadline();
        cancel(new CallFailed(Failure.of(FailureClass.TIMEOUT, status, reason), counts, false));
    }

    /** Ends the call: its socket closes, and whoever reads it gets the failure named here. */
    public void cancel(CallFailed why) {
        if (!ended.compareAndSet(null, why)) {
            return;
        }
        // Read after the mark is set: either it is seen here, or bind sees the mark.
        Cancellable under = call;
        if (under != null) {
            Thread.startVirtualThread(under::cancel);
        }
    }

    /** Whether the call has been ended. */
    public boolean isOver() {
        return ended.get() != null;
    }

    /**
     * Looks whether the call has been ended: whoever never waits for bytes would not notice by itself.
     *
     * @throws CallFailed what it was ended with
     */
    public void throwIfEnded() {
        CallFailed why = ended.get();
        if (why != null) {
            throw failed(why);
        }
    }

    /** The failure behind an exception: the one it was cancelled with, or what the exception itself says. */
    CallFailed failed(Exception e, boolean reusedConnection) {
        CallFailed why = reason(e, reusedConnection);
        tracked.givenUp(why);
        return why;
    }

    private CallFailed reason(Exception e, boolean reusedConnection) {
        CallFailed cancelled = ended.get();
        if (cancelled != null) {
            return cancelled;
        }
        if (e instanceof CallFailed known) {
            return known;
        }
        Failure failure = classifier.notThrough(e);
        boolean stale = reusedConnection && Failure.RESET.equals(failure.code());
        return new CallFailed(failure, failure.counts() && !stale, stale);
    }

    /** The failure behind an exception while the answer was read. */
    public CallFailed failed(Exception e) {
        return failed(e, false);
    }

    /** Closes the socket unless the answer has been read to its end, and stops the clock. Only the first time counts. */
    public void close(boolean readToTheEnd) {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        tracked.end();
        watch.stop();
        context.onCancel(null);
        Cancellable under = call;
        // Whoever has read a whole document may not have seen the end of what the provider sends.
        if (under != null && (!readToTheEnd || held.getAsBoolean())) {
            under.cancel();
        }
    }
}
