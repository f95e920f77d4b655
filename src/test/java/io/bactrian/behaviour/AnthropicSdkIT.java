package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.anthropic.client.AnthropicClient;
import com.anthropic.core.http.HttpResponseFor;
import com.anthropic.core.http.StreamResponse;
import com.anthropic.errors.NotFoundException;
import com.anthropic.errors.OverloadedException;
import com.anthropic.errors.SseException;
import com.anthropic.helpers.MessageAccumulator;
import com.anthropic.models.ErrorType;
import com.anthropic.models.messages.Message;
import com.anthropic.models.messages.MessageCreateParams;
import com.anthropic.models.messages.RawMessageStreamEvent;
import com.anthropic.models.messages.StopReason;
import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.testing.GatewayExtension;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Anthropic's own SDK before providers of both protocols that answer, call tools, break off and are out of service. */
final class AnthropicSdkIT {
    @RegisterExtension
    static final GatewayExtension gateway = ScriptedModels.gateway();

    private static AnthropicClient client;

    @BeforeAll
    static void connect() {
        client = AnthropicSdk.client(gateway.uri(""));
    }

    @AfterAll
    static void stop() {
        client.close();
    }

    @BeforeEach
    void play() {
        ScriptedModels.play(gateway);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "o"})
    void a_provider_of_either_protocol_answers(String provider) {
        try (HttpResponseFor<Message> response =
                client.messages().withRawResponse().create(AnthropicSdk.question(provider + "/talk"))) {
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

        whole(streamed(AnthropicSdk.question(provider + "/talk"), events));

        assertThat(events.stream().filter(RawMessageStreamEvent::isContentBlockDelta))
                .hasSizeGreaterThan(1);
        one_of_each(events);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "o"})
    void a_provider_of_either_protocol_calls_a_tool(String provider) {
        MessageCreateParams params = AnthropicSdk.withTool(provider + "/call").build();

        AnthropicSdk.call(client.messages().create(params));
        AnthropicSdk.call(streamed(params, new ArrayList<>()));
    }

    @ParameterizedTest
    @CsvSource({"a, a", "a, o", "o, o", "o, a"})
    void a_conversation_goes_on_at_either_provider_with_the_result_of_a_tool(String first, String second) {
        Message asked =
                client.messages().create(AnthropicSdk.withTool(first + "/call").build());

        Message answer = client.messages().create(AnthropicSdk.withResult(second + "/call", asked));
        Message stream = streamed(AnthropicSdk.withResult(second + "/call", asked), new ArrayList<>());

        for (Message message : List.of(answer, stream)) {
            assertThat(AnthropicSdk.words(message)).isEqualTo("They say: " + ScriptedModels.RESULT);
            assertThat(message.stopReason()).contains(StopReason.END_TURN);
        }
        JsonNode told = gateway.stub(second).lastCall().json().path("messages");
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

        whole(streamed(AnthropicSdk.question("rescued-" + first), events));

        assertThat(AnthropicSdk.spoken(events)).isEqualTo(ScriptedModels.WORDS);
        one_of_each(events);
        assertThat(gateway.stub("a").calls()).hasSize(1);
        assertThat(gateway.stub("o").calls()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "o"})
    void a_stream_that_nobody_finishes_is_an_exception_and_no_message(String first) {
        MessageAccumulator whole = MessageAccumulator.create();
        List<RawMessageStreamEvent> events = new ArrayList<>();

        SseException broken = catchThrowableOfType(SseException.class, () -> {
            try (StreamResponse<RawMessageStreamEvent> stream =
                    client.messages().createStreaming(AnthropicSdk.question("broken-" + first))) {
                stream.stream().map(whole::accumulate).forEach(events::add);
            }
        });

        assertThat(broken.errorType()).isPresent();
        assertThat(AnthropicSdk.spoken(events)).isEqualTo(ScriptedModels.SPOKEN);
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
            streamed(AnthropicSdk.question(model), new ArrayList<>());
        } else {
            client.messages().create(AnthropicSdk.question(model));
        }
    }

    /** The whole of {@link ScriptedModels#WORDS} in a message that lacks nothing. */
    private static void whole(Message answer) {
        assertThat(AnthropicSdk.words(answer)).isEqualTo(ScriptedModels.WORDS);
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

    private static Message streamed(MessageCreateParams params, List<RawMessageStreamEvent> events) {
        MessageAccumulator whole = MessageAccumulator.create();
        try (StreamResponse<RawMessageStreamEvent> stream = client.messages().createStreaming(params)) {
            stream.stream().map(whole::accumulate).forEach(events::add);
        }
        return whole.message();
    }
}
