package io.bactrian.alert;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.protocol.Json;
import java.time.Instant;
import java.util.Locale;

/** The JSON documents of alerts. Stateless. */
public final class AlertJson {
    private AlertJson() {}

    /** The document of a message for Camel endpoints, as {@code docs/reference.md} has it. */
    public static ObjectNode message(AlertMessage message, String cluster) {
        Alert alert = message.alert();
        ObjectNode out = Json.MAPPER
                .createObjectNode()
                .put("id", alert.id())
                .put("state", lower(message.state()))
                .put("key", alert.key())
                .put("alert", message.kind().label())
                .put("severity", lower(alert.severity()))
                .put("subject", message.subject())
                .put("text", alert.text())
                .put("since", time(alert.since()));
        Long end = alert.resolvedAt();
        if (end != null) {
            out.put("resolvedAt", time(end));
        }
        return out.put("times", alert.times())
                .put("time", time(message.time()))
                .put("cluster", cluster)
                .put("runbook", message.kind().runbook());
    }

    /** The document of an open alert, for {@code GET /status}. */
    public static ObjectNode alert(Alert alert) {
        ObjectNode out = Json.MAPPER
                .createObjectNode()
                .put("key", alert.key())
                .put("severity", lower(alert.severity()))
                .put("text", alert.text())
                .put("since", time(alert.since()));
        return alert.inhibitedBy() == null ? out : out.put("inhibitedBy", alert.inhibitedBy());
    }

    /** An enum's constant as the documents have it, in lower case. */
    public static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    /** A time in ISO 8601, from epoch milliseconds. */
    public static String time(long millis) {
        return Instant.ofEpochMilli(millis).toString();
    }
}
