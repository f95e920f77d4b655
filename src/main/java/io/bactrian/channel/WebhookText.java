package io.bactrian.channel;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.alert.AlertJson;
import io.bactrian.alert.AlertMessage;
import io.bactrian.protocol.Json;
import java.net.URI;

/** The body for a webhook that takes what Slack takes. Only Slack itself gets blocks; others show the text alone. Stateless. */
final class WebhookText {
    private static final String SLACK = "hooks.slack.com";
    private static final int MAX_TEXT = 2_900;
    private static final int MAX_HEADER = 140;

    private WebhookText() {}

    static byte[] body(AlertMessage message, String cluster, URI address) {
        String state = message.state() == AlertMessage.State.RESOLVED
                ? "resolved"
                : AlertJson.lower(message.alert().severity());
        String text = cut(message.alert().text(), MAX_TEXT);
        ObjectNode body = Json.MAPPER.createObjectNode();
        if (!SLACK.equalsIgnoreCase(address.getHost())) {
            return Json.bytes(body.put("text", "[%s] %s (cluster %s)".formatted(state, text, cluster)));
        }
        body.put("text", "[%s] %s".formatted(state, escape(text)));
        ArrayNode blocks = body.putArray("blocks");
        blocks.addObject()
                .put("type", "header")
                .putObject("text")
                .put("type", "plain_text")
                .put("text", cut(state + ": " + message.headline(), MAX_HEADER));
        blocks.addObject()
                .put("type", "section")
                .putObject("text")
                .put("type", "mrkdwn")
                .put("text", escape(text));
        blocks.addObject()
                .put("type", "context")
                .putArray("elements")
                .addObject()
                .put("type", "mrkdwn")
                .put(
                        "text",
                        escape("cluster %s · %s · %s"
                                .formatted(
                                        cluster,
                                        message.alert().key(),
                                        message.kind().runbook())));
        return Json.bytes(body);
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }

    static String cut(String text, int most) {
        return text.length() <= most ? text : text.substring(0, most - 1) + "…";
    }
}
