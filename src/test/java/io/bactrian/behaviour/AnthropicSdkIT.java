package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.anthropic.client.AnthropicClient;
import com.anthropic.client.okhttp.AnthropicOkHttpClient;
import com.anthropic.core.JsonValue;
import com.anthropic.core.http.HttpResponseFor;
import com.anthropic.core.http.StreamResponse;
import com.anthropic.errors.NotFoundException;
import com.anthropic.errors.OverloadedException;
import com.anthropic.errors.SseException;
import com.anthropic.helpers.MessageAccumulator;
import com.anthropic.models.ErrorType;
import com.anthropic.models.messages.ContentBlockParam;
import com.anthropic.models.messages.Message;
import com.anthropic.models.messages.MessageCreateParams;
import com.anthropic.models.messages.RawMessageStreamEvent;
import com.anthropic.models.messages.StopReason;
import com.anthropic.models.messages.Tool;
import com.anthropic.models.messages.ToolResultBlockParam;
import com.anthropic.models.messages.ToolUseBlock;
import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Anthropic's own SDK, told nothing but another base URL and never allowed to retry, against a provider of its own protocol
 * and one of Chat Completions.
 */
final class AnthropicSdkIT {
    private static SdkScene scene;
    private static AnthropicClient client;

    @BeforeAll
    static void start() {
        scene = new SdkScene();
        client = AnthropicOkHttpClient.builder()
                .baseUrl(scene.gateway().uri("").toString())
                .apiKey("sk-ant-not-looked-at")
                .maxRetries(0)
                .timeout(Duration.ofSeconds(30))
                .build();
    }

    @AfterAll
    static void stop() {
        client.close();
        scene.close();
    }

    @BeforeEach
    void nobody_was_asked() {
        scene.forget();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "o"})
    void a_provider_of_either_protocol_answers(String provider) {
        try (HttpResponseFor<Message> response =
                client.messages().withRawResponse().create(question(provider + "/talk"))) {
            assertThat(response.headers().values("x-bactrian-target")).containsExactly(provider + "/talk");
            Message answer = response.parse();
            assertThat(answer.id()).isNotBlank();
            assertThat(answer.model().asString()).isEqualTo("talk");
            whole(answer);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "o"})
    void a_provider_of_either_protocol_streams(String provider) {
        List<RawMessageStreamEvent> events = new ArrayList<>();

        whole(streamed(question(provider + "/talk"), events));

        assertThat(events.stream().filter(RawMessageStreamEvent::isContentBlockDelta))
                .hasSizeGreaterThan(1);
        one_of_each(events);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "o"})
    void a_provider_of_either_protocol_calls_a_tool(String provider) {
        MessageCreateParams params = withTool(provider + "/call").build();

        call(client.messages().create(params));
        call(streamed(params, new ArrayList<>()));
    }

    @ParameterizedTest
    @CsvSource({"a, a", "a, o", "o, o", "o, a"})
    void a_conversation_goes_on_at_either_provider_with_the_result_of_a_tool(String first, String second) {
        Message asked = client.messages().create(withTool(first + "/call").build());

        Message answer = client.messages().create(withResult(second + "/call", asked));
        Message stream = streamed(withResult(second + "/call", asked), new ArrayList<>());

        for (Message message : List.of(answer, stream)) {
            assertThat(words(message)).isEqualTo("They say: " + SdkScene.RESULT);
            assertThat(message.stopReason()).contains(StopReason.END_TURN);
        }
        JsonNode told = scene.stub(second).lastCall().json().path("messages");
        String called = told.at(second.equals("a") ? "/1/content/0/id" : "/2/tool_calls/0/id")
                .asText();
        String answered = told.at(second.equals("a") ? "/2/content/0/tool_use_id" : "/3/tool_call_id")
                .asText();
        assertThat(answered).as(told::toString).isNotBlank().isEqualTo(called);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "o"})
    void a_stream_that_the_first_breaks_off_is_finished_by_the_other(String first) {
        List<RawMessageStreamEvent> events = new ArrayList<>();

        whole(streamed(question("rescued-" + first), events));

        assertThat(spoken(events)).isEqualTo(SdkScene.WORDS);
        one_of_each(events);
        assertThat(scene.stub("a").calls()).hasSize(1);
        assertThat(scene.stub("o").calls()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "o"})
    void a_stream_that_nobody_finishes_is_an_exception_and_no_message(String first) {
        MessageAccumulator whole = MessageAccumulator.create();
        List<RawMessageStreamEvent> events = new ArrayList<>();

        SseException broken = catchThrowableOfType(SseException.class, () -> {
            try (StreamResponse<RawMessageStreamEvent> stream =
                    client.messages().createStreaming(question("broken-" + first))) {
                stream.stream().map(whole::accumulate).forEach(events::add);
            }
        });

        assertThat(broken.errorType()).isPresent();
        assertThat(spoken(events)).isEqualTo(SdkScene.SPOKEN);
        assertThat(events).noneMatch(RawMessageStreamEvent::isMessageDelta);
        assertThat(events).noneMatch(RawMessageStreamEvent::isMessageStop);
        assertThatThrownBy(whole::message).isInstanceOf(IllegalStateException.class);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void an_unknown_model_is_the_exception_the_sdk_has_for_it(boolean stream) {
        NotFoundException refused = catchThrowableOfType(NotFoundException.class, () -> ask(stream, "no-such-model"));

        assertThat(refused.errorType()).contains(ErrorType.NOT_FOUND_ERROR);
        assertThat(refused.apiMessage()).hasValueSatisfying(m -> assertThat(m).contains("There is: default"));
        assertThat(refused.requestId()).isPresent();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void providers_that_are_all_down_are_the_exception_the_sdk_has_for_it(boolean stream) {
        OverloadedException down = catchThrowableOfType(OverloadedException.class, () -> ask(stream, "down"));

        assertThat(down.errorType()).contains(ErrorType.OVERLOADED_ERROR);
    }

    @Test
    void models_are_listed() {
        assertThat(client.models().list().items()).extracting(m -> m.id()).contains("default", "rescued-a", "down");
    }

    private static void ask(boolean stream, String model) {
        if (stream) {
            streamed(question(model), new ArrayList<>());
        } else {
            client.messages().create(question(model));
        }
    }

    /** The whole of {@link SdkScene#WORDS} in a message that lacks nothing. */
    private static void whole(Message answer) {
        assertThat(words(answer)).isEqualTo(SdkScene.WORDS);
        assertThat(answer.content()).hasSize(1);
        answer.content().getFirst().validate();
        assertThat(answer.stopReason()).contains(StopReason.END_TURN);
        assertThat(answer.usage().validate().inputTokens()).isPositive();
        assertThat(answer.usage().outputTokens()).isPositive();
    }

    private static void one_of_each(List<RawMessageStreamEvent> events) {
        for (Predicate<RawMessageStreamEvent> kind : List.<Predicate<RawMessageStreamEvent>>of(
                RawMessageStreamEvent::isMessageStart,
                RawMessageStreamEvent::isContentBlockStart,
                RawMessageStreamEvent::isContentBlockStop,
                RawMessageStreamEvent::isMessageDelta,
                RawMessageStreamEvent::isMessageStop)) {
            assertThat(events).filteredOn(kind).hasSize(1);
        }
    }

    /** The call of the tool, which is all that the message holds. */
    private static ToolUseBlock call(Message asked) {
        assertThat(asked.stopReason()).contains(StopReason.TOOL_USE);
        assertThat(asked.content()).hasSize(1);
        ToolUseBlock call = asked.content().getFirst().asToolUse();
        assertThat(call.id()).isNotBlank();
        assertThat(call.name()).isEqualTo(SdkScene.TOOL);
        assertThat(call._input().convert(JsonNode.class)).isEqualTo(SdkScene.ARGUMENTS);
        return call;
    }

    private static Message streamed(MessageCreateParams params, List<RawMessageStreamEvent> events) {
        MessageAccumulator whole = MessageAccumulator.create();
        try (StreamResponse<RawMessageStreamEvent> stream = client.messages().createStreaming(params)) {
            stream.stream().map(whole::accumulate).forEach(events::add);
        }
        return whole.message();
    }

    private static MessageCreateParams question(String model) {
        return asking(model).build();
    }

    private static MessageCreateParams.Builder asking(String model) {
        return MessageCreateParams.builder()
                .model(model)
                .maxTokens(1000)
                .system("Be brief.")
                .addUserMessage("How is the weather in Oslo?");
    }

    private static MessageCreateParams.Builder withTool(String model) {
        return asking(model)
                .addTool(Tool.builder()
                        .name(SdkScene.TOOL)
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

    private static MessageCreateParams withResult(String model, Message asked) {
        return withTool(model)
                .addMessage(asked)
                .addUserMessageOfContentBlockParams(
                        List.of(ContentBlockParam.ofToolResult(ToolResultBlockParam.builder()
                                .toolUseId(call(asked).id())
                                .content(SdkScene.RESULT)
                                .build())))
                .build();
    }

    private static String words(Message answer) {
        return answer.content().stream()
                .flatMap(block -> block.text().stream())
                .map(text -> text.text())
                .collect(Collectors.joining());
    }

    private static String spoken(List<RawMessageStreamEvent> events) {
        return events.stream()
                .flatMap(event -> event.contentBlockDelta().stream())
                .flatMap(event -> event.delta().text().stream())
                .map(delta -> delta.text())
                .collect(Collectors.joining());
    }
}
