package io.bactrian.stream;

/** The seam for a target that was asked afresh: it leaves out what the new answer repeats. Not thread-safe. */
final class ReplaySeam implements Seam {
    private final String sent;
    private final PrefixMatch match;
    private final WhitespaceJoin join;
    private boolean repeated;
    private boolean continued;

    ReplaySeam(String sent) {
        this.sent = sent;
        match = new PrefixMatch(sent);
        join = new WhitespaceJoin(ComparableText.whiteEnd(sent));
        repeated = sent.isEmpty();
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
            case PARTIAL -> "";
            case COMPLETE -> {
                repeated = true;
                yield goOn(match.rest());
            }
            case DIFFERENT -> throw new Differs();
        };
    }

    /** Rejects an answer that has one word where white space was sent between two. */
    private String goOn(String rest) {
        if (!continued && !rest.isEmpty()) {
            continued = true;
            String prefix = Seam.prefix(sent);
            if (prefix.length() < sent.length() && Words.glued(prefix, rest)) {
                throw new Differs();
            }
        }
        return join.next(rest);
    }
}
