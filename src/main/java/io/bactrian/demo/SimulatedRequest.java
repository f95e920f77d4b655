package io.bactrian.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request in no protocol: what a simulated model needs to know of it. Immutable.
 *
 * @param turns without system messages
 * @param choice the one tool that must be called, null if any may be
 * @param tools empty if none may be called
 * @param schema what the answer must fit, null if it is free text
 * @param maxTokens 0 for no limit
 */
record SimulatedRequest(
        String model,
        List<Turn> turns,
        List<Tool> tools,
        @Nullable String choice,
        @Nullable JsonNode schema,
        int maxTokens,
        int promptTokens,
        boolean stream,
        boolean usageWanted) {

    enum Role {
        USER,
        ASSISTANT,
        TOOL
    }

    record Turn(Role role, String text) {}

    record Tool(String name, JsonNode schema) {}

    SimulatedRequest {
        turns = List.copyOf(turns);
        tools = List.copyOf(tools);
    }
}
