package io.bactrian.config;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The settings of alerts ({@code bactrian.alerts.*}): where they are sent, and when. Immutable.
 *
 * @param publish Camel endpoint URIs, each of which gets a JSON document for every message
 * @param webhook the URL of a webhook that takes what Slack takes; null if there is none
 * @param teams the URL of a workflow of Microsoft Teams; null if there is none
 * @param pagerDuty null if there is none
 * @param alertmanager the URL of an Alertmanager, before {@code /api}; null if there is none
 * @param mail null if there is none
 * @param repeat the time after which an open alert is sent again, which doubles each time; zero = never
 * @param cluster the name that all nodes of an installation share
 * @param minSeverity the lowest severity that is sent, such as {@code warning}
 * @param firstToken the objective of the 95th percentile of the time to first token; null if there is none
 * @param hold the time for which a cause must be gone before its alert is resolved
 */
public record AlertSettings(
        List<String> publish,
        @Nullable URI webhook,
        @Nullable URI teams,
        @Nullable PagerDutyAccount pagerDuty,
        @Nullable URI alertmanager,
        @Nullable MailAddress mail,
        Duration repeat,
        String cluster,
        String minSeverity,
        @Nullable Duration firstToken,
        Duration hold) {

    /** The settings of a gateway that was told nothing about alerts. */
    public static final AlertSettings DEFAULT = new AlertSettings(
            List.of("log:bactrian.alerts"),
            null,
            null,
            null,
            null,
            null,
            Duration.ofHours(1),
            "default",
            "warning",
            null,
            Duration.ofMinutes(1));

    public AlertSettings {
        publish = List.copyOf(publish);
    }

    /** An account at PagerDuty: where events are sent, and the routing key, which is a secret. */
    public record PagerDutyAccount(URI url, String routingKey) {
        @Override
        public String toString() {
            return "PagerDutyAccount[" + url + "]";
        }
    }

    /** The settings without their secrets, which a log line may quote. */
    @Override
    public String toString() {
        return "AlertSettings[" + cluster + ", from " + minSeverity + "]";
    }
}
