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
 * One call to a provider: its current time limit, and its cancellation, which closes the socket. Used by the request's thread;
 * any thread may cancel it.
 */
public final class Attempt {
    /** The interval at which to check whether another target is available while the last one is silent, in milliseconds. */
    private static final long CHECK_OTHERS_MILLIS = 1_000;

    private final RequestContext context;
    private final Candidate candidate;
    private final TrackedCall tracked;
    private final ProviderProtocol protocol;
    private final Classifier classifier;
    private final boolean last;
    private final Clock clock;
    private final Watchdog watchdog;
    private final Watchdog.Watch watch;
    private Watchdog.@Nullable Watch connecting;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final AtomicReference<@Nullable CallFailed> ended = new AtomicReference<>();
    private volatile @Nullable Cancellable call;
    private volatile BooleanSupplier isConnected = () -> false;
    private volatile String awaited = "";
    private volatile long limitAt;
    private volatile @Nullable BooleanSupplier otherIsBack;
    private int status;
    private long endBy;
    private Function<String, @Nullable String> headers = name -> null;

    /**
     * A call about to be made.
     *
     * @param tracked the tracked call, which ends with this one
     * @param last whether no other candidate is left that could answer
     */
    public Attempt(
            RequestContext context,
            Candidate candidate,
            TrackedCall tracked,
            ProviderProtocol protocol,
            Classifier classifier,
            boolean last,
            Watchdog watchdog,
            Clock clock) {
        this.context = context;
        this.candidate = candidate;
        this.tracked = tracked;
        this.protocol = protocol;
        this.classifier = classifier;
        this.last = last;
        this.clock = clock;
        this.watchdog = watchdog;
        this.watch = watchdog.repeating(this::expire);
    }

    public RequestContext context() {
        return context;
    }

    public Candidate candidate() {
        return candidate;
    }

    /** The call as {@code health} tracks it. */
    public TrackedCall tracked() {
        return tracked;
    }

    public ProviderProtocol protocol() {
        return protocol;
    }

    /** Notes the first content. */
    public void firstContent() {
        tracked.firstContent();
        context.currentCall().trace().firstContent();
    }

    /** True if no other candidate was left when the call began. */
    public boolean last() {
        return last;
    }

    /** The time at which the call began, epoch milliseconds. */
    public long startedAt() {
        return tracked.startedAt();
    }

    /** The HTTP status of the response, 0 if none has come. */
    public int status() {
        return status;
    }

    /** The response headers by lower-case name; null for one that did not come. */
    public Function<String, @Nullable String> headers() {
        return headers;
    }

    void answered(int code, Function<String, @Nullable String> responseHeaders) {
        status = code;
        headers = responseHeaders;
    }

    /**
     * Sets how the call is cancelled, and cancels it at once if it has been ended already.
     *
     * @param connected whether the call still has its connection, which is released after the last byte of the answer
     */
    void bind(Cancellable request, BooleanSupplier connected) {
        isConnected = connected;
        call = request;
        context.onCancel(() -> cancel(new CallFailed(Failure.of(FailureClass.CANCELLED, "the caller left"))));
        if (ended.get() != null) {
            request.cancel();
        }
    }

    /** Notes that a connection is about to be opened: all of it, such as a proxy's answer and TLS, has one limit. */
    void connecting() {
        Duration limit = candidate.limits().connectTimeout();
        Watchdog.Watch connect = watchdog.watch(() -> cancel(new CallFailed(
                Failure.of(FailureClass.TIMEOUT, "no connection within " + limit.toMillis() + " ms"), true, false)));
        connecting = connect;
        connect.until(clock.millis() + limit.toMillis());
    }

    /** Notes that there is a connection. */
    void connected() {
        Watchdog.Watch connect = connecting;
        if (connect != null) {
            connect.stop();
        }
    }

    /**
     * Sets the limit for the next sign of life, never beyond the deadline of the request.
     *
     * @param within the time from now; null for as long as the deadline allows
     * @param what the expected event, as the failure names it
     */
    public void expect(@Nullable Duration within, String what) {
        long deadline = context.plan().deadlineAt();
        long limit = within == null ? deadline : Math.min(deadline, clock.millis() + within.toMillis());
        awaited = what;
        otherIsBack = null;
        limitAt = limit;
        watch.until(limit);
    }

    /**
     * Sets the limit for the last candidate: the deadline of the request, or a shorter time once another candidate that could
     * answer is back.
     *
     * @param within the shorter time, from now
     * @param what the expected event, as the failure names it
     * @param isBack whether another candidate is back
     */
    public void expectOfLast(Duration within, String what, BooleanSupplier isBack) {
        expect(within, what);
        otherIsBack = isBack;
    }

    /**
     * Sets the limit for the end of the stream, which counts from the first call of this method.
     *
     * @param busyMillis time spent on writing to the caller since the last call, which is added to the limit
     */
    public void expectEnd(Duration within, long busyMillis) {
        long now = clock.millis();
        endBy = (endBy == 0 ? now + within.toMillis() : endBy) + busyMillis;
        expect(Duration.ofMillis(endBy - now), "end of the stream");
    }

    private void expire() {
        long now = clock.millis();
        long deadline = context.plan().deadlineAt();
        BooleanSupplier isBack = otherIsBack;
        if (now < limitAt || (isBack != null && now < deadline && !isBack.getAsBoolean())) {
            watch.until(Math.min(deadline, Math.max(limitAt, now + CHECK_OTHERS_MILLIS)));
            return;
        }
        String reason = "no " + awaited + " within " + (now - startedAt()) + " ms";
        boolean counts = now < deadline || !context.ownDeadline();
        cancel(new CallFailed(Failure.of(FailureClass.TIMEOUT, status, reason), counts, false));
    }

    /** Ends the call: closes its socket; the thread that reads from it gets this failure. Only the first time counts. */
    public void cancel(CallFailed failure) {
        if (!ended.compareAndSet(null, failure)) {
            return;
        }
        // Read after `ended` is set: either the request is seen here, or bind sees that the call has ended.
        Cancellable request = call;
        if (request != null) {
            Thread.startVirtualThread(request::cancel);
        }
    }

    /** True if the call has been ended. */
    public boolean isOver() {
        return ended.get() != null;
    }

    /**
     * Throws the failure with which the call has been ended, if it has. A reader that never waits for bytes would not notice
     * otherwise.
     *
     * @throws CallFailed if the call has been ended
     */
    public void throwIfEnded() {
        CallFailed failure = ended.get();
        if (failure != null) {
            throw failed(failure);
        }
    }

    /** The failure behind an exception: the one the call was ended with, else the one that the exception means. */
    CallFailed failed(Exception e, boolean reusedConnection) {
        CallFailed failed = reason(e, reusedConnection);
        tracked.givenUp(failed);
        return shown(failed);
    }

    /** The failure, with the caller for which it is kept what it shows. */
    public CallFailed shown(CallFailed failed) {
        return failed.failure().isBeforeTheRequest() ? failed : failed.learnedBy(tracked.learner());
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

    /** The failure behind an exception that was thrown while the answer was read. */
    public CallFailed failed(Exception e) {
        return failed(e, false);
    }

    /** Ends the attempt; closes the socket unless the answer has been read to its end. Only the first time counts. */
    public void close(boolean readToTheEnd) {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        tracked.end();
        watch.stop();
        connected();
        context.onCancel(null);
        Cancellable request = call;
        // A complete document may be followed by more bytes: then the call still has its connection.
        if (request != null && (!readToTheEnd || isConnected.getAsBoolean())) {
            request.cancel();
        }
    }
}
