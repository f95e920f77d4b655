package io.bactrian.policy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/**
 * An answer that no target gives now: an earlier one, or a fixed text. Immutable.
 *
 * @param step as in the chain, such as {@code stale} or {@code static:sorry}
 * @param kind the first part of it, as it is told in labels
 * @param quality 0..1, of the target that had given it; 0 if none had
 * @param origin what is known of an earlier answer; null for a text that was written beforehand
 * @param document the whole answer in the caller's protocol
 */
public record LastResortAnswer(
        String step, String kind, double quality, @Nullable Origin origin, ObjectNode document) {

    /** As in the log: {@code stale of openai/gpt age=12}; never what it says. */
    @Override
    public String toString() {
        return origin == null ? step : step + " of " + origin.target() + " age=" + origin.ageSeconds();
    }

    /**
     * Where an earlier answer is from.
     *
     * @param target who had given it
     * @param ageSeconds how long ago
     */
    public record Origin(String target, long ageSeconds) {}
}
