package io.bactrian.behaviour;

import io.bactrian.policy.FailureClass;
import io.bactrian.protocol.Json;
import io.bactrian.testing.Mode;
import io.bactrian.testing.Reply;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Errors as OpenAI and Anthropic send them, and what each of them is. */
enum ProviderError {
    OPENAI_TOO_FAST("openai", 429, "requests", "rate_limit_exceeded", "Rate limit reached", FailureClass.RATE_LIMITED),
    OPENAI_NO_MONEY(
            "openai",
            429,
            "insufficient_quota",
            "insufficient_quota",
            "You exceeded your current quota",
            FailureClass.QUOTA_EXHAUSTED),
    OPENAI_PAYMENT("openai", 402, "invalid_request_error", null, "Insufficient Balance", FailureClass.QUOTA_EXHAUSTED),
    OPENAI_BUSY(
            "openai", 503, "server_error", "server_is_overloaded", "The engine is overloaded", FailureClass.OVERLOADED),
    OPENAI_BROKEN("openai", 500, "server_error", null, "The server had an error", FailureClass.SERVER_ERROR),
    OPENAI_TIMEOUT("openai", 504, "server_error", "timeout", "Timed out", FailureClass.TIMEOUT),
    OPENAI_BAD_KEY("openai", 401, "invalid_request_error", "invalid_api_key", "Wrong key", FailureClass.AUTHENTICATION),
    OPENAI_NO_MODEL(
            "openai",
            404,
            "invalid_request_error",
            "model_not_found",
            "The model does not exist",
            FailureClass.MODEL_UNAVAILABLE),
    OPENAI_RETIRED(
            "openai",
            410,
            "invalid_request_error",
            "model_decommissioned",
            "The model has been decommissioned",
            FailureClass.MODEL_UNAVAILABLE),
    OPENAI_TOO_LONG(
            "openai",
            400,
            "invalid_request_error",
            "context_length_exceeded",
            "This model's maximum context length is 8192 tokens",
            FailureClass.CONTEXT_LENGTH),
    OPENAI_POLICY(
            "openai",
            400,
            "invalid_request_error",
            "content_policy_violation",
            "Your request was rejected by our safety system",
            FailureClass.CONTENT_POLICY),
    OPENAI_PARAMETER(
            "openai",
            400,
            "invalid_request_error",
            "unsupported_parameter",
            "Unsupported parameter: 'max_tokens'",
            FailureClass.UNSUPPORTED),
    OPENAI_MISTAKE(
            "openai",
            400,
            "invalid_request_error",
            "invalid_type",
            "Invalid type for 'messages[0].content'",
            FailureClass.INVALID_REQUEST),
    OPENAI_UNPROCESSABLE(
            "openai",
            422,
            "invalid_request_error",
            null,
            "Input should be a valid dictionary",
            FailureClass.INVALID_REQUEST),
    ANTHROPIC_TOO_FAST(
            "anthropic", 429, "rate_limit_error", null, "Number of requests exceeded", FailureClass.RATE_LIMITED),
    ANTHROPIC_NO_MONEY(
            "anthropic",
            400,
            "invalid_request_error",
            null,
            "Your credit balance is too low to access the Anthropic API.",
            FailureClass.QUOTA_EXHAUSTED),
    ANTHROPIC_PAYMENT(
            "anthropic", 402, "billing_error", null, "Your account is in arrears", FailureClass.QUOTA_EXHAUSTED),
    ANTHROPIC_BUSY("anthropic", 529, "overloaded_error", null, "Overloaded", FailureClass.OVERLOADED),
    ANTHROPIC_BROKEN("anthropic", 500, "api_error", null, "Internal server error", FailureClass.SERVER_ERROR),
    ANTHROPIC_TIMEOUT("anthropic", 504, "timeout_error", null, "Timed out", FailureClass.TIMEOUT),
    ANTHROPIC_BAD_KEY("anthropic", 401, "authentication_error", null, "invalid x-api-key", FailureClass.AUTHENTICATION),
    ANTHROPIC_NO_MODEL("anthropic", 404, "not_found_error", null, "model: claude-9", FailureClass.MODEL_UNAVAILABLE),
    ANTHROPIC_TOO_LONG(
            "anthropic",
            400,
            "invalid_request_error",
            null,
            "prompt is too long: 210000 tokens > 200000 maximum",
            FailureClass.CONTEXT_LENGTH),
    ANTHROPIC_TOO_LARGE(
            "anthropic",
            413,
            "request_too_large",
            null,
            "Request exceeds the maximum size",
            FailureClass.CONTEXT_LENGTH),
    ANTHROPIC_POLICY(
            "anthropic",
            400,
            "invalid_request_error",
            null,
            "Output blocked by content filtering policy",
            FailureClass.CONTENT_POLICY),
    ANTHROPIC_PARAMETER(
            "anthropic",
            400,
            "invalid_request_error",
            null,
            "temperature is not supported on this model",
            FailureClass.UNSUPPORTED),
    ANTHROPIC_MISTAKE(
            "anthropic",
            400,
            "invalid_request_error",
            null,
            "messages: roles must alternate",
            FailureClass.INVALID_REQUEST);

    private final String api;
    private final int status;
    private final String type;
    private final @Nullable String code;
    private final String message;
    private final FailureClass meaning;

    ProviderError(String api, int status, String type, @Nullable String code, String message, FailureClass meaning) {
        this.api = api;
        this.status = status;
        this.type = type;
        this.code = code;
        this.message = message;
        this.meaning = meaning;
    }

    boolean of(Mode mode) {
        return mode.api().equals(api);
    }

    int status() {
        return status;
    }

    String message() {
        return message;
    }

    FailureClass meaning() {
        return meaning;
    }

    /** Whether it puts a key to rest, so that its provider is of no use to further tests. */
    boolean restsTheKey() {
        return meaning == FailureClass.AUTHENTICATION || meaning == FailureClass.QUOTA_EXHAUSTED;
    }

    /** With its status. */
    Reply reply(String... headers) {
        return Reply.error(status, type, code, message, headers);
    }

    /** The document without a status, as it comes inside a 200 or as an event. */
    String json() {
        Map<String, Object> error = new LinkedHashMap<>(Map.of("type", type, "message", message));
        if (code != null) {
            error.put("code", code);
        }
        return Json.parse(Json.bytes(
                        api.equals("openai") ? Map.of("error", error) : Map.of("type", "error", "error", error)))
                .toString();
    }
}
