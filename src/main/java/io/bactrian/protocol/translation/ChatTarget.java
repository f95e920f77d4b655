package io.bactrian.protocol.translation;

/**
 * The properties of an OpenAI-compatible model that its translation depends on. Immutable.
 *
 * @param maxTokensField {@code max_completion_tokens}, or {@code max_tokens} for servers that know only that one
 * @param takesSampling true if it accepts temperature and top_p; reasoning models answer 400
 * @param takesEffort true if it accepts {@code reasoning_effort}
 * @param toolsNeedEffortNone true if tools are rejected unless the effort is {@code none} (gpt-5.4 and later)
 * @param takesStreamOptions true if it accepts {@code stream_options}
 */
public record ChatTarget(
        String model,
        String maxTokensField,
        boolean takesSampling,
        boolean takesEffort,
        boolean toolsNeedEffortNone,
        boolean takesStreamOptions) {

    /** A model of OpenAI's own endpoint without known restrictions. */
    public static ChatTarget of(String model) {
        return new ChatTarget(model, "max_completion_tokens", true, true, false, true);
    }
}
