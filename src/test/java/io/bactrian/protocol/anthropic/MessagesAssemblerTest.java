package io.bactrian.protocol.anthropic;

import static io.bactrian.protocol.translation.Trees.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.protocol.translation.MessagesEvent;
import io.bactrian.protocol.translation.Trees;
import org.junit.jupiter.api.Test;

class MessagesAssemblerTest {
    private static final String START = "{'type':'message_start','message':{'id':'msg_1','type':'message',"
            + "'role':'assistant','model':'m','content':[],'stop_reason':null,'stop_sequence':null,'container':null,"
            + "'usage':{'input_tokens':5,'cache_creation':{'ephemeral_5m_input_tokens':3},'output_tokens':1}}}";

    private final MessagesAssembler assembler = new MessagesAssembler();

    @Test
    void recorded_stream_becomes_the_document_it_stands_for() {
        for (String data : Trees.data(Trees.fixture("anthropic/stream_thinking.sse"))) {
            assembler.add((ObjectNode) Trees.parse(data));
        }

        assertThat(Trees.written(assembler.document()))
                .isEqualTo(json(
                        "{'id':'msg_01Str3amExample000000000','type':'message','role':'assistant','model':'claude-sonnet-5-5','content':[{'type':'thinking','thinking':'Simple"
                                + " sum.','signature':'EsgDCkYIBxgCKkDexampleSignature=='},{'type':'text','text':'42'}],"
                                + "'stop_reason':'end_turn','stop_sequence':null,'stop_details':null,'container':null,"
                                + "'diagnostics':null,'usage':{'input_tokens':86,'cache_creation_input_tokens':64,"
                                + "'cache_read_input_tokens':1920,'cache_creation':{'ephemeral_5m_input_tokens':64,"
                                + "'ephemeral_1h_input_tokens':0},'output_tokens':300,"
                                + "'output_tokens_details':{'thinking_tokens':256},'server_tool_use':null,"
                                + "'service_tier':'standard','inference_geo':null,'speed':null}}"));
    }

    @Test
    void end_overwrites_the_beginning_but_for_nulls() {
        feed(
                START,
                "{'type':'message_delta','delta':{'stop_reason':'refusal','stop_sequence':null,'container':{'id':'c'},"
                        + "'stop_details':{'type':'refusal'},'never_heard_of':1},'context_management':{'applied_edits':[]},"
                        + "'usage':{'input_tokens':null,'output_tokens':9,'speed':null}}",
                "{'type':'message_delta','delta':{'stop_reason':null},'usage':null}",
                "{'type':'message_stop'}");

        JsonNode message = assembler.document();
        assertThat(message.path("stop_reason").asText()).isEqualTo("refusal");
        assertThat(message.at("/stop_details/type").asText()).isEqualTo("refusal");
        assertThat(message.at("/container/id").asText()).isEqualTo("c");
        assertThat(message.path("never_heard_of").asInt()).isEqualTo(1);
        assertThat(message.at("/context_management/applied_edits").isArray()).isTrue();
        assertThat(message.path("usage"))
                .isEqualTo(json("{'input_tokens':5,'cache_creation':{'ephemeral_5m_input_tokens':3},"
                        + "'output_tokens':9,'speed':null}"));
    }

    @Test
    void input_of_a_call_is_what_its_pieces_say() {
        feed(START, open(0, "{'type':'tool_use','id':'t','name':'w','input':{}}"));
        input(0, "");
        input(0, "{\"a\": 1.10, ");
        input(0, "\"b\":12345678901234567890123}");
        feed(open(1, "{'type':'server_tool_use','id':'s','name':'web_search','input':{}}"));
        input(1, "{\"query\":\"x\"}");
        feed(open(2, "{'type':'tool_use','id':'u','name':'w','input':{}}"));
        feed(open(3, "{'type':'tool_use','id':'v','name':'w'}"));
        feed(open(4, "{'type':'tool_use','id':'v','name':'w','input':{'given':true}}"));
        feed(open(5, "{'type':'tool_use','id':'x','name':'w','input':{}}"));
        input(5, "{\"a\":");

        JsonNode content = assembler.document().path("content");
        assertThat(content.at("/0/input")).hasToString("{\"a\":1.10,\"b\":12345678901234567890123}");
        assertThat(content.at("/1/input")).hasToString("{\"query\":\"x\"}");
        assertThat(content.at("/2/input")).hasToString("{}");
        assertThat(content.at("/3/input")).hasToString("{}");
        assertThat(content.at("/4/input")).hasToString("{\"given\":true}");
        assertThat(content.at("/5/input")).hasToString("{\"_raw\":\"{\\\"a\\\":\"}");
    }

    @Test
    void citations_are_gathered_beside_the_text() {
        feed(
                START,
                open(0, "{'type':'text','text':'','citations':null}"),
                delta(0, "{'type':'text_delta','text':'Hel'}"),
                delta(0, "{'type':'citations_delta','citation':{'n':1}}"),
                delta(0, "{'type':'citations_delta','citation':{'n':2}}"),
                delta(0, "{'type':'citations_delta'}"),
                delta(0, "{'type':'text_delta','text':'lo'}"));

        assertThat(assembler.document().at("/content/0"))
                .isEqualTo(json("{'type':'text','text':'Hello','citations':[{'n':1},{'n':2}]}"));
    }

    @Test
    void unknown_delta_adds_its_texts_and_replaces_the_rest() {
        feed(
                START,
                open(0, "{'type':'compaction','content':null,'level':1}"),
                delta(0, "{'type':'compaction_delta','content':'a','level':2,'more':null}"),
                delta(0, "{'type':'compaction_delta','content':'b','level':null,'new':[1]}"));

        assertThat(assembler.document().at("/content/0"))
                .isEqualTo(json("{'type':'compaction','content':'ab','level':2,'more':null,'new':[1]}"));
    }

    @Test
    void blocks_that_are_whole_at_once_stay_as_they_are() {
        String redacted = "{'type':'redacted_thinking','data':'x'}";
        String found = "{'type':'web_search_tool_result','tool_use_id':'s','content':[{'url':'u'}]}";

        feed(START, open(0, redacted), open(1, found));

        assertThat(assembler.document().path("content")).containsExactly(json(redacted), json(found));
    }

    @Test
    void events_that_say_nothing_of_the_message_change_nothing() {
        feed(
                START,
                "{'type':'ping'}",
                "{'type':'never_heard_of','x':1}",
                "{'type':'error','error':{'type':'overloaded_error'}}",
                delta(7, "{'type':'input_json_delta','partial_json':'{}'}"),
                delta(7, "{'type':'text_delta','text':null}"),
                "{'type':'content_block_stop','index':7}",
                "{'type':'content_block_start','index':0}");

        assertThat(assembler.document()).isEqualTo(json(START).path("message"));
    }

    @Test
    void given_message_and_events_are_never_shared() {
        JsonNode start = json(START);
        assembler.add((ObjectNode) start);
        assembler.document().putObject("usage");
        feed("{'type':'message_delta','delta':{},'usage':{'output_tokens':9}}");

        assertThat(start).isEqualTo(json(START));
        assertThat(assembler.document().at("/usage/output_tokens").asInt()).isEqualTo(9);
    }

    private void input(int index, String piece) {
        assembler.add(MessagesEvent.blockDelta(index, "input_json_delta", "partial_json", piece)
                .data());
    }

    private void feed(String... events) {
        for (String event : events) {
            assembler.add(json(event));
        }
    }

    private static String open(int index, String block) {
        return "{'type':'content_block_start','index':" + index + ",'content_block':" + block + "}";
    }

    private static String delta(int index, String delta) {
        return "{'type':'content_block_delta','index':" + index + ",'delta':" + delta + "}";
    }
}
