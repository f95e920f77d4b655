package io.bactrian.channel;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.alert.AlertJson;
import io.bactrian.alert.AlertMessage;
import io.bactrian.protocol.Json;
import java.net.URI;
import java.time.Duration;
import java.util.List;

/**
 * The state of alerts for Alertmanager's API v2. All nodes of a cluster use the same labels for the same subject, so that it is
 * one alert. Stateless.
 */
final class AlertmanagerState {
    /** An open alert ends by itself if it is not told again, as when the gateway has died. */
    private static final long ENDS_AFTER = Duration.ofMinutes(5).toMillis();

    private AlertmanagerState() {}

    /** @param base the URL before {@code /api}; a user and a password in it become a header */
    static HttpPost post(URI base, List<AlertMessage> state, String cluster, long now) {
        return HttpPost.of(URI.create(base + "/api/v2/alerts"), body(state, cluster, now));
    }

    private static byte[] body(List<AlertMessage> state, String cluster, long now) {
        ArrayNode alerts = Json.MAPPER.createArrayNode();
        for (AlertMessage message : state) {
            Long end = message.alert().resolvedAt();
            ObjectNode alert = alerts.addObject();
            alert.putObject("labels")
                    .put("alertname", message.kind().label())
                    .put("subject", message.subject())
                    .put("severity", AlertJson.lower(message.alert().severity()))
                    .put("cluster", cluster);
            alert.putObject("annotations")
                    .put("summary", message.headline())
                    .put("description", message.alert().text())
                    .put("runbook", message.kind().runbook());
            alert.put("startsAt", AlertJson.time(message.alert().since()))
                    .put("endsAt", AlertJson.time(end == null ? now + ENDS_AFTER : end));
        }
        return Json.bytes(alerts);
    }
}
