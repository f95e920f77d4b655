package io.bactrian.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The failure of a request that no target has answered, thrown by {@code direct:chat}; the body of the exchange is the error document,
 * then. Asking again later is reasonable. The message names the first cause, and has neither keys nor prompts in it.
 */
public abstract class AllProvidersFailedException extends Exception {
    private static final long serialVersionUID = 1L;

    /** @param message names the first cause */
    protected AllProvidersFailedException(String message) {
        super(message, null, false, false);
    }

    /** The HTTP status that the same request would have had: 429, 503, 504 and the like. */
    public abstract int status();

    /** The code of the error, such as {@code all_providers_failed}; null if it has none. */
    public abstract @Nullable String code();

    /** The class of the first failed call, such as {@code OVERLOADED}; null if no call was made. */
    public abstract @Nullable String failureClass();

    /** The calls that were made, in order; empty if there was none. */
    public abstract List<ProviderCall> attempts();

    /** Milliseconds until another request may succeed; null if unknown. */
    public abstract @Nullable Long retryAfter();
}
