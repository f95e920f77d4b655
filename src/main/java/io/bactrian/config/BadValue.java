package io.bactrian.config;

/** The failure of a text that is not a valid value of its key. */
final class BadValue extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    private final String right;

    BadValue(String right) {
        super(right);
        this.right = right;
    }

    /** What would be right, in words that follow the key and the value. */
    String right() {
        return right;
    }
}
