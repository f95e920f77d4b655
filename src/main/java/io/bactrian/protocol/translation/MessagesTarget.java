package io.bactrian.protocol.translation;

import org.jspecify.annotations.Nullable;

/**
 * What a translation has to know of the Anthropic model it is for. Immutable.
 *
 * @param defaultMaxTokens sent where the caller names no limit: the protocol demands one
 * @param maxOutputTokens the model's longest answer in tokens, null if unknown
 * @param takesSampling whether it accepts temperature and top_p; models after Opus 4.6 answer 400
 * @param takesEffort whether it accepts {@code output_config.effort}
 * @param takesPrefill whether it goes on from a last message of role assistant; newer models answer 400
 * @param structuredOutput whether it accepts {@code output_config.format}; else a tool takes an answer in a schema
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
