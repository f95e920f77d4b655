package io.bactrian.chat;

import io.bactrian.config.Chain;
import io.bactrian.config.Limits.Rescue;
import io.bactrian.config.Target;
import io.bactrian.fallback.Decision;
import io.bactrian.fallback.Fault;
import io.bactrian.fallback.Plan;
import io.bactrian.fallback.Stop;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One request on its way through the house: what was asked, who was tried, where the answer goes, and how it ended. Its parts
 * belong to the request's thread; {@link #leave} and the labels may be used by any.
 */
public final class Conversation {
    private final String id;
    private final ChatRequest request;
    private final Chain chain;
    private final Plan plan;
    private final Reply reply;
    private final long startedAt;
    private final boolean ownDeadline;
    private final boolean demo;
    private final Trail trail = new Trail();
    private final CountDownLatch left = new CountDownLatch(1);
    private volatile @Nullable Runnable callUnderWay;
    private Runnable callEnd = () -> {};
    private @Nullable Decision decision;
    private @Nullable Stop answeredBy;
    private final Spoken spoken;
    private @Nullable Usage usage;
    private @Nullable Usage heard;
    private Asking asking = Asking.plainly(false);
    private @Nullable Problem problem;
    private List<String> dropped = List.of();
    private Map<String, String> passOn = Map.of();
    private String caller = "";
    private Map<String, Fault> drills = Map.of();
    private final Drilled drilled = new Drilled();
    private int key;
    private long calledAt;
    private long firstContentAt;

    /**
     * A request about to set out.
     *
     * @param startedAt epoch milliseconds
     * @param ownDeadline whether the caller shortened the deadline
     * @param demo whether simulated providers answer
     */
    public Conversation(
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
        this.spoken = new Spoken(reply.streams()
                && plan.fallback()
                && request.streamable()
                && plan.stops().stream().anyMatch(stop -> !stop.waysLeft().isEmpty()));
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

    public Trail trail() {
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
    public void drill(Map<String, Fault> faults) {
        drills = Map.copyOf(faults);
    }

    /** How a target is to fail for this request; null if it is to be asked. */
    public @Nullable Fault drill(Target target) {
        return drills.isEmpty() ? null : drills.get(target.key());
    }

    /** The calls that were not made, because a drill was to fail them. */
    public Drilled drilled() {
        return drilled;
    }

    /** The caller's headers that go on to a provider who speaks the caller's protocol. */
    public Map<String, String> passOn() {
        return passOn;
    }

    public void passOn(Map<String, String> headers) {
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
    public Stop stop() {
        if (decision instanceof Decision.Go go) {
            return go.stop();
        }
        throw new IllegalStateException("no stop decided on");
    }

    /** The caller has left: whatever is under way for it ends. Callable from any thread, more than once. */
    public void leave() {
        left.countDown();
        Runnable call = callUnderWay;
        if (call != null) {
            call.run();
        }
    }

    public boolean hasLeft() {
        return left.getCount() == 0;
    }

    /** Says how the call now under way is cancelled; null when it is over. */
    public void underWay(@Nullable Runnable cancel) {
        callUnderWay = cancel;
        if (cancel != null && hasLeft()) {
            cancel.run();
        }
    }

    /** Waits; ends early when the caller leaves. */
    public void await(long millis) throws InterruptedException {
        if (millis > 0) {
            boolean gone = left.await(millis, TimeUnit.MILLISECONDS);
            assert !gone || hasLeft();
        }
    }

    /** Notes that a call to the present stop is about to be made, with the provider's key of this number. */
    public void call(Asking how, int number, long now) {
        plan.call(stop());
        asking = how;
        key = number;
        calledAt = now;
        heard = null;
    }

    /** How the last call asked. */
    public Asking asking() {
        return asking;
    }

    /** Says what has to be done when the call is over, however it ends; done more than once it does nothing. */
    public void atCallEnd(Runnable end) {
        callEnd = end;
    }

    /** The call is over. */
    public void endCall() {
        callEnd.run();
    }

    /** Whether the call last made has no entry in the trail yet. */
    public boolean callOpen() {
        return plan.calls() > trail.calls().size();
    }

    /** The number of the provider's key that the last call used. */
    public int key() {
        return key;
    }

    /** When the last call was made, epoch milliseconds. */
    public long calledAt() {
        return calledAt;
    }

    /** Notes who answers, when its first content comes. */
    public void answering(Stop stop, long now) {
        answeredBy = stop;
        if (firstContentAt == 0) {
            firstContentAt = now;
        }
    }

    /** What was noted of an answer no longer holds: its call failed before anything was spoken. */
    public void notAnswering() {
        answeredBy = null;
        firstContentAt = 0;
        spoken.clear();
    }

    /** What the caller of a stream has been given of the answer. */
    public Spoken spoken() {
        return spoken;
    }

    /**
     * Notes what a call had cost when it broke off.
     *
     * @param gave whether the caller was given any of it
     */
    public void brokeOff(@Nullable Usage spent, boolean gave) {
        heard = spent;
        if (gave && spent != null) {
            spoken.cost(spent);
        }
    }

    /** What the call last made cost although it failed; null if nothing came of it. */
    public @Nullable Usage heard() {
        return heard;
    }

    /** Notes that a target goes on with what another began, and tells the caller in passing. */
    void rescued(Stop by, Rescue way) {
        String note = by.target().name() + " (" + way.name().toLowerCase(Locale.ROOT) + ")";
        spoken.goesOn(note);
        reply.note("bactrian rescued by " + note);
    }

    public @Nullable Stop answeredBy() {
        return answeredBy;
    }

    /** Milliseconds to the first content, -1 if none came. */
    public long firstContentAfter() {
        return firstContentAt == 0 ? -1 : firstContentAt - startedAt;
    }

    /** Harmless parameters that the target now asked does not take. */
    public void dropped(List<String> fields) {
        dropped = fields;
    }

    public List<String> dropped() {
        return dropped;
    }

    /** Notes what the call that answered cost; what broke off before is added. */
    public void used(@Nullable Usage spent) {
        usage = spent == null ? spoken.usage() : spent.plus(spoken.usage());
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
