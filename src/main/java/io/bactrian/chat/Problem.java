package io.bactrian.chat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a caller is told when there is no answer. Immutable.
 *
 * @param status of HTTP
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
        List<Trail.Call> attempts) {

    public static Problem of(Refusal refusal) {
        return new Problem(
                refusal.status(),
                refusal.type(),
                refusal.code(),
                refusal.param(),
                refusal.words(),
                null,
                null,
                List.of());
    }

    /** The OpenAI error document. */
    public ObjectNode openAi() {
        ObjectNode document = Json.MAPPER.createObjectNode();
        ObjectNode error = document.putObject("error");
        error.put("message", message);
        error.put("type", type);
        error.put("param", param);
        error.put("code", code);
        if (!attempts.isEmpty()) {
            ArrayNode list = error.putArray("attempts");
            for (Trail.Call call : attempts) {
                list.addObject()
                        .put("target", call.target())
                        .put("class", call.outcome())
                        .put("status", call.status() == 0 ? null : (Integer) call.status())
                        .put("ms", call.millis());
            }
        }
        return document;
    }

    /** Whole seconds for {@code Retry-After}, rounded up; null if unknown. */
    public @Nullable Long retryAfterSeconds() {
        return retryAfterMillis == null ? null : Math.max(1, (retryAfterMillis + 999) / 1000);
    }
}
