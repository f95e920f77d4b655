package io.bactrian.protocol.translation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** JSON trees from text and fixtures, for comparing by value. */
public final class Trees {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private Trees() {}

    /** Reads JSON written with single quotes, which are easier to read in Java. */
    public static ObjectNode json(String quoted) {
        return (ObjectNode) parse(quoted.replace('\'', '"'));
    }

    public static JsonNode parse(String json) {
        try {
            return MAPPER.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(json, e);
        }
    }

    /** The same tree as a reader of the text sees it: an int and a long of one value are equal. */
    public static JsonNode written(JsonNode tree) {
        return parse(tree.toString());
    }

    public static String fixture(String path) {
        try (InputStream in = Trees.class.getResourceAsStream("/fixtures/" + path)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException(path, e);
        }
    }

    /** The data lines of a well-formed fixture, {@code [DONE]} included. */
    public static List<String> data(String sse) {
        List<String> data = new ArrayList<>();
        for (String line : sse.split("\n")) {
            if (line.startsWith("data: ")) {
                data.add(line.substring(6));
            }
        }
        return data;
    }

    /** The tree with every {@code arguments} text parsed: its white space is no promise. */
    static JsonNode argumentsParsed(JsonNode tree) {
        JsonNode copy = written(tree);
        parseArguments(copy);
        return copy;
    }

    private static void parseArguments(JsonNode node) {
        if (node instanceof ObjectNode object && object.path("arguments").isTextual()) {
            String text = object.path("arguments").textValue();
            object.set("arguments", text.startsWith("{") ? parse(text) : TextNode.valueOf(text));
        }
        node.forEach(Trees::parseArguments);
    }

    static ObjectNode without(JsonNode tree, Iterable<String> fields) {
        ObjectNode copy = tree.deepCopy();
        fields.forEach(copy::remove);
        return copy;
    }
}
