package io.bactrian.alert;

import java.util.Set;

/**
 * The cause of an alert, as it is seen now.
 *
 * @param subject what it is about, such as the name of a target
 * @param weak true if it keeps an alert open, but does not open one
 * @param text plain sentences: what, since when, what the gateway does about it, what to do
 * @param silences the keys of alerts that need not be sent while this one holds
 * @param drill true if operators or callers caused it on purpose
 */
record Condition(AlertKind kind, String subject, boolean weak, String text, Set<String> silences, boolean drill) {

    Condition {
        silences = Set.copyOf(silences);
    }

    static Condition of(AlertKind kind, String subject, String text) {
        return new Condition(kind, subject, false, text, Set.of(), false);
    }

    /** The same one, that keeps an alert open, but does not open one. */
    Condition onlyKeeps(boolean now) {
        return new Condition(kind, subject, now, text, silences, drill);
    }

    Condition silencing(Set<String> keys) {
        return new Condition(kind, subject, weak, text, keys, drill);
    }

    Condition inDrill(boolean now) {
        return new Condition(kind, subject, weak, now ? "Drill: " + text : text, silences, now);
    }

    String key() {
        return kind.key(subject);
    }
}
