package io.bactrian.routing;

import java.util.Locale;

/** A comparison of the names of embedding models: only vectors of the same model can be compared. Stateless. */
final class EmbeddingModel {
    private static final String LATEST = ":latest";

    private EmbeddingModel() {}

    /**
     * Whether two names mean the same model. Some providers write its maker before the name ({@code openai/}), and Ollama writes
     * a tag behind it.
     */
    static boolean same(String one, String other) {
        String a = plain(one);
        String b = plain(other);
        return a.equals(b) || a.endsWith("/" + b) || b.endsWith("/" + a);
    }

    private static String plain(String name) {
        String lower = name.strip().toLowerCase(Locale.ROOT);
        return lower.endsWith(LATEST) ? lower.substring(0, lower.length() - LATEST.length()) : lower;
    }
}
