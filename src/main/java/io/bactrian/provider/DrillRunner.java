package io.bactrian.provider;

import io.bactrian.config.Target;
import io.bactrian.health.DrillFault;
import io.bactrian.health.Drills;
import io.bactrian.policy.CallFailed;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import io.bactrian.provider.failure.Classifier;
import io.bactrian.request.RequestContext;
import java.time.Clock;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** A runner of drills: fails calls as a request's or an operator's drill says, without calling the provider. Thread-safe. */
public final class DrillRunner {
    private final Drills operatorDrills;
    /** Without secrets and a log of unclassified failures: no provider sends anything in a drill. */
    private final Classifier classifier;

    public DrillRunner(Drills operatorDrills, Clock clock) {
        this.operatorDrills = operatorDrills;
        this.classifier = new Classifier(clock);
    }

    /**
     * A drill that fails a call.
     *
     * @param forAll whether it fails the calls of all requests to the target, so that the target's breaker may count them; a
     *     drill of one request must not affect others
     */
    public record Drill(DrillFault fault, boolean forAll) {}

    /** The drill that fails a call to the target, the request's own before an operator's; null if the call is to be made. */
    public @Nullable Drill of(RequestContext context, Target target, long now) {
        DrillFault own = context.drill(target);
        if (own != null) {
            return new Drill(own, false);
        }
        Drills.Standing standing = operatorDrills.of(target, now);
        return standing == null ? null : new Drill(standing.fault(), true);
    }

    /** The failure of a drilled call. A timeout blocks until a limit of the call is reached or the caller leaves. */
    public CallFailed fail(Drill drill, Attempt attempt) {
        CallFailed failed = drill.fault().kind() == DrillFault.Kind.TIMEOUT
                ? silence(attempt)
                : new CallFailed(failure(drill.fault()));
        return failed.inDrill(drill.forAll() && failed.counts());
    }

    private Failure failure(DrillFault fault) {
        return switch (fault.kind()) {
            case STATUS -> answer(fault.status());
            case RESET -> network(Failure.RESET, "connection reset");
            case REFUSED -> network("connection_refused", "connection refused");
            case GARBAGE -> Failure.of(FailureClass.INVALID_RESPONSE, 200, "drill: not an answer of the protocol");
            case TIMEOUT -> throw new IllegalArgumentException("a timeout has to be waited for");
        };
    }

    private Failure answer(int status) {
        Failure failure = classifier.classify(status, name -> null, new byte[0]);
        // As with a provider's 499: the call was not cancelled here.
        FailureClass type = failure.type() == FailureClass.CANCELLED ? FailureClass.SERVER_ERROR : failure.type();
        return Failure.of(type, status, "drill: HTTP " + status);
    }

    private static Failure network(String code, String reason) {
        return new Failure(FailureClass.NETWORK, 0, null, null, code, null, null, "drill: " + reason);
    }

    private static CallFailed silence(Attempt attempt) {
        CountDownLatch over = new CountDownLatch(1);
        attempt.bind(
                () -> {
                    over.countDown();
                    return true;
                },
                () -> false);
        try {
            over.await();
            attempt.throwIfEnded();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (CallFailed ended) {
            return ended;
        }
        return new CallFailed(Failure.of(FailureClass.CANCELLED, "cancelled"));
    }
}
