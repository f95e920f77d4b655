package io.bactrian.protocol.translation;

import static io.bactrian.protocol.translation.Trees.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whole answers, beyond what the goldens show. */
class AnswersTest {

    @ParameterizedTest
    @CsvSource({
        "end_turn, stop",
        "stop_sequence, stop",
        "pause_turn, stop",
        "some_future_reason, some_future_reason",
        "max_tokens, length",
        "model_context_window_exceeded, length",
        "refusal, content_filter",
        "tool_use, stop",
    })
    void stop_reason_becomes_a_finish_reason(String stop, String finish) {
        assertThat(FinishReasons.chat(stop, false)).isEqualTo(finish);
    }

    @Test
    void message_with_calls_ended_for_them_whatever_the_server_says() {
        assertThat(FinishReasons.chat("end_turn", true)).isEqualTo("tool_calls");
        assertThat(FinishReasons.messages("stop", true)).isEqualTo("tool_use");
        assertThat(FinishReasons.messages("tool_calls", false)).isEqualTo("end_turn");
        assertThat(FinishReasons.messages("length", true)).isEqualTo("max_tokens");
    }

    @Test
    void refusal_without_words_is_an_empty_answer() {
        JsonNode choice =
                chat("{'id':'msg_1','content':[],'stop_reason':'refusal'}").at("/choices/0");

        assertThat(choice.at("/message/content").textValue()).isEmpty();
        assertThat(choice.path("finish_reason").asText()).isEqualTo("content_filter");
    }

    @Test
    void thoughts_and_unknown_blocks_are_left_out_and_calls_need_no_text() {
        JsonNode message = chat("{'content':[{'type':'thinking','thinking':'hm'},{'type':'web_search_tool_result'},"
                        + "{'type':'tool_use','id':'','name':'w','input':{}}],'stop_reason':'tool_use'}")
                .at("/choices/0/message");

        assertThat(message.path("content").isNull()).isTrue();
        assertThat(message.at("/tool_calls/0/id").asText()).startsWith("call_");
        assertThat(message.at("/tool_calls/0/function/arguments").asText()).isEqualTo("{}");
    }

    @Test
    void wrapped_call_of_a_custom_tool_is_unwrapped() {
        JsonNode call = chat("{'content':[{'type':'tool_use','id':'t','name':'shell','input':{'input':'ls'}}]}")
                .at("/choices/0/message/tool_calls/0");

        assertThat(call).isEqualTo(json("{'id':'t','type':'custom','custom':{'name':'shell','input':'ls'}}"));
    }

    @Test
    void refusal_of_chat_is_text_with_its_own_stop_reason() {
        JsonNode answer = message("{'content':null,'refusal':'No.'}", "stop");

        assertThat(answer.path("content"))
                .isEqualTo(json("{'x':[{'type':'text','text':'No.'}]}").path("x"));
        assertThat(answer.path("stop_reason").asText()).isEqualTo("refusal");
    }

    @Test
    void broken_arguments_are_kept_as_they_are() {
        JsonNode answer = message(
                "{'content':'','tool_calls':[{'id':'c','function':{'name':'w','arguments':'{a'}}]}", "tool_calls");

        assertThat(answer.path("content")).hasSize(1);
        assertThat(answer.at("/content/0/input")).isEqualTo(json("{'_raw':'{a'}"));
    }

    @Test
    void numbers_in_arguments_keep_their_digits() {
        JsonNode answer = message(
                "{'tool_calls':[{'id':'c','function':{'name':'w','arguments':'[1]'}},"
                        + "{'id':'d','function':{'name':'w','arguments':' {} '}},"
                        + "{'id':'e','custom':{'name':'s','input':'ls'}}]}",
                "tool_calls");

        assertThat(ExactJson.arguments("{\"a\":1.10,\"b\":12345678901234567890123}")
                        .toString())
                .isEqualTo("{\"a\":1.10,\"b\":12345678901234567890123}");
        assertThat(answer.at("/content/0/input")).isEqualTo(json("{'_raw':'[1]'}"));
        assertThat(answer.at("/content/1/input")).isEqualTo(json("{}"));
        assertThat(answer.at("/content/2/input")).isEqualTo(json("{'input':'ls'}"));
    }

    @Test
    void deprecated_function_call_and_content_in_parts_are_understood() {
        JsonNode answer = message(
                "{'content':[{'type':'thinking'},{'type':'text','text':'a'}],'function_call':{'name':'w','arguments':''}}",
                "function_call");

        assertThat(answer.at("/content/0/text").asText()).isEqualTo("a");
        assertThat(answer.at("/content/1/type").asText()).isEqualTo("tool_use");
        assertThat(answer.path("stop_reason").asText()).isEqualTo("tool_use");
    }

    @Test
    void input_is_never_counted_below_nothing() {
        assertThat(Usages.messages(json("{'prompt_tokens':5,'prompt_tokens_details':{'cached_tokens':9}}"))
                        .path("input_tokens")
                        .asInt())
                .isZero();
    }

    @Test
    void id_is_kept_under_the_protocols_prefix_or_made_up() {
        assertThat(AnswerIds.chat("msg_1")).isEqualTo("chatcmpl-1");
        assertThat(AnswerIds.messages("chatcmpl-1")).isEqualTo("msg_1");
        assertThat(AnswerIds.messages("gen-1")).isEqualTo("msg_gen-1");
        assertThat(AnswerIds.chat("chatcmpl-1")).isEqualTo("chatcmpl-1");
        assertThat(AnswerIds.chat(null)).startsWith("chatcmpl-").isNotEqualTo(AnswerIds.chat(""));
    }

    private static JsonNode chat(String message) {
        return MessagesToChat.answer(json(message), Instant.EPOCH, Set.of("shell"));
    }

    private static JsonNode message(String message, String finish) {
        return ChatToMessages.answer(
                json("{'choices':[{'message':" + message + ",'finish_reason':'" + finish + "'}]}"));
    }
}
