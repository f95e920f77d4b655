package io.bactrian.stream;

import org.jspecify.annotations.Nullable;

/**
 * The seam for a target that was given the sent text to continue: the continuation passes, and the sent text is
 * dropped if the target starts over. A target that starts over and then deviates gives another answer. Not
 * thread-safe.
 */
final class PrefillSeam implements Seam {
    /** The number of repeated characters from which on a repetition of the beginning is no coincidence. */
    private static final int STARTED_OVER = 40;

    private final String sent;
    private final PrefixMatch match;
    private final StringBuilder held = new StringBuilder();
    private @Nullable WhitespaceJoin join;

    PrefillSeam(String sent) {
        this.sent = sent;
        this.match = new PrefixMatch(sent);
    }

    @Override
    public String next(String piece) {
        if (join != null) {
            return join.next(piece);
        }
        held.append(piece);
        return switch (match.next(piece)) {
            case PARTIAL -> "";
            case COMPLETE -> join(ComparableText.whiteEnd(sent), match.rest());
            case DIFFERENT -> goOn();
        };
    }

    private String goOn() {
        if (match.repeated() >= STARTED_OVER) {
            throw new Differs();
        }
        return join(sent.substring(Seam.prefix(sent).length()), held.toString());
    }

    @Override
    public String end() {
        String last = "";
        if (join == null) {
            last = match.end() == PrefixMatch.Found.COMPLETE
                    ? join(ComparableText.whiteEnd(sent), match.rest())
                    : goOn();
        }
        if (join != null) {
            join.end();
        }
        return last;
    }

    @Override
    public boolean joined() {
        return join != null && join.made();
    }

    private String join(String sentEnd, String text) {
        WhitespaceJoin made = new WhitespaceJoin(sentEnd);
        join = made;
        held.setLength(0);
        return made.next(text);
    }
}
