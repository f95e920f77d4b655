package io.bactrian.config;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The mistakes and notices about a configuration, each line once. For one thread. */
final class ConfigReport {

    private final Set<String> mistakes = new LinkedHashSet<>();
    private final Set<String> notices = new LinkedHashSet<>();

    /** A mistake about a value that may be quoted. */
    void mistake(String key, String value, String right) {
        mistake(key + " = " + quotable(value), right);
    }

    /** A mistake about a key alone, or about a value that is a secret. */
    void mistake(String key, String right) {
        mistakes.add(oneLine(key + ": " + right));
    }

    void notice(String line) {
        notices.add(oneLine(line));
    }

    int count() {
        return mistakes.size();
    }

    List<String> mistakes() {
        return List.copyOf(mistakes);
    }

    List<String> notices() {
        return List.copyOf(notices);
    }

    private static String quotable(String value) {
        String safe = value.replaceAll("//[^/\\s]*@", "//***@")
                .replaceAll("([?&](?:[^=&\\s]*(?:key|secret|token|sig|password|auth)[^=&\\s]*)=)[^&\\s]{8,}", "$1***");
        return safe.length() > 120 ? safe.substring(0, 120) + "…" : safe;
    }

    private static String oneLine(String text) {
        return text.replaceAll("\\p{Cntrl}+", " ");
    }
}
