package io.bactrian.config;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The reader of {@code bactrian.alerts.*}, and its keys. Stateless. */
final class AlertReader {
    private static final String PREFIX = "bactrian.alerts.";
    private static final String LOG = "log:bactrian.alerts";
    /** Where others in the same installation listen. */
    private static final String TOPIC = "jms:topic:llm.alerts";

    private static final ValueParser<Duration> REPEAT = Durations.between("0s", "8760h");
    private static final ValueParser<Duration> FIRST_TOKEN = Durations.between("1ms", "1h");
    private static final ValueParser<Duration> PERIOD = Durations.between("0s", "24h");
    private static final Duration DEFAULT_PERIOD = Duration.ofSeconds(30);
    private static final URI PAGERDUTY = URI.create("https://events.pagerduty.com/v2/enqueue");

    /** The severities that can be the lowest one sent. */
    private enum MinSeverity {
        INFO,
        WARNING,
        ERROR,
        CRITICAL
    }

    /** Whatever is an address, or goes to one, can carry a secret. */
    static final List<PropertyKey> KEYS = List.of(
            PropertyKey.secret(PREFIX + "publish", AlertReader::uris),
            PropertyKey.secret(PREFIX + "webhook", Addresses::url),
            PropertyKey.secret(PREFIX + "teams", Addresses::url),
            PropertyKey.secret(PREFIX + "pagerduty", AlertReader::routingKey),
            PropertyKey.of(PREFIX + "pagerduty-url", Addresses::url),
            PropertyKey.secret(PREFIX + "alertmanager", AlertReader::alertmanager),
            PropertyKey.secret(PREFIX + "mail", MailAddress::of),
            PropertyKey.of(PREFIX + "repeat", REPEAT),
            PropertyKey.of(PREFIX + "cluster", AlertReader::cluster),
            PropertyKey.of(PREFIX + "min-severity", ValueParsers.choice(MinSeverity.class)),
            PropertyKey.of(PREFIX + "first-token", FIRST_TOKEN));

    private AlertReader() {}

    static AlertSettings read(RawProperties raw, ConfigReport report) {
        String routingKey =
                raw.get(PREFIX + "pagerduty", AlertReader::routingKey).orElse(null);
        URI events = raw.get(PREFIX + "pagerduty-url", Addresses::url).orElse(PAGERDUTY);
        if (routingKey == null && raw.text(PREFIX + "pagerduty-url").isPresent()) {
            report.mistake(PREFIX + "pagerduty-url", "it needs a routing key in " + PREFIX + "pagerduty");
        }
        return new AlertSettings(
                raw.get(PREFIX + "publish", AlertReader::uris).orElseGet(() -> usual(raw)),
                raw.get(PREFIX + "webhook", Addresses::url).orElse(null),
                raw.get(PREFIX + "teams", Addresses::url).orElse(null),
                routingKey == null ? null : new AlertSettings.PagerDutyAccount(events, routingKey),
                raw.get(PREFIX + "alertmanager", AlertReader::alertmanager).orElse(null),
                raw.get(PREFIX + "mail", MailAddress::of).orElse(null),
                raw.get(PREFIX + "repeat", REPEAT).orElse(Duration.ofHours(1)),
                raw.get(PREFIX + "cluster", AlertReader::cluster).orElse("default"),
                ValueParsers.label(raw.get(PREFIX + "min-severity", ValueParsers.choice(MinSeverity.class))
                        .orElse(MinSeverity.WARNING)),
                raw.get(PREFIX + "first-token", FIRST_TOKEN).orElse(null),
                hold(raw.get("bactrian.health.period", PERIOD).orElse(null)));
    }

    /** Two periods of the health monitor: a target that was well for so long is back. */
    private static Duration hold(@Nullable Duration period) {
        return (period == null || period.isZero() ? DEFAULT_PERIOD : period).multipliedBy(2);
    }

    private static List<String> usual(RawProperties raw) {
        return QueueReader.isEnabled(raw) ? List.of(LOG, TOPIC) : List.of(LOG);
    }

    private static List<String> uris(String text) {
        List<String> uris = ValueParsers.list(text);
        if (!uris.stream().allMatch(uri -> uri.matches("[A-Za-z][A-Za-z0-9+.-]*:\\S+"))) {
            throw new BadValue(
                    "Camel endpoint URIs separated by commas, such as log:bactrian.alerts, jms:topic:llm.alerts");
        }
        return uris;
    }

    private static String routingKey(String text) {
        if (!text.matches("[A-Za-z0-9_-]{8,128}")) {
            throw new BadValue("a routing key of PagerDuty: letters and digits, without spaces");
        }
        return text;
    }

    private static URI alertmanager(String text) {
        return Addresses.url(text.replaceFirst("/+(api/v2/alerts/*)?$", ""));
    }

    private static String cluster(String text) {
        if (!text.matches("[A-Za-z0-9._-]{1,64}")) {
            throw new BadValue("a name of letters, digits, dots, - and _");
        }
        return text;
    }
}
