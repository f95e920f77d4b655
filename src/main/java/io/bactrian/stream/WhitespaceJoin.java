package io.bactrian.stream;

/**
 * The join of the sent text and its continuation, in which white space is neither lost nor doubled; white space that
 * was sent stays. Not thread-safe.
 */
final class WhitespaceJoin {
    private final String sentEnd;
    private int repeated;
    private boolean other;
    private boolean made;

    /**
     * @param sentEnd the white space at the end of the sent text, which the continuation may repeat; empty if nothing
     *     has to be joined
     */
    WhitespaceJoin(String sentEnd) {
        this.sentEnd = sentEnd;
        this.made = sentEnd.isEmpty();
    }

    boolean made() {
        return made;
    }

    String next(String piece) {
        if (made) {
            return piece;
        }
        int from = 0;
        while (!other && from < piece.length() && repeated < sentEnd.length()) {
            other = piece.charAt(from) != sentEnd.charAt(repeated);
            if (!other) {
                from++;
                repeated++;
            }
        }
        if (repeated == sentEnd.length()) {
            made = true;
            return piece.substring(from);
        }
        String rest = ComparableText.stripStart(piece.substring(from));
        made = !rest.isEmpty();
        return rest;
    }

    /** Ends the continuation. */
    void end() {
        made = true;
    }
}
