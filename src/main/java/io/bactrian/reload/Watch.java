package io.bactrian.reload;

/**
 * Decides from looks at the files, one after the other, when there is something to load: what is not what serves, was not
 * refused already, and was seen twice in a row, so that nobody is writing it any more. For one thread.
 */
public final class Watch {
    private Look serving;
    private Look judged;
    private Look last;

    /** @param serving what was loaded at the start */
    public Watch(Look serving) {
        this.serving = serving;
        this.judged = serving;
        this.last = serving;
    }

    /** What to do after one more look. */
    public enum Then {
        NOTHING,
        /** Load what was seen, and say {@link #loaded} or {@link #refused}. */
        LOAD,
        /** What was refused is gone, and what serves is there again. */
        WITHDRAWN
    }

    public Then look(Look now) {
        boolean steady = now.equals(last);
        last = now;
        if (!steady || now.equals(judged)) {
            return Then.NOTHING;
        }
        if (now.equals(serving)) {
            judged = serving;
            return Then.WITHDRAWN;
        }
        return Then.LOAD;
    }

    /** What serves now. */
    public Look serving() {
        return serving;
    }

    public void loaded(Look look) {
        serving = look;
        judged = look;
    }

    /** It is not tried again until the files change. */
    public void refused(Look look) {
        judged = look;
    }
}
