package io.bactrian.protocol.translation;

/**
 * The arguments of a call that arrive in pieces, without their text: whether they are whole, and whether a text is the same JSON.
 * Blanks between values and escapes in texts make no difference; the order of fields does. Not thread-safe.
 */
final class ArgumentsEnd {
    private static final int HEX_DIGITS = 4;

    /** What marks the beginning and end of a text, other than a quote in it. */
    private static final int QUOTE = 0x10000 + '"';

    private int length;
    private int depth;
    private boolean quoted;
    private boolean escaped;
    private boolean reached;

    /** The digits of an escape that are still to come, and the character that those so far make. */
    private int digits;

    private int code;

    /** The characters that count, and their hash. */
    private int counted;

    private int hash;

    static ArgumentsEnd of(String text) {
        ArgumentsEnd arguments = new ArgumentsEnd();
        arguments.read(text);
        return arguments;
    }

    void read(String piece) {
        length += piece.length();
        for (int i = 0; i < piece.length(); i++) {
            char c = piece.charAt(i);
            if (quoted) {
                quoted(c);
            } else if (c > ' ') {
                unquoted(c);
            }
        }
    }

    /** The characters so far, blanks included. */
    int length() {
        return length;
    }

    /** Whether a value in brackets has ended. */
    boolean reached() {
        return reached;
    }

    boolean isBlank() {
        return counted == 0;
    }

    /** Whether something has begun that has not ended. */
    boolean isOpen() {
        return quoted || depth > 0;
    }

    boolean isEmptyObject() {
        return counted == 2 && hash == 31 * '{' + '}';
    }

    /** Whether an object has begun and nothing of it has come. */
    boolean isOpening() {
        return counted == 1 && hash == '{';
    }

    boolean isText(String text) {
        return isSame(of(text));
    }

    boolean isSame(ArgumentsEnd other) {
        return counted == other.counted && hash == other.hash;
    }

    private void quoted(char c) {
        if (digits > 0) {
            code = (code << HEX_DIGITS) + Character.digit(c, 16);
            digits--;
            if (digits == 0) {
                count(code);
            }
        } else if (escaped) {
            escaped = false;
            if (c == 'u') {
                digits = HEX_DIGITS;
                code = 0;
            } else {
                count(meant(c));
            }
        } else if (c == '\\') {
            escaped = true;
        } else if (c == '"') {
            quoted = false;
            count(QUOTE);
        } else {
            count(c);
        }
    }

    private static char meant(char escape) {
        return switch (escape) {
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            default -> escape;
        };
    }

    private void unquoted(char c) {
        switch (c) {
            case '"' -> quoted = true;
            case '{', '[' -> depth++;
            case '}', ']' -> reached |= --depth == 0;
            default -> {}
        }
        count(c == '"' ? QUOTE : c);
    }

    private void count(int character) {
        counted++;
        hash = 31 * hash + character;
    }
}
