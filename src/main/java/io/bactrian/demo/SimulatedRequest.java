package io.bactrian.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request as the simulated model sees it, independent of any wire protocol. Immutable.
 *
 * @param turns the messages without system messages
 * @param tools the tools that may be called; empty if none may be
 * @param choice the tool that must be called; null if any may be
 * @param format the form of the answer; null for free text
 * @param maxTokens 0 for no limit
 */
record SimulatedRequest(
        String model,
        List<Turn> turns,
        List<Tool> tools,
        @Nullable String choice,
        @Nullable PromptedFormat format,
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
