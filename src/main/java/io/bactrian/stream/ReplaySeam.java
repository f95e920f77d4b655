package io.bactrian.stream;

/** Swallows what a fresh answer repeats. Not thread-safe. */
final class ReplaySeam implements Seam {
    private final String spoken;
    private final Repetition repetition;
    private final Joint joint;
    private boolean repeated;
    private boolean wentOn;

    ReplaySeam(String spoken) {
        this.spoken = spoken;
        repetition = new Repetition(spoken);
        joint = new Joint(Clusters.whiteEnd(spoken));
        repeated = spoken.isEmpty();
    }

    @Override
    public String next(String piece) {
        return go(repetition.next(piece));
    }

    @Override
    public String end() {
        Repetition.Found found = repetition.end();
        String last = go(found);
        joint.end();
        return last;
    }

    @Override
    public boolean joined() {
        return repeated && joint.made();
    }

    private String go(Repetition.Found found) {
        return switch (found) {
            case GOING_ON -> "";
            case WHOLE -> {
                repeated = true;
                yield goOn(repetition.rest());
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
        return joint.next(rest);
    }
}
