package io.bactrian.protocol;

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

    /** The status as the caller's protocol has it: Anthropic's for an outage is 529. */
    public int status(CallerProtocol dialect) {
        if (dialect == CallerProtocol.CHAT) {
            return status;
        }
        return switch (status) {
            case 422 -> 400;
            case 503 -> 529;
            default -> status;
        };
    }

    /** The error document in the caller's protocol. */
    public ObjectNode document(CallerProtocol dialect, String requestId) {
        return dialect == CallerProtocol.CHAT ? openAi() : anthropic(requestId);
    }

    private ObjectNode openAi() {
        ObjectNode document = Json.MAPPER.createObjectNode();
        ObjectNode error = document.putObject("error");
        error.put("message", message);
        error.put("type", type);
        error.put("param", param);
        error.put("code", code);
        attempts(error);
        return document;
    }

    private ObjectNode anthropic(String requestId) {
        ObjectNode document = Json.MAPPER.createObjectNode().put("type", "error");
        // Clients look for these words.
        boolean tooLong = CONTEXT_LENGTH_EXCEEDED.equals(code) && !message.startsWith("prompt is too long");
        ObjectNode error = document.putObject("error");
        error.put("type", anthropicType());
        error.put("message", tooLong ? "prompt is too long: " + message : message);
        attempts(error);
        return document.put("request_id", requestId);
    }

    private String anthropicType() {
        return switch (status) {
            case 401 -> "authentication_error";
            case 403 -> "permission_error";
            case 404 -> "not_found_error";
            case 413 -> "request_too_large";
            case 429 -> "rate_limit_error";
            case 503 -> "overloaded_error";
            case 504 -> "timeout_error";
            default -> status < 500 ? "invalid_request_error" : "api_error";
        };
    }

    private void attempts(ObjectNode error) {
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
