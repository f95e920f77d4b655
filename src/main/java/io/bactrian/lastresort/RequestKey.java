package io.bactrian.lastresort;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.config.Feature;
import io.bactrian.protocol.ChatRequest;
import io.bactrian.protocol.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The key of a request: a SHA-256 that two requests share if they ask the same of the same chain for the same caller,
 * whatever the order of their fields and the form of their numbers. Stateless.
 */
final class RequestKey {
    private static final ObjectReader EXACT = Json.MAPPER
            .reader()
            .with(
                    DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS,
                    DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY);

    private RequestKey() {}

    /**
     * True if the answer to a request may be given again, as far as a quick check can tell: not several answers, sound
     * or probabilities, and nothing that depends on a conversation stored elsewhere.
     *
     * @param tools true if requests with tools may be included
     */
    static boolean fits(ChatRequest request, boolean tools) {
        return request.protocol().repeatableParts(tools).containsAll(request.ownOnly())
                && (tools || !request.needs().contains(Feature.TOOLS));
    }

    /** The key of a request in hexadecimal digits; null if its answer must not be given again. */
    static @Nullable String of(ChatRequest request, String chain, String caller, boolean tools) {
        if (!fits(request, tools)) {
            return null;
        }
        try {
            JsonNode tree = EXACT.readTree(request.body());
            if (!(tree instanceof ObjectNode asked)
                    || (!tools && request.protocol().hasToolTurns(asked))) {
                return null;
            }
            asked.remove(request.protocol().incidentalFields());
            asked.properties().removeIf(field -> field.getValue().isNull());
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            try (JsonGenerator out = Json.MAPPER
                    .getFactory()
                    .createGenerator(new DigestOutputStream(OutputStream.nullOutputStream(), digest))) {
                out.writeStartArray();
                out.writeString(request.protocol().name());
                out.writeString(chain);
                out.writeString(caller);
                write(asked, out);
                out.writeEndArray();
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (IOException e) {
            return null; // A duplicate field, or a number or character that cannot be written.
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Writes fields in sorted order, and each number in its only normal form. */
    private static void write(JsonNode value, JsonGenerator out) throws IOException {
        switch (value.getNodeType()) {
            case OBJECT -> {
                out.writeStartObject();
                Map<String, JsonNode> sorted = new TreeMap<>();
                value.properties().forEach(field -> sorted.put(field.getKey(), field.getValue()));
                for (Map.Entry<String, JsonNode> field : sorted.entrySet()) {
                    out.writeFieldName(field.getKey());
                    write(field.getValue(), out);
                }
                out.writeEndObject();
            }
            case ARRAY -> {
                out.writeStartArray();
                for (JsonNode item : value) {
                    write(item, out);
                }
                out.writeEndArray();
            }
            case NUMBER ->
                out.writeNumber(value.decimalValue().stripTrailingZeros().toString());
            default -> out.writeTree(value);
        }
    }
}
