package io.bactrian.protocol.translation;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/** Short forms for reading and making JSON trees. Thread-safe. */
public final class ExactJson {
    /** Keeps numbers as they were written, because arguments go back to the caller as text. */
    private static final ObjectMapper EXACT = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxStringLength(Integer.MAX_VALUE)
                            .maxNameLength(2_000)
                            .maxTokenCount(2_000_000)
                            .build())
                    .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                    .recyclerPool(JsonRecyclerPools.newConcurrentDequePool())
                    .build())
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    /** The field for text that is no JSON object. */
    static final String RAW = "_raw";

    private ExactJson() {}

    public static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    static ArrayNode array() {
        return JsonNodeFactory.instance.arrayNode();
    }

    public static ObjectNode typed(String type) {
        return object().put("type", type);
    }

    static ObjectNode textBlock(String text) {
        return typed("text").put("text", text);
    }

    /** True if the field is present and not {@code null}. */
    public static boolean has(JsonNode node, String field) {
        return node.hasNonNull(field);
    }

    /** The text of a field; null if there is none. */
    static @Nullable String text(JsonNode node, String field) {
        JsonNode value = node.get(field);
        return value != null && value.isTextual() ? value.textValue() : null;
    }

    public static String text(JsonNode node, String field, String otherwise) {
        String value = text(node, field);
        return value == null ? otherwise : value;
    }

    /**
     * A list that a request may have; an empty one if it is absent or {@code null}.
     *
     * @param param the field, as errors name it
     * @throws Untranslatable.Invalid if it is anything else
     */
    static JsonNode list(JsonNode value, String param) {
        if (value.isArray()) {
            return value;
        }
        if (value.isNull() || value.isMissingNode()) {
            return array();
        }
        throw new Untranslatable.Invalid("The value must be a list.", param);
    }

    /** A copy that can be changed without a change of the original. */
    public static ObjectNode copy(ObjectNode node) {
        return node.deepCopy();
    }

    /**
     * The arguments that a model wrote for a tool call. Blank text becomes {@code {}}, and text that is no JSON object
     * is kept under {@link #RAW}.
     */
    public static ObjectNode arguments(String text) {
        if (text.isBlank()) {
            return object();
        }
        try {
            if (EXACT.readTree(text) instanceof ObjectNode parsed) {
                return parsed;
            }
        } catch (JsonProcessingException notJson) {
            // Models do write incomplete documents; the raw text keeps them for the next turn.
        }
        return object().put(RAW, text);
    }

    /** The JSON object that a JSON string holds as its text; the given text if it holds none. */
    static String unquoted(String text) {
        try {
            JsonNode string = EXACT.readTree(text);
            if (string.isTextual() && EXACT.readTree(string.textValue()) instanceof ObjectNode) {
                return string.textValue();
            }
        } catch (JsonProcessingException notJson) {
            // It is an ordinary piece of arguments.
        }
        return text;
    }
}
