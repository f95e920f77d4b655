package io.bactrian.protocol.translation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/** A tool call of an Anthropic stream with incomplete input, as deltas of Chat Completions. Not thread-safe. */
final class OpenTool implements OpenInput {
    private final int number;
    private final boolean custom;
    private final JsonNode block;
    private final StringBuilder held = new StringBuilder();
    private boolean started;

    OpenTool(int number, boolean custom, JsonNode block) {
        this.number = number;
        this.custom = custom;
        this.block = block;
    }

    ObjectNode opening(String answer) {
        String id = ExactJson.text(block, "id", "");
        String portable = id.isEmpty() ? ToolIds.invented(answer, number) : ToolIds.portable(id);
        String name = ExactJson.text(block, "name", "");
        return delta(custom ? ChatCalls.custom(portable, name, "") : ChatCalls.function(portable, name, ""));
    }

    @Override
    public @Nullable ObjectNode piece(String json) {
        if (custom) {
            held.append(json);
            return null;
        }
        started = true;
        return argument(json);
    }

    @Override
    public @Nullable ObjectNode rest() {
        if (custom) {
            JsonNode input = held.isEmpty() ? block.path("input") : ExactJson.arguments(held.toString());
            ObjectNode call = ExactJson.object();
            call.putObject("custom").put("input", input.isEmpty() ? "" : CustomTools.unwrap(input));
            return delta(call);
        }
        return started ? null : argument(ChatCalls.arguments(block));
    }

    private ObjectNode argument(String json) {
        ObjectNode call = ExactJson.object();
        call.putObject("function").put("arguments", json);
        return delta(call);
    }

    private ObjectNode delta(ObjectNode call) {
        ObjectNode delta = ExactJson.object();
        delta.putArray("tool_calls").add(call.put("index", number));
        return delta;
    }
}
