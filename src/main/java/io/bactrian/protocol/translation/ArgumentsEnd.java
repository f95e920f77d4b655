package io.bactrian.protocol.translation;

/** The arguments of a call that arrive in pieces, without their text: whether they are whole, and whether a text equals them. */
final class ArgumentsEnd {
    private final JsonEnd end = new JsonEnd();
    private int length;
    private int hash;

    void read(String piece) {
        end.read(piece);
        length += piece.length();
        // The hash of the joined text.
        hash = hash * power(piece.length()) + piece.hashCode();
    }

    private static int power(int exponent) {
        int power = 1;
        int square = 31;
        for (int left = exponent; left > 0; left >>= 1) {
            power *= (left & 1) == 1 ? square : 1;
            square *= square;
        }
        return power;
    }

    int length() {
        return length;
    }

    boolean reached() {
        return end.reached();
    }

    boolean isOpen() {
        return end.isOpen();
    }

    boolean isEmptyObject() {
        return isText("{}");
    }

    boolean isText(String text) {
        return length == text.length() && hash == text.hashCode();
    }
}
