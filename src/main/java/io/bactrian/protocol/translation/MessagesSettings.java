package io.bactrian.protocol.translation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The translation of all fields of a Messages request, except messages and tools, to a Chat Completions request. Not
 * thread-safe.
 */
final class MessagesSettings {
    private static final int MAX_STOP_SEQUENCES = 4;
    /** OpenAI answers 400 to a longer one. */
    private static final int MAX_USER_LENGTH = 64;

    private final ObjectNode messages;
    private final ChatTarget target;
    private final Set<String> dropped;
    private final ObjectNode body;

    MessagesSettings(ObjectNode messages, ChatTarget target, Set<String> dropped, ObjectNode body) {
        this.messages = messages;
        this.target = target;
        this.dropped = dropped;
        this.body = body;
    }

    void write() {
        for (Map.Entry<String, JsonNode> field : messages.properties()) {
            if (!field.getValue().isNull()) {
                write(field.getKey(), field.getValue());
            }
        }
        effort();
    }

    private void write(String name, JsonNode value) {
        switch (name) {
            case "model", "system", "messages", "stream", "tools", "tool_choice", "thinking" -> {}
            case "max_tokens" -> body.set(target.maxTokensField(), value);
            case "stop_sequences" -> stop(value);
            case "temperature", "top_p" -> {
                if (target.takesSampling()) {
                    body.set(name, value);
                } else {
                    dropped.add(name);
                }
            }
            case "output_config" -> format(value.path("format"));
            case "output_format" -> format(value);
            case "metadata" -> {
                if (ExactJson.has(value, "user_id")) {
                    body.put(
                            "user",
                            ToolIds.atMost(MAX_USER_LENGTH, value.get("user_id").asText()));
                }
            }
            case "service_tier" -> tier(value);
            case "mcp_servers" -> {
                if (!value.isEmpty()) {
                    throw new Untranslatable.Ineligible(
                            "server-tools", "The tool runs only at the vendor that provides it.");
                }
            }
            case "thread", "previous_message_id" ->
                throw new Untranslatable.Ineligible(
                        "stored-conversation", "The conversation is stored at another vendor.");
            default -> dropped.add(name);
        }
    }

    private void stop(JsonNode sequences) {
        ArrayNode stop = ExactJson.array();
        for (JsonNode sequence : sequences) {
            if (stop.size() < MAX_STOP_SEQUENCES) {
                stop.add(sequence);
            } else {
                dropped.add("stop_sequences");
            }
        }
        if (!stop.isEmpty()) {
            body.set("stop", stop);
        }
    }

    private void format(JsonNode format) {
        if (!format.isObject()) {
            return;
        }
        if (!(format.get("schema") instanceof ObjectNode schema)) {
            throw new Untranslatable.Invalid("The schema must be an object.", "output_config.format.schema");
        }
        ObjectNode response = ExactJson.typed("json_schema");
        response.putObject("json_schema")
                .put("name", "response")
                .put("strict", JsonSchemas.isStrict(schema))
                .set("schema", ExactJson.copy(schema));
        body.set("response_format", response);
    }

    private void tier(JsonNode tier) {
        switch (tier.asText()) {
            case "auto" -> body.put("service_tier", "auto");
            case "standard_only" -> body.put("service_tier", "default");
            default -> dropped.add("service_tier");
        }
    }

    private void effort() {
        String asked = ExactJson.text(messages.path("output_config"), "effort");
        boolean hasTools = !messages.path("tools").isEmpty();
        if (target.toolsNeedEffortNone() && hasTools) {
            body.put("reasoning_effort", "none");
            dropUnused(asked);
        } else if (!target.takesEffort()) {
            dropUnused(asked);
        } else if (asked != null) {
            body.put("reasoning_effort", asked);
        } else {
            thinking();
        }
    }

    private void thinking() {
        switch (ExactJson.text(messages.path("thinking"), "type", "")) {
            case "enabled", "adaptive" -> body.put("reasoning_effort", "medium");
            case "disabled" -> body.put("reasoning_effort", "none");
            case "" -> {}
            default -> dropped.add("thinking");
        }
    }

    private void dropUnused(@Nullable String effort) {
        if (effort != null) {
            dropped.add("output_config.effort");
        }
        if (ExactJson.has(messages, "thinking")) {
            dropped.add("thinking");
        }
    }
}
