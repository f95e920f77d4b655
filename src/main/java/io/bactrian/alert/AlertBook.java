package io.bactrian.alert;

import java.util.List;

/** The alerts that are open, and those that were resolved lately. Thread-safe. */
public final class AlertBook {

    /** The open alerts, the most urgent first; inhibited ones are among them. */
    public List<Alert> open() {
        return List.of();
    }

    /** The alerts that were resolved within the last day, the latest first. */
    public List<Alert> resolved() {
        return List.of();
    }
}
