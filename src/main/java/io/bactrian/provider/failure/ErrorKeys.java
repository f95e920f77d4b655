package io.bactrian.provider.failure;

import java.util.Set;

/**
 * The machine-readable words in the errors of providers, in lower case, by meaning. Sources: OpenAI's error codes guide
 * and OpenAPI description, Anthropic's errors page and SDK, the Groq, Mistral, DeepSeek, OpenRouter and Google AI error
 * references, Azure OpenAI's content filter reference, and the source of vLLM, Ollama and llama.cpp.
 */
final class ErrorKeys {

    /**
     * An exhausted account or a spend limit: waiting does not help (OpenAI error codes guide, Anthropic errors page).
     */
    static final Set<String> QUOTA = Set.of(
            "insufficient_quota",
            "credit_balance_exhausted",
            "organization_spend_limit_exceeded",
            "project_spend_limit_exceeded",
            "organization_usage_limit_exceeded",
            "billing_hard_limit_reached",
            "billing_not_active",
            "billing_error",
            "linked_organization_billing_unavailable",
            "linked_organization_spend_limit_reached",
            "enforced_spend_limit_reached",
            "contract_spend_limit_reached");

    static final Set<String> CONTEXT = Set.of(
            "context_length_exceeded",
            "context_window_exceeded",
            "model_max_prompt_tokens_exceeded",
            "exceed_context_size_error",
            "request_too_large",
            "request_body_too_large_after_decoding");

    /** OpenAI, Azure ({@code innererror.code}) and OpenRouter. */
    static final Set<String> POLICY = Set.of(
            "content_filter",
            "content_policy_violation",
            "image_content_policy_violation",
            "invalid_prompt",
            "responsibleaipolicyviolation");

    /** The model's output failed the provider's validation (Groq); the request was valid. */
    static final Set<String> BAD_OUTPUT = Set.of("tool_use_failed", "json_validate_failed");

    /** A 404 that is not about the model (Anthropic). */
    static final Set<String> NOT_THE_MODEL = Set.of("thread_not_found", "file_expired");

    static final Set<String> MODEL = Set.of(
            "model_not_found",
            "model_decommissioned",
            "deploymentnotfound",
            "invalid_model",
            "not_found_error",
            "notfounderror",
            "not_found");

    /** What this key may not do, be it to ask this model. */
    static final Set<String> PERMISSION = Set.of("permission_error", "permission_denied", "request_forbidden");

    /** The key, and the state of the account behind it. */
    static final Set<String> KEY = Set.of(
            "invalid_api_key",
            "api_key_invalid",
            "authentication_error",
            "unauthenticated",
            "unauthorized",
            "unsupported_country_region_territory",
            "account_deactivated",
            "organization_on_hold",
            "organization_type_not_supported",
            "parent_organization_required",
            "cmek_key_disabled",
            "cmek_key_network_blocked",
            "claude_code_key_creator_not_member",
            "sandbox_egress_restricted");

    /** No capacity at the provider; 3505 is Mistral's, {@code x_groq.error} a stream that Groq stopped early. */
    static final Set<String> OVERLOAD = Set.of(
            "overloaded_error",
            "overloaded",
            "server_is_overloaded",
            "service_unavailable_error",
            "serviceunavailableerror",
            "unavailable_error",
            "unavailable",
            "service_tier_capacity_exceeded",
            "3505",
            "capacity_exceeded",
            "compaction_unavailable",
            "x_groq.error");

    /** Too many requests; {@code requests} and {@code tokens} are types of OpenAI and Groq, 1300 is Mistral's code. */
    static final Set<String> RATE = Set.of(
            "rate_limit_exceeded",
            "rate_limit_error",
            "ramp_limit_exceeded",
            "slow_down",
            "requests",
            "tokens",
            "resource_exhausted",
            "too_many_requests",
            "429",
            "1300");

    static final Set<String> TIMEOUT = Set.of("timeout_error", "timeout", "deadline_exceeded", "request_timeout");

    static final Set<String> SERVER = Set.of(
            "server_error", "api_error", "internal_error", "internalservererror", "internal_server_error", "internal");

    /** The request is invalid at every provider (Anthropic's error codes, and OpenAI's for what is missing). */
    static final Set<String> CALLER = Set.of(
            "missing_required_parameter",
            "image_dimensions_too_large",
            "available_tools_limit_exceeded",
            "tool_name_conflict",
            "tool_reference_unresolved",
            "file_not_downloadable");

    /** The beginnings of such codes. */
    static final Set<String> CALLER_FAMILIES = Set.of("compaction_", "thread_", "request_body_encoding_");

    /** This model or provider rejects what another may accept (OpenAI; {@code extra_forbidden} is Mistral's). */
    static final Set<String> UNSUPPORTED = Set.of(
            "unsupported_parameter",
            "unsupported_value",
            "unknown_parameter",
            "string_above_max_length",
            "array_above_max_length",
            "extra_forbidden");

    /** A rejection of the request without a reason. */
    static final Set<String> REQUEST =
            Set.of("invalid_request_error", "badrequesterror", "bad_request", "invalid_argument");

    private ErrorKeys() {}
}
