package io.bactrian.config;

/** The versions of OpenTelemetry's GenAI conventions that metrics can have the names of ({@code bactrian.metrics.gen-ai}). */
public enum GenAiNames {
    /** Core conventions 1.41, the last with these names; what dashboards and other gateways use. */
    V1_41("1.41"),
    /** The first release of the GenAI conventions in a repository of their own. */
    V0_1("0.1");

    private final String version;

    GenAiNames(String version) {
        this.version = version;
    }

    /** @throws BadValue if there is no such version */
    static GenAiNames of(String text) {
        for (GenAiNames names : values()) {
            if (names.version.equals(text)) {
                return names;
            }
        }
        throw new BadValue("1.41 or 0.1");
    }
}
