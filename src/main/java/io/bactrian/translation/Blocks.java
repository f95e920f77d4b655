package io.bactrian.translation;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** Content blocks of the Messages protocol that several translations make. Thread-safe. */
final class Blocks {
    private Blocks() {}

    static ObjectNode toolUse(String id, String name, ObjectNode input) {
        ObjectNode use = Json.typed("tool_use").put("id", id).put("name", name);
        use.set("input", input);
        return use;
    }
}
