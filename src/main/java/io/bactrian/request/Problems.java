package io.bactrian.request;

import io.bactrian.policy.Candidate;
import io.bactrian.policy.Decision.Cause;
import io.bactrian.policy.Decision.GiveUp;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import io.bactrian.policy.Plan;
import io.bactrian.protocol.CallRecord;
import io.bactrian.protocol.Problem;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The errors of requests without an answer: status, type and a message that names the first cause. Stateless. */
public final class Problems {
    /** The time after which a gateway that lacked something may be asked again. */
    private static final long OVERLOADED_MILLIS = 2_000;

    static final String ALL_FAILED = "all_providers_failed";

    private Problems() {}

    /** The error of a provider that rejected the caller's request, as the provider gave it. */
    public static Problem of(Failure failure, AttemptTrail trail) {
        if (failure.isOwn()) {
            return new Problem(
                    503,
                    "service_unavailable_error",
                    failure.code(),
                    null,
                    "The gateway is overloaded. Try again soon.",
                    OVERLOADED_MILLIS,
                    null,
                    trail.calls());
        }
        int status = failure.status() == 422 ? 422 : 400;
        String type = failure.errorType() == null ? "invalid_request_error" : failure.errorType();
        return new Problem(status, type, failure.code(), failure.param(), failure.reason(), null, null, trail.calls());
    }

    /** The error of a request that the end of the program has cut short. */
    public static Problem ofStop(AttemptTrail trail) {
        return new Problem(
                503,
                "service_unavailable_error",
                "stopping",
                null,
                "The gateway is stopping.",
                1_000L,
                true,
                List.copyOf(trail.calls()));
    }

    /** The error of a request that only one target could answer, such as a count of tokens. */
    public static Problem ofOnlyTarget(String target, Failure failure, AttemptTrail trail) {
        Duration after = failure.retryAfter();
        Long wait = after == null ? null : (Long) after.toMillis();
        String message = target + " " + describe(failure);
        if (failure.isOwn()) {
            return of(failure, trail);
        }
        return switch (failure.type()) {
            case INVALID_REQUEST, CONTENT_POLICY, UNSUPPORTED, CONTEXT_LENGTH -> of(failure, trail);
            case MODEL_UNAVAILABLE -> noModel(message, trail);
            case RATE_LIMITED -> failed(429, "rate_limit_error", message, wait, trail);
            case TIMEOUT -> failed(504, "timeout_error", message, wait, trail);
            default -> failed(503, "service_unavailable_error", message, wait, trail);
        };
    }

    /** The error of a request that no target could answer. */
    public static Problem of(GiveUp giveUp, Plan plan, AttemptTrail trail, long now) {
        Long wait = giveUp.earliestReturn() == null ? null : Math.max(0, giveUp.earliestReturn() - now);
        if (giveUp.cause() == Cause.NO_ELIGIBLE_TARGET
                && plan.candidates().stream().allMatch(s -> "context".equals(s.skipped()))) {
            return invalid(
                    Problem.CONTEXT_LENGTH_EXCEEDED,
                    "The request is longer than the context window of every target: " + skipped(plan),
                    trail);
        }
        if (giveUp.cause() == Cause.NO_ELIGIBLE_TARGET) {
            return noTarget(plan, trail);
        }
        if (giveUp.cause() == Cause.DEADLINE) {
            return failed(
                    504,
                    "timeout_error",
                    "The deadline of the request has passed. " + summary(plan, trail),
                    wait,
                    trail);
        }
        if (trail.allOf(FailureClass.CONTEXT_LENGTH)) {
            return invalid(
                    Problem.CONTEXT_LENGTH_EXCEEDED,
                    "The request is longer than the context window of every target. " + summary(plan, trail),
                    trail);
        }
        boolean unsupported = trail.allOf(FailureClass.UNSUPPORTED) && allFailed(plan, FailureClass.UNSUPPORTED);
        if ((unsupported || trail.allOf(FailureClass.CONTENT_POLICY)) && trail.firstCause() != null) {
            return of(trail.firstCause(), trail);
        }
        if (trail.allOf(FailureClass.MODEL_UNAVAILABLE)
                || allCandidates(plan, type -> type == FailureClass.MODEL_UNAVAILABLE)) {
            return noModel("No provider has the model. " + summary(plan, trail), trail);
        }
        if (allCandidates(plan, type -> type == FailureClass.RATE_LIMITED)) {
            return failed(
                    429, "rate_limit_error", "Every provider is rate limited. " + summary(plan, trail), wait, trail);
        }
        Problem unavailable = failed(
                503, "service_unavailable_error", "No provider could answer. " + summary(plan, trail), wait, trail);
        return allCandidates(plan, FailureClass::isLasting) ? unavailable.notToBeRetried() : unavailable;
    }

    /** The error of a request that no target could serve: what is wrong with it, or else what each of them lacks. */
    private static Problem noTarget(Plan plan, AttemptTrail trail) {
        List<Failure> obstacles = plan.candidates().stream()
                .map(Candidate::obstacle)
                .filter(Objects::nonNull)
                .toList();
        boolean invalid = obstacles.stream().allMatch(o -> o.type() == FailureClass.INVALID_REQUEST);
        if (invalid && obstacles.size() == plan.candidates().size()) {
            Failure first = obstacles.getFirst();
            return new Problem(
                    400, "invalid_request_error", null, first.param(), first.reason(), null, null, trail.calls());
        }
        String reasons = obstacles.stream().map(Failure::reason).distinct().collect(Collectors.joining(" "));
        return invalid(
                "no_eligible_target",
                "No target of this chain can serve the request: " + skipped(plan)
                        + (reasons.isEmpty() ? "" : ". " + reasons),
                trail);
    }

    /** The error of a stream that broke after content was sent, and that no target could finish. */
    public static Problem broken(Failure failure, AttemptTrail trail) {
        return new Problem(
                502,
                "server_error",
                "stream_broken",
                null,
                "The answer broke off and could not be finished: " + failure.reason(),
                null,
                false,
                trail.calls());
    }

    /** The error of a fault of the gateway itself. */
    public static Problem internal(List<CallRecord> calls) {
        return new Problem(
                500, "server_error", "internal_error", null, "An error inside the gateway.", null, null, calls);
    }

    private static Problem invalid(String code, String message, AttemptTrail trail) {
        return new Problem(400, "invalid_request_error", code, null, message, null, null, trail.calls());
    }

    private static Problem noModel(String message, AttemptTrail trail) {
        return new Problem(
                404, "invalid_request_error", "model_not_found", "model", message, null, null, trail.calls());
    }

    private static Problem failed(int status, String type, String message, @Nullable Long wait, AttemptTrail trail) {
        boolean soon = wait != null && wait <= Problem.MAX_RETRY_AFTER_MILLIS;
        return new Problem(
                status, type, ALL_FAILED, null, message, wait, status == 429 && soon ? null : soon, trail.calls());
    }

    /** True if no candidate has another failure than this. */
    private static boolean allFailed(Plan plan, FailureClass type) {
        return plan.candidates().stream().allMatch(s -> s.lastFailure() == null || s.lastFailure() == type);
    }

    /** True if there are candidates that could serve the request, and all that have a failure have one of this kind. */
    private static boolean allCandidates(Plan plan, Predicate<FailureClass> type) {
        List<FailureClass> reasons = plan.candidates().stream()
                .filter(s -> s.calls() > 0 || s.lastFailure() != FailureClass.UNSUPPORTED)
                .map(Candidate::lastFailure)
                .filter(Objects::nonNull)
                .toList();
        return !reasons.isEmpty() && reasons.stream().allMatch(type);
    }

    /** The first cause in words, and the number of calls. */
    private static String summary(Plan plan, AttemptTrail trail) {
        Failure cause = trail.firstCause();
        if (cause == null) {
            return "Not called: " + skipped(plan) + ".";
        }
        String target = trail.calls().get(0).target();
        String calls = trail.calls().size() == 1 ? "1 call" : trail.calls().size() + " calls";
        return "First cause: " + target + " " + describe(cause) + " (" + calls + " in all).";
    }

    private static String describe(Failure cause) {
        String status = cause.status() == 0 ? "" : " with status " + cause.status();
        String name = cause.type().name().toLowerCase(Locale.ROOT).replace('_', ' ');
        return switch (cause.type()) {
            case AUTHENTICATION, QUOTA_EXHAUSTED -> "failed" + status + " (" + name + ")";
            default -> "failed" + status + " (" + name + "): " + cause.reason();
        };
    }

    private static String skipped(Plan plan) {
        return plan.candidates().stream()
                .filter(s -> s.skipped() != null)
                .map(Problems::skipped)
                .collect(Collectors.joining(", "));
    }

    private static String skipped(Candidate candidate) {
        return candidate.target().name() + "=" + candidate.skipped();
    }
}
