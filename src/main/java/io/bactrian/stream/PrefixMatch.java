package io.bactrian.stream;

import org.jspecify.annotations.Nullable;

/** Finds out whether a text that comes in pieces repeats another one, white space and normalisation aside. Not thread-safe. */
final class PrefixMatch {

    /** What is known so far. */
    enum Found {
        GOING_ON,
        WHOLE,
        OTHER
    }

    private final String expected;
    private final boolean open;
    private int at;
    private int repeated;
    private String pending = "";
    private String rest = "";
    private Found found;

    PrefixMatch(String spoken) {
        this(ComparableText.compared(spoken), 0, ComparableText.whiteEnd(spoken).isEmpty());
    }

    /**
     * @param expected as {@linkplain ComparableText#compared compared}
     * @param from where in it the repetition begins
     * @param open whether its last cluster may have lost marks
     */
    PrefixMatch(String expected, int from, boolean open) {
        this.expected = expected;
        this.open = open;
        this.at = from;
        this.found = from == expected.length() ? Found.WHOLE : Found.GOING_ON;
    }

    /** Takes the next piece; its last cluster waits for the one after. */
    Found next(String piece) {
        if (found == Found.WHOLE) {
            rest = piece;
        } else if (found == Found.GOING_ON) {
            take(pending.isEmpty() ? piece : pending.concat(piece), false);
            if (found == Found.GOING_ON && strays()) {
                found = Found.OTHER;
            }
        }
        return found;
    }

    /** Takes what waits, as no piece follows. */
    Found end() {
        rest = "";
        if (found == Found.GOING_ON) {
            take(pending, true);
            found = found == Found.WHOLE ? Found.WHOLE : Found.OTHER;
        }
        return found;
    }

    /** What of the last piece comes after the repetition, once it is whole. */
    String rest() {
        return rest;
    }

    /** How many characters have been repeated, white space left out and each accent counted. */
    int repeated() {
        return repeated;
    }

    private void take(String text, boolean last) {
        int to = last || text.isEmpty() || !Character.isHighSurrogate(text.charAt(text.length() - 1))
                ? text.length()
                : text.length() - 1;
        int from = 0;
        while (from < to && found == Found.GOING_ON) {
            if (ComparableText.white(text.charAt(from))) {
                from++;
                continue;
            }
            int end = ComparableText.end(text, from, to);
            if (end == to && !last) {
                break;
            }
            compare(text, from, end);
            from = end;
        }
        if (found == Found.WHOLE) {
            rest = rest.concat(text.substring(from));
        }
        pending = text.substring(from);
    }

    private void compare(String text, int from, int end) {
        if (end == from + 1 && ComparableText.plain(text.charAt(from))) {
            at = text.charAt(from) == expected.charAt(at) ? at + 1 : -1;
        } else {
            String cluster = text.substring(from, end);
            String nfd = ComparableText.nfd(cluster);
            at = expected.startsWith(nfd, at) ? at + nfd.length() : completed(cluster, nfd);
        }
        repeated = Math.max(repeated, at);
        if (at < 0) {
            found = Found.OTHER;
        } else if (at == expected.length()) {
            found = Found.WHOLE;
        }
    }

    /** The end of what is expected if this cluster is the whole one of which a part ends it, else -1. */
    private int completed(String cluster, String nfd) {
        if (!open || expected.length() - at >= nfd.length()) {
            return -1;
        }
        @Nullable String missing = ComparableText.missing(expected.substring(at), cluster);
        if (missing == null) {
            return -1;
        }
        rest = missing;
        return expected.length();
    }

    /** Whether the cluster that waits is another one already, whatever marks may come. */
    private boolean strays() {
        if (pending.isEmpty()) {
            return false;
        }
        int first = pending.codePointAt(0);
        return !ComparableText.mark(first)
                && (first > Character.MAX_VALUE || !Character.isHighSurrogate((char) first))
                && ComparableText.nfd(Character.toString(first)).charAt(0) != expected.charAt(at);
    }
}
