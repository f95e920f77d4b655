package io.bactrian.protocol.translation;

/**
 * What a translation has to know of the OpenAI-compatible model it is for. Immutable.
 *
 * @param maxTokensField {@code max_completion_tokens}, or {@code max_tokens} for servers that know only that one
 * @param takesSampling whether it accepts temperature and top_p; reasoning models answer 400
 * @param takesEffort whether it accepts {@code reasoning_effort}
 * @param toolsNeedEffortNone whether tools are refused unless the effort is {@code none} (gpt-5.4 and later)
 * @param takesStreamOptions whether it accepts {@code stream_options}
 */
public record ChatTarget(
        String model,
        String maxTokensField,
        boolean takesSampling,
        boolean takesEffort,
        boolean toolsNeedEffortNone,
        boolean takesStreamOptions) {

    /** A model of OpenAI's own endpoint about which nothing else is known. */
    public static ChatTarget of(String model) {
        return new ChatTarget(model, "max_completion_tokens", true, true, false, true);
    }
}
