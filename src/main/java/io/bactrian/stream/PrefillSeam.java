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
    private final Repetition repetition;
    private final StringBuilder held = new StringBuilder();
    private @Nullable Joint joint;

    PrefillSeam(String spoken) {
        this.spoken = spoken;
        this.repetition = new Repetition(spoken);
    }

    @Override
    public String next(String piece) {
        if (joint != null) {
            return joint.next(piece);
        }
        held.append(piece);
        return switch (repetition.next(piece)) {
            case GOING_ON -> "";
            case WHOLE -> join(Clusters.whiteEnd(spoken), repetition.rest());
            case OTHER -> goOn();
        };
    }

    private String goOn() {
        if (repetition.repeated() >= STARTED_OVER) {
            throw new Differs();
        }
        return join(spoken.substring(Seam.prefix(spoken).length()), held.toString());
    }

    @Override
    public String end() {
        String last = "";
        if (joint == null) {
            last = repetition.end() == Repetition.Found.WHOLE
                    ? join(Clusters.whiteEnd(spoken), repetition.rest())
                    : goOn();
        }
        if (joint != null) {
            joint.end();
        }
        return last;
    }

    @Override
    public boolean joined() {
        return joint != null && joint.made();
    }

    private String join(String spokenEnd, String text) {
        Joint made = new Joint(spokenEnd);
        joint = made;
        held.setLength(0);
        return made.next(text);
    }
}
