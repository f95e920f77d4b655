package io.bactrian.stream;

/**
 * Joins the rest of a text to what was spoken, so that white space is neither lost nor doubled: what was spoken stands. Not
 * thread-safe.
 */
final class WhitespaceJoin {
    private final String spokenEnd;
    private int repeated;
    private boolean other;
    private boolean made;

    /** @param spokenEnd what was spoken already and the rest may begin with; empty if nothing has to be joined */
    WhitespaceJoin(String spokenEnd) {
        this.spokenEnd = spokenEnd;
        this.made = spokenEnd.isEmpty();
    }

    boolean made() {
        return made;
    }

    String next(String piece) {
        if (made) {
            return piece;
        }
        int from = 0;
        while (!other && from < piece.length() && repeated < spokenEnd.length()) {
            other = piece.charAt(from) != spokenEnd.charAt(repeated);
            if (!other) {
                from++;
                repeated++;
            }
        }
        if (repeated == spokenEnd.length()) {
            made = true;
            return piece.substring(from);
        }
        String rest = ComparableText.stripStart(piece.substring(from));
        made = !rest.isEmpty();
        return rest;
    }

    /** No piece follows. */
    void end() {
        made = true;
    }
}
