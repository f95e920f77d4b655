package io.bactrian.protocol.toy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.protocol.Json;
import io.bactrian.protocol.Usage;
import io.bactrian.protocol.translation.ChatTarget;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A translation of toy documents to the canonical form, which is that of Chat Completions, and back. Stateless. */
final class ToyTranslation {
    private ToyTranslation() {}

    // --- Requests

    static ObjectNode chatRequest(ObjectNode toy, ChatTarget target, boolean stream) {
        ObjectNode chat = object().put("model", target.model());
        ArrayNode messages = chat.putArray("messages");
        if (toy.has("rules")) {
            message(messages, "system", toy.path("rules"));
        }
        for (JsonNode turn : toy.path("turns")) {
            message(messages, "user", turn.path("asked"));
            message(messages, "assistant", turn.path("said"));
        }
        message(messages, "user", toy.path("ask"));
        if (toy.has("begun")) {
            message(messages, "assistant", toy.path("begun"));
        }
        if (toy.has("limit")) {
            chat.set(target.maxTokensField(), toy.path("limit"));
        }
        if (stream) {
            chat.put("stream", true);
            if (target.takesStreamOptions()) {
                chat.putObject("stream_options").put("include_usage", true);
            }
        }
        return chat;
    }

    private static void message(ArrayNode messages, String role, JsonNode content) {
        messages.addObject().put("role", role).put("content", content.asText());
    }

    static ObjectNode toyRequest(ObjectNode chat, String model, boolean stream) {
        ObjectNode toy = object().put("model", model).put("stream", stream);
        ArrayNode turns = toy.putArray("turns");
        String asked = "";
        String said = "";
        for (JsonNode message : chat.path("messages")) {
            String text = text(message.path("content"));
            switch (message.path("role").asText()) {
                case "assistant" -> said = join(said, text);
                case "system", "developer" ->
                    toy.put("rules", join(toy.path("rules").asText(""), text));
                default -> {
                    if (!said.isEmpty()) {
                        turns.addObject().put("asked", asked).put("said", said);
                        asked = "";
                        said = "";
                    }
                    asked = join(asked, text);
                }
            }
        }
        toy.put("ask", asked);
        if (!said.isEmpty()) {
            toy.put("begun", said);
        }
        JsonNode limit = chat.path(chat.has("max_tokens") ? "max_tokens" : "max_completion_tokens");
        if (limit.isInt()) {
            toy.set("limit", limit);
        }
        return toy;
    }

    private static String text(JsonNode content) {
        if (content.isTextual()) {
            return content.asText();
        }
        StringBuilder text = new StringBuilder();
        content.forEach(part -> text.append(part.path("text").asText("")));
        return text.toString();
    }

    private static String join(String before, String text) {
        return before.isEmpty() ? text : before + "\n\n" + text;
    }

    // --- Answers

    static ObjectNode chatAnswer(ObjectNode toy) {
        ObjectNode chat = object().put("id", "toy").put("object", "chat.completion");
        ObjectNode choice = chat.putArray("choices").addObject().put("index", 0);
        choice.putObject("message")
                .put("role", "assistant")
                .put("content", toy.path("said").asText());
        choice.put("finish_reason", finishReason(toy.path("ended").asText()));
        addUsage(chat, usage(toy.path("spent")));
        return chat;
    }

    static ObjectNode toyAnswer(ObjectNode chat) {
        JsonNode choice = chat.path("choices").path(0);
        ObjectNode toy = object().put("said", text(choice.path("message").path("content")));
        JsonNode usage = chat.path("usage");
        toy.setAll(end(
                choice.path("finish_reason").asText(),
                new Usage(
                        usage.path("prompt_tokens").asLong(),
                        usage.path("completion_tokens").asLong())));
        return toy;
    }

    static List<ObjectNode> chatChunks(JsonNode event, String id) {
        List<ObjectNode> chunks = new ArrayList<>();
        ObjectNode chunk = chunk(id);
        ObjectNode choice = chunk.withArray("choices").addObject().put("index", 0);
        ObjectNode delta = choice.putObject("delta").put("role", "assistant");
        if (event.has("say")) {
            delta.put("content", event.path("say").asText());
            chunks.add(chunk);
        } else if (event.has("ended")) {
            choice.put("finish_reason", finishReason(event.path("ended").asText()));
            chunks.add(chunk);
            ObjectNode last = chunk(id);
            addUsage(last, usage(event.path("spent")));
            chunks.add(last);
        }
        return chunks;
    }

    private static ObjectNode chunk(String id) {
        ObjectNode chunk = object().put("id", id).put("object", "chat.completion.chunk");
        chunk.putArray("choices");
        return chunk;
    }

    private static void addUsage(ObjectNode chat, @Nullable Usage usage) {
        if (usage != null) {
            chat.putObject("usage")
                    .put("prompt_tokens", usage.prompt())
                    .put("completion_tokens", usage.completion())
                    .put("total_tokens", usage.prompt() + usage.completion());
        }
    }

    static ObjectNode say(String text) {
        return object().put("say", text);
    }

    static ObjectNode end(String finishReason, @Nullable Usage usage) {
        ObjectNode end = object();
        end.put(
                "ended",
                switch (finishReason) {
                    case "length" -> "cut";
                    case "content_filter" -> "refused";
                    default -> "whole";
                });
        if (usage != null) {
            end.putObject("spent").put("read", usage.prompt()).put("wrote", usage.completion());
        }
        return end;
    }

    static String finishReason(String ended) {
        return switch (ended) {
            case "cut" -> "length";
            case "refused" -> "content_filter";
            default -> "stop";
        };
    }

    static @Nullable Usage usage(JsonNode spent) {
        return spent.isObject()
                ? new Usage(spent.path("read").asLong(), spent.path("wrote").asLong())
                : null;
    }

    private static ObjectNode object() {
        return Json.MAPPER.createObjectNode();
    }
}
