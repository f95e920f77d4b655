package io.bactrian.protocol;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The error that a caller gets in place of an answer. Immutable. Each protocol writes it in its own format.
 *
 * @param status the HTTP status, in the vocabulary of Chat Completions
 * @param type OpenAI's error type
 * @param retryAfterMillis when to ask again, null if unknown
 * @param shouldRetry the {@code x-should-retry} for official SDKs, null to leave it to them
 * @param attempts the calls that were made
 */
public record Problem(
        int status,
        String type,
        @Nullable String code,
        @Nullable String param,
        String message,
        @Nullable Long retryAfterMillis,
        @Nullable Boolean shouldRetry,
        List<CallRecord> attempts) {

    /** The code of a request that is longer than a context window. */
    public static final String CONTEXT_LENGTH_EXCEEDED = "context_length_exceeded";

    /** The longest {@code Retry-After} that an official SDK is left to wait for by itself, in milliseconds. */
    public static final long MAX_RETRY_AFTER_MILLIS = 30_000;

    public static Problem of(RequestRejected rejected) {
        Long wait = rejected.retryAfterMillis();
        return new Problem(
                rejected.status(),
                rejected.type(),
                rejected.code(),
                rejected.param(),
                rejected.reason(),
                wait,
                wait == null || wait <= MAX_RETRY_AFTER_MILLIS ? null : (Boolean) false,
                List.of());
    }

    /** Adds the calls that were made to an error, as {@code attempts}; nothing if there were none. */
    public void addAttempts(ObjectNode error) {
        if (attempts.isEmpty()) {
            return;
        }
        ArrayNode list = error.putArray("attempts");
        for (CallRecord call : attempts) {
            list.addObject()
                    .put("target", call.target())
                    .put("class", call.outcome())
                    .put("status", call.status() == 0 ? null : (Integer) call.status())
                    .put("ms", call.millis());
        }
    }

    /** Whole seconds for {@code Retry-After}, rounded up; null if unknown. */
    public @Nullable Long retryAfterSeconds() {
        return retryAfterMillis == null ? null : Math.max(1, (retryAfterMillis + 999) / 1000);
    }
}
