package io.bactrian.protocol.translation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The tools that take free text, which Messages lacks: they are wrapped into tools with one string property.
 * Thread-safe.
 */
final class CustomTools {
    private static final String PROPERTY = "input";

    private CustomTools() {}

    static Set<String> names(JsonNode tools) {
        Set<String> names = new HashSet<>();
        for (JsonNode tool : tools) {
            String name = ExactJson.text(tool.path("custom"), "name");
            if (name != null) {
                names.add(name);
            }
        }
        return names;
    }

    static ObjectNode schema() {
        ObjectNode schema = ExactJson.typed("object");
        schema.putObject("properties").putObject(PROPERTY).put("type", "string");
        schema.putArray("required").add(PROPERTY);
        return schema.put("additionalProperties", false);
    }

    static ObjectNode wrap(String text) {
        return ExactJson.object().put(PROPERTY, text);
    }

    /** The free text in a wrapped input; the whole input if the model ignored the wrapping. */
    static String unwrap(JsonNode input) {
        @Nullable String text = ExactJson.text(input, PROPERTY);
        return text == null ? input.toString() : text;
    }
}
