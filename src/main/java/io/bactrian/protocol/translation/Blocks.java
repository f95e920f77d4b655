package io.bactrian.protocol.translation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Set;

/** Content blocks of the Messages protocol that several translations make or know. Thread-safe. */
public final class Blocks {
    private static final Set<String> TOOL_USES = Set.of("tool_use", "server_tool_use", "mcp_tool_use");

    private Blocks() {}

    static ObjectNode toolUse(String id, String name, ObjectNode input) {
        ObjectNode use = ExactJson.typed("tool_use").put("id", id).put("name", name);
        use.set("input", input);
        return use;
    }

    /** Whether the block calls a tool, whoever runs it: its input is streamed. */
    public static boolean isToolUse(JsonNode block) {
        return TOOL_USES.contains(ExactJson.text(block, "type", ""));
    }
}
