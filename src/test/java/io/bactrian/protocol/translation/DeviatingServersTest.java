package io.bactrian.protocol.translation;

import static io.bactrian.protocol.translation.Trees.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers of OpenAI-compatible servers that do not keep to the protocol. */
class DeviatingServersTest {
    private final ChunksToMessages stream = new ChunksToMessages();
    private final List<MessagesEvent> events = new ArrayList<>();

    @Test
    void empty_finish_reason_is_none() {
        feed("{'choices':[{'delta':{'content':'Hel'},'finish_reason':''}]}");
        feed("{'choices':[{'delta':{'content':'lo'},'finish_reason':''}]}");
        feed("{'choices':[{'delta':{'content':''},'finish_reason':'stop'}]}");

        assertThat(brief()).contains("content_block_delta 0 Hel", "content_block_delta 0 lo");
        assertThat(end()).isEqualTo("end_turn");
    }

    @Test
    void first_choice_is_found_wherever_it_stands() {
        feed("{'choices':[{'index':1,'delta':{'content':'no'}},{'index':0,'delta':{'content':'yes'}}]}");
        feed("{'choices':[{'index':1,'delta':{},'finish_reason':'length'}]}");
        feed("{'choices':[{'index':0,'delta':{},'finish_reason':'stop'}]}");

        assertThat(brief()).contains("content_block_delta 0 yes").doesNotContain("content_block_delta 0 no");
        assertThat(end()).isEqualTo("end_turn");
    }

    @Test
    void content_may_come_in_parts() {
        Step<MessagesEvent> thought = stream.accept(json(
                "{'choices':[{'delta':{'content':[{'type':'thinking','thinking':[{'type':'text','text':'hm'}]}]}}]}"));
        feed("{'choices':[{'delta':{'content':[{'type':'text','text':'Hi'}]}}]}");

        assertThat(thought).isEqualTo(Step.thought());
        assertThat(brief()).containsExactly("message_start", "content_block_start 0 text", "content_block_delta 0 Hi");
    }

    @Test
    void call_that_never_got_a_name_is_none() {
        feed("{'choices':[{'delta':{'tool_calls':[{'index':0,'id':'a','function':{'arguments':'{}'}}]}}]}");
        feed("{'choices':[{'delta':{},'finish_reason':'tool_calls'}]}");

        assertThat(brief()).containsExactly("message_start");
        assertThat(end()).isEqualTo("end_turn");
    }

    @Test
    void finish_for_calls_without_calls_is_an_ordinary_end() {
        feed("{'choices':[{'delta':{'content':'Hi','tool_calls':[]},'finish_reason':'tool_calls'}]}");

        assertThat(end()).isEqualTo("end_turn");
    }

    @Test
    void deltas_of_nulls_say_nothing() {
        feed("{'choices':[{'delta':null,'finish_reason':null}],'usage':null,'error':null,'x_groq':null}");
        feed("{'choices':[{'delta':{'content':null,'refusal':null,'tool_calls':null}}],'error':''}");
        feed("{'choices':null}");
        feed("{'choices':[{}]}");

        assertThat(events).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "'index':0,", "'id':'','index':0,"})
    void whole_calls_that_nothing_tells_apart_stay_apart(String marks) {
        feed("{'choices':[{'delta':{'tool_calls':[{" + marks + "'function':{'name':'x','arguments':{'a':1}}},{" + marks
                + "'function':{'name':'y','arguments':{'b':2}}}]}}]}");
        feed("{'choices':[{'delta':{},'finish_reason':'stop'}]}");

        assertThat(events.stream()
                        .map(event -> event.data().at("/content_block/name").asText()))
                .containsSubsequence("x", "y");
        assertThat(brief()).contains("content_block_delta 0 {\"a\":1}", "content_block_delta 1 {\"b\":2}");
        assertThat(end()).isEqualTo("tool_use");
    }

    @Test
    void name_repeated_with_each_piece_is_one_call() {
        String call = "{'choices':[{'delta':{'tool_calls':[{'index':0,'function':{'name':'x','arguments':";
        feed(call + "'{'}}]}}]}");
        feed(call + "'}'}}]}}]}");
        feed(call + "''}}]}}]}");

        assertThat(brief().stream().filter(event -> event.startsWith("content_block_start")))
                .hasSize(1);
    }

    @Test
    void arguments_written_as_an_object_are_understood_in_documents() {
        JsonNode call = ChatToMessages.answer(
                        json(
                                "{'choices':[{'message':{'tool_calls':[{'id':'c','function':{'name':'w','arguments':"
                                        + "{'a':1}}}],'function_call':{'name':'w','arguments':'{}'}},'finish_reason':'stop'}]}"))
                .path("content");

        assertThat(call).containsExactly(json("{'type':'tool_use','id':'c','name':'w','input':{'a':1}}"));
    }

    @Test
    void cached_input_is_counted_under_either_name() {
        JsonNode usage = Usages.messages(json("{'prompt_tokens':9,'prompt_cache_hit_tokens':4,'completion_tokens':7}"));

        assertThat(Trees.written(usage))
                .isEqualTo(json("{'input_tokens':5,'cache_creation_input_tokens':0,'cache_read_input_tokens':4,"
                        + "'output_tokens':7}"));
    }

    private void feed(String chunk) {
        events.addAll(stream.accept(json(chunk)).out());
    }

    private String end() {
        List<MessagesEvent> rest = stream.finish().out();
        return rest.get(rest.size() - 2).data().at("/delta/stop_reason").asText();
    }

    private List<String> brief() {
        return events.stream().map(ChunksToMessagesTest::brief).toList();
    }
}
