package io.bactrian.protocol.translation;

/** The arguments of a call that arrive in pieces, without their text: whether they are whole, and whether a text equals them. */
final class ArgumentsEnd {
    private final JsonEnd end = new JsonEnd();
    private int length;
    private int hash;

    void read(String piece) {
        end.read(piece);
        length += piece.length();
        for (int i = 0; i < piece.length(); i++) {
            hash = 31 * hash + piece.charAt(i);
        }
    }

    int length() {
        return length;
    }

    boolean reached() {
        return end.reached();
    }

    boolean isEmptyObject() {
        return isText("{}");
    }

    boolean isText(String text) {
        return length == text.length() && hash == text.hashCode();
    }
}
