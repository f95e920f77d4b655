package io.bactrian.alert;

import org.jspecify.annotations.Nullable;

/**
 * A state that operators have to know of, from its opening until it is resolved.
 *
 * @param id the same for every message about this alert
 * @param key the subject, the same on every node of a cluster, such as {@code target/<t>} or {@code chain/<c>}
 * @param text plain sentences: what, since when, what the gateway does about it, what to do
 * @param since when it opened, epoch milliseconds
 * @param resolvedAt when it was resolved, epoch milliseconds; null while it is open
 * @param times how often it opened, reopenings included
 * @param inhibitedBy the key of the alert on whose account this one is not sent; null if it is sent
 */
public record Alert(
        String id,
        String key,
        Severity severity,
        String text,
        long since,
        @Nullable Long resolvedAt,
        int times,
        @Nullable String inhibitedBy) {}
