package io.bactrian.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;

/** The size of JSON trees, without writing them. Stateless. */
final class JsonSize {
    private JsonSize() {}

    /** About the bytes of a tree as text; texts count by their characters. */
    static long bytes(JsonNode tree) {
        return bytes(tree, Long.MAX_VALUE);
    }

    /** Whether a tree has more bytes than this, as text. */
    static boolean exceeds(JsonNode tree, long most) {
        return bytes(tree, most) > most;
    }

    /** The values of a tree. */
    static long nodes(JsonNode tree) {
        long nodes = 1;
        for (JsonNode part : tree) {
            nodes += nodes(part);
        }
        return nodes;
    }

    private static long bytes(JsonNode tree, long most) {
        if (!tree.isContainerNode()) {
            return tree.isTextual()
                    ? 2L + tree.textValue().length()
                    : tree.isBigInteger() ? tree.bigIntegerValue().bitLength() / 3 : 4;
        }
        long bytes = 2;
        for (Map.Entry<String, JsonNode> field : tree.properties()) {
            bytes += 4L + field.getKey().length();
        }
        for (JsonNode part : tree) {
            bytes += 1 + bytes(part, most);
            if (bytes > most) {
                break;
            }
        }
        return bytes;
    }
}
