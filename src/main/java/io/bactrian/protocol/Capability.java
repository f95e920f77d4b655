package io.bactrian.protocol;

/** Something that a target turned out not to take, and that can be left out or said in another way. */
public enum Capability {
    /** Going on from the beginning of an answer. */
    PREFILL,
    /** {@code stream}. */
    STREAMING,
    /** {@code stream_options}. */
    STREAM_OPTIONS,
    /** Ids of tool calls that another vendor gave: longer, or of other characters. */
    FOREIGN_IDS,
    /** Ids of tool calls that have not just nine letters and digits (Mistral, older models). */
    LONG_IDS,
    /** Anthropic's {@code output_config.format}. */
    STRUCTURED_OUTPUT,
    /** {@code temperature} and {@code top_p}, in a translated request. */
    SAMPLING,
    /** {@code reasoning_effort}, in a translated request. */
    EFFORT,
    /** Tools and reasoning at once (OpenAI, gpt-5.4 and later). */
    TOOLS_WITH_EFFORT
}
