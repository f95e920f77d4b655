package io.bactrian.protocol;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/**
 * The beginning of a conversation, which stays the same while the conversation grows: its system prompt and first user message.
 * Immutable.
 *
 * @param hash the same for the same beginning
 * @param goesOn whether there is more than the beginning, so that a target has answered before
 */
public record ConversationKey(long hash, boolean goesOn) {
    private static final Set<String> INSTRUCTIONS = Set.of("system", "developer");

    /**
     * The key of a request with a {@code system} prompt and a list of {@code messages}; nothing behind their beginning is read.
     *
     * @param ignored fields of a content part that may differ from one request of a conversation to the next
     */
    public static ConversationKey ofMessages(ChatRequest request, Set<String> ignored) {
        byte[] body = request.body();
        Words words = new Words(ignored);
        long hash = 17;
        boolean goesOn = false;
        try {
            for (RequestScan.Field field : request.fields()) {
                if (field.name().equals("system")) {
                    hash = 31 * hash + words.of(value(body, field));
                }
            }
            for (RequestScan.Field field : request.fields()) {
                if (field.name().equals("messages")) {
                    try (JsonParser messages = parser(body, field)) {
                        hash = 31 * hash + words.ofFirst(messages);
                        goesOn = messages.nextToken() == JsonToken.START_OBJECT;
                    }
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException("a body that has been parsed before", e);
        }
        return new ConversationKey(hash, goesOn);
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

    /**
     * The hashes of texts and other content.
     *
     * @param ignored fields of a content part that do not count
     */
    private record Words(Set<String> ignored) {

        /** The messages up to the first that is not an instruction. */
        long ofFirst(JsonParser messages) throws IOException {
            long hash = 1;
            boolean instructed = true;
            messages.nextToken();
            while (instructed && messages.nextToken() == JsonToken.START_OBJECT) {
                JsonNode message = messages.readValueAsTree();
                hash = 31 * hash + of(message.path("content"));
                instructed = INSTRUCTIONS.contains(message.path("role").asText());
            }
            return hash;
        }

        long of(JsonNode content) {
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

        private long part(JsonNode part) {
            long hash = 3;
            for (var field : part.properties()) {
                if (!ignored.contains(field.getKey())) {
                    hash = 31 * hash
                            + hash(field.getKey())
                            + 31 * hash(field.getValue().toString());
                }
            }
            return hash;
        }
    }

    /** The FNV-1a hash of a text. */
    public static long hash(String text) {
        long hash = 0xcbf29ce484222325L;
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ b) * 0x100000001b3L;
        }
        return hash;
    }
}
