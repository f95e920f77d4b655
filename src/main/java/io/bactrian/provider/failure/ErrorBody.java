package io.bactrian.provider.failure;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.bactrian.protocol.Json;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The content of an error document in the shape of any provider. Immutable; an unreadable document gives {@link #NONE}.
 *
 * @param status the HTTP status that the document names (400 to 599); 0 if none
 * @param keys all machine-readable words in lower case: code, type, status, error code, reason, quota id
 * @param message the provider's own text, unredacted; empty if none
 * @param quoted the text of the provider behind a router, unredacted; empty if none
 * @param retryDelay a duration that the document asks for; null if none
 * @param headers headers repeated in the document, by lower-case name
 */
record ErrorBody(
        int status,
        Set<String> keys,
        @Nullable String code,
        @Nullable String type,
        @Nullable String param,
        String message,
        String quoted,
        @Nullable String retryDelay,
        Map<String, String> headers) {

    /** The number of bytes of a document that are read. */
    static final int LIMIT = 64 * 1024;

    static final ErrorBody NONE = new ErrorBody(0, Set.of(), null, null, null, "", "", null, Map.of());

    ErrorBody {
        keys = Set.copyOf(keys);
        headers = Map.copyOf(headers);
    }

    /** The JSON in {@code body}, which may be an SSE event; a missing node if there is none. */
    static JsonNode parse(byte[] body) {
        byte[] bytes = body.length <= LIMIT ? body : Arrays.copyOf(body, LIMIT);
        JsonNode json = tree(bytes);
        return json.isContainerNode() ? json : event(bytes, json);
    }

    /** The error in {@code json}; {@link #isError} decides if there is one. */
    static ErrorBody read(JsonNode json) {
        return new ErrorReader().read(json);
    }

    static ErrorBody read(byte[] body) {
        return read(parse(body));
    }

    /** True if {@code json} has an error; cheap for the documents and events that have none. */
    static boolean isError(JsonNode json) {
        JsonNode root = json.isArray() ? json.path(0) : json;
        if (isPresent(root.path("error"))
                || isPresent(root.path("x_groq").path("error"))
                || isPresent(root.path("choices").path(0).path("error"))) {
            return true;
        }
        if (root.has("choices")) {
            return false;
        }
        return root.path("object").asText().equals("error")
                || root.path("type").asText().equals("error")
                || root.path("statusCode").asInt() >= 400
                || isPresent(root.path("detail"));
    }

    /** True for an error field with a value; null, false, zero and empty text or arrays are none. */
    static boolean isPresent(JsonNode error) {
        return switch (error.getNodeType()) {
            case OBJECT -> true;
            case ARRAY -> !error.isEmpty();
            case STRING -> !error.textValue().isBlank();
            case BOOLEAN, NUMBER -> error.asBoolean();
            default -> false;
        };
    }

    private static JsonNode event(byte[] bytes, JsonNode otherwise) {
        return new String(bytes, StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.startsWith("data:"))
                .findFirst()
                .map(line -> tree(line.substring("data:".length()).getBytes(StandardCharsets.UTF_8)))
                .orElse(otherwise);
    }

    private static JsonNode tree(byte[] bytes) {
        JsonNode json = Json.parse(bytes);
        return json == null ? MissingNode.getInstance() : json;
    }
}
