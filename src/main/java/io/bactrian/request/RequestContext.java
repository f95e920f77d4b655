package io.bactrian.request;

import io.bactrian.config.Chain;
import io.bactrian.config.Limits.Rescue;
import io.bactrian.config.Target;
import io.bactrian.health.DrillFault;
import io.bactrian.health.TrackedCall;
import io.bactrian.policy.Candidate;
import io.bactrian.policy.Decision;
import io.bactrian.policy.FailedAttempt;
import io.bactrian.policy.LastResortAnswer;
import io.bactrian.policy.Plan;
import io.bactrian.protocol.CallOptions;
import io.bactrian.protocol.ChatRequest;
import io.bactrian.protocol.Problem;
import io.bactrian.protocol.Usage;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The state of one request from its plan to its end: what is asked, which calls were made, where the answer goes, and how it ended.
 * Belongs to the request's thread, but for {@link #cancel}, which any may call, and the response headers, which any may read.
 */
public final class RequestContext {
    private final InboundRequest inbound;
    private final Chain chain;
    private final Plan plan;
    private final Reply reply;
    private final long startedAt;
    private final boolean ownDeadline;
    private final boolean demo;
    private final AttemptTrail trail;
    private final boolean racer;
    private final Cancellation cancellation;
    private final DrilledCalls drilledCalls;
    private CurrentCall call;
    private @Nullable Decision decision;
    private @Nullable Candidate answeredBy;
    private PartialAnswer partial;
    private @Nullable FailedAttempt handedOver;
    private @Nullable LastResortAnswer lastResort;
    private @Nullable Usage usage;
    private @Nullable Problem problem;
    private volatile long firstContentAt;

    /**
     * The state of a request that has been planned.
     *
     * @param reply through which the answer goes: that of the inbound request, or one around it
     * @param startedAt epoch milliseconds
     * @param ownDeadline whether the caller shortened the deadline
     * @param demo whether simulated providers answer
     */
    public RequestContext(
            InboundRequest inbound,
            Chain chain,
            Plan plan,
            Reply reply,
            long startedAt,
            boolean ownDeadline,
            boolean demo) {
        this.inbound = inbound;
        this.chain = chain;
        this.plan = plan;
        this.reply = reply;
        this.startedAt = startedAt;
        this.ownDeadline = ownDeadline;
        this.demo = demo;
        this.trail = new AttemptTrail();
        this.call = CurrentCall.none(trail);
        this.drilledCalls = new DrilledCalls();
        this.racer = false;
        this.cancellation = inbound.cancellation();
        this.partial = new PartialAnswer(reply.streams()
                && plan.fallback()
                && inbound.request().streamable()
                && plan.candidates().stream()
                        .anyMatch(candidate -> !candidate.waysLeft().isEmpty()));
    }

    private RequestContext(RequestContext whole, Candidate candidate, Reply reply) {
        this.inbound = whole.inbound;
        this.chain = whole.chain;
        this.plan = whole.plan.alone(candidate);
        this.reply = reply;
        this.startedAt = whole.startedAt;
        this.ownDeadline = whole.ownDeadline;
        this.demo = whole.demo;
        this.trail = whole.trail;
        this.drilledCalls = whole.drilledCalls;
        this.racer = true;
        this.cancellation = new Cancellation();
        this.call = CurrentCall.expected(trail, candidate.target().name());
        this.partial = whole.partial.afresh();
    }

    /** The part of this request in which one of several candidates is asked while others are, too. */
    public RequestContext racer(Candidate candidate, Reply into) {
        return new RequestContext(this, candidate, into);
    }

    /** Whether this is the part of a request in which one of several candidates is asked at once. */
    public boolean isRacer() {
        return racer;
    }

    /** The winner's part is the request's own from now on. */
    public void adopt(RequestContext winner) {
        answeredBy = winner.answeredBy;
        firstContentAt = winner.firstContentAt;
        partial = winner.partial;
        usage = winner.usage;
        call = winner.call;
    }

    /** Notes a failure after words were spoken: not the part but the whole of the request finds who can finish it. */
    public void handOver(FailedAttempt failedAttempt) {
        handedOver = failedAttempt;
    }

    public @Nullable FailedAttempt handedOver() {
        return handedOver;
    }

    public String id() {
        return inbound.id();
    }

    public ChatRequest request() {
        return inbound.request();
    }

    public Chain chain() {
        return chain;
    }

    public Plan plan() {
        return plan;
    }

    public Reply reply() {
        return reply;
    }

    public AttemptTrail trail() {
        return trail;
    }

    /** Epoch milliseconds. */
    public long startedAt() {
        return startedAt;
    }

    /** Whether the caller shortened the deadline, so that missing it says nothing of a provider's health. */
    public boolean ownDeadline() {
        return ownDeadline;
    }

    public boolean demo() {
        return demo;
    }

    /** The name of the caller's key; empty where callers have none. */
    public String caller() {
        return inbound.caller();
    }

    /** How a target is to fail for this request; null if it is to be asked. */
    public @Nullable DrillFault drill(Target target) {
        Map<String, DrillFault> drills = inbound.options().drills();
        return drills.isEmpty() ? null : drills.get(target.key());
    }

    /** The calls that were not made, because a drill was to fail them. */
    public DrilledCalls drilledCalls() {
        return drilledCalls;
    }

    /** The caller's headers that go on to a provider who speaks the caller's protocol. */
    public Map<String, String> forwardedHeaders() {
        return inbound.forwardedHeaders();
    }

    /** Where to go next. */
    public @Nullable Decision decision() {
        return decision;
    }

    public void decide(Decision next) {
        decision = next;
    }

    /** The stop that is to be asked now. */
    public Candidate candidate() {
        if (decision instanceof Decision.Ask ask) {
            return ask.candidate();
        }
        throw new IllegalStateException("no stop decided on");
    }

    /** The caller has left: whatever is under way for it ends. Callable from any thread, more than once. */
    public void cancel() {
        cancellation.cancel();
    }

    public boolean isCancelled() {
        return cancellation.isCancelled();
    }

    /** Says how the call now under way is cancelled; null when it is over. */
    public void onCancel(@Nullable Runnable cancel) {
        cancellation.onCancel(cancel);
    }

    /** Waits; ends early when the caller leaves. */
    public void await(long millis) throws InterruptedException {
        cancellation.await(millis);
    }

    /** Notes that a call to the present candidate is about to be made. */
    public void call(CallOptions options, TrackedCall tracked) {
        Candidate candidate = candidate();
        plan.call(candidate);
        call.begin(candidate.target().name(), options, tracked);
    }

    public CurrentCall currentCall() {
        return call;
    }

    /** Notes that the call last made answered, and what it cost; what broke off before is added. */
    public void succeeded(String outcome, int status, long millis, @Nullable Usage spent) {
        call.answered(outcome, status, millis, spent);
        usage = spent == null ? partial.usage() : spent.plus(partial.usage());
    }

    /** The call whose content flows at the moment; null if there is none. */
    AttemptTrail.@Nullable Entry flowing() {
        return answeredBy == null ? null : call.open();
    }

    /** Notes who answers, when its first content comes. */
    public void answering(Candidate candidate, long now) {
        answeredBy = candidate;
        if (firstContentAt == 0) {
            firstContentAt = now;
        }
    }

    /** What was noted of an answer no longer holds: its call failed before anything was spoken. */
    public void retractAnswer() {
        answeredBy = null;
        firstContentAt = 0;
        partial.clear();
    }

    /** What the caller of a stream has been given of the answer. */
    public PartialAnswer partialAnswer() {
        return partial;
    }

    /**
     * Notes what a call had cost when it broke off.
     *
     * @param gave whether the caller was given any of it
     */
    public void noteUsage(@Nullable Usage spent, boolean gave) {
        call.noteUsage(spent);
        if (gave && spent != null) {
            partial.cost(spent);
        }
    }

    /** Notes that a target goes on with what another began, and tells the caller in passing. */
    void rescued(Candidate by, Rescue way) {
        String note = by.target().name() + " (" + way.name().toLowerCase(Locale.ROOT) + ")";
        partial.continuedBy(note);
        reply.note("bactrian rescued by " + note);
    }

    public @Nullable Candidate answeredBy() {
        return answeredBy;
    }

    /** Notes what stands in for an answer of a target. */
    public void answering(LastResortAnswer instead, long now) {
        lastResort = instead;
        firstContentAt = now;
    }

    /** What stood in for an answer of a target; null if nothing did. */
    public @Nullable LastResortAnswer lastResort() {
        return lastResort;
    }

    /** Whether there is an answer, whoever gave it. */
    public boolean answered() {
        return problem == null && (answeredBy != null || lastResort != null);
    }

    /** Milliseconds to the first content, -1 if none came. */
    public long firstContentAfter() {
        return firstContentAt == 0 ? -1 : firstContentAt - startedAt;
    }

    public @Nullable Usage usage() {
        return usage;
    }

    /** Ends without an answer. */
    public void fail(Problem why) {
        problem = why;
        reply.fail(why);
    }

    /** Why there is no answer, null if there is one. */
    public @Nullable Problem problem() {
        return problem;
    }
}
