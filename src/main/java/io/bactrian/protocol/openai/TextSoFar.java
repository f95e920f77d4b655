package io.bactrian.protocol.openai;

import org.jspecify.annotations.Nullable;

/**
 * The text of an answer that has come so far: its length and its hash. It tells what a message adds to it, whatever the white space
 * between the words. Not thread-safe.
 */
final class TextSoFar {
    private int length;
    private int hash;

    /** The white space at its end. */
    private int trailing;

    /** The messages that it came in; negative if it came in deltas. */
    private int messages;

    private Form form = Form.UNKNOWN;

    /** The meaning of messages that follow one another. */
    private enum Form {
        UNKNOWN,
        PIECES,
        CUMULATIVE
    }

    /** Adds the text of a delta. */
    void add(String delta) {
        if (!delta.isEmpty()) {
            messages = -1;
            read(delta);
        }
    }

    private void read(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (isWhite(c)) {
                trailing++;
            } else {
                trailing = 0;
                hash = 31 * hash + c;
                length++;
            }
        }
    }

    private static boolean isWhite(char c) {
        return c <= ' ' || Character.isWhitespace(c);
    }

    /**
     * What a message adds; it counts as said then.
     *
     * @param ended whether nothing follows the message, as it seems
     * @return null if the message contradicts what was said
     */
    @Nullable
    String rest(String message, boolean ended) {
        String rest = added(message, ended);
        if (rest != null && !rest.isEmpty()) {
            messages = messages < 0 ? messages : messages + 1;
            read(rest);
        }
        return rest;
    }

    private @Nullable String added(String message, boolean ended) {
        if (length == 0) {
            return message;
        }
        if (message.isBlank()) {
            return form == Form.PIECES ? message : "";
        }
        int end = endOfSaid(message);
        boolean same = end >= 0 && message.substring(end).isBlank();
        if (form == Form.PIECES) {
            return same && ended ? "" : message;
        }
        if (same) {
            return ended || messages != 1 || form == Form.CUMULATIVE ? "" : message;
        }
        if (end >= 0) {
            form = messages < 0 ? form : Form.CUMULATIVE;
            return message.substring(end);
        }
        if (messages < 0 || form == Form.CUMULATIVE) {
            return null;
        }
        form = Form.PIECES;
        return message;
    }

    /** The place in a message up to which it repeats what was said; negative if it does not. */
    private int endOfSaid(String message) {
        int seen = 0;
        int at = 0;
        int sum = 0;
        for (; at < message.length() && seen < length; at++) {
            char c = message.charAt(at);
            if (!isWhite(c)) {
                sum = 31 * sum + c;
                seen++;
            }
        }
        if (seen < length || sum != hash) {
            return -1;
        }
        for (int skipped = 0; skipped < trailing && at < message.length() && isWhite(message.charAt(at)); skipped++) {
            at++;
        }
        return at;
    }
}
