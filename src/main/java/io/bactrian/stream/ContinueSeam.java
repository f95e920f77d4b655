package io.bactrian.stream;

import org.jspecify.annotations.Nullable;

/**
 * Cuts what a model says before it goes on with a text: a preamble, and words that it repeats. The beginning of the answer is
 * held back until that is known. Not thread-safe.
 */
final class ContinueSeam implements Seam {
    private final String spoken;
    private final Preamble preamble;
    private final StringBuilder held = new StringBuilder();
    private Overlap overlap;
    private int lookedFrom;
    private int fed;
    private int step;
    private int cut;
    private @Nullable WhitespaceJoin join;

    ContinueSeam(String spoken) {
        this.spoken = spoken;
        this.preamble = new Preamble(spoken);
        this.overlap = new Overlap(spoken);
    }

    @Override
    public String next(String piece) {
        if (join != null) {
            return join.next(piece);
        }
        held.append(piece);
        return held.isEmpty() ? "" : look(false);
    }

    @Override
    public String end() {
        String last = join == null ? look(true) : "";
        if (join != null) {
            join.end();
        }
        return last;
    }

    @Override
    public boolean joined() {
        return join != null && join.made();
    }

    private String look(boolean all) {
        while (true) {
            PrefixMatch.Found found = overlap.next(held.substring(fed));
            fed = held.length();
            if (all && found == PrefixMatch.Found.GOING_ON) {
                found = overlap.end();
            }
            if (found == PrefixMatch.Found.WHOLE) {
                return join(ComparableText.whiteEnd(spoken), overlap.rest());
            }
            int from = found == PrefixMatch.Found.OTHER ? further(all) : Preamble.UNDECIDED;
            if (from == Preamble.UNDECIDED) {
                return "";
            }
            if (from == lookedFrom) {
                return flow(held.substring(cut));
            }
            overlap = new Overlap(spoken);
            lookedFrom = from;
            fed = from;
        }
    }

    /** The next place where repeated words may begin: after a preamble, then after an opening; the last one if none is left. */
    private int further(boolean all) {
        int from = lookedFrom;
        while (from == lookedFrom && step < 2) {
            from = step == 0 ? preamble.end(held, all) : preamble.opened(held, cut, all);
            if (from == Preamble.UNDECIDED) {
                return from;
            }
            if (step == 0 || preamble.openedTwice(held.substring(cut, from))) {
                cut = from;
            }
            step++;
        }
        return from;
    }

    private String flow(String text) {
        String spokenEnd = spoken.substring(Seam.prefix(spoken).length());
        return join(spokenEnd, spokenEnd.isEmpty() && Words.glued(spoken, text) ? " " + text : text);
    }

    private String join(String spokenEnd, String text) {
        WhitespaceJoin made = new WhitespaceJoin(spokenEnd);
        join = made;
        held.setLength(0);
        return made.next(text);
    }
}
