package io.bactrian.testing;

/** The modes of a request: which protocol the first target speaks, and who streams. What holds for one holds for all. */
public enum Mode {
    OPENAI_STREAM("openai", true, false),
    OPENAI_DOCUMENT("openai", false, false),
    OPENAI_DOCUMENT_ALL_THE_WAY("openai", false, true),
    ANTHROPIC_STREAM("anthropic", true, false),
    ANTHROPIC_DOCUMENT("anthropic", false, false),
    ANTHROPIC_DOCUMENT_ALL_THE_WAY("anthropic", false, true);

    private final String api;
    private final boolean stream;
    private final boolean plain;

    /** @param plain whether the provider, too, is asked for a document */
    Mode(String api, boolean stream, boolean plain) {
        this.api = api;
        this.stream = stream;
        this.plain = plain;
    }

    /** The protocol of the first target's provider. */
    public String api() {
        return api;
    }

    public boolean openai() {
        return api.equals("openai");
    }

    /** Whether the caller asks for a stream. */
    public boolean stream() {
        return stream;
    }

    /** Whether the provider is asked for a stream. */
    public boolean upstreamStreams() {
        return !plain;
    }

    /** The name of the first target's provider. */
    public String p() {
        return plain ? api + "-plain" : api;
    }
}
