package io.bactrian.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.protocol.translation.Usages;
import org.jspecify.annotations.Nullable;

/**
 * The tokens of an answer: those read and those written. Immutable.
 *
 * @param prompt the tokens read
 * @param completion the tokens written
 * @param counted whether the provider counted them; otherwise the answer broke off before, and the gateway counted its pieces
 */
public record Usage(long prompt, long completion, boolean counted) {

    public Usage(long prompt, long completion) {
        this(prompt, completion, true);
    }

    /** The tokens that a {@code usage} object counts, in either vocabulary; null if it has no figures. */
    public static @Nullable Usage of(JsonNode usage) {
        return Usages.counts(usage) ? new Usage(Usages.prompt(usage), Usages.completion(usage)) : null;
    }

    /** These counts after earlier ones of the same call: counts only grow, and those left out stay as they were. */
    public Usage after(@Nullable Usage earlier) {
        return earlier == null
                ? this
                : new Usage(Math.max(prompt, earlier.prompt), Math.max(completion, earlier.completion), counted);
    }

    /** All tokens, read and written. */
    public long total() {
        return prompt + completion;
    }

    /** The sum of both. */
    public Usage plus(@Nullable Usage other) {
        return other == null
                ? this
                : new Usage(prompt + other.prompt, completion + other.completion, counted && other.counted);
    }

    /** The form in the log: {@code 20+40}, with a {@code ~} if the provider did not count. */
    @Override
    public String toString() {
        return prompt + "+" + completion + (counted ? "" : "~");
    }
}
