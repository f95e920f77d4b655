package io.bactrian.stream;

import org.jspecify.annotations.Nullable;

/**
 * A check whether a text that arrives in pieces repeats another one; white space and normalization are ignored. Not
 * thread-safe.
 */
final class PrefixMatch {

    /** The result so far. */
    enum Found {
        PARTIAL,
        COMPLETE,
        DIFFERENT
    }

    private final String expected;
    private final boolean open;
    private int at;
    private int repeated;
    private String pending = "";
    private String rest = "";
    private Found found;

    PrefixMatch(String sent) {
        this(ComparableText.compared(sent), 0, ComparableText.whiteEnd(sent).isEmpty());
    }

    /**
     * @param expected the text to repeat, in the form of {@link ComparableText#compared}
     * @param from the index in it at which the repetition begins
     * @param open true if its last cluster may lack marks
     */
    PrefixMatch(String expected, int from, boolean open) {
        this.expected = expected;
        this.open = open;
        this.at = from;
        this.found = from == expected.length() ? Found.COMPLETE : Found.PARTIAL;
    }

    /** Takes the next piece; its last cluster is compared when the following piece is known. */
    Found next(String piece) {
        if (found == Found.COMPLETE) {
            rest = piece;
        } else if (found == Found.PARTIAL) {
            take(pending.isEmpty() ? piece : pending.concat(piece), false);
            if (found == Found.PARTIAL && strays()) {
                found = Found.DIFFERENT;
            }
        }
        return found;
    }

    /** Ends the text and compares its last cluster. */
    Found end() {
        rest = "";
        if (found == Found.PARTIAL) {
            take(pending, true);
            found = found == Found.COMPLETE ? Found.COMPLETE : Found.DIFFERENT;
        }
        return found;
    }

    /** The part of the last piece after the repetition, once the repetition is complete. */
    String rest() {
        return rest;
    }

    /** The number of repeated characters, without white space and with each accent counted. */
    int repeated() {
        return repeated;
    }

    private void take(String text, boolean last) {
        int to = last || text.isEmpty() || !Character.isHighSurrogate(text.charAt(text.length() - 1))
                ? text.length()
                : text.length() - 1;
        int from = 0;
        while (from < to && found == Found.PARTIAL) {
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
        if (found == Found.COMPLETE) {
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
            found = Found.DIFFERENT;
        } else if (at == expected.length()) {
            found = Found.COMPLETE;
        }
    }

    /** The end of the expected text if this cluster completes the part of a cluster that ends it; else -1. */
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

    /** True if the pending cluster already differs, whatever marks may follow. */
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
