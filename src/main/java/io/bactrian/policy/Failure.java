package io.bactrian.policy;

import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The failure of one call to a provider. Immutable.
 *
 * @param status the HTTP status of the response; 0 if there was none
 * @param retryAfter the wait that the provider asked for; null if it named none
 * @param shouldRetry the provider's {@code x-should-retry}; null if absent
 * @param code the provider's error code; null if none
 * @param errorType the provider's error type; null if none
 * @param param the request field that the provider's error names; null if none
 * @param reason one line: the gateway's own or the provider's text, sanitized; never a key, a document or HTML
 * @param certain true if the request is surely invalid at every target, so that no other one is asked about it
 * @param concern the thing that it says something of
 */
public record Failure(
        FailureClass type,
        int status,
        @Nullable Duration retryAfter,
        @Nullable Boolean shouldRetry,
        @Nullable String code,
        @Nullable String errorType,
        @Nullable String param,
        String reason,
        boolean certain,
        Concern concern) {

    /** The code of a NETWORK failure in which an established connection ended before an answer began. */
    public static final String RESET = "connection_reset";

    /** The code of an INVALID_RESPONSE beyond the bounds of any answer; what took so much is not asked for again. */
    public static final String TOO_LONG = "too_long";

    /** The code of a SERVER_ERROR that is a lack of the gateway's own, such as of memory or file descriptors. */
    private static final String OWN = "gateway_overloaded";

    /** The codes of failures without a connection. */
    private static final Set<String> BEFORE = Set.of("unknown_host", "no_route", "connection_refused");

    /** The thing that a failure says something of. */
    public enum Concern {
        /** What its class concerns. */
        USUAL,
        /** The model alone, and not the provider's other models. */
        MODEL,
        /** What this request asks for, such as its length, schema or tools: nothing is learned of the target. */
        REQUEST
    }

    public Failure(
            FailureClass type,
            int status,
            @Nullable Duration retryAfter,
            @Nullable Boolean shouldRetry,
            @Nullable String code,
            @Nullable String errorType,
            @Nullable String param,
            String reason) {
        this(type, status, retryAfter, shouldRetry, code, errorType, param, reason, false, Concern.USUAL);
    }

    /** A failure without an error response, such as a refused connection, a timeout or an unreadable answer. */
    public static Failure of(FailureClass type, String reason) {
        return new Failure(type, 0, null, null, null, null, null, reason);
    }

    public static Failure of(FailureClass type, int status, String reason) {
        return new Failure(type, status, null, null, null, null, null, reason);
    }

    /** An answer beyond the bounds of any. */
    public static Failure tooLong(String reason) {
        return new Failure(FailureClass.INVALID_RESPONSE, 200, null, null, TOO_LONG, null, null, reason);
    }

    /** A lack of the gateway's own, which says nothing of the target. */
    public static Failure own(String reason) {
        return new Failure(FailureClass.SERVER_ERROR, 0, null, null, OWN, null, null, reason);
    }

    /** True if the gateway itself lacked something, so that the target is not to blame. */
    public boolean isOwn() {
        return status == 0 && type == FailureClass.SERVER_ERROR && OWN.equals(code);
    }

    /** A request that is not what its protocol says, so that the gateway cannot put it to this target. */
    public static Failure invalidRequest(@Nullable String param, String reason) {
        return new Failure(
                FailureClass.INVALID_REQUEST,
                400,
                null,
                null,
                null,
                "invalid_request_error",
                param,
                reason,
                true,
                Concern.USUAL);
    }

    /**
     * A request that this target cannot serve, or an answer of it that cannot be used, without a fault of the target.
     */
    public static Failure unsupported(@Nullable String code, String reason) {
        return new Failure(FailureClass.UNSUPPORTED, 0, null, null, code, null, null, reason);
    }

    /** The same failure with another class. */
    public Failure as(FailureClass other) {
        return new Failure(other, status, retryAfter, shouldRetry, code, errorType, param, reason, certain, concern);
    }

    /** The same failure with another concern. */
    public Failure about(Concern other) {
        return new Failure(type, status, retryAfter, shouldRetry, code, errorType, param, reason, certain, other);
    }

    /** True if there was no connection on which to send a request, so that no request can have caused it. */
    public boolean isBeforeTheRequest() {
        return status == 0 && code != null && BEFORE.contains(code);
    }

    /** True if the provider refused the request itself, be it for its content, its length or a part of it. */
    public boolean isRefusal() {
        return switch (type) {
            case INVALID_REQUEST, UNSUPPORTED, CONTEXT_LENGTH, CONTENT_POLICY -> true;
            default -> false;
        };
    }

    /** The same failure as a rate limit that ends after this time. */
    public Failure limitedFor(Duration wait) {
        boolean same = type == FailureClass.RATE_LIMITED;
        return new Failure(
                FailureClass.RATE_LIMITED, status, wait, same ? shouldRetry : null, code, errorType, param, reason);
    }

    /**
     * True if the failure concerns the health of the target, so that the circuit breaker counts it. Other failures are
     * neutral: neither failure nor success.
     */
    public boolean counts() {
        return !isOwn() && concern != Concern.REQUEST && ofTheTarget();
    }

    private boolean ofTheTarget() {
        return switch (type) {
            case OVERLOADED, SERVER_ERROR, NETWORK, TIMEOUT, STREAM_BROKEN -> true;
            case INVALID_RESPONSE -> status < 400;
            default -> false;
        };
    }
}
