package io.bactrian.runtime;

/**
 * Decides from looks at the files, one after the other, when there is something to load: what is not what serves, was not
 * refused already, and was seen twice in a row, so that nobody is writing it any more. For one thread.
 */
public final class ChangeDetector {
    private ConfigSnapshot serving;
    private ConfigSnapshot judged;
    private ConfigSnapshot last;

    /** @param serving what was loaded at the start */
    public ChangeDetector(ConfigSnapshot serving) {
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

    public Then look(ConfigSnapshot now) {
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
    public ConfigSnapshot serving() {
        return serving;
    }

    public void loaded(ConfigSnapshot snapshot) {
        serving = snapshot;
        judged = snapshot;
    }

    /** It is not tried again until the files change. */
    public void refused(ConfigSnapshot snapshot) {
        judged = snapshot;
    }
}
