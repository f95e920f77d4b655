package io.bactrian.protocol.translation;

/** A detector for the end of a JSON object that arrives in pieces. Not thread-safe. */
final class JsonEnd {
    private int depth;
    private boolean quoted;
    private boolean escaped;
    private boolean reached;

    void read(String piece) {
        for (int i = 0; i < piece.length(); i++) {
            char c = piece.charAt(i);
            if (escaped) {
                escaped = false;
            } else if (quoted) {
                escaped = c == '\\';
                quoted = c != '"';
            } else {
                unquoted(c);
            }
        }
    }

    boolean reached() {
        return reached;
    }

    /** Whether something has begun that has not ended. */
    boolean isOpen() {
        return quoted || depth > 0;
    }

    private void unquoted(char c) {
        switch (c) {
            case '"' -> quoted = true;
            case '{', '[' -> depth++;
            case '}', ']' -> reached |= --depth == 0;
            default -> {}
        }
    }
}
