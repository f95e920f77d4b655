package io.bactrian.request;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.config.Limits.Rescue;
import io.bactrian.policy.CallFailed;
import io.bactrian.policy.Failure;
import io.bactrian.protocol.AnswerChunk;
import io.bactrian.stream.Seam;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes the chunks of another call go on with an answer that broke off: one role, one id, no word twice and none lost. Takes
 * chunks in OpenAI's form only. Not thread-safe.
 */
final class Splice {
    /** The code of a failure that is none of the target's: it said something else. */
    static final String DIFFERS = "differs";

    private final PartialAnswer partial;
    private final Seam seam;
    private boolean over;

    Splice(PartialAnswer partial, Rescue way) {
        this.partial = partial;
        String text = partial.text();
        this.seam = switch (way) {
            case PREFILL -> Seam.prefill(text);
            case REPLAY -> Seam.replay(text);
            case CONTINUE -> Seam.goOn(text);
        };
    }

    /**
     * What of a chunk goes to the caller.
     *
     * @throws CallFailed if the answer is another one
     */
    List<AnswerChunk> fit(AnswerChunk chunk) {
        if (!(chunk.tree() instanceof ObjectNode tree) || !(tree.path("choices").path(0) instanceof ObjectNode)) {
            return List.of();
        }
        // A refusal, sound, or a second answer: nothing that a text could go on with.
        if (chunk.hasUncontinuableContent() || chunk.choices().stream().anyMatch(choice -> choice.index() != 0)) {
            throw differs();
        }
        boolean ends = chunk.hasTools()
                || chunk.choices().stream().anyMatch(choice -> !choice.finish().isEmpty());
        String text = text(chunk.text(), ends);
        if (text.isEmpty() && !ends) {
            return List.of();
        }
        ObjectNode fitted = sameHead(tree.deepCopy());
        ObjectNode choice = (ObjectNode) fitted.path("choices").path(0);
        List<AnswerChunk> out = new ArrayList<>(2);
        if (!text.isEmpty()) {
            ObjectNode words = fitted.deepCopy();
            words.putArray("choices")
                    .addObject()
                    .put("index", 0)
                    .putNull("finish_reason")
                    .putObject("delta")
                    .put("content", text);
            words.remove("usage");
            out.add(AnswerChunk.of(words));
        }
        if (ends) {
            if (choice.path("delta") instanceof ObjectNode delta) {
                delta.remove(List.of("role", "content", "reasoning", "reasoning_content"));
            }
            out.add(AnswerChunk.of(fitted));
        }
        return out;
    }

    private String text(String piece, boolean ends) {
        try {
            String fresh = over ? piece : seam.next(piece);
            if (ends && !over) {
                over = true;
                return fresh + seam.end();
            }
            return fresh;
        } catch (Seam.Differs e) {
            throw differs();
        }
    }

    private static CallFailed differs() {
        return new CallFailed(Failure.unsupported(DIFFERS, "its answer differs from what was spoken"));
    }

    /** The id and the time of the answer that was begun. */
    ObjectNode sameHead(ObjectNode tree) {
        for (String field : List.of("id", "created")) {
            JsonNode begun = partial.head(field);
            if (begun != null) {
                tree.set(field, begun);
            }
        }
        return tree;
    }
}
