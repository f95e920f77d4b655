package io.bactrian.stream;

/** Swallows what a fresh answer repeats. Not thread-safe. */
final class ReplaySeam implements Seam {
    private final Repetition repetition;
    private final Joint joint;
    private boolean repeated;

    ReplaySeam(String spoken) {
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
                yield joint.next(repetition.rest());
            }
            case OTHER -> throw new Differs();
        };
    }
}
