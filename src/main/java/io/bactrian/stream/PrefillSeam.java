package io.bactrian.stream;

import org.jspecify.annotations.Nullable;

/**
 * Lets a continuation flow, but swallows what a target repeats that starts over; one that starts over and then says something
 * else gives another answer. Not thread-safe.
 */
final class PrefillSeam implements Seam {
    /** So many characters of the beginning said again are no chance. */
    private static final int STARTED_OVER = 40;

    private final String spoken;
    private final PrefixMatch match;
    private final StringBuilder held = new StringBuilder();
    private @Nullable WhitespaceJoin join;

    PrefillSeam(String spoken) {
        this.spoken = spoken;
        this.match = new PrefixMatch(spoken);
    }

    @Override
    public String next(String piece) {
        if (join != null) {
            return join.next(piece);
        }
        held.append(piece);
        return switch (match.next(piece)) {
            case GOING_ON -> "";
            case WHOLE -> join(ComparableText.whiteEnd(spoken), match.rest());
            case OTHER -> goOn();
        };
    }

    private String goOn() {
        if (match.repeated() >= STARTED_OVER) {
            throw new Differs();
        }
        return join(spoken.substring(Seam.prefix(spoken).length()), held.toString());
    }

    @Override
    public String end() {
        String last = "";
        if (join == null) {
            last = match.end() == PrefixMatch.Found.WHOLE
                    ? join(ComparableText.whiteEnd(spoken), match.rest())
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

    private String join(String spokenEnd, String text) {
        WhitespaceJoin made = new WhitespaceJoin(spokenEnd);
        join = made;
        held.setLength(0);
        return made.next(text);
    }
}
