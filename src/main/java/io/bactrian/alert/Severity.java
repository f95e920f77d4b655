package io.bactrian.alert;

/** The urgency of an alert, in rising order. */
public enum Severity {
    INFO,
    WARNING,
    ERROR,
    CRITICAL
}
