package io.bactrian.stream;

import org.jspecify.annotations.Nullable;

/**
 * The seam for a target that was asked in words to continue a text: it removes a preamble and repeated words. The
 * beginning of the answer is held back until both are known. Not thread-safe.
 */
final class ContinueSeam implements Seam {
    private final String sent;
    private final Preamble preamble;
    private final StringBuilder held = new StringBuilder();
    private Overlap overlap;
    private int lookedFrom;
    private int fed;
    private int step;
    private int cut;
    private @Nullable WhitespaceJoin join;

    ContinueSeam(String sent) {
        this.sent = sent;
        this.preamble = new Preamble(sent);
        this.overlap = new Overlap(sent);
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
            if (all && found == PrefixMatch.Found.PARTIAL) {
                found = overlap.end();
            }
            if (found == PrefixMatch.Found.COMPLETE) {
                return join(ComparableText.whiteEnd(sent), overlap.rest());
            }
            int from = found == PrefixMatch.Found.DIFFERENT ? further(all) : Preamble.UNDECIDED;
            if (from == Preamble.UNDECIDED) {
                return "";
            }
            if (from == lookedFrom) {
                return flow(held.substring(cut));
            }
            overlap = new Overlap(sent);
            lookedFrom = from;
            fed = from;
        }
    }

    /**
     * The next index at which repeated words may begin: after a preamble, then after an opening. The current index if
     * there is no other, {@link Preamble#UNDECIDED} if more text is needed.
     */
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
        String sentEnd = sent.substring(Seam.prefix(sent).length());
        return join(sentEnd, sentEnd.isEmpty() && Words.glued(sent, text) ? " " + text : text);
    }

    private String join(String sentEnd, String text) {
        WhitespaceJoin made = new WhitespaceJoin(sentEnd);
        join = made;
        held.setLength(0);
        return made.next(text);
    }
}
