package io.bactrian.health;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A fault that a drill can order. Immutable.
 *
 * @param status the HTTP status; 0 for a fault that is no error response
 */
public record DrillFault(Kind kind, int status) {
    /** The possible faults, as listed in error messages. */
    public static final String ALL = "a status from 400 to 599, timeout, reset, refused, garbage";

    /** The kinds of faults. */
    public enum Kind {
        /** An error response. */
        STATUS,
        /** No response. */
        TIMEOUT,
        /** A connection that breaks. */
        RESET,
        /** A connection that is refused. */
        REFUSED,
        /** A response that is no answer of the protocol. */
        GARBAGE
    }

    /** The fault with a name such as {@code 429} or {@code timeout}; null if there is none. */
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
