package io.bactrian.request;

import io.bactrian.config.Chain;
import io.bactrian.config.Limits.Rescue;
import io.bactrian.config.Service;
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
import io.bactrian.protocol.Omissions;
import io.bactrian.protocol.Problem;
import io.bactrian.protocol.Usage;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The state of one request from its plan to its end: the request, its calls, its reply and its outcome. Not thread-safe: used
 * by the request's thread, but any thread may call {@link #cancel} and read the response headers.
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
    private final Waits waits;
    private CurrentCall call;
    private RequestTrace trace = RequestTrace.NONE;
    private @Nullable Decision decision;
    private int turns;
    private boolean whole;
    private boolean over;
    private @Nullable Candidate answeredBy;
    private PartialAnswer partial;
    private @Nullable FailedAttempt handedOver;
    private Map<String, Omissions> leftOut = Map.of();
    private @Nullable LastResortAnswer lastResort;
    private @Nullable Usage usage;
    private @Nullable Problem problem;
    private volatile long firstContentAt;
    private long firstWordAt;
    private List<HedgeResult> hedges = List.of();
    private boolean probe;
    private String learner = "";

    /**
     * The state of a request that has been planned.
     *
     * @param reply the reply of the inbound request, or one around it
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
        this.waits = new Waits();
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
        this.trace = whole.trace;
        this.waits = whole.waits;
        this.racer = true;
        this.cancellation = new Cancellation();
        this.learner = whole.learner;
        this.call = CurrentCall.expected(trail, candidate.target().name());
        this.partial = whole.partial.empty();
    }

    /** The state of a probe of the health monitor. */
    static RequestContext ofProbe(InboundRequest inbound, Chain chain, Plan plan, long startedAt, boolean demo) {
        RequestContext context = new RequestContext(inbound, chain, plan, inbound.reply(), startedAt, false, demo);
        context.probe = true;
        return context;
    }

    /** True if this is no request of a caller but a probe of the health monitor. */
    public boolean isProbe() {
        return probe;
    }

    /** The part of this request in which one candidate of a race or hedge group is called. */
    public RequestContext racer(Candidate candidate, Reply racerReply) {
        return new RequestContext(this, candidate, racerReply);
    }

    /** True if this is the part of one candidate of a race or hedge group. */
    public boolean isRacer() {
        return racer;
    }

    /** Takes over the answer of the racer that won. */
    public void adopt(RequestContext winner) {
        answeredBy = winner.answeredBy;
        firstContentAt = winner.firstContentAt;
        firstWordAt = winner.firstWordAt;
        partial = winner.partial;
        usage = winner.usage;
        call = winner.call;
        whole = winner.whole;
    }

    /** Notes a racer's failure after content was sent: the request, not the racer, has to find a target that finishes it. */
    public void handOver(FailedAttempt failedAttempt) {
        handedOver = failedAttempt;
    }

    /** The failure that the request has to deal with; null if there is none. */
    public @Nullable FailedAttempt handedOver() {
        return handedOver;
    }

    public String id() {
        return inbound.id();
    }

    /** Where and when the request came in. */
    public InboundRequest.Arrival arrival() {
        return inbound.arrival();
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

    /** The time at which the request was planned, epoch milliseconds. */
    public long startedAt() {
        return startedAt;
    }

    /** True if the caller shortened the deadline, so that missing it says nothing about a provider's health. */
    public boolean ownDeadline() {
        return ownDeadline;
    }

    /** Sets the trace of the request, before anything happens to it. */
    public void traced(RequestTrace requestTrace) {
        trace = requestTrace;
    }

    /** The trace of the request, which its racers share; {@link RequestTrace#NONE} if it is not traced. */
    public RequestTrace trace() {
        return trace;
    }

    /** True if simulated providers answer. */
    public boolean demo() {
        return demo;
    }

    /** The name of the caller's key; empty where callers need none. */
    public String caller() {
        return inbound.caller();
    }

    /** Has it kept for one caller alone what the request shows of targets. */
    public void learnedBy(String caller) {
        learner = caller;
    }

    /** The caller for which it is kept what the request shows of targets; empty if it holds for all. */
    public String learner() {
        return learner;
    }

    /** The fault with which a target fails for this request; null if it is to be called. */
    public @Nullable DrillFault drill(Target target) {
        Map<String, DrillFault> drills = inbound.options().drills();
        return drills.isEmpty() ? null : drills.get(target.at(Service.CHAT).key());
    }

    /** The calls that were not made because a drill failed them. */
    public DrilledCalls drilledCalls() {
        return drilledCalls;
    }

    /** The waits of the request so far. */
    public Waits waits() {
        return waits;
    }

    /** The results of second calls beside slow ones. */
    public enum HedgeResult {
        /** The second call answered. */
        WON,
        LOST,
        /** There was no second call, because too many recent requests had one. */
        DENIED
    }

    /** Notes the result of a hedge. */
    public void hedged(HedgeResult result) {
        hedges = Stream.concat(hedges.stream(), Stream.of(result)).toList();
    }

    /** The results of the hedges, in order. */
    public List<HedgeResult> hedges() {
        return hedges;
    }

    /** The caller's headers that are passed on to a provider of the same protocol. */
    public Map<String, String> forwardedHeaders() {
        return inbound.forwardedHeaders();
    }

    /** The parts of this request that a target is asked without, because it refused their values. */
    public Omissions leftOut(Target target) {
        return leftOut.getOrDefault(target.key(), Omissions.NONE);
    }

    /** Notes parts of this request that a target is asked without from now on. */
    public void leaveOut(Target target, Omissions parts) {
        Map<String, Omissions> more = new HashMap<>(leftOut);
        more.merge(target.key(), parts, Omissions::plus);
        leftOut = more;
    }

    /** The latest decision of the policy; null before the first. */
    public @Nullable Decision decision() {
        return decision;
    }

    /** Sets the decision on the next step. */
    public void decide(Decision next) {
        decision = next;
    }

    /** Counts one more way that the request goes because of a decision, and returns how many there were. */
    public int turn() {
        return ++turns;
    }

    /**
     * The candidate to call now.
     *
     * @throws IllegalStateException if the decision is not to ask one
     */
    public Candidate candidate() {
        if (decision instanceof Decision.Ask ask) {
            return ask.candidate();
        }
        throw new IllegalStateException("the decision names no candidate");
    }

    /** Cancels the request and its running call. Any thread may do so, more than once. */
    public void cancel() {
        cancellation.cancel();
    }

    /** Ends the request because the program stops. */
    public void stop() {
        cancellation.stop();
    }

    /** True if the program stops before the request has ended by itself. */
    public boolean isStopped() {
        return cancellation.isStopped();
    }

    /** True if the caller no longer waits. */
    public boolean callerLeft() {
        return isCancelled() && !isStopped();
    }

    public boolean isCancelled() {
        return cancellation.isCancelled();
    }

    /** Sets the action that cancels the running call or wait; null when that is over. */
    public void onCancel(@Nullable Runnable cancel) {
        cancellation.onCancel(cancel);
    }

    /** Waits; returns early when the request is cancelled. */
    public void await(long millis) throws InterruptedException {
        cancellation.await(millis);
    }

    /** Notes that a call to the current candidate is about to be made. */
    public void call(CallOptions options, TrackedCall tracked) {
        Candidate candidate = candidate();
        plan.call(candidate);
        call.begin(candidate.target().name(), options, tracked, trace.call(this, candidate, options));
    }

    /** The latest call. */
    public CurrentCall currentCall() {
        return call;
    }

    /** Notes that the latest call answered, and its tokens; those of the parts that broke off are added. */
    public void succeeded(String outcome, int status, long millis, @Nullable Usage spent) {
        call.answered(outcome, status, millis, spent);
        usage = spent == null ? partial.usage() : spent.plus(partial.usage());
    }

    /** The open call whose content is being passed on; null if there is none. */
    AttemptTrail.@Nullable Entry flowing() {
        return answeredBy == null ? null : call.open();
    }

    /** Notes the candidate that answers, when its first content comes. */
    public void answering(Candidate candidate, long now) {
        answeredBy = candidate;
        if (firstContentAt == 0) {
            firstContentAt = now;
        }
    }

    /** Forgets an answer whose call failed before any content was sent. */
    public void retractAnswer() {
        answeredBy = null;
        firstContentAt = 0;
        firstWordAt = 0;
        partial.clear();
    }

    /** The part of a streamed answer that has been sent. */
    public PartialAnswer partialAnswer() {
        return partial;
    }

    /**
     * Notes the tokens that a call had cost when it broke off.
     *
     * @param delivered whether any of its answer was passed on to the reply
     */
    public void noteUsage(@Nullable Usage spent, boolean delivered) {
        call.noteUsage(spent);
        if (delivered && spent != null) {
            partial.addUsage(spent);
        }
    }

    /** Notes that a target continues an answer that broke off, and adds a comment for the caller. */
    void rescued(Candidate by, Rescue way) {
        String note = by.target().name() + " (" + way.name().toLowerCase(Locale.ROOT) + ")";
        partial.continuedBy(note, by.target().name(), way);
        trace.rescued(by, way);
        reply.note("bactrian rescued by " + note);
    }

    /** The candidate that answers; null if none does. */
    public @Nullable Candidate answeredBy() {
        return answeredBy;
    }

    /** Notes the last resort that answers in place of a target. */
    public void answering(LastResortAnswer answer, long now) {
        lastResort = answer;
        firstContentAt = now;
        trace.lastResort(answer);
    }

    /** The last resort that answered in place of a target; null if none did. */
    public @Nullable LastResortAnswer lastResort() {
        return lastResort;
    }

    /** True if a target or a last resort has answered. */
    public boolean answered() {
        return problem == null && (answeredBy != null || lastResort != null);
    }

    /** Milliseconds from the start to the first content, -1 if none came. */
    public long firstContentAfter() {
        return firstContentAt == 0 ? -1 : firstContentAt - startedAt;
    }

    /** Notes that content is passed on to the reply. */
    void speaking() {
        if (firstWordAt == 0) {
            firstWordAt = System.nanoTime();
        }
    }

    /** The time at which content was first passed on to the reply, as {@link System#nanoTime} counts; 0 if none was. */
    public long firstWordAt() {
        return firstWordAt;
    }

    /** The tokens of the answer; null if unknown. */
    public @Nullable Usage usage() {
        return usage;
    }

    /** Ends the reply with a complete answer. */
    public void complete() {
        reply.complete();
        whole = true;
    }

    /** True if the reply is a complete answer. */
    public boolean isWhole() {
        return whole && problem == null;
    }

    /** Notes that the request is over; false if that has been noted before. */
    public boolean end() {
        boolean first = !over;
        over = true;
        return first;
    }

    /** True once the request is over. */
    public boolean isOver() {
        return over;
    }

    /** Ends the request with an error. */
    public void fail(Problem error) {
        problem = error;
        reply.fail(error);
    }

    /** The error of the request; null if there is none. */
    public @Nullable Problem problem() {
        return problem;
    }
}
