package io.bactrian.chat;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/** Tokens read and written, as the provider counted them. */
public record Usage(long prompt, long completion) {

    /** From an OpenAI {@code usage} object; null if it is none. */
    public static @Nullable Usage of(@Nullable JsonNode usage) {
        if (usage == null || !usage.isObject()) {
            return null;
        }
        return new Usage(
                usage.path("prompt_tokens").asLong(),
                usage.path("completion_tokens").asLong());
    }
}
