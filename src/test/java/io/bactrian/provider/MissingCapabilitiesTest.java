package io.bactrian.provider;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.config.Limits.Rescue;
import io.bactrian.config.Target;
import io.bactrian.health.TargetStores;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import io.bactrian.protocol.CallOptions;
import io.bactrian.protocol.Capability;
import io.bactrian.protocol.Json;
import io.bactrian.provider.failure.Classifier;
import io.bactrian.testing.Fixture;
import io.bactrian.testing.TestChains;
import io.bactrian.testing.VirtualClock;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.StringLength;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The capabilities found missing in providers' errors, which the classifier reads first, as in the gateway. */
class MissingCapabilitiesTest {
    private static final Set<Capability> ALL = EnumSet.allOf(Capability.class);

    private static final Supplier<byte[]> SENT = () -> "{}".getBytes(UTF_8);

    private final Classifier classifier = new Classifier(new VirtualClock());
    private final Target target = TestChains.target("t");
    private final MissingCapabilities missing = new MissingCapabilities();

    @ParameterizedTest(name = "{0}: {1} {2}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', nullValues = "-", textBlock = """
        STREAMING | stream | Unsupported value: 'stream' does not support true with this model. Only the default (false) value is supported.
        STREAMING | stream | Your organization must be verified to stream this model. Please go to: https://platform.openai.com/settings
        STREAMING | body.stream | Extra inputs are not permitted
        STREAMING | - | stream is not supported
        STREAMING | - | Streaming is not supported for this model
        STREAMING | - | This model does not support streaming.
        STREAMING | - | The model is unsupported for streaming
        STREAMING | - | `response_format` does not support streaming
        STREAMING | - | Streaming is currently disabled for this deployment
        STREAMING | - | stream: Extra inputs are not permitted
        STREAMING | - | Unrecognized request argument supplied: stream
        STREAMING | - | Request got an unexpected keyword argument 'stream'
        STREAMING | - | unknown field `stream`
        STREAMING | - | stream must be false
        STREAMING | - | Streaming with gpt-5.1 is not yet supported
        STREAMING | - | Streaming mode is not available for this model
        STREAMING | - | Model is not available for streaming
        STREAMING | - | Your organization must be verified to stream this model
        STREAMING | - | stream=true is not allowed
        STREAMING | - | Streamed responses are not supported
        STREAM_OPTIONS | - | Unrecognized request argument supplied: stream_options
        STREAM_OPTIONS | stream_options | Unknown parameter: 'stream_options'.
        STREAM_OPTIONS | body.stream_options | Extra inputs are not permitted
        STREAM_OPTIONS | stream_options.include_usage | Unsupported parameter: 'stream_options.include_usage'.
        STREAM_OPTIONS | - | [{'type': 'extra_forbidden', 'loc': ('body', 'stream_options'), 'msg': 'Extra inputs are not permitted'}]
        STREAM_OPTIONS | - | property 'stream_options' is unsupported
        STRUCTURED_OUTPUT | - | output_config: Extra inputs are not permitted
        STRUCTURED_OUTPUT | - | output_config.format: Extra inputs are not permitted
        STRUCTURED_OUTPUT | - | output_format: Extra inputs are not permitted
        STRUCTURED_OUTPUT | - | 'claude-old' does not support output format.
        STRUCTURED_OUTPUT | - | Structured outputs are not supported by this model.
        SAMPLING | temperature | Unsupported value: 'temperature' does not support 0.2 with this model. Only the default (1) value is supported.
        SAMPLING | - | `temperature` is deprecated for this model.
        SAMPLING | top_p | Unsupported parameter: 'top_p' is not supported with this model.
        TOOLS_WITH_EFFORT | reasoning_effort | Function tools with reasoning_effort are not supported for gpt-5.4 in /v1/chat/completions.
        FOREIGN_IDS | messages[2].tool_calls[0].id | Invalid 'messages[2].tool_calls[0].id': string too long. Expected a string with maximum length 40, but got a string with length 53 instead.
        FOREIGN_IDS | messages[3].tool_call_id | Invalid 'messages[3].tool_call_id': string too long. Expected a string with maximum length 40
        LONG_IDS | - | Tool call id was call_stub1 but must be a-z, A-Z, 0-9, with a length of 9.
        """)
    void refusal_of_a_field_teaches_to_leave_it_out(Capability capability, @Nullable String param, String message) {
        assertThat(learn(asking(true, Set.of()), param, null, message)).isEqualTo(capability);
        assertThat(missing.of(target, "")).containsExactly(capability);
    }

    @ParameterizedTest(name = "{0} {2}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', nullValues = "-", textBlock = """
        messages[0].content | - | Invalid 'messages[0].content': the word stream is not supported
        messages[0].content | - | temperature: unsupported characters
        body.messages.0.content.str | - | stream_options: Input is not supported
        - | - | messages.0.content.0.text: "my stream is not supported" is not a valid text
        - | - | messages.1: unexpected `output_config` block
        - | - | Invalid prompt: "tell me why streaming is not supported by old radios"
        - | - | Content is invalid: "is a temperature of 90 not supported by my GPU?"
        messages | - | Invalid value: stream
        temperature | decimal_above_max_value | Invalid 'temperature': decimal above maximum value. Expected a value <= 2, but got 5 instead.
        - | - | temperature: range: 0..1
        - | - | Could not read the request stream
        - | - | The request stream ended unexpectedly
        - | - | unexpected end of stream while reading body
        - | - | Upstream stream error: model not available
        - | - | Unexpected error while streaming
        - | - | Streaming error: model not available
        - | - | Streaming failed because the model is not available
        - | - | unexpected EOF in the event stream
        - | - | unknown streaming error
        - | - | The stream is not available
        - | - | Error while streaming from the model, which is not available
        - | - | Parameter foo is not supported. Only these are: temperature, top_p, stream_options
        - | - | [{'type': 'extra_forbidden', 'loc': ('body', 'foo'), 'msg': 'Extra inputs are not permitted', 'input': {'temperature': 0.3}}]
        upstream | - | upstream is not supported
        stream_options.foo | unknown_parameter | Unknown parameter: 'stream_options.foo'.
        tools[0].function.parameters | invalid_function_parameters | Invalid schema for function 'stream': 'temperature' is not supported
        tools.0.custom.name | - | stream is not supported
        seed | unsupported_parameter | Unsupported parameter: 'seed' is not supported with streaming.
        - | - | output_config.format.schema: For 'object' type, 'additionalProperties' must be explicitly set to false
        messages | - | An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: call_1
        - | - | messages.2.content.0: unexpected `tool_use_id` found in `tool_result` blocks: toolu_1
        messages.[1].role | - | Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.
        - | - | Bad request
        """)
    void other_mistakes_teach_nothing(@Nullable String param, @Nullable String code, String message) {
        assertThat(learn(asking(true, Set.of()), param, code, message)).isNull();
        assertThat(missing.of(target, "")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "openai/error_400_tool_id_too_long, FOREIGN_IDS",
        "openai/error_400_reasoning_with_tools, TOOLS_WITH_EFFORT",
        "openai/error_400_unsupported_parameter, ",
        "mistral/error_422_detail, "
    })
    void real_refusals_are_understood(String fixture, @Nullable Capability capability) {
        Fixture real = Fixture.of(fixture);
        Failure failure = classifier.classify(real.status(), real.headers()::get, real.body());

        assertThat(missing.learn(target, "", asking(true, Set.of()), failure, SENT))
                .isEqualTo(capability);
    }

    @Test
    void errors_in_a_list_of_places_are_understood() {
        byte[] body = """
            {"detail":[{"type":"extra_forbidden","loc":["body","stream_options"],"msg":"Extra inputs are not permitted"}]}\
            """.getBytes(UTF_8);

        assertThat(missing.learn(
                        target, "", asking(true, Set.of()), classifier.classify(422, name -> null, body), SENT))
                .isEqualTo(Capability.STREAM_OPTIONS);
    }

    @Test
    void nothing_is_learned_of_what_was_not_asked() {
        assertThat(learn(asking(false, Set.of()), "stream", null, "not supported"))
                .isNull();
        assertThat(learn(asking(false, Set.of()), null, null, "Unrecognized request argument supplied: stream_options"))
                .isNull();
        assertThat(learn(asking(true, Set.of()), null, null, "This model does not support assistant message prefill."))
                .isNull();
    }

    @Test
    void what_was_left_out_already_cannot_have_been_refused() {
        assertThat(learn(asking(true, Set.of(Capability.STREAMING)), "stream", null, "not supported"))
                .isNull();
    }

    @Test
    void what_a_protocol_has_no_other_way_for_is_not_learned() {
        CallOptions options = new CallOptions(true, Set.of(), Set.of(Capability.STREAMING), null);

        assertThat(learn(options, "temperature", null, "Unsupported parameter: 'temperature'"))
                .isNull();
    }

    @Test
    void lessons_add_up_and_belong_to_one_target() {
        learn(asking(true, Set.of()), null, null, "Unrecognized request argument supplied: stream_options");
        learn(asking(true, missing.of(target, "")), "stream", null, "not supported");

        assertThat(missing.of(target, "")).containsExactlyInAnyOrder(Capability.STREAM_OPTIONS, Capability.STREAMING);
        assertThat(missing.of(TestChains.target("other"), "")).isEmpty();
    }

    @Test
    void lesson_of_one_caller_holds_for_it_alone_until_another_one_learns_it() {
        learnStreaming("ann", "{\"n\":1}");
        learnStreaming("ann", "{\"n\":2}");

        assertThat(missing.of(target, "ann")).containsExactly(Capability.STREAMING);
        assertThat(missing.of(target, "bob")).isEmpty();

        learnStreaming("bob", "{\"n\":1}");

        assertThat(missing.of(target, "eve")).containsExactly(Capability.STREAMING);
    }

    @Test
    void lesson_without_names_is_tried_again_soon_until_another_request_has_learned_it() {
        AtomicLong nanos = new AtomicLong();
        MissingCapabilities ticking = new MissingCapabilities(new TargetStores(), nanos::get);
        for (String body : List.of("{\"n\":1}", "{\"n\":1}", "{\"n\":2}")) {
            assertThat(ticking.of(target, "")).isEmpty();
            learnStreaming(ticking, "", body);
            assertThat(ticking.of(target, "")).containsExactly(Capability.STREAMING);
            nanos.addAndGet(Duration.ofMinutes(10).toNanos());
        }

        assertThat(ticking.of(target, "")).containsExactly(Capability.STREAMING);
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        Unknown key 'stream' in metadata | {"stream":true,"metadata":{"stream":"x"}}
        Invalid text: my stream is not supported | {"messages":[{"content":"my stream is not supported"}]}
        Unsupported metadata value: stream=true is not allowed | {"metadata":{"a":"stream=true is not allowed"}}
        Property 'temperature' is not supported in this schema | {"tools":[{"properties":{"temperature":{}}}]}
        Structured outputs do not support oneOf | {"output_config":{"schema":{"oneOf":[]}}}
        output_config: the grammar is too complex and not supported | {"output_config":{}}
        """)
    void what_the_request_itself_explains_is_done_without_once_and_not_remembered(String message, String sent) {
        byte[] error = Json.bytes(Map.of("error", Map.of("type", "invalid_request_error", "message", message)));
        Failure failure = classifier.classify(400, name -> null, error);

        missing.learn(target, "", asking(true, Set.of()), failure, () -> sent.getBytes(UTF_8));

        assertThat(missing.of(target, "")).isEmpty();
    }

    private void learnStreaming(String caller, String sent) {
        learnStreaming(missing, caller, sent);
    }

    private static void learnStreaming(MissingCapabilities missing, String caller, String sent) {
        Failure failure = Failure.of(FailureClass.UNSUPPORTED, 400, "stream is not supported");
        missing.learn(target(), caller, asking(true, Set.of()), failure, () -> sent.getBytes(UTF_8));
    }

    private static Target target() {
        return TestChains.target("t");
    }

    @Test
    void effort_goes_when_it_is_refused_without_reasoning_too() {
        String message = "Unrecognized request argument supplied: reasoning_effort";

        assertThat(learn(asking(true, Set.of()), null, null, message)).isEqualTo(Capability.TOOLS_WITH_EFFORT);
        assertThat(learn(asking(true, missing.of(target, "")), null, null, message))
                .isEqualTo(Capability.EFFORT);
    }

    @Test
    void prefill_is_refused_only_where_it_was_tried() {
        CallOptions prefilled = new CallOptions(true, Set.of(), ALL, Rescue.PREFILL);

        assertThat(learn(prefilled, "messages", null, "The conversation must end with a user message."))
                .isEqualTo(Capability.PREFILL);
    }

    @ParameterizedTest
    @EnumSource(
            value = FailureClass.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"UNSUPPORTED", "INVALID_REQUEST"})
    void failures_of_another_class_teach_nothing(FailureClass type) {
        Failure failure = Failure.of(type, 400, "stream is not supported");

        assertThat(missing.learn(target, "", asking(true, Set.of()), failure, SENT))
                .isNull();
    }

    @ParameterizedTest
    @CsvSource({"0", "200", "500", "503"})
    void only_an_answer_of_the_provider_that_blames_the_request_teaches(int status) {
        Failure failure = Failure.of(FailureClass.UNSUPPORTED, status, "stream is not supported");

        assertThat(missing.learn(target, "", asking(true, Set.of()), failure, SENT))
                .isNull();
    }

    @Property(tries = 500)
    void whatever_stands_in_a_message_teaches_nothing(
            @ForAll @AlphaChars @StringLength(max = 20) String before,
            @ForAll Capability capability,
            @ForAll boolean named) {
        String words = before + " stream temperature stream_options output_config is not supported " + capability;
        String message = named ? "Invalid content" : "messages.0.content: " + words;

        assertThat(new MissingCapabilitiesTest()
                        .learn(asking(true, Set.of()), named ? "messages.0.content" : null, null, message))
                .isNull();
    }

    private static CallOptions asking(boolean stream, Set<Capability> without) {
        return new CallOptions(stream, without, ALL, null);
    }

    private @Nullable Capability learn(
            CallOptions options, @Nullable String param, @Nullable String code, String message) {
        Map<String, Object> error = new HashMap<>();
        error.put("type", "invalid_request_error");
        error.put("message", message);
        error.put("param", param);
        error.put("code", code);
        byte[] body = Json.bytes(Map.of("error", error));
        return missing.learn(target, "", options, classifier.classify(400, name -> null, body), SENT);
    }
}
