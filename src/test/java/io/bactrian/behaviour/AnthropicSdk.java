package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import com.anthropic.client.AnthropicClient;
import com.anthropic.client.okhttp.AnthropicOkHttpClient;
import com.anthropic.core.JsonValue;
import com.anthropic.models.messages.ContentBlockParam;
import com.anthropic.models.messages.Message;
import com.anthropic.models.messages.MessageCreateParams;
import com.anthropic.models.messages.RawMessageStreamEvent;
import com.anthropic.models.messages.StopReason;
import com.anthropic.models.messages.Tool;
import com.anthropic.models.messages.ToolResultBlockParam;
import com.anthropic.models.messages.ToolUseBlock;
import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Requests and answers of Anthropic's own SDK, told nothing but another base URL and never allowed to retry. Stateless. */
final class AnthropicSdk {
    private AnthropicSdk() {}

    /** The call of the tool, which is all that the message holds. */
    static ToolUseBlock call(Message asked) {
        assertThat(asked.stopReason()).contains(StopReason.TOOL_USE);
        assertThat(asked.content()).hasSize(1);
        ToolUseBlock call = asked.content().getFirst().asToolUse();
        assertThat(call.id()).isNotBlank();
        assertThat(call.name()).isEqualTo(ScriptedModels.TOOL);
        assertThat(call._input().convert(JsonNode.class)).isEqualTo(ScriptedModels.ARGUMENTS);
        return call;
    }

    static MessageCreateParams question(String model) {
        return asking(model).build();
    }

    static MessageCreateParams.Builder asking(String model) {
        return MessageCreateParams.builder()
                .model(model)
                .maxTokens(1000)
                .system("Be brief.")
                .addUserMessage("How is the weather in Oslo?");
    }

    static MessageCreateParams.Builder withTool(String model) {
        return asking(model)
                .addTool(Tool.builder()
                        .name(ScriptedModels.TOOL)
                        .description("The weather of a city")
                        .inputSchema(Tool.InputSchema.builder()
                                .properties(Tool.InputSchema.Properties.builder()
                                        .putAdditionalProperty("city", JsonValue.from(Map.of("type", "string")))
                                        .putAdditionalProperty("days", JsonValue.from(Map.of("type", "integer")))
                                        .build())
                                .addRequired("city")
                                .build())
                        .build());
    }

    static MessageCreateParams withResult(String model, Message asked) {
        return withTool(model)
                .addMessage(asked)
                .addUserMessageOfContentBlockParams(
                        List.of(ContentBlockParam.ofToolResult(ToolResultBlockParam.builder()
                                .toolUseId(call(asked).id())
                                .content(ScriptedModels.RESULT)
                                .build())))
                .build();
    }

    static String words(Message answer) {
        return answer.content().stream()
                .flatMap(block -> block.text().stream())
                .map(text -> text.text())
                .collect(Collectors.joining());
    }

    static String spoken(List<RawMessageStreamEvent> events) {
        return events.stream()
                .flatMap(event -> event.contentBlockDelta().stream())
                .flatMap(event -> event.delta().text().stream())
                .map(delta -> delta.text())
                .collect(Collectors.joining());
    }

    static AnthropicClient client(URI address) {
        return AnthropicOkHttpClient.builder()
                .baseUrl(address.toString())
                .apiKey("sk-ant-not-looked-at")
                .maxRetries(0)
                .timeout(Duration.ofSeconds(30))
                .build();
    }
}
