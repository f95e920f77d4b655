package io.bactrian.stream;

/**
 * Fits the text of another answer to what was spoken before, when a stream broke in the middle. Pieces may be torn anywhere.
 * Not thread-safe.
 */
public interface Seam {
    /**
     * What of the next piece goes to the caller; empty while it is swallowed or held back.
     *
     * @throws Differs if the answer is another one
     */
    String next(String piece);

    /**
     * What was still held back when the answer's text ended.
     *
     * @throws Differs if not all that was spoken was repeated
     */
    String end();

    /** Whether the text joins what was spoken: nothing is held back or swallowed any more. */
    boolean joined();

    /** For a target that was asked afresh: what it repeats is swallowed, the rest flows on. */
    static Seam replay(String spoken) {
        return new ReplaySeam(spoken);
    }

    /** For a target that was given the {@link #prefix} to go on from: all flows, unless it starts over. */
    static Seam prefill(String spoken) {
        return new PrefillSeam(spoken);
    }

    /** For a target that was requested to go on where the text stops: what it says before that, or says again, is cut. */
    static Seam goOn(String spoken) {
        return prefix(spoken).isEmpty() ? new PrefillSeam(spoken) : new ContinueSeam(spoken);
    }

    /** What to give a model as the text to go on from: without white space, or half a surrogate pair, at the end. */
    static String prefix(String spoken) {
        int end = spoken.length();
        if (end > 0 && Character.isHighSurrogate(spoken.charAt(end - 1))) {
            end--;
        }
        return ComparableText.stripEnd(spoken.substring(0, end));
    }

    /** The answer is not the one that was begun. */
    final class Differs extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Differs() {
            super("the answer differs from what was spoken", null, false, false);
        }
    }
}
