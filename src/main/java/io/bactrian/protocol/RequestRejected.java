package io.bactrian.protocol;

import com.fasterxml.jackson.core.StreamReadConstraints;
import io.bactrian.api.RequestRejectedException;
import io.bactrian.config.Bound;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A request that the gateway rejects before any provider is asked. */
public final class RequestRejected extends RequestRejectedException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String type;
    private final @Nullable String code;
    private final @Nullable String param;
    private final @Nullable Long retryAfterMillis;
    private final @Nullable String allowedMethods;
    private @Nullable Bound bound;

    public RequestRejected(int status, String type, @Nullable String code, @Nullable String param, String message) {
        this(status, type, code, param, message, null, null);
    }

    private RequestRejected(
            int status,
            String type,
            @Nullable String code,
            @Nullable String param,
            String message,
            @Nullable Long retryAfterMillis,
            @Nullable String allowedMethods) {
        super(message);
        this.status = status;
        this.type = type;
        this.code = code;
        this.param = param;
        this.retryAfterMillis = retryAfterMillis;
        this.allowedMethods = allowedMethods;
    }

    /** The rejection of a request that is not valid: 400. */
    public static RequestRejected invalid(@Nullable String param, String message) {
        return new RequestRejected(400, "invalid_request_error", null, param, message);
    }

    /** The rejection of a JSON document that is larger than its bytes tell: 400. */
    static RequestRejected tooComplex(StreamReadConstraints bounds, boolean deep) {
        return new RequestRejected(
                        400,
                        "invalid_request_error",
                        "request_too_complex",
                        null,
                        "The request body is too complex: it may have %d values, names and brackets, %d levels, names of %d characters and numbers of %d digits."
                                .formatted(
                                        bounds.getMaxTokenCount(),
                                        bounds.getMaxNestingDepth(),
                                        bounds.getMaxNameLength(),
                                        bounds.getMaxNumberLength()))
                .at(deep ? Bound.DEPTH : Bound.NODES);
    }

    /**
     * The rejection of a caller that exceeds its limits: 429.
     *
     * @param kind the limit, which is the type of the error
     */
    public static RequestRejected tooFast(String kind, String message, long retryAfterMillis) {
        return new RequestRejected(429, kind, "rate_limit_exceeded", null, message, retryAfterMillis, null);
    }

    /**
     * The rejection of a method that a path does not take: 405.
     *
     * @param methods those that it takes, as in the header {@code Allow}
     */
    public static RequestRejected wrongMethod(String path, String methods) {
        return new RequestRejected(
                405,
                "invalid_request_error",
                "method_not_allowed",
                null,
                path + " takes " + methods.replace(", ", " and ") + " only.",
                null,
                methods);
    }

    /** This rejection, of a request that reached a bound. */
    public RequestRejected at(Bound reached) {
        bound = reached;
        return this;
    }

    /** Has the bound counted that the request reached, if that was the mistake. */
    public void count(Consumer<Bound> counter) {
        if (bound != null) {
            counter.accept(bound);
        }
    }

    @Override
    public int status() {
        return status;
    }

    public String type() {
        return type;
    }

    @Override
    public @Nullable String code() {
        return code;
    }

    @Override
    public @Nullable String param() {
        return param;
    }

    /** The milliseconds after which the request would be accepted, null if unknown. */
    public @Nullable Long retryAfterMillis() {
        return retryAfterMillis;
    }

    /** The methods that the path takes, if another one was used; else null. */
    public @Nullable String allowedMethods() {
        return allowedMethods;
    }

    public String reason() {
        return String.valueOf(getMessage());
    }
}
