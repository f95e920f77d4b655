package io.bactrian.protocol;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The error that a caller gets instead of an answer; each protocol writes it in its own format. Status, type and code are those
 * of the canonical form. Immutable.
 *
 * @param status the HTTP status
 * @param type the error type
 * @param code the error code, null if there is none
 * @param param the field of the request at fault, null if there is none
 * @param retryAfterMillis the time after which to ask again, null if unknown
 * @param shouldRetry the {@code x-should-retry} header for official SDKs, null to leave the choice to them
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

    /** The longest wait, in milliseconds, after which official SDKs are left to retry by themselves. */
    public static final long MAX_RETRY_AFTER_MILLIS = 30_000;

    /** The problem of a request that the gateway rejected. */
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

    /** The same problem with the advice not to ask again, because its cause lasts. */
    public Problem notToBeRetried() {
        return new Problem(status, type, code, param, message, retryAfterMillis, false, attempts);
    }

    /** Adds {@code attempts}, the calls that were made, to an error document; nothing if there were none. */
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
