package io.bactrian.alert;

import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The kinds of alerts, each with its urgency, the time for which its cause must last before it opens, and the words for its
 * beginning and its end.
 */
public enum AlertKind {
    CHAIN_DOWN(
            "chain/%s",
            Severity.CRITICAL,
            Duration.ofSeconds(10),
            "No target can answer",
            "Chain %s has a target that can answer again"),
    PROVIDER_DOWN(
            "provider/%s",
            Severity.WARNING, Duration.ofSeconds(2), "Provider down", "The targets of provider %s are up again"),
    TARGET_DOWN("target/%s", Severity.WARNING, Duration.ofSeconds(2), "Target down", "%s is up again"),
    BREAKER_OPEN(
            "target/%s/breaker",
            Severity.WARNING, Duration.ZERO, "Breaker open", "The circuit breaker of %s lets calls through again"),
    KEY_REFUSED(
            "key/%s", Severity.ERROR, Duration.ZERO, "Key refused", "Key %s is in use again, or no longer configured"),
    MODEL_GONE("model/%s", Severity.ERROR, Duration.ZERO, "Model gone", "%s answers again, or is no longer configured"),
    LAST_TARGET(
            "chain/%s/last",
            Severity.ERROR, Duration.ofSeconds(60), "One target left", "Chain %s has more than one target again"),
    FALLBACK_SHARE(
            "chain/%s/share",
            Severity.WARNING,
            Duration.ZERO,
            "Many fallbacks",
            "Most requests of chain %s are answered by their first target again"),
    TARGET_SLOW("target/%s/slow", Severity.WARNING, Duration.ofMinutes(10), "Target slow", "%s is quick enough again"),
    UNCLASSIFIED_ERRORS(
            "provider/%s/unknown",
            Severity.WARNING, Duration.ZERO, "Unclassified errors", "Provider %s has sent no unknown error for a day"),
    DEAD_LETTERS("queue/%s", Severity.WARNING, Duration.ZERO, "Dead letters", "There are no new dead letters"),
    QUEUE_UNUSABLE(
            "queue/%s",
            Severity.ERROR, Duration.ofSeconds(60), "Queue unusable", "Requests are taken from the queue again"),
    QUEUE_WARNING(
            "queue/%s",
            Severity.WARNING,
            Duration.ofSeconds(60),
            "Queue warning",
            "Nothing has to be seen to at the queue any more"),
    CONFIGURATION_REFUSED(
            "%s", Severity.WARNING, Duration.ZERO, "Configuration refused", "The files have no mistake any more");

    private static final String RUNBOOK = "docs/operations.md#";

    private final String pattern;
    private final Severity severity;
    private final Duration opensAfter;
    private final String title;
    private final String over;

    AlertKind(String pattern, Severity severity, Duration opensAfter, String title, String over) {
        this.pattern = pattern;
        this.severity = severity;
        this.opensAfter = opensAfter;
        this.title = title;
        this.over = over;
    }

    /** The key of an alert of this kind. */
    public String key(String subject) {
        return pattern.formatted(subject);
    }

    public Severity severity() {
        return severity;
    }

    Duration opensAfter() {
        return opensAfter;
    }

    /** A few words, which are also the heading of its section in {@code docs/operations.md}. */
    public String title() {
        return title;
    }

    /** The words for its end, without a full stop. */
    String over(String subject) {
        return over.formatted(subject);
    }

    /** The name of the alert for other systems, such as {@code TargetDown}. */
    public String label() {
        return Arrays.stream(name().split("_"))
                .map(word -> word.charAt(0) + word.substring(1).toLowerCase(Locale.ROOT))
                .collect(Collectors.joining());
    }

    /** The section of the documentation that says what to do. */
    public String runbook() {
        return RUNBOOK + title.toLowerCase(Locale.ROOT).replace(' ', '-');
    }
}
