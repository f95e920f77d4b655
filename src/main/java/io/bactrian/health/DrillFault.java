package io.bactrian.health;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A way to fail that a drill may order. Immutable.
 *
 * @param status of HTTP, 0 where the fault is not that of an answer
 */
public record DrillFault(Kind kind, int status) {
    /** What there is, in words. */
    public static final String ALL = "a status from 400 to 599, timeout, reset, refused, garbage";

    /** What a provider does instead of answering. */
    public enum Kind {
        /** It answers with an error. */
        STATUS,
        /** It says nothing. */
        TIMEOUT,
        /** Its connection breaks. */
        RESET,
        /** Nobody is there. */
        REFUSED,
        /** It answers with something else than an answer. */
        GARBAGE
    }

    /** The fault of a name such as {@code 429} or {@code timeout}; null if there is none. */
    public static @Nullable DrillFault of(String name) {
        if (name.matches("[45]\\d\\d")) {
            return new DrillFault(Kind.STATUS, Integer.parseInt(name));
        }
        for (Kind kind : Kind.values()) {
            if (kind != Kind.STATUS && kind.name().equalsIgnoreCase(name)) {
                return new DrillFault(kind, 0);
            }
        }
        return null;
    }

    public String name() {
        return kind == Kind.STATUS ? Integer.toString(status) : kind.name().toLowerCase(Locale.ROOT);
    }
}
