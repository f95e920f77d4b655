package io.bactrian.config;

/** A text that is no value of its key. */
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
