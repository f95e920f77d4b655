package io.bactrian.protocol.translation;

import static io.bactrian.protocol.translation.Trees.json;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChunksToMessagesTest {
    private ChunksToMessages stream = new ChunksToMessages();
    private final List<MessagesEvent> events = new ArrayList<>();

    @Test
    void preamble_says_nothing_yet() {
        feed("{'id':'','model':'','choices':[],'prompt_filter_results':[]}");
        feed("{'id':'chatcmpl-1','model':'m','choices':[{'index':0,'delta':{'role':'assistant','content':''}}]}");

        assertThat(events).isEmpty();
        assertThat(stream.model()).isEqualTo("m");
    }

    @Test
    void thought_is_progress_without_an_event() {
        Step<MessagesEvent> step = stream.accept(json("{'choices':[{'delta':{'reasoning_content':'hm'}}]}"));

        assertThat(step).isEqualTo(new Step<>(List.of(), true, false));
    }

    @Test
    void interleaved_calls_become_blocks_one_after_the_other() {
        delta("{'tool_calls':[{'index':0,'id':'a','function':{'name':'x','arguments':'{\\'k'}}]}");
        delta("{'tool_calls':[{'index':1,'id':'b','function':{'name':'y','arguments':'{'}}]}");
        delta("{'tool_calls':[{'index':0,'function':{'arguments':'\\':\\'}\\'}'}}]}");
        delta("{'tool_calls':[{'index':1,'function':{'arguments':'}'}}]}");
        finish("tool_calls");

        assertThat(brief())
                .containsExactly(
                        "message_start",
                        "content_block_start 0 a",
                        "content_block_delta 0 {\"k",
                        "content_block_delta 0 \":\"}\"}",
                        "content_block_stop 0",
                        "content_block_start 1 b",
                        "content_block_delta 1 {",
                        "content_block_delta 1 }",
                        "content_block_stop 1",
                        "message_delta tool_use",
                        "message_stop");
    }

    @Test
    void text_closes_a_whole_call_and_a_call_closes_the_text() {
        delta("{'content':'Let me'}");
        delta("{'tool_calls':[{'index':0,'id':'a','function':{'name':'x','arguments':'{}'}}]}");
        delta("{'content':'Done'}");
        finish("stop");

        assertThat(brief())
                .containsExactly(
                        "message_start",
                        "content_block_start 0 text",
                        "content_block_delta 0 Let me",
                        "content_block_stop 0",
                        "content_block_start 1 a",
                        "content_block_delta 1 {}",
                        "content_block_stop 1",
                        "content_block_start 2 text",
                        "content_block_delta 2 Done",
                        "content_block_stop 2",
                        "message_delta tool_use",
                        "message_stop");
    }

    @Test
    void new_id_on_a_used_or_missing_index_is_a_new_call() {
        delta("{'tool_calls':[{'index':0,'id':'a','function':{'name':'x','arguments':'{}'}}]}");
        delta("{'tool_calls':[{'index':0,'id':'b','function':{'name':'y','arguments':'{}'}}]}");
        delta("{'tool_calls':[{'id':'c','function':{'name':'z','arguments':'{'}}]}");
        delta("{'tool_calls':[{'function':{'arguments':'}'}}]}");
        finish("stop");

        assertThat(brief())
                .contains("content_block_start 0 a", "content_block_start 1 b", "content_block_start 2 c")
                .containsSubsequence("content_block_delta 2 {", "content_block_delta 2 }", "content_block_stop 2");
    }

    @Test
    void call_without_an_id_gets_one_and_waits_for_its_name() {
        delta("{'tool_calls':[{'index':0,'function':{'arguments':'{}'}}]}");
        assertThat(brief()).containsExactly("message_start");

        delta("{'tool_calls':[{'index':0,'function':{'name':'x'}}]}");
        assertThat(brief().get(1)).startsWith("content_block_start 0 call_");
    }

    @Test
    void refusal_is_text_with_its_own_stop_reason() {
        delta("{'refusal':'No.'}");
        finish("stop");

        assertThat(brief()).contains("content_block_delta 0 No.", "message_delta refusal");
    }

    @Test
    void answer_without_content_still_begins_and_ends() {
        finish("content_filter");

        assertThat(brief()).containsExactly("message_start", "message_delta refusal", "message_stop");
        assertThat(stream.complete()).isTrue();
        assertThat(stream.finish().out()).isEmpty();
    }

    @Test
    void last_usage_wins_wherever_it_stands() {
        feed("{'choices':[{'delta':{},'finish_reason':'stop'}],'usage':{'prompt_tokens':1,'completion_tokens':1}}");
        feed("{'choices':[],'x_groq':{'usage':{'prompt_tokens':9,'completion_tokens':4,"
                + "'prompt_tokens_details':{'cached_tokens':2,'cache_write_tokens':3}}}}");
        events.addAll(stream.finish().out());

        assertThat(Trees.written(events.get(1).data()).path("usage"))
                .isEqualTo(json("{'input_tokens':4,'cache_creation_input_tokens':3,'cache_read_input_tokens':2,"
                        + "'output_tokens':4}"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "api_error | {'error':{'message':'x','type':'server_error','code':null}}",
                "rate_limit_error | {'error':{'message':'x','type':'requests','code':'rate_limit_exceeded'}}",
                "rate_limit_error | {'choices':[{'finish_reason':'error'}],'error':{'code':429,'message':'x'}}",
                "overloaded_error | {'error':{'message':'x','code':'server_is_overloaded'}}",
                "billing_error | {'error':{'message':'x','code':'insufficient_quota'}}",
                "invalid_request_error | {'error':{'type':'invalid_request_error','code':'tool_use_failed'}}",
                "authentication_error | {'error':{'type':'invalid_request_error','code':'invalid_api_key'}}",
                "not_found_error | {'error':{'type':'invalid_request_error','code':'model_not_found'}}",
                "overloaded_error | {'error':{'message':'x','status_code':503}}",
                "permission_error | {'error':{'message':'x','code':403}}",
                "timeout_error | {'error':{'message':'x','code':504}}",
                "api_error | {'object':'error','message':'x','type':'InternalServerError','code':500}",
                "api_error | {'error':'boom'}",
                "invalid_request_error | {'error':{'message':'x','code':'context_length_exceeded'}}",
                "overloaded_error | {'choices':[{'delta':{}}],'x_groq':{'error':'over_capacity'}}",
                "api_error | {'choices':[{'delta':{},'finish_reason':'error'}]}",
            })
    void error_of_any_shape_ends_the_stream(String type, String chunk) {
        feed(chunk);
        delta("{'content':'more'}");
        events.addAll(stream.finish().out());

        assertThat(events).hasSize(1);
        assertThat(events.get(0).name()).isEqualTo("error");
        assertThat(events.get(0).data().at("/error/type").asText()).isEqualTo(type);
        assertThat(stream.complete()).isFalse();
    }

    @Test
    void end_without_a_finish_reason_is_an_error() {
        delta("{'content':'Hel'}");

        assertThat(stream.finish().out().get(0).data().at("/error/type").asText())
                .isEqualTo("api_error");
    }

    @Test
    void text_goes_on_in_the_block_that_another_provider_left_open() {
        stream = ChunksToMessages.goingOn("msg_1", "m", 2, 1);
        delta("{'role':'assistant','content':''}");
        assertThat(events).isEmpty();

        delta("{'content':'lo'}");
        delta("{'tool_calls':[{'index':0,'id':'a','function':{'name':'x','arguments':'{}'}}]}");
        delta("{'content':'Done'}");
        finish("stop");

        assertThat(brief())
                .containsExactly(
                        "content_block_delta 1 lo",
                        "content_block_stop 1",
                        "content_block_start 2 a",
                        "content_block_delta 2 {}",
                        "content_block_stop 2",
                        "content_block_start 3 text",
                        "content_block_delta 3 Done",
                        "content_block_stop 3",
                        "message_delta tool_use",
                        "message_stop");
        assertThat(stream.id()).isEqualTo("msg_1");
        assertThat(stream.model()).isEqualTo("m");
    }

    @Test
    void text_opens_a_block_where_the_other_provider_left_none_open() {
        stream = ChunksToMessages.goingOn("msg_1", "m", 3, null);
        delta("{'content':'Hello'}");
        finish("length");

        assertThat(brief())
                .containsExactly(
                        "content_block_start 3 text",
                        "content_block_delta 3 Hello",
                        "content_block_stop 3",
                        "message_delta max_tokens",
                        "message_stop");
    }

    @Test
    void block_left_open_is_stopped_though_nothing_more_is_said() {
        stream = ChunksToMessages.goingOn("msg_1", "m", 1, 0);
        finish("stop");

        assertThat(brief()).containsExactly("content_block_stop 0", "message_delta end_turn", "message_stop");
    }

    @Test
    void id_made_up_for_a_call_is_new_to_the_message_that_goes_on() {
        delta("{'tool_calls':[{'index':0,'function':{'name':'x','arguments':'{}'}}]}");
        stream = ChunksToMessages.goingOn("msg_1", "m", 1, null);
        delta("{'tool_calls':[{'index':0,'function':{'name':'x','arguments':'{}'}}]}");

        assertThat(events.stream()
                        .map(event -> event.data().at("/content_block/id").asText())
                        .filter(id -> !id.isEmpty()))
                .hasSize(2)
                .doesNotHaveDuplicates();
    }

    private void delta(String delta) {
        feed("{'id':'chatcmpl-1','choices':[{'index':0,'delta':" + delta + "}]}");
    }

    private void finish(String reason) {
        feed("{'choices':[{'index':0,'delta':{},'finish_reason':'" + reason + "'}]}");
        events.addAll(stream.finish().out());
    }

    private void feed(String chunk) {
        events.addAll(stream.accept(json(chunk.replace("\\'", "\\\""))).out());
    }

    private List<String> brief() {
        return events.stream().map(ChunksToMessagesTest::brief).toList();
    }

    static String brief(MessagesEvent event) {
        var data = event.data();
        var block = data.path("content_block");
        String what =
                switch (event.name()) {
                    case "content_block_start" ->
                        block.path("id").asText(block.path("type").asText());
                    case "content_block_delta" ->
                        data.at("/delta/text").asText()
                                + data.at("/delta/partial_json").asText();
                    case "message_delta" -> data.at("/delta/stop_reason").asText();
                    default -> "";
                };
        return (event.name() + " " + data.path("index").asText() + " " + what)
                .replace("  ", " ")
                .strip();
    }
}
