package io.bactrian.stream;

/**
 * The seam where the text of another answer joins the text that was sent to the caller before a stream broke. Pieces
 * may be split anywhere. Not thread-safe.
 */
public interface Seam {
    /**
     * Takes the next piece of the other answer.
     *
     * @return the part to send to the caller; empty while the text is dropped or held back
     * @throws Differs if the answer is a different one
     */
    String next(String piece);

    /**
     * Ends the other answer.
     *
     * @return the text that was still held back
     * @throws Differs if the answer is a different one, or did not repeat the sent text to its end
     */
    String end();

    /** True once the texts are joined: nothing is held back or dropped any more. */
    boolean joined();

    /** A seam for a target that was asked afresh: its repetition of the sent text is dropped, the rest passes. */
    static Seam replay(String sent) {
        return new ReplaySeam(sent);
    }

    /**
     * A seam for a target that was given the {@link #prefix} to continue: all text passes, unless the target starts
     * over.
     */
    static Seam prefill(String sent) {
        return new PrefillSeam(sent);
    }

    /**
     * A seam for a target that was asked in words to continue the text: its preamble and repeated words are removed.
     */
    static Seam goOn(String sent) {
        return prefix(sent).isEmpty() ? new PrefillSeam(sent) : new ContinueSeam(sent);
    }

    /** The text for a model to continue: the sent text without white space, or half a surrogate pair, at its end. */
    static String prefix(String sent) {
        int end = sent.length();
        if (end > 0 && Character.isHighSurrogate(sent.charAt(end - 1))) {
            end--;
        }
        return ComparableText.stripEnd(sent.substring(0, end));
    }

    /** The exception for an answer that differs from the text already sent. */
    final class Differs extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Differs() {
            super("the answer differs from the text already sent", null, false, false);
        }
    }
}
