package io.bactrian.api;

import org.jspecify.annotations.Nullable;

/**
 * The rejection of a request that is not valid, before any provider is asked: no body, a body that is no request, an unknown chain, a
 * wrong header. The body of the exchange is the error document, then. Asking the same again is useless.
 */
public abstract class RequestRejectedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param message says what is wrong */
    protected RequestRejectedException(String message) {
        super(message, null, false, false);
    }

    /** The HTTP status that the same request would have had, such as 400 or 404. */
    public abstract int status();

    /** The code of the error, such as {@code model_not_found}; null if it has none. */
    public abstract @Nullable String code();

    /** The field or the header at fault; null if there is none. */
    public abstract @Nullable String param();
}
