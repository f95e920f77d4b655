package io.bactrian.protocol.translation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * Token counts in both vocabularies. OpenAI's prompt total includes tokens from a cache, Anthropic's input does not.
 * Thread-safe.
 */
public final class Usages {
    private Usages() {}

    /** The input tokens of a {@code usage} object in either vocabulary. */
    public static long prompt(JsonNode usage) {
        return count(usage, "prompt_tokens")
                + count(usage, "input_tokens")
                + count(usage, "cache_creation_input_tokens")
                + count(usage, "cache_read_input_tokens");
    }

    /** The output tokens of a {@code usage} object in either vocabulary. */
    public static long completion(JsonNode usage) {
        return count(usage, "completion_tokens") + count(usage, "output_tokens");
    }

    static ObjectNode chat(JsonNode messages) {
        long read = count(messages, "cache_read_input_tokens");
        long written = count(messages, "cache_creation_input_tokens");
        long prompt = count(messages, "input_tokens") + read + written;
        long completion = count(messages, "output_tokens");
        ObjectNode usage = ExactJson.object()
                .put("prompt_tokens", prompt)
                .put("completion_tokens", completion)
                .put("total_tokens", prompt + completion);
        usage.putObject("prompt_tokens_details").put("cached_tokens", read).put("cache_write_tokens", written);
        JsonNode details = messages.path("output_tokens_details");
        if (ExactJson.has(details, "thinking_tokens")) {
            usage.putObject("completion_tokens_details").put("reasoning_tokens", count(details, "thinking_tokens"));
        }
        return usage;
    }

    static ObjectNode messages(JsonNode chat) {
        JsonNode details = chat.path("prompt_tokens_details");
        long read = ExactJson.has(details, "cached_tokens")
                ? count(details, "cached_tokens")
                : count(chat, "prompt_cache_hit_tokens");
        long written = count(details, "cache_write_tokens");
        return ExactJson.object()
                .put("input_tokens", Math.max(0, count(chat, "prompt_tokens") - read - written))
                .put("cache_creation_input_tokens", written)
                .put("cache_read_input_tokens", read)
                .put("output_tokens", count(chat, "completion_tokens"));
    }

    private static long count(JsonNode usage, String field) {
        return usage.path(field).asLong(0);
    }
}
