package io.bactrian.protocol;

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

    /** As in the log: {@code 20+40}, with a {@code ~} where nobody but the gateway has counted. */
    @Override
    public String toString() {
        return prompt + "+" + completion + (counted ? "" : "~");
    }
}
