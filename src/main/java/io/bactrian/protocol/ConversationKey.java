package io.bactrian.protocol;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;

/**
 * What a conversation began with: its system prompt and first user message, which stay while it grows.
 *
 * @param hash the same for the same words, whatever marks of a cache stand beside them
 * @param goesOn whether there is more than the beginning, so that somebody has answered before
 */
public record ConversationKey(long hash, boolean goesOn) {
    private static final Set<String> INSTRUCTIONS = Set.of("system", "developer");

    /** Reads the beginning of a request's conversation, and nothing behind it. */
    static ConversationKey of(byte[] body, List<RequestScan.Field> fields) {
        long hash = 17;
        boolean goesOn = false;
        try {
            for (RequestScan.Field field : fields) {
                if (field.name().equals("system")) {
                    hash = 31 * hash + words(value(body, field));
                }
            }
            for (RequestScan.Field field : fields) {
                if (field.name().equals("messages")) {
                    try (JsonParser messages = parser(body, field)) {
                        hash = 31 * hash + firstWords(messages);
                        goesOn = messages.nextToken() == JsonToken.START_OBJECT;
                    }
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException("what has been parsed before", e);
        }
        return new ConversationKey(hash, goesOn);
    }

    /** The messages up to the first that is no instruction. */
    private static long firstWords(JsonParser messages) throws IOException {
        long hash = 1;
        boolean instructed = true;
        messages.nextToken();
        while (instructed && messages.nextToken() == JsonToken.START_OBJECT) {
            JsonNode message = messages.readValueAsTree();
            hash = 31 * hash + words(message.path("content"));
            instructed = INSTRUCTIONS.contains(message.path("role").asText());
        }
        return hash;
    }

    private static JsonNode value(byte[] body, RequestScan.Field field) throws IOException {
        try (JsonParser parser = parser(body, field)) {
            return parser.readValueAsTree();
        }
    }

    /** A parser of the field's value. */
    private static JsonParser parser(byte[] body, RequestScan.Field field) throws IOException {
        int start = field.start() + 1;
        boolean escaped = false;
        while (body[start] != '"' || escaped) {
            escaped = body[start] == '\\' && !escaped;
            start++;
        }
        while (body[start] != ':') {
            start++;
        }
        return Json.MAPPER.getFactory().createParser(body, start + 1, field.end() - start - 1);
    }

    private static long words(JsonNode content) {
        long hash = 7;
        if (content.isArray()) {
            for (JsonNode part : content) {
                hash = 31 * hash
                        + (part.path("text").isTextual()
                                ? hash(part.path("text").asText())
                                : part(part));
            }
            return hash;
        }
        return 31 * hash + hash(content.asText());
    }

    private static long part(JsonNode part) {
        long hash = 3;
        for (var field : part.properties()) {
            if (!field.getKey().equals("cache_control")) {
                hash = 31 * hash
                        + hash(field.getKey())
                        + 31 * hash(field.getValue().toString());
            }
        }
        return hash;
    }

    private static long hash(String text) {
        long hash = 0xcbf29ce484222325L;
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ b) * 0x100000001b3L;
        }
        return hash;
    }
}
