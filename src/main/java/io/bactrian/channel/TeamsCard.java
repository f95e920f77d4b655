package io.bactrian.channel;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.alert.AlertJson;
import io.bactrian.alert.AlertMessage;
import io.bactrian.alert.Severity;
import io.bactrian.protocol.Json;

/** The adaptive card for a workflow of Microsoft Teams. Stateless. */
final class TeamsCard {
    private static final int MAX_TEXT = 4_000;
    private static final int MAX_TITLE = 200;

    private TeamsCard() {}

    static byte[] body(AlertMessage message, String cluster) {
        boolean over = message.state() == AlertMessage.State.RESOLVED;
        Severity severity = message.alert().severity();
        ObjectNode body = Json.MAPPER.createObjectNode().put("type", "message");
        ObjectNode card = body.putArray("attachments")
                .addObject()
                .put("contentType", "application/vnd.microsoft.card.adaptive")
                .putObject("content");
        card.put("$schema", "http://adaptivecards.io/schemas/adaptive-card.json")
                .put("type", "AdaptiveCard")
                .put("version", "1.4");
        ArrayNode parts = card.putArray("body");
        parts.addObject()
                .put("type", "TextBlock")
                .put("weight", "bolder")
                .put("wrap", true)
                .put("color", over ? "good" : severity.compareTo(Severity.ERROR) >= 0 ? "attention" : "warning")
                .put("text", WebhookText.cut(message.headline(), MAX_TITLE));
        parts.addObject()
                .put("type", "TextBlock")
                .put("wrap", true)
                .put("text", WebhookText.cut(message.alert().text(), MAX_TEXT));
        ArrayNode facts = parts.addObject().put("type", "FactSet").putArray("facts");
        fact(facts, "State", AlertJson.lower(message.state()));
        fact(facts, "Severity", AlertJson.lower(severity));
        fact(facts, "Cluster", cluster);
        fact(facts, "Since", AlertJson.time(message.alert().since()));
        fact(facts, "What to do", message.kind().runbook());
        return Json.bytes(body);
    }

    private static void fact(ArrayNode facts, String title, String value) {
        facts.addObject().put("title", title).put("value", value);
    }
}
