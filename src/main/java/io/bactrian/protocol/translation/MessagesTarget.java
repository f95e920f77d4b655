package io.bactrian.protocol.translation;

import org.jspecify.annotations.Nullable;

/**
 * The properties of an Anthropic model that its translation depends on. Immutable.
 *
 * @param defaultMaxTokens the limit that is sent if the caller names none, because the protocol demands one
 * @param maxOutputTokens the longest answer of the model in tokens; null if unknown
 * @param takesSampling true if it accepts temperature and top_p; models after Opus 4.6 answer 400
 * @param takesEffort true if it accepts {@code output_config.effort}
 * @param takesPrefill true if it continues a last message of role assistant; newer models answer 400
 * @param structuredOutput true if it accepts {@code output_config.format}; else a tool takes an answer in a schema
 */
public record MessagesTarget(
        String model,
        int defaultMaxTokens,
        @Nullable Integer maxOutputTokens,
        boolean takesSampling,
        boolean takesEffort,
        boolean takesPrefill,
        boolean structuredOutput) {

    /** A current model about which nothing else is known. */
    public static MessagesTarget of(String model, int defaultMaxTokens) {
        return new MessagesTarget(model, defaultMaxTokens, null, false, false, false, true);
    }
}
