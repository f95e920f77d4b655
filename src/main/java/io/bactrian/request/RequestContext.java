package io.bactrian.request;

import io.bactrian.config.Chain;
import io.bactrian.config.Limits.Rescue;
import io.bactrian.config.Target;
import io.bactrian.health.DrillFault;
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
 * One request on its way through the house: what was asked, who was tried, where the answer goes, and how it ended. Its parts
 * belong to the request's thread; {@link #cancel} and the labels may be used by any.
 */
public final class RequestContext {
    private final String id;
    private final ChatRequest request;
    private final Chain chain;
    private final Plan plan;
    private final Reply reply;
    private final long startedAt;
    private final boolean ownDeadline;
    private final boolean demo;
    private final AttemptTrail trail;
    private final boolean racer;
    private final Cancellation cancellation = new Cancellation();
    private CurrentCall call;
    private @Nullable Decision decision;
    private @Nullable Candidate answeredBy;
    private PartialAnswer partial;
    private @Nullable FailedAttempt handedUp;
    private @Nullable LastResortAnswer lastResort;
    private String caller = "";
    private @Nullable Usage usage;
    private @Nullable Problem problem;
    private Map<String, String> passOn = Map.of();
    private Map<String, DrillFault> drills = Map.of();
    private final DrilledCalls drilledCalls;
    private volatile long firstContentAt;

    /**
     * A request about to set out.
     *
     * @param startedAt epoch milliseconds
     * @param ownDeadline whether the caller shortened the deadline
     * @param demo whether simulated providers answer
     */
    public RequestContext(
            String id,
            ChatRequest request,
            Chain chain,
            Plan plan,
            Reply reply,
            long startedAt,
            boolean ownDeadline,
            boolean demo) {
        this.id = id;
        this.request = request;
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
        this.partial = new PartialAnswer(reply.streams()
                && plan.fallback()
                && request.streamable()
                && plan.candidates().stream()
                        .anyMatch(candidate -> !candidate.waysLeft().isEmpty()));
    }

    private RequestContext(RequestContext whole, Candidate candidate, Reply reply) {
        this.id = whole.id;
        this.request = whole.request;
        this.chain = whole.chain;
        this.plan = whole.plan.alone(candidate);
        this.reply = reply;
        this.startedAt = whole.startedAt;
        this.ownDeadline = whole.ownDeadline;
        this.demo = whole.demo;
        this.trail = whole.trail;
        this.drilledCalls = whole.drilledCalls;
        this.passOn = whole.passOn;
        this.caller = whole.caller;
        this.drills = whole.drills;
        this.racer = true;
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
        handedUp = failedAttempt;
    }

    public @Nullable FailedAttempt handedOver() {
        return handedUp;
    }

    public String id() {
        return id;
    }

    public ChatRequest request() {
        return request;
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
        return caller;
    }

    /** Learns whose request this is. */
    public void from(String name) {
        caller = name;
    }

    /** Learns which targets are to fail for this request, and how, by {@link Target#key}. */
    public void drill(Map<String, DrillFault> faults) {
        drills = Map.copyOf(faults);
    }

    /** How a target is to fail for this request; null if it is to be asked. */
    public @Nullable DrillFault drill(Target target) {
        return drills.isEmpty() ? null : drills.get(target.key());
    }

    /** The calls that were not made, because a drill was to fail them. */
    public DrilledCalls drilledCalls() {
        return drilledCalls;
    }

    /** The caller's headers that go on to a provider who speaks the caller's protocol. */
    public Map<String, String> forwardedHeaders() {
        return passOn;
    }

    public void forwardedHeaders(Map<String, String> headers) {
        passOn = Map.copyOf(headers);
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

    /** Notes that a call to the present stop is about to be made, with the provider's key of this number. */
    public void call(CallOptions how, int number, long now) {
        Candidate candidate = candidate();
        plan.call(candidate);
        call.begin(candidate.target().name(), how, number, now);
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
