package io.bactrian.health;

/** The health of a target, as recent calls and probes show it. */
public enum HealthState {
    /** Nothing is known yet. */
    UNKNOWN,
    UP,
    /** It can be called, but something about it needs attention: it is slow, or cools down for a lasting cause. */
    DEGRADED,
    /** It failed at least twice in a row. It is skipped while another candidate is up. */
    DOWN
}
