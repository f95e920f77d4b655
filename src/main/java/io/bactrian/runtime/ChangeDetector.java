package io.bactrian.runtime;

/**
 * The decision whether changed files are to be loaded, made from consecutive snapshots: a snapshot is loaded if it
 * differs from the one that serves, was not rejected before, and was seen twice in a row, so that the files are no
 * longer being written. For one thread.
 */
public final class ChangeDetector {
    private ConfigSnapshot serving;
    private ConfigSnapshot judged;
    private ConfigSnapshot last;

    /** @param serving the snapshot that was loaded at the start */
    public ChangeDetector(ConfigSnapshot serving) {
        this.serving = serving;
        this.judged = serving;
        this.last = serving;
    }

    /** The action after a snapshot. */
    public enum Then {
        NOTHING,
        /** Load the snapshot, then call {@link #loaded} or {@link #refused}. */
        LOAD,
        /** The rejected change was undone: the files are again the ones that serve. */
        WITHDRAWN
    }

    /** Takes the next snapshot. */
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

    /** The snapshot that serves now. */
    public ConfigSnapshot serving() {
        return serving;
    }

    /** Notes that a snapshot serves now. */
    public void loaded(ConfigSnapshot snapshot) {
        serving = snapshot;
        judged = snapshot;
    }

    /** Notes that a snapshot was rejected; it is not tried again until the files change. */
    public void refused(ConfigSnapshot snapshot) {
        judged = snapshot;
    }
}
