package io.bactrian.channel;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.alert.AlertJson;
import io.bactrian.alert.AlertMessage;
import io.bactrian.protocol.Json;

/**
 * The event for PagerDuty's Events API v2. All nodes of a cluster send the same deduplication key for the same subject, so that
 * it is one incident. Stateless.
 */
final class PagerDutyEvent {
    private static final int MAX_SUMMARY = 1_024;
    private static final int MAX_KEY = 255;
    private static final int HASH = 9;

    private PagerDutyEvent() {}

    static byte[] body(AlertMessage message, String cluster, String routingKey) {
        boolean over = message.state() == AlertMessage.State.RESOLVED;
        ObjectNode event = Json.MAPPER
                .createObjectNode()
                .put("routing_key", routingKey)
                .put("event_action", over ? "resolve" : "trigger")
                .put("dedup_key", key(cluster, message.alert().key()))
                .put("client", "Bactrian");
        ObjectNode payload = event.putObject("payload")
                .put("summary", WebhookText.cut(message.alert().text(), MAX_SUMMARY))
                .put("source", "bactrian " + cluster)
                .put("severity", AlertJson.lower(message.alert().severity()))
                .put("timestamp", AlertJson.time(message.time()))
                .put("component", message.subject())
                .put("group", cluster)
                .put("class", message.kind().label());
        payload.putObject("custom_details")
                .put("text", message.alert().text())
                .put("key", message.alert().key())
                .put("since", AlertJson.time(message.alert().since()))
                .put("times", message.alert().times())
                .put("runbook", message.kind().runbook());
        return Json.bytes(event);
    }

    private static String key(String cluster, String key) {
        String whole = cluster + "/" + key;
        return whole.length() <= MAX_KEY
                ? whole
                : whole.substring(0, MAX_KEY - HASH) + "-" + String.format("%08x", whole.hashCode());
    }
}
