package io.bactrian.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/**
 * Tokens read and written.
 *
 * @param counted whether the provider counted them; else the answer broke off before it could, and its pieces were counted here
 */
public record Usage(long prompt, long completion, boolean counted) {

    public Usage(long prompt, long completion) {
        this(prompt, completion, true);
    }

    /** From an OpenAI or Anthropic {@code usage} object; null if it is none. */
    public static @Nullable Usage of(@Nullable JsonNode usage) {
        if (usage == null || !usage.isObject()) {
            return null;
        }
        long prompt = usage.path("prompt_tokens").asLong()
                + usage.path("input_tokens").asLong()
                + usage.path("cache_creation_input_tokens").asLong()
                + usage.path("cache_read_input_tokens").asLong();
        return new Usage(
                prompt,
                usage.path("completion_tokens").asLong()
                        + usage.path("output_tokens").asLong());
    }

    /** These figures after earlier ones of the same call: both only grow, and what is left out still holds. */
    public Usage after(@Nullable Usage earlier) {
        return earlier == null
                ? this
                : new Usage(Math.max(prompt, earlier.prompt), Math.max(completion, earlier.completion), counted);
    }

    public Usage plus(@Nullable Usage other) {
        return other == null
                ? this
                : new Usage(prompt + other.prompt, completion + other.completion, counted && other.counted);
    }

    /** Adds these to the figures of an OpenAI {@code usage} object. */
    public void addTo(ObjectNode usage) {
        usage.put("prompt_tokens", usage.path("prompt_tokens").asLong() + prompt);
        usage.put("completion_tokens", usage.path("completion_tokens").asLong() + completion);
        usage.put("total_tokens", usage.path("total_tokens").asLong() + prompt + completion);
    }

    /** As in the log: {@code 20+40}, with a {@code ~} where nobody but the gateway has counted. */
    @Override
    public String toString() {
        return prompt + "+" + completion + (counted ? "" : "~");
    }
}
