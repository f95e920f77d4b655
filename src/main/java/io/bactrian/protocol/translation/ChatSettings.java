package io.bactrian.protocol.translation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Set;

/**
 * The translation of all fields of a Chat Completions request, except messages and tools, to a Messages request. Not
 * thread-safe.
 */
final class ChatSettings {
    private static final String JSON_ONLY = "Respond with a single JSON object and nothing else.";
    private static final Set<String> EFFORTS = Set.of("low", "medium", "high", "xhigh", "max");

    private final ObjectNode chat;
    private final MessagesTarget target;
    private final Set<String> dropped;
    private final ObjectNode body;

    ChatSettings(ObjectNode chat, MessagesTarget target, Set<String> dropped, ObjectNode body) {
        this.chat = chat;
        this.target = target;
        this.dropped = dropped;
        this.body = body;
    }

    /** @param system the instructions, to which a demand for JSON is added */
    void write(ArrayNode system) {
        maxTokens();
        for (Map.Entry<String, JsonNode> field : chat.properties()) {
            if (!field.getValue().isNull()) {
                write(field.getKey(), field.getValue(), system);
            }
        }
    }

    private void write(String name, JsonNode value, ArrayNode system) {
        switch (name) {
            case "model", "messages", "stream", "stream_options", "max_tokens", "max_completion_tokens" -> {}
            case "tools", "tool_choice", "parallel_tool_calls" -> {}
            case "stop" -> stop(value);
            case "temperature", "top_p" -> sampling(name, value);
            case "response_format" -> format(value, system);
            case "reasoning_effort" -> effort(value);
            case "user" -> user(value);
            case "safety_identifier" -> {
                if (!ExactJson.has(chat, "user")) {
                    user(value);
                }
            }
            case "service_tier" -> tier(value);
            case "n" -> refuse(value.asInt(1) != 1, "n", "The Messages protocol returns one answer.");
            case "logprobs" -> refuse(value.asBoolean(), "logprobs", "The Messages protocol returns no probabilities.");
            case "audio" -> refuse(true, "audio", "The Messages protocol returns no audio.");
            case "modalities" -> refuse(!isText(value), "audio", "The Messages protocol returns text only.");
            case "web_search_options" ->
                refuse(true, "web-search", "The Messages protocol has a different web search.");
            case "functions" ->
                refuse(!value.isEmpty(), "functions", "The Messages protocol has tools but no functions.");
            case "store", "metadata", "frequency_penalty", "presence_penalty", "logit_bias" -> {
                if (!isNeutral(value)) {
                    dropped.add(name);
                }
            }
            default -> dropped.add(name);
        }
    }

    private void maxTokens() {
        String field = ExactJson.has(chat, "max_completion_tokens") ? "max_completion_tokens" : "max_tokens";
        long wanted = target.defaultMaxTokens();
        long given = chat.path(field).asLong(0);
        if (given > 0) {
            wanted = given;
        } else if (given < 0) {
            // Some servers take it for no limit.
            dropped.add(field);
        } else if (ExactJson.has(chat, field)) {
            throw new Untranslatable.Invalid("The limit must be a number above 0.", field);
        }
        Integer longest = target.maxOutputTokens();
        body.put("max_tokens", longest == null ? wanted : Math.min(wanted, longest));
    }

    private void stop(JsonNode stop) {
        ArrayNode sequences = ExactJson.array();
        for (JsonNode one : stop.isTextual() ? ExactJson.array().add(stop) : stop) {
            if (!one.asText().isBlank()) {
                sequences.add(one);
            } else {
                dropped.add("stop");
            }
        }
        if (!sequences.isEmpty()) {
            body.set("stop_sequences", sequences);
        }
    }

    /** Drops {@code top_p} beside a temperature, because some models reject both at once. */
    private void sampling(String name, JsonNode value) {
        boolean second = name.equals("top_p") && ExactJson.has(chat, "temperature");
        if (!target.takesSampling() || second || !value.isNumber()) {
            dropped.add(name);
        } else if (value.doubleValue() > 1) {
            body.put(name, 1);
        } else {
            body.set(name, value);
        }
    }

    private void format(JsonNode format, ArrayNode system) {
        switch (ExactJson.text(format, "type", "")) {
            case "text" -> {}
            case "json_object" -> system.add(ExactJson.textBlock(JSON_ONLY));
            case "json_schema" -> {
                if (!(format.path("json_schema").get("schema") instanceof ObjectNode schema)) {
                    throw new Untranslatable.Invalid(
                            "The schema must be an object.", "response_format.json_schema.schema");
                }
                if (target.structuredOutput()) {
                    ObjectNode written = ExactJson.typed("json_schema");
                    written.set("schema", JsonSchemas.enforceable(schema));
                    body.withObjectProperty("output_config").set("format", written);
                }
            }
            default ->
                throw new Untranslatable.Ineligible(
                        "json-schema", "The Messages protocol has no such response format.");
        }
    }

    private void effort(JsonNode effort) {
        if (target.takesEffort() && EFFORTS.contains(effort.asText())) {
            body.withObjectProperty("output_config").set("effort", effort);
        } else {
            dropped.add("reasoning_effort");
        }
    }

    private void user(JsonNode id) {
        body.withObjectProperty("metadata").set("user_id", id);
    }

    private void tier(JsonNode tier) {
        switch (tier.asText()) {
            case "auto" -> body.put("service_tier", "auto");
            case "default" -> body.put("service_tier", "standard_only");
            default -> dropped.add("service_tier");
        }
    }

    private static void refuse(boolean asked, String feature, String message) {
        if (asked) {
            throw new Untranslatable.Ineligible(feature, message);
        }
    }

    private static boolean isText(JsonNode modalities) {
        return modalities.size() == 1 && modalities.path(0).asText().equals("text");
    }

    /** True if the request means the same without the value. */
    private static boolean isNeutral(JsonNode value) {
        return value.isContainerNode() ? value.isEmpty() : !value.asBoolean() && value.asDouble() == 0;
    }
}
