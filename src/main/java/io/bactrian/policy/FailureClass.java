package io.bactrian.policy;

/** The classes of failed calls to providers; the class decides where the request goes next. */
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
    CIRCUIT_OPEN;

    /** Whether it lasts until its cause is removed, so that waiting for its end is pointless. */
    public boolean isLasting() {
        return this == AUTHENTICATION || this == QUOTA_EXHAUSTED || this == MODEL_UNAVAILABLE;
    }
}
