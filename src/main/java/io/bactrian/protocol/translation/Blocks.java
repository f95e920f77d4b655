package io.bactrian.protocol.translation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Set;

/** The content blocks of the Messages protocol that several translations use. Thread-safe. */
public final class Blocks {
    private static final Set<String> TOOL_USES = Set.of("tool_use", "server_tool_use", "mcp_tool_use");

    private Blocks() {}

    static ObjectNode toolUse(String id, String name, ObjectNode input) {
        ObjectNode use = ExactJson.typed("tool_use").put("id", id).put("name", name);
        use.set("input", input);
        return use;
    }

    /** True if the block calls a tool, be it the client's or the server's: its input is streamed. */
    public static boolean isToolUse(JsonNode block) {
        return TOOL_USES.contains(ExactJson.text(block, "type", ""));
    }
}
