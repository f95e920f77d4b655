package io.bactrian.protocol;

/**
 * A part of the protocol that a target may refuse, and without which it can be asked again. It is learned from refusals, unlike a
 * {@link io.bactrian.config.Feature}, which is declared in the configuration.
 */
public enum Capability {
    /** Continuing from the beginning of an answer, given as the last message. */
    PREFILL,
    /** A stream as the answer ({@code stream}). */
    STREAMING,
    /** The field {@code stream_options}. */
    STREAM_OPTIONS,
    /** Tool call ids of another vendor, which may be longer or have other characters. */
    FOREIGN_IDS,
    /** Tool call ids of any other form than nine letters and digits (Mistral, older models). */
    LONG_IDS,
    /** A JSON schema for the answer (Anthropic's {@code output_config.format}). */
    STRUCTURED_OUTPUT,
    /** {@code temperature} and {@code top_p}, in a translated request. */
    SAMPLING,
    /** {@code reasoning_effort}, in a translated request. */
    EFFORT,
    /** Tools together with reasoning (OpenAI, gpt-5.4 and later). */
    TOOLS_WITH_EFFORT,
    /** The role {@code developer}, in place of {@code system}. */
    DEVELOPER_ROLE,
    /** Instructions behind the first message. */
    LATE_INSTRUCTIONS,
    /** A list of texts as the content of a message, in place of one text. */
    TEXT_PARTS,
    /** An empty text as the arguments of a tool call, in place of an empty object. */
    EMPTY_ARGUMENTS,
    /** Reasoning in the history that another model wrote. */
    FOREIGN_REASONING
}
