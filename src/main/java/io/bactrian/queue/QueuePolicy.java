package io.bactrian.queue;

import io.bactrian.policy.FailureClass;
import java.util.Set;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The rules for requests without an answer. The caller's mistake is a dead letter at once; an outage is never the request's
 * fault, so it comes again after a growing delay, until its time is over; an error of the gateway itself makes it a dead letter
 * after some tries. Stateless.
 */
final class QueuePolicy {
    /** The class of a dead letter that the gateway itself cannot handle. */
    static final String INTERNAL = "INTERNAL_ERROR";

    /** The class of a dead letter whose reply has no address any more. */
    static final String NO_ADDRESS = "REPLY_ADDRESS_GONE";

    /** Deliveries in which the gateway itself fails before the request is a dead letter. */
    static final int MAX_FAULTS = 3;

    /** Milliseconds that a request must have left to be asked again. */
    static final long LEAST_LEFT = 500;

    private static final long FIRST_DELAY = 1_000;
    private static final long MAX_BACKOFF = 60_000;
    private static final long MAX_DELAY = 3_600_000;
    private static final int TOO_MANY_REQUESTS = 429;
    /** The statuses with which a caller's mistake ends that only the providers have found. */
    private static final Set<Integer> MISTAKES = Set.of(400, 413, 422);

    private final DoubleSupplier random;

    /** @param random 0..1, for the jitter of delays */
    QueuePolicy(DoubleSupplier random) {
        this.random = random;
    }

    /**
     * The fate of a request.
     *
     * @param tries how often it was put back before
     * @param faults how often the gateway itself has failed at it, this time included
     * @param left milliseconds until it expires; null if it never does
     */
    Verdict decide(NoAnswer why, int tries, int faults, @Nullable Long left) {
        int status = why.problem().status();
        boolean mistake =
                switch (why.kind()) {
                    case REJECTED -> status != TOO_MANY_REQUESTS;
                    case UNANSWERED -> MISTAKES.contains(status);
                    case FAULT -> false;
                };
        if (mistake) {
            FailureClass type = why.type();
            return new Verdict.DeadLetter((type == null ? FailureClass.INVALID_REQUEST : type).name());
        }
        if (why.kind() == NoAnswer.Kind.FAULT && faults >= MAX_FAULTS) {
            return new Verdict.DeadLetter(INTERNAL);
        }
        if (left != null && left < LEAST_LEFT) {
            return new Verdict.Expired();
        }
        long backoff = backoff(tries);
        // Without a call, the time of return is that of a breaker or cooldown, which may end earlier.
        boolean asked = why.kind() != NoAnswer.Kind.UNANSWERED
                || !why.problem().attempts().isEmpty();
        Long back = asked ? why.problem().retryAfterMillis() : null;
        long delay = back == null ? backoff : Math.max(backoff, Math.min(back, MAX_DELAY));
        // One that is about to expire is asked once more before.
        long most = left == null ? MAX_DELAY : left / 2;
        return new Verdict.Later(Math.min(delay, most), Math.min(backoff, most));
    }

    /** Between a half and the whole of 1 s, 2 s, 4 s and so on up to 60 s. */
    private long backoff(int tries) {
        long whole = Math.min(FIRST_DELAY << Math.min(tries, 10), MAX_BACKOFF);
        return whole / 2 + (long) (random.getAsDouble() * whole / 2);
    }
}
