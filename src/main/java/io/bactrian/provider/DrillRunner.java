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

/** Plays providers that fail as drills order it, without asking them. Thread-safe. */
public final class DrillRunner {
    private final Drills standing;
    /** Knows no secrets, for no provider speaks, and tells nobody of failures that it does not know. */
    private final Classifier classifier;

    public DrillRunner(Drills standing, Clock clock) {
        this.standing = standing;
        this.classifier = new Classifier(clock);
    }

    /**
     * How a call is to fail.
     *
     * @param forAll whether everybody's calls to the target fail so, which its breaker may count; a drill of one request is
     *     nobody else's business
     */
    public record Order(DrillFault fault, boolean forAll) {}

    /** How a call to the target is to fail, null if it is to be made. */
    public @Nullable Order of(RequestContext context, Target target, long now) {
        DrillFault wished = context.drill(target);
        if (wished != null) {
            return new Order(wished, false);
        }
        Drills.Standing drill = standing.of(target, now);
        return drill == null ? null : new Order(drill.fault(), true);
    }

    /** Fails as ordered. Silence lasts until a limit of the call is reached or the caller leaves. */
    public CallFailed fail(Order order, Attempt attempt) {
        CallFailed failed = order.fault().kind() == DrillFault.Kind.TIMEOUT
                ? silence(attempt)
                : new CallFailed(failure(order.fault()));
        return failed.inDrill(order.forAll() && failed.counts());
    }

    private Failure failure(DrillFault fault) {
        return switch (fault.kind()) {
            case STATUS -> answer(fault.status());
            case RESET -> network(Failure.RESET, "connection reset");
            case REFUSED -> network("connection_refused", "connection refused");
            case GARBAGE -> Failure.of(FailureClass.INVALID_RESPONSE, 200, "drill: not an answer of the protocol");
            case TIMEOUT -> throw new IllegalArgumentException("takes its time");
        };
    }

    private Failure answer(int status) {
        Failure failure = classifier.classify(status, name -> null, new byte[0]);
        // As with a provider that says it was cancelled when nobody cancelled.
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
