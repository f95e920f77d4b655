package io.bactrian.protocol.translation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * Token counts in both vocabularies. OpenAI's prompt total includes tokens from a cache, Anthropic's input does not.
 * Thread-safe.
 */
public final class Usages {
    private static final List<String> FIGURES =
            List.of("prompt_tokens", "completion_tokens", "input_tokens", "output_tokens", "total_tokens");

    private Usages() {}

    /** The input tokens of a {@code usage} object in either vocabulary; some servers use both for the same figures. */
    public static long prompt(JsonNode usage) {
        return Math.max(
                count(usage, "prompt_tokens"),
                count(usage, "input_tokens")
                        + count(usage, "cache_creation_input_tokens")
                        + count(usage, "cache_read_input_tokens"));
    }

    /** The output tokens of a {@code usage} object in either vocabulary. */
    public static long completion(JsonNode usage) {
        return Math.max(count(usage, "completion_tokens"), count(usage, "output_tokens"));
    }

    /** Whether a {@code usage} object has figures, be they zero. */
    public static boolean counts(JsonNode usage) {
        return FIGURES.stream().anyMatch(field -> ExactJson.has(usage, field));
    }

    /**
     * The figures of an answer or a chunk in the form of Chat Completions, wherever its server puts them; the largest if there
     * are several. A missing node if there are none.
     */
    public static JsonNode inChat(JsonNode answer) {
        JsonNode best = larger(answer.path("usage"), MissingNode.getInstance());
        best = larger(answer.path("x_groq").path("usage"), best);
        best = larger(answer.path("message").path("usage"), best);
        for (JsonNode choice : answer.path("choices")) {
            best = larger(choice.path("usage"), best);
            best = larger(choice.path("message").path("usage"), best);
            best = larger(choice.path("delta").path("usage"), best);
        }
        return best;
    }

    /** The larger of two {@code usage} objects; figures count more than zeros, and zeros more than nothing. */
    static JsonNode larger(JsonNode usage, JsonNode other) {
        return counts(usage) && (!counts(other) || total(usage) > total(other)) ? usage : other;
    }

    private static long total(JsonNode usage) {
        return prompt(usage) + completion(usage);
    }

    /** Whether a figure takes the place of an earlier one: zero and null never replace tokens that were counted. */
    public static boolean replaces(JsonNode figure, JsonNode earlier) {
        boolean nothing = figure.isNull() || (figure.isNumber() && figure.asLong() == 0);
        return !nothing || earlier.isMissingNode() || (earlier.isNumber() && earlier.asLong() == 0 && !figure.isNull());
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
                .put("input_tokens", Math.max(0, prompt(chat) - read - written))
                .put("cache_creation_input_tokens", written)
                .put("cache_read_input_tokens", read)
                .put("output_tokens", completion(chat));
    }

    private static long count(JsonNode usage, String field) {
        return usage.path(field).asLong(0);
    }
}
