package io.bactrian.stream;

import java.text.Normalizer;
import org.jspecify.annotations.Nullable;

/**
 * The form in which texts are compared: clusters (a code point with the combining marks that follow it) in NFD, without
 * white space. Normalization moves nothing but marks, so each cluster can be normalized by itself. Stateless.
 */
final class ComparableText {
    /**
     * The longest cluster, in chars: further marks begin another one, so that a run of marks costs no more than other
     * text.
     */
    private static final int MAX_LENGTH = 64;

    /** The first code point that is a combining mark. */
    private static final int MARKS = 0x300;

    /** The first code point that is not in NFD. */
    private static final int COMPOSED = 0xC0;

    private ComparableText() {}

    static boolean white(int codePoint) {
        return Character.isWhitespace(codePoint) || Character.isSpaceChar(codePoint);
    }

    static boolean mark(int codePoint) {
        if (codePoint < MARKS) {
            return false;
        }
        int type = Character.getType(codePoint);
        return type == Character.NON_SPACING_MARK
                || type == Character.COMBINING_SPACING_MARK
                || type == Character.ENCLOSING_MARK;
    }

    /** True if this char is a cluster in NFD by itself, unless a mark follows. */
    static boolean plain(char c) {
        return c < COMPOSED;
    }

    /** The end of the cluster that begins at {@code from}. */
    static int end(String text, int from, int to) {
        int end = from + Character.charCount(text.codePointAt(from));
        while (end < to && end - from < MAX_LENGTH && mark(text.codePointAt(end))) {
            end += Character.charCount(text.codePointAt(end));
        }
        return end;
    }

    static String nfd(String cluster) {
        return cluster.length() == 1 && plain(cluster.charAt(0))
                ? cluster
                : Normalizer.normalize(cluster, Normalizer.Form.NFD);
    }

    /** A text in the form in which it is compared. */
    static String compared(String text) {
        StringBuilder compared = new StringBuilder(text.length());
        int at = 0;
        while (at < text.length()) {
            if (white(text.charAt(at))) {
                at++;
                continue;
            }
            int end = end(text, at, text.length());
            if (end == at + 1 && plain(text.charAt(at))) {
                compared.append(text.charAt(at));
            } else {
                compared.append(nfd(text.substring(at, end)));
            }
            at = end;
        }
        return compared.toString();
    }

    /**
     * The text that completes a cluster of which only the beginning was sent.
     *
     * @param begun the beginning, in NFD
     * @return null if {@code begun} is not the beginning of {@code cluster}
     */
    static @Nullable String missing(String begun, String cluster) {
        for (int end = 1; end < cluster.length(); end++) {
            if (nfd(cluster.substring(0, end)).equals(begun)) {
                return cluster.substring(end);
            }
        }
        String whole = nfd(cluster);
        StringBuilder missing = new StringBuilder();
        int at = 0;
        for (int codePoint : whole.codePoints().toArray()) {
            if (at < begun.length() && begun.codePointAt(at) == codePoint) {
                at += Character.charCount(codePoint);
            } else {
                missing.appendCodePoint(codePoint);
            }
        }
        return nfd(begun + missing).equals(whole) ? missing.toString() : null;
    }

    static String stripStart(String text) {
        int start = 0;
        while (start < text.length() && white(text.charAt(start))) {
            start++;
        }
        return text.substring(start);
    }

    static String stripEnd(String text) {
        int end = text.length();
        while (end > 0 && white(text.charAt(end - 1))) {
            end--;
        }
        return text.substring(0, end);
    }

    /** The white space at the end of a text. */
    static String whiteEnd(String text) {
        return text.substring(stripEnd(text).length());
    }
}
