package io.bactrian.lastresort;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.protocol.ChatRequest;
import io.bactrian.protocol.anthropic.Messages;
import io.bactrian.protocol.openai.ChatCompletions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestKeyTest {
    private static final String MESSAGES = "\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]";

    private static @Nullable String chat(String fields) {
        return chat(fields, MESSAGES, false);
    }

    private static @Nullable String chat(String fields, String messages, boolean tools) {
        return RequestKey.of(ChatCompletions.PROTOCOL.read(json(fields, messages)), "default", "team", tools);
    }

    private static @Nullable String message(String fields) {
        return message(fields, MESSAGES, false);
    }

    private static @Nullable String message(String fields, String messages, boolean tools) {
        return RequestKey.of(
                Messages.PROTOCOL.read(json("\"max_tokens\":99" + (fields.isEmpty() ? "" : ",") + fields, messages)),
                "default",
                "team",
                tools);
    }

    private static byte[] json(String fields, String messages) {
        return ("{" + fields + (fields.isEmpty() ? "" : ",") + messages + "}").getBytes(UTF_8);
    }

    @Test
    void it_is_a_sha_256() {
        assertThat(chat("")).matches("[0-9a-f]{64}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"model\":\"other\"",
                "\"stream\":true",
                "\"stream\":true,\"stream_options\":{\"include_usage\":true}",
                "\"fallbacks\":[\"a/b\"]",
                "\"user\":\"u1\"",
                "\"metadata\":{\"trace\":\"1\"}",
                "\"store\":true",
                "\"service_tier\":\"flex\"",
                "\"prompt_cache_key\":\"k\"",
                "\"prompt_cache_retention\":\"24h\"",
                "\"safety_identifier\":\"s\"",
                "\"temperature\":null",
                "\"n\":1"
            })
    void what_is_no_part_of_the_question_does_not_matter(String fields) {
        assertThat(chat(fields)).isEqualTo(fields.equals("\"n\":1") ? chat("\"n\":1.0") : chat(""));
        if (!fields.contains("store") && !fields.contains("\"n\"")) {
            assertThat(message(fields)).isEqualTo(message(""));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"temperature\":0.1",
                "\"seed\":7",
                "\"max_tokens\":5",
                "\"reasoning_effort\":\"high\"",
                "\"response_format\":{\"type\":\"json_object\"}",
                "\"stop\":[\"x\"]",
                "\"some_new_field\":1"
            })
    void what_may_change_the_answer_does(String fields) {
        assertThat(chat(fields)).isNotNull().isNotEqualTo(chat(""));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"temperature\":1e-1,\"top_p\":1",
                "\"top_p\":1.0,\"temperature\":0.10",
                " \"top_p\" : 10e-1 ,\n \"temp\\u0065rature\"\t:0.1"
            })
    void spelling_does_not_matter(String fields) {
        assertThat(chat(fields)).isEqualTo(chat("\"temperature\":0.1,\"top_p\":1"));
    }

    @Test
    void another_chain_caller_or_protocol_is_another_question() {
        ChatRequest request = ChatCompletions.PROTOCOL.read(json("\"max_tokens\":99", MESSAGES));
        String key = RequestKey.of(request, "default", "team", false);

        assertThat(RequestKey.of(request, "careful", "team", false)).isNotEqualTo(key);
        assertThat(RequestKey.of(request, "default", "other", false)).isNotEqualTo(key);
        assertThat(RequestKey.of(request, "default\",\"team", "", false)).isNotEqualTo(key);
        assertThat(message("")).isNotEqualTo(key);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"role\":\"user\",\"content\":\"hi\"}",
                "{\"role\":\"user\",\"content\":\"Hi \"}",
                "{\"role\":\"system\",\"content\":\"Hi\"}",
                "{\"role\":\"user\",\"content\":\"Hi\",\"name\":\"Ann\"}",
                "{\"role\":\"user\",\"content\":\"Hi\"},{\"role\":\"assistant\",\"content\":\"\"}",
                "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"Hi\"}]}"
            })
    void any_change_of_a_message_matters(String messages) {
        assertThat(chat("", "\"messages\":[" + messages + "]", false))
                .isNotNull()
                .isNotEqualTo(chat(""));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}]",
                "\"functions\":[{\"name\":\"f\"}]",
                "\"web_search_options\":{}"
            })
    void requests_with_tools_have_a_key_only_where_that_is_wanted(String fields) {
        assertThat(chat(fields)).isNull();
        assertThat(chat(fields, MESSAGES, true)).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"1\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]}",
                "{\"role\":\"tool\",\"tool_call_id\":\"1\",\"content\":\"x\"}",
                "{\"role\":\"function\",\"name\":\"f\",\"content\":\"x\"}",
                "{\"role\":\"assistant\",\"function_call\":{\"name\":\"f\",\"arguments\":\"{}\"}}"
            })
    void so_do_those_with_calls_and_results_of_tools(String message) {
        String messages = "\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}," + message + "]";

        assertThat(chat("", messages, false)).isNull();
        assertThat(chat("", messages, true)).isNotNull();
    }

    @Test
    void tools_of_the_other_protocol_are_seen_too() {
        String result =
                "\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"1\"}]}]";
        String tools = "\"tools\":[{\"name\":\"f\",\"input_schema\":{}}]";
        String server = "\"tools\":[{\"type\":\"web_search_20250305\",\"name\":\"web_search\"}]";

        assertThat(message("", result, false)).isNull();
        assertThat(message(tools)).isNull();
        assertThat(message(server)).isNull();
        assertThat(message("", result, true)).isNotNull();
        assertThat(message(tools, MESSAGES, true)).isNotNull();
        assertThat(message(server, MESSAGES, true)).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"n\":2",
                "\"logprobs\":true",
                "\"audio\":{\"voice\":\"a\"}",
                "\"x\":{\"a\":1,\"a\":2}",
            })
    void what_cannot_be_told_again_has_no_key(String fields) {
        assertThat(chat(fields)).isNull();
        assertThat(chat(fields, MESSAGES, true)).isNull();
    }

    @Test
    void a_conversation_that_is_kept_elsewhere_has_no_key() {
        assertThat(message("\"container\":\"c1\"")).isNull();
    }

    @Test
    void a_number_of_any_size_costs_no_more_than_its_digits() {
        assertThat(chat("\"seed\":1e999999999")).isNotNull().isNotEqualTo(chat("\"seed\":1e99999999"));
    }
}
