package io.bactrian.stream;

/** Swallows what a fresh answer repeats. Not thread-safe. */
final class ReplaySeam implements Seam {
    private final String spoken;
    private final PrefixMatch match;
    private final WhitespaceJoin join;
    private boolean repeated;
    private boolean wentOn;

    ReplaySeam(String spoken) {
        this.spoken = spoken;
        match = new PrefixMatch(spoken);
        join = new WhitespaceJoin(ComparableText.whiteEnd(spoken));
        repeated = spoken.isEmpty();
    }

    @Override
    public String next(String piece) {
        return go(match.next(piece));
    }

    @Override
    public String end() {
        PrefixMatch.Found found = match.end();
        String last = go(found);
        join.end();
        return last;
    }

    @Override
    public boolean joined() {
        return repeated && join.made();
    }

    private String go(PrefixMatch.Found found) {
        return switch (found) {
            case GOING_ON -> "";
            case WHOLE -> {
                repeated = true;
                yield goOn(match.rest());
            }
            case OTHER -> throw new Differs();
        };
    }

    /** White space that was spoken in the middle of what is one word here makes it another text. */
    private String goOn(String rest) {
        if (!wentOn && !rest.isEmpty()) {
            wentOn = true;
            String prefix = Seam.prefix(spoken);
            if (prefix.length() < spoken.length() && Words.glued(prefix, rest)) {
                throw new Differs();
            }
        }
        return join.next(rest);
    }
}
