package io.bactrian.demo;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * A fault of a simulated provider. Immutable.
 *
 * @param after the number of tokens sent before the fault; used by {@link Kind#TIMEOUT} and {@link Kind#CUT} only
 */
record DemoFault(Kind kind, int after) {
    static final DemoFault NONE = new DemoFault(Kind.OFF, 0);

    /** The default position of a cut. */
    private static final int WORDS_BEFORE_CUT = 8;

    enum Kind {
        /** Too many requests, with {@code retry-after: 2}. */
        RATE_LIMITED("429"),
        BROKEN("500"),
        /** Out of capacity; sent as 529 by the simulated Anthropic. */
        OVERLOADED("503"),
        /** Accepts the request, sends the tokens before the fault if there are any, and then sends nothing more. */
        TIMEOUT("timeout"),
        /** A TCP reset instead of an answer. */
        RESET("reset"),
        /** The connection closes in the middle of the answer. */
        CUT("cut"),
        /** Status 200 and an HTML page. */
        GARBAGE("garbage"),
        OFF("off");

        private final String text;

        Kind(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    static DemoFault of(String kind) {
        Kind found = kind(kind);
        return new DemoFault(found, found == Kind.CUT ? WORDS_BEFORE_CUT : 0);
    }

    static DemoFault of(String kind, int after) {
        if (after < 0) {
            throw new IllegalArgumentException("after must be 0 or more tokens, not " + after);
        }
        return new DemoFault(kind(kind), after);
    }

    boolean is(Kind other) {
        return kind == other;
    }

    private static Kind kind(String text) {
        String wanted = text.strip().toLowerCase(Locale.ROOT);
        return Arrays.stream(Kind.values())
                .filter(k -> k.text.equals(wanted))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no such fault: '" + text + "'; there are "
                        + Arrays.stream(Kind.values()).map(Kind::toString).collect(Collectors.joining(", "))));
    }
}
