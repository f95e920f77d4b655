package io.bactrian.request;

import io.bactrian.config.Limits.Rescue;
import io.bactrian.policy.CallFailed;
import io.bactrian.policy.Failure;
import io.bactrian.protocol.AnswerChunk;
import io.bactrian.protocol.Usage;
import io.bactrian.protocol.openai.ContinuedChunk;
import io.bactrian.stream.Seam;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A splice of another call's chunks to an answer that broke off: one role, one id, no text repeated and none lost. Takes chunks
 * in the canonical form only. Not thread-safe.
 */
final class Splice {
    /** The code of the failure when the other call's answer differs from the part that was sent. */
    static final String DIFFERS = "differs";

    private final ContinuedChunk continued;
    private final Seam seam;
    private boolean over;

    Splice(PartialAnswer partial, Rescue way) {
        this.continued = ContinuedChunk.after(partial.first());
        String text = partial.text();
        this.seam = switch (way) {
            case PREFILL -> Seam.prefill(text);
            case REPLAY -> Seam.replay(text);
            case CONTINUE -> Seam.goOn(text);
        };
    }

    /**
     * The part of a chunk that the caller does not have yet.
     *
     * @throws CallFailed UNSUPPORTED with the code {@link #DIFFERS} if it cannot follow what was sent
     */
    List<AnswerChunk> fit(AnswerChunk chunk) {
        if (!ContinuedChunk.hasChoice(chunk)) {
            return List.of();
        }
        // A refusal, audio or a second choice cannot continue a text.
        if (chunk.hasUncontinuableContent() || chunk.choices().stream().anyMatch(choice -> choice.index() != 0)) {
            throw differs();
        }
        boolean ends = chunk.hasTools()
                || chunk.choices().stream().anyMatch(choice -> !choice.finish().isEmpty());
        String text = text(chunk.text(), ends);
        List<AnswerChunk> out = new ArrayList<>(2);
        if (!text.isEmpty()) {
            out.add(continued.text(chunk, text));
        }
        if (ends) {
            out.add(continued.withoutText(chunk));
        }
        return out;
    }

    /** The last chunk with the tokens of the earlier parts added to its own. */
    AnswerChunk withUsage(AnswerChunk last, @Nullable Usage before) {
        return continued.withUsage(last, before);
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
        return new CallFailed(Failure.unsupported(DIFFERS, "its answer differs from what was sent to the caller"));
    }
}
