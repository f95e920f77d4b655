package io.bactrian.policy;

/** What went wrong with one call to a provider; decides where the request goes next. */
public enum FailureClass {
    RATE_LIMITED,
    QUOTA_EXHAUSTED,
    OVERLOADED,
    SERVER_ERROR,
    TIMEOUT,
    NETWORK,
    AUTHENTICATION,
    MODEL_UNAVAILABLE,
    CONTEXT_LENGTH,
    CONTENT_POLICY,
    INVALID_REQUEST,
    UNSUPPORTED,
    INVALID_RESPONSE,
    STREAM_BROKEN,
    CANCELLED,
    CIRCUIT_OPEN
}
