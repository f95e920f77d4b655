package io.bactrian.protocol.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.protocol.AnswerChunk;
import io.bactrian.protocol.Usage;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The head of chunks that continue an answer another call began, so that the whole has one id, one time and one role. Immutable.
 *
 * @param id the id of that answer, null if it had none
 * @param created its time, null if it had none
 */
public record ContinuedChunk(
        @Nullable JsonNode id, @Nullable JsonNode created) {

    /** The head after an answer with this first chunk, null if there is none. */
    public static ContinuedChunk after(@Nullable AnswerChunk first) {
        return first == null
                ? new ContinuedChunk(null, null)
                : new ContinuedChunk(first.tree().get("id"), first.tree().get("created"));
    }

    /** Whether a chunk has a choice that could continue an answer. */
    public static boolean hasChoice(AnswerChunk chunk) {
        return chunk.tree() instanceof ObjectNode tree && tree.path("choices").path(0) instanceof ObjectNode;
    }

    /** A chunk like the given one, with only this text as its content. */
    public AnswerChunk text(AnswerChunk chunk, String text) {
        ObjectNode tree = headed(chunk);
        tree.putArray("choices")
                .addObject()
                .put("index", 0)
                .putNull("finish_reason")
                .putObject("delta")
                .put("content", text);
        tree.remove("usage");
        return ChatChunk.of(tree);
    }

    /** The given chunk without its role and text: its tool calls and its finish reason. */
    public AnswerChunk withoutText(AnswerChunk chunk) {
        ObjectNode tree = headed(chunk);
        if (tree.path("choices").path(0).path("delta") instanceof ObjectNode delta) {
            delta.remove(List.of("role", "content", "reasoning", "reasoning_content"));
        }
        return ChatChunk.of(tree);
    }

    /**
     * The given chunk, with the tokens of the calls before added to its own.
     *
     * @param before null if they are unknown
     */
    public AnswerChunk withUsage(AnswerChunk chunk, @Nullable Usage before) {
        if (!(chunk.tree() instanceof ObjectNode)) {
            return chunk;
        }
        ObjectNode tree = headed(chunk);
        if (before != null && tree.path("usage") instanceof ObjectNode usage) {
            usage.put("prompt_tokens", usage.path("prompt_tokens").asLong() + before.prompt());
            usage.put("completion_tokens", usage.path("completion_tokens").asLong() + before.completion());
            usage.put("total_tokens", usage.path("total_tokens").asLong() + before.prompt() + before.completion());
        }
        return ChatChunk.of(tree);
    }

    private ObjectNode headed(AnswerChunk chunk) {
        ObjectNode tree = chunk.tree().deepCopy();
        if (id != null) {
            tree.set("id", id);
        }
        if (created != null) {
            tree.set("created", created);
        }
        return tree;
    }
}
