package io.bactrian.provider.failure;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * The fields that a request can do without: the answer is as good, or another provider's answer left them in the history. Whatever
 * is not among them stays, because its name does not tell what the answer loses. Stateless.
 */
final class Dispensable {

    /** Fields about the user and the transport, which never change the answer. */
    private static final Set<String> OF_THE_USER = Set.of(
            "metadata",
            "prompt_cache_key",
            "prompt_cache_retention",
            "safety_identifier",
            "service_tier",
            "store",
            "user");

    /** Wishes about how the model thinks, samples and is served. */
    private static final Set<String> WISHES = Set.of(
            "cache_control",
            "cache_prompt",
            "chat_template_kwargs",
            "context_management",
            "enable_thinking",
            "frequency_penalty",
            "include_reasoning",
            "keep_alive",
            "logit_bias",
            "min_p",
            "prediction",
            "presence_penalty",
            "priority",
            "random_seed",
            "reasoning",
            "reasoning_effort",
            "reasoning_format",
            "reasoning_split",
            "repeat_penalty",
            "repetition_penalty",
            "seed",
            "session_id",
            "speed",
            "temperature",
            "thinking_budget",
            "tool_stream",
            "top_a",
            "top_k",
            "top_p",
            "transforms",
            "typical_p",
            "usage",
            "verbosity");

    /** The hints for a cache: who refuses one in a place refuses it in every place. */
    private static final Set<String> OF_THE_CACHE = Set.of("cache_control", "scope", "ttl");

    /** Hints about parts of the history, and what an answer has besides its words and calls. */
    private static final Set<String> OF_THE_HISTORY = Set.of(
            "annotations",
            "caller",
            "detail",
            "extra_content",
            "index",
            "parsed",
            "parsed_arguments",
            "provider_metadata",
            "provider_options",
            "provider_specific_fields",
            "refusal",
            "thoughtSignature");

    /** Of a message itself, whatever they mean inside of its content and calls. */
    private static final Set<String> OF_A_MESSAGE = Set.of(
            "container",
            "context_management",
            "created",
            "createdAt",
            "created_at",
            "finish_reason",
            "id",
            "logprobs",
            "metadata",
            "model",
            "name",
            "native_finish_reason",
            "object",
            "reasoning",
            "service_tier",
            "status",
            "stop_details",
            "stop_reason",
            "stop_sequence",
            "system_fingerprint",
            "thinking",
            "timestamp",
            "type",
            "usage");

    /** The names that vendors have for the reasoning of an answer and for its signature. */
    private static final Pattern REASONING = Pattern.compile("(reasoning|thinking|thought)\\w*");

    private static final Set<String> AROUND_REASONING = Set.of("extra_content", "provider_specific_fields");

    /** Left out for good only where they say nothing. */
    private static final Set<String> IF_EMPTY = Set.of("audio", "function_call", "tool_calls");

    private static final Map<String, Set<String>> MEMBERS = Map.of(
            "system", Set.of("citations"),
            "tools", Set.of("defer_loading", "eager_input_streaming", "strict"),
            "output_config", Set.of("effort"),
            "thinking", Set.of("budget_tokens", "clear_thinking", "display"));

    private static final Set<String> WITH_BLOCKS = Set.of("messages", "system", "tools");

    private Dispensable() {}

    static boolean isField(String name) {
        return OF_THE_USER.contains(name) || WISHES.contains(name);
    }

    static boolean isOfTheUser(String name) {
        return OF_THE_USER.contains(name);
    }

    static boolean isOfTheCache(String name) {
        return OF_THE_CACHE.contains(name);
    }

    static boolean isReasoning(String name) {
        return REASONING.matcher(name).matches() || AROUND_REASONING.contains(name);
    }

    /** True for a name that is left out of every request from now on, without a loss where it says something. */
    static boolean isMember(String root, String name, JsonNode sent) {
        if (isField(root) || (OF_THE_CACHE.contains(name) && WITH_BLOCKS.contains(root))) {
            return true;
        }
        return root.equals("messages")
                ? isOfMessages(name, sent.path(root))
                : MEMBERS.getOrDefault(root, Set.of()).contains(name);
    }

    /** True for a name whose empty value may go, while others of its values stay. */
    static boolean isMemberIfEmpty(String root, String name) {
        return root.equals("messages") && IF_EMPTY.contains(name);
    }

    private static boolean isOfMessages(String name, JsonNode messages) {
        if (OF_A_MESSAGE.contains(name)) {
            return any(messages, message -> message.has(name));
        }
        if (name.equals("citations")) {
            // Of an answer's text they are its sources; of a document they ask for them.
            return any(
                    messages,
                    message -> any(
                            message.path("content"),
                            part -> part.has(name) && part.path("type").asText().equals("text")));
        }
        return OF_THE_HISTORY.contains(name) || isReasoning(name);
    }

    private static boolean any(JsonNode items, Predicate<JsonNode> test) {
        for (JsonNode item : items) {
            if (test.test(item)) {
                return true;
            }
        }
        return false;
    }
}
