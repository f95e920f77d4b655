package io.bactrian.policy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/**
 * An answer that no target gives now: an earlier answer or a configured text. Immutable.
 *
 * @param step the step of the chain, such as {@code stale} or {@code static:sorry}
 * @param kind the first part of the step, as in the response headers
 * @param quality 0..1, of the target that gave the earlier answer; 0 for a configured text
 * @param origin the source of an earlier answer; null for a configured text
 * @param document the whole answer in the caller's protocol
 */
public record LastResortAnswer(
        String step, String kind, double quality, @Nullable Origin origin, ObjectNode document) {

    /** The form for the log: {@code stale of openai/gpt age=12}; never the text of the answer. */
    @Override
    public String toString() {
        return origin == null ? step : step + " of " + origin.target() + " age=" + origin.ageSeconds();
    }

    /**
     * The source of an earlier answer.
     *
     * @param target the target that gave it
     * @param ageSeconds its age
     */
    public record Origin(String target, long ageSeconds) {}
}
