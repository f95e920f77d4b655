package io.bactrian.provider.failure;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.policy.Failure;
import io.bactrian.protocol.CallOptions;
import io.bactrian.protocol.Capability;
import io.bactrian.protocol.Json;
import io.bactrian.protocol.Omissions;
import io.bactrian.testing.VirtualClock;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.StringLength;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The parts of a request found in refusals, which the classifier reads first, as in the gateway. */
class RefusedPartsTest {
    private static final Map<String, String> BETA =
            Map.of("anthropic-beta", "prompt-caching-scope-2026-01-05,advanced-tool-use-2025-11-20");

    private static final String CHAT = """
        {"model":"m","stream":true,"temperature":0.7,"top_p":0.9,"top_k":40,"seed":7,"reasoning_effort":"low","max_tokens":100,
         "user":"u@example","metadata":{"user_id":"x@y"},"logit_bias":{},"verbosity":"low","stop":["a","b","c"],"tool_choice":"required",
         "parallel_tool_calls":false,"prompt_cache_key":"k","chat_template_kwargs":{"enable_thinking":false},"response_format":{"type":"json_object"},
         "tools":[{"type":"function","function":{"name":"f","strict":true,"parameters":{"type":"object","properties":{"seed":{}}}}}],
         "messages":[{"role":"developer","content":"Be brief."},{"role":"user","name":"ann","content":[{"type":"text","text":"Hi","cache_control":{"type":"ephemeral"}}]},
          {"role":"assistant","content":"Hello","refusal":null,"annotations":[],"audio":null,"function_call":null,"reasoning_content":"hm",
           "tool_calls":[{"id":"c","index":0,"type":"function","function":{"name":"f","arguments":""},"extra_content":{"google":{}}}]},
          {"role":"tool","tool_call_id":"c","content":"r"},{"role":"system","content":"Now"},{"role":"user","content":"And now?"}]}\
        """;

    private static final String MESSAGES = """
        {"model":"m","max_tokens":100,"temperature":0.7,"top_p":0.9,"top_k":4,"thinking":{"type":"adaptive","display":"full"},
         "context_management":{"edits":[]},"output_config":{"effort":"high"},"metadata":{"user_id":"x@y"},"service_tier":"auto",
         "system":[{"type":"text","text":"Be brief.","cache_control":{"type":"ephemeral","scope":"global"}}],
         "tools":[{"name":"f","input_schema":{"type":"object"},"eager_input_streaming":true,"defer_loading":true}],
         "messages":[{"role":"user","content":[{"type":"text","text":"Hi","cache_control":{"type":"ephemeral","ttl":"1h"}}]},
          {"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"c2ln"},{"type":"text","text":"Hello","citations":null}]},
          {"role":"user","content":"go on"},{"role":"system","content":"More."},{"role":"user","content":"Yes"}]}\
        """;

    private final Classifier classifier = new Classifier(new VirtualClock());

    @ParameterizedTest(name = "{0}: {2}")
    @CsvSource(delimiter = '|', quoteCharacter = '^', nullValues = "-", textBlock = """
        reasoning_effort | - | Unrecognized request argument supplied: reasoning_effort
        reasoning_effort top_k | - | Unrecognized request arguments supplied: reasoning_effort, top_k
        seed | seed | Unknown parameter: 'seed'.
        seed | body.seed | Extra inputs are not permitted
        top_k | - | top_k is not supported
        top_k | - | property 'top_k' is unsupported
        top_k | - | Completions.create() got an unexpected keyword argument 'top_k'
        temperature | - | invalid temperature: only 1 is allowed for this model
        temperature | temperature | Unsupported value: 'temperature' does not support 0.7 with this model. Only the default (1) value is supported.
        temperature | - | temperature: not supported with this API version or model
        prompt_cache_key | - | Additional properties are not allowed ('prompt_cache_key' was unexpected)
        verbosity | - | Invalid JSON payload received. Unknown name "verbosity": Cannot find field.
        chat_template_kwargs | - | unknown field `chat_template_kwargs`, expected one of `model`, `messages`, `temperature`, `seed`
        max_tokens | max_tokens | Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.
        logit_bias | - | Argument not supported on this model: logit_bias
        """)
    void field_that_a_target_does_not_know_is_left_out_for_it(String fields, @Nullable String param, String message) {
        RefusedParts parts = read(CHAT, param, message);

        assertThat(parts.lasting()).isEqualTo(Omissions.of(set(fields)));
        assertThat(parts.once().isEmpty()).isTrue();
        assertThat(parts.named()).isTrue();
    }

    @ParameterizedTest(name = "{0}: {2}")
    @CsvSource(delimiter = '|', quoteCharacter = '^', nullValues = "-", textBlock = """
        messages.reasoning_content | - | 'messages.1' : for 'role:assistant' the following must be satisfied[('messages.1' : property 'reasoning_content' is unsupported)]
        messages.reasoning_content | validation_error | messages.2.assistant.reasoning_content: property 'messages.2.assistant.reasoning_content' is unsupported
        messages.reasoning_content | messages[2].reasoning_content | Unknown parameter: 'messages[2].reasoning_content'.
        messages.reasoning_content | - | Invalid JSON payload received. Unknown name "reasoning_content" at 'messages[2]': Cannot find field.
        messages.reasoning_content | - | json: unknown field "reasoning_content"
        messages.reasoning_content | - | Unrecognized field "reasoning_content" (class Message), not marked as ignorable
        messages.annotations | messages[2].annotations | Unknown parameter: 'messages[2].annotations'.
        messages.annotations | - | Failed to deserialize: messages[2]: unknown field `annotations`, expected one of `role`, `content`, `name`, `tool_calls` at line 1
        messages.annotations | - | Additional properties are not allowed ('annotations' was unexpected) - 'messages.2'
        messages.refusal | - | 'messages.1' : for 'role:assistant' the following must be satisfied[('messages.1' : property 'refusal' is unsupported)]
        messages.refusal | body.messages.1.assistant.refusal | Extra inputs are not permitted
        messages.refusal | - | messages[2].refusal: expected string, received null
        messages.refusal | - | Extra inputs are not permitted, field: 'messages[2].refusal', value: None
        messages.audio | - | Invalid type for 'messages[2].audio': expected an object, but got null instead.
        messages.function_call | - | None is not of type 'object' - 'messages.2.function_call'
        messages.name | - | 'messages.1' : for 'role:user' the following must be satisfied[('messages.1' : property 'name' is unsupported)]
        messages.extra_content | - | property 'extra_content' is unsupported
        messages.index | - | messages[2].tool_calls[0]: unknown field `index`
        messages.cache_control | - | messages.1.content.0.text.cache_control: Extra inputs are not permitted
        tools.strict | - | tools[0].function.strict: Extra inputs are not permitted
        """)
    void foreign_member_of_the_history_is_left_out_for_the_target(
            String field, @Nullable String param, String message) {
        RefusedParts parts = read(CHAT, param, message);

        assertThat(parts.lasting().fields()).contains(field).doesNotContain("messages.content", "messages.role");
        assertThat(parts.named()).isTrue();
    }

    @Test
    void echoed_members_that_say_nothing_go_with_the_first_that_is_refused() {
        RefusedParts parts = read(CHAT, null, "property 'refusal' is unsupported");

        assertThat(parts.lasting().fields())
                .containsExactlyInAnyOrder(
                        "messages.refusal", "messages.annotations", "messages.audio", "messages.function_call");
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(delimiter = '|', quoteCharacter = '^', textBlock = """
        context_management | context_management: Extra inputs are not permitted
        output_config.effort | output_config.effort: Extra inputs are not permitted
        output_config.effort | This model does not support the effort parameter. output_config.effort is not supported
        thinking.display | thinking.display: Extra inputs are not permitted
        thinking.display | thinking.adaptive.display: Extra inputs are not permitted
        tools.eager_input_streaming | tools.0.custom.eager_input_streaming: Extra inputs are not permitted
        tools.defer_loading | tools.0.custom.defer_loading: Extra inputs are not permitted
        system.scope | system.0.cache_control.ephemeral.scope: Extra inputs are not permitted
        messages.ttl | messages.0.content.0.text.cache_control.ephemeral.ttl: Extra inputs are not permitted
        messages.citations | messages.1.content.1.text.citations: Extra inputs are not permitted
        temperature | temperature: not supported with this API version or model
        service_tier | service_tier: Extra inputs are not permitted
        """)
    void fields_of_messages_are_left_out_as_well(String field, String message) {
        assertThat(read(MESSAGES, null, message).lasting()).isEqualTo(Omissions.of(Set.of(field)));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(delimiter = '|', quoteCharacter = '^', textBlock = """
        metadata | Invalid 'user_id': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.
        metadata | The 'metadata' parameter is only allowed when 'store' is enabled.
        metadata | metadata.user_id: String should have at most 256 characters
        top_p | `temperature` and `top_p` cannot both be specified for this model. Please use only one.
        temperature | `temperature` may only be set to 1 when thinking is enabled or in adaptive mode.
        top_k | `top_k` must be unset when thinking is enabled.
        thinking | messages.1.content.0.type: Expected `thinking` or `redacted_thinking`, but found `tool_use`. When `thinking` is enabled, a final `assistant` message must start with a thinking block
        """)
    void value_that_a_target_does_not_take_is_left_out_of_this_request_alone(String field, String message) {
        RefusedParts parts = read(MESSAGES, null, message);

        assertThat(parts.once()).isEqualTo(Omissions.of(Set.of(field)));
        assertThat(parts.lasting().isEmpty()).isTrue();
    }

    @ParameterizedTest(name = "{0}: {2}")
    @CsvSource(delimiter = '|', quoteCharacter = '^', nullValues = "-", textBlock = """
        DEVELOPER_ROLE | - | Failed to deserialize the JSON body into the target type: messages[0].role: unknown variant `developer`, expected one of `system`, `user`, `assistant`, `tool` at line 1 column 58
        DEVELOPER_ROLE | messages[0].role | Invalid value: 'developer'. Supported values are: 'system', 'assistant', 'user', 'function', and 'tool'.
        DEVELOPER_ROLE | - | 'developer' is not one of ['system', 'assistant', 'user', 'tool', 'function'] - 'messages.0.role'
        DEVELOPER_ROLE | - | Unexpected message role.
        DEVELOPER_ROLE | - | Role 'developer' is not supported
        LATE_INSTRUCTIONS | - | System message must be at the beginning.
        LATE_INSTRUCTIONS | - | The system message must be the first message
        LATE_INSTRUCTIONS | - | Only the first message can have the role 'system'
        TEXT_PARTS | body.messages.0.content | Input should be a valid string
        TEXT_PARTS | - | messages[1].content: invalid type: sequence, expected a string
        TEXT_PARTS | - | json: cannot unmarshal array into Go struct field Message.messages.content of type string
        TEXT_PARTS | - | 'messages.1.content' : value must be a string
        TEXT_PARTS | - | The content of a message must be a string
        EMPTY_ARGUMENTS | - | invalid params, invalid function arguments json string, tool_call_id: call_1 (2013)
        EMPTY_ARGUMENTS | - | messages[2].tool_calls[0].function.arguments must be valid JSON
        EMPTY_ARGUMENTS | - | Expecting value: line 1 column 1 (char 0)
        """)
    void form_that_a_target_does_not_know_has_another(Capability form, @Nullable String param, String message) {
        RefusedParts parts = read(CHAT, param, message);

        assertThat(parts.lasting()).isEqualTo(Omissions.of(form));
        assertThat(parts.named()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "messages[3].role must be either 'user' or 'assistant', but got 'system'",
                "messages: Unexpected role \"system\". The Messages API accepts a top-level `system` parameter, not"
                        + " \"system\" as an input message role.",
                "messages.3.role: Input should be 'user' or 'assistant', not system",
            })
    void instructions_among_the_messages_have_a_field_of_their_own(String message) {
        assertThat(read(MESSAGES, null, message).lasting()).isEqualTo(Omissions.of(Capability.LATE_INSTRUCTIONS));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "messages.1.content.0: Invalid `signature` in `thinking` block",
                "messages.1.content.0.thinking.signature: Field required",
                "messages.1.content.0: `thinking` or `redacted_thinking` blocks in the latest assistant message cannot"
                        + " be modified",
                "messages.1.content.0.thinking.signature: Invalid signature",
                "Invalid data in `redacted_thinking` block",
                "messages[1].content[0].type: unknown variant `thinking`, expected `text`",
                "Invalid value: 'thinking'. Supported values are: 'text', 'refusal'. The type 'thinking' is unknown",
            })
    void reasoning_of_another_model_is_left_out_of_this_request(String message) {
        RefusedParts parts = read(MESSAGES, null, message);

        assertThat(parts.once()).isEqualTo(Omissions.of(Capability.FOREIGN_REASONING));
        assertThat(parts.lasting().isEmpty()).isTrue();
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(
            strings = {
                "Invalid max_tokens param",
                "tool_choice 'required' is incompatible with thinking enabled",
                "tool_choice is not supported",
                "Invalid 'stop': array too long. Expected an array with maximum length 1, but got an array with length"
                        + " 3 instead.",
                "response_format.type is not supported: json_object",
                "This response_format type is unavailable now",
                "parallel_tool_calls: Extra inputs are not permitted",
                "\"stop\" may have at most 1 entry",
            })
    void field_that_is_needed_is_named_but_stays(String message) {
        RefusedParts parts = read(CHAT, null, message);

        assertThat(parts).isEqualTo(RefusedParts.NEEDED);
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource(delimiter = '|', quoteCharacter = '^', nullValues = "-", textBlock = """
        messages[0].content | Unrecognized characters: a stream at a temperature with stream_options
        messages[1].content | Invalid type for 'messages[1].content'
        - | messages.1.content.0.text: "the seed is not supported, nor is a temperature" is not a valid text
        - | messages.2: `tool_use` ids were found without `tool_result` blocks immediately after: toolu_01
        - | messages: roles must alternate
        - | messages: text content blocks must be non-empty
        - | Could not process image
        - | Claude Code 2.1.220 does not match the minimum version of this endpoint
        - | "auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set
        - | The request body is not valid JSON: no low surrogate in string: line 1 column 120 (char 119)
        temperature | Invalid temperature: decimal above maximum value. Expected a value <= 2, but got 5 instead.
        - | temperature: range: 0..1
        tools[0].function.parameters | Invalid schema for function 'f': In context=(), object schema missing properties.
        - | Unknown parameter: 'no_such_field'.
        - | Bad request
        - | The reasoning_content must be passed back
        - | Invalid schema for function 'f': property 'seed' is not supported
        """)
    void words_that_name_no_part_that_may_go_change_nothing(@Nullable String param, String message) {
        RefusedParts parts = read(CHAT, param, message);

        assertThat(parts.lasting().isEmpty()).isTrue();
        assertThat(parts.once().isEmpty()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '^', textBlock = """
        both | Unexpected value(s) `prompt-caching-scope-2026-01-05`, `advanced-tool-use-2025-11-20` for the `anthropic-beta` header. Please consult our documentation or try again without the header.
        one | Unexpected value(s) `advanced-tool-use-2025-11-20` for the `anthropic-beta` header.
        both | invalid beta flag
        both | The anthropic-beta header is not supported
        """)
    void refused_beta_is_left_out_of_the_header(String which, String message) {
        RefusedParts parts = RefusedParts.of(options(Omissions.NONE), failure(null, message), json(MESSAGES), BETA);

        Map<String, String> left = parts.lasting().without(BETA);
        assertThat(left)
                .isEqualTo(
                        which.equals("both") ? Map.of() : Map.of("anthropic-beta", "prompt-caching-scope-2026-01-05"));
    }

    @Test
    void what_was_left_out_already_is_not_left_out_again() {
        Omissions known = Omissions.of(Set.of("seed"));

        RefusedParts parts =
                RefusedParts.of(options(known), failure("seed", "Unknown parameter: 'seed'."), json(CHAT), Map.of());

        assertThat(parts).isEqualTo(RefusedParts.NEEDED);
    }

    @Test
    void every_place_of_a_list_of_errors_is_read() {
        byte[] body = """
            {"detail":[{"type":"extra_forbidden","loc":["body","messages",2,"assistant","refusal"],"msg":"Extra inputs are not permitted"},
             {"type":"extra_forbidden","loc":["body","seed"],"msg":"Extra inputs are not permitted"}]}\
            """.getBytes(UTF_8);

        RefusedParts parts = RefusedParts.of(
                options(Omissions.NONE), classifier.classify(422, name -> null, body), json(CHAT), Map.of());

        assertThat(parts.lasting().fields()).contains("messages.refusal", "seed");
    }

    private static final String RICH = """
        {"model":"m","temperature":0.3,"top_p":0.9,"top_k":4,"seed":1,"metadata":{"a":"b"},"stop":null,"foo":1,
         "guided_json":{"type":"object"},"structured_outputs":{"json":{}},"grammar":"root ::= x","documents":[{"text":"fact"}],
         "guided_regex":"a+","safe_prompt":true,"extra_body":{"guided_choice":["a"]},
         "tools":[{"type":"function","function":{"name":"f","parameters":{}},"input_examples":[{"a":1}]}],
         "messages":[{"id":"m1","role":"user","foo":1,"content":[{"type":"file","file":{"filename":"a.pdf","file_data":"data:x"}},
           {"type":"document","title":"T","context":"Words","citations":{"enabled":true},"source":{"type":"text","data":"abc"}},
           {"type":"video_url","video_url":{"url":"http://x/v.mp4"}},{"type":"audio_url","audio_url":{"url":"http://x/a.mp3"}}]},
          {"id":"m2","type":"message","model":"other","role":"assistant","content":"```","prefix":true,"partial":true,"images":[{"url":"x"}],
           "weight":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]},
          {"role":"tool","tool_call_id":"c","content":"r"}]}\
        """;

    @ParameterizedTest(name = "{1}")
    @CsvSource(delimiter = '|', quoteCharacter = '^', nullValues = "-", textBlock = """
        messages[0].content[0].file.file_data | Unknown parameter: 'messages[0].content[0].file.file_data'.
        - | messages.0.content.0.file.filename: Extra inputs are not permitted
        - | messages.0.content.1.document.context: Extra inputs are not permitted
        - | messages.0.content.1.document.title: Extra inputs are not permitted
        - | messages.0.content.1.document.citations: Extra inputs are not permitted
        - | messages[0].content[2].video_url: Extra inputs are not permitted
        - | 'messages.0.content.3' : property 'audio_url' is unsupported
        - | 'prefix' is not supported
        - | messages[1].partial: Extra inputs are not permitted
        - | 'messages.1' : property 'images' is unsupported
        - | 'messages.0' : property 'foo' is unsupported
        - | tools.0.custom.input_examples: Extra inputs are not permitted
        - | tools[0].function.name is not supported
        - | Unrecognized request argument supplied: guided_json
        - | structured_outputs: Extra inputs are not permitted
        - | Unknown field grammar
        - | documents: Extra inputs are not permitted
        - | property 'guided_regex' is unsupported
        - | Unsupported parameter: safe_prompt
        - | extra_body: Extra inputs are not permitted
        - | Unrecognized request argument supplied: foo
        """)
    void what_the_caller_may_mean_stays_and_is_named(@Nullable String param, String message) {
        assertThat(read(RICH, param, message)).isEqualTo(RefusedParts.NEEDED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[{'type': 'extra_forbidden', 'loc': ('body', 'messages', 0, 'foo'), 'msg': 'Extra inputs are not"
                        + " permitted', 'input': {'temperature': 0.3, 'seed': 1, 'metadata': {}}}]",
                "[{'type': 'extra_forbidden', 'loc': ('body', 'foo'), 'msg': 'Extra inputs are not permitted', 'input':"
                        + " {'temperature': 0.3, 'seed",
                "1 validation error for ChatCompletionRequest\nfoo\n  Extra inputs are not permitted"
                        + " [type=extra_forbidden, input_value={'temperature': 0.3, 'seed': 1}, input_type=dict]",
                "Parameter foo is not supported. Only these are: temperature, top_p, max_tokens, seed, metadata",
                "Parameter foo is not supported; only temperature, top_p and seed are.",
                "Unknown parameter `foo`. Accepted: `temperature`, `seed`, `metadata`, `top_k`",
                "Unknown parameter `foo`. Accepted parameters: temperature, seed",
                "Unknown parameter `foo`. This endpoint accepts temperature, seed and top_k",
                "Unknown parameter `foo`. Your request had `temperature` and `seed`.",
                "'foo' is not supported. Choose from 'temperature', 'seed'",
                "Unsupported request: {\"model\":\"m\",\"temperature\":0.3,\"seed\":1,\"foo\":1}. Field foo not"
                        + " supported.",
                "Unknown parameter: 'foo', request: {'temperature': 0.3, 'seed': 1",
            })
    void what_a_refusal_repeats_or_would_accept_is_not_refused(String message) {
        assertThat(read(RICH, null, message)).isEqualTo(RefusedParts.NEEDED);
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(delimiter = '|', quoteCharacter = '^', textBlock = """
        seed | [{'type': 'extra_forbidden', 'loc': ('body', 'seed'), 'msg': 'Extra inputs are not permitted', 'input': {'temperature': 1}}]
        seed | 1 validation error for Request seed Extra inputs are not permitted [type=extra_forbidden, input_value=1, input_type=int]
        seed | Unknown parameter `seed`. Accepted: `temperature`, `top_k`
        seed | seed is not supported, the model accepts temperature and top_k
        seed top_k | Parameters seed, top_k are not supported. Only these are: temperature, top_p
        temperature top_p | temperature and top_p are not supported by this model
        temperature top_p | This model supports neither temperature nor top_p, they are unsupported
        temperature top_p seed | Unsupported parameters: temperature, top_p, and seed
        """)
    void only_what_is_refused_is_left_out(String fields, String message) {
        assertThat(read(RICH, null, message).lasting()).isEqualTo(Omissions.of(set(fields)));
    }

    @Test
    void null_of_a_field_that_is_needed_is_left_out_of_this_request_alone() {
        RefusedParts parts = read(RICH, "stop", "Invalid type for 'stop': expected an array, but got null instead.");

        assertThat(parts.lasting().isEmpty()).isTrue();
        assertThat(parts.once()).isEqualTo(Omissions.of(Set.of("stop")));
    }

    @Test
    void echo_of_a_message_goes_without_its_words() {
        RefusedParts parts = read(RICH, null, "messages.1.id: Extra inputs are not permitted");

        assertThat(parts.lasting().fields())
                .containsExactlyInAnyOrder("messages.id", "messages.type", "messages.model");
        assertThat(parts.once().fields()).containsExactly("messages.weight");
    }

    @Test
    void hints_for_a_cache_go_from_every_place_at_once() {
        String sent = """
            {"system":[{"type":"text","text":"s","cache_control":{}}],"tools":[{"name":"f","cache_control":{}}],"cache_control":{},
             "metadata":{"cache_control":"x"},"messages":[{"role":"user","content":[{"type":"text","text":"x","cache_control":{}}]}]}\
            """;

        assertThat(read(sent, null, "system.0.cache_control: Extra inputs are not permitted")
                        .lasting()
                        .fields())
                .containsExactlyInAnyOrder(
                        "cache_control", "system.cache_control", "tools.cache_control", "messages.cache_control");
    }

    @Property(tries = 500)
    void nothing_that_a_provider_says_makes_it_throw(@ForAll @StringLength(max = 80) String message) {
        Failure failure = Failure.of(io.bactrian.policy.FailureClass.UNSUPPORTED, 400, message);

        assertThat(RefusedParts.of(options(Omissions.NONE), failure, json(CHAT), BETA))
                .isNotNull();
    }

    private RefusedParts read(String sent, @Nullable String param, String message) {
        return RefusedParts.of(options(Omissions.NONE), failure(param, message), json(sent), Map.of());
    }

    private Failure failure(@Nullable String param, String message) {
        Map<String, Object> error = new HashMap<>();
        error.put("type", "invalid_request_error");
        error.put("message", message);
        error.put("param", param);
        return classifier.classify(400, name -> null, Json.bytes(Map.of("error", error)));
    }

    private static CallOptions options(Omissions known) {
        return new CallOptions(true, known.capabilities(), known.fields(), Set.of(Capability.STREAMING), null);
    }

    private static JsonNode json(String json) {
        return Objects.requireNonNull(Json.parse(json.getBytes(UTF_8)));
    }

    private static Set<String> set(String words) {
        return Arrays.stream(words.split(" ")).collect(Collectors.toSet());
    }
}
