package io.bactrian.protocol.translation;

import static io.bactrian.protocol.translation.Trees.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MessagesToChunksTest {
    private static final String START = "{'type':'message_start','message':{'id':'msg_1','model':'m',"
            + "'usage':{'input_tokens':5,'cache_read_input_tokens':2,'output_tokens':1}}}";
    private static final String END = "{'type':'message_delta','delta':{'stop_reason':'end_turn'},"
            + "'usage':{'input_tokens':null,'output_tokens':9}}";
    private static final String STOP = "{'type':'message_stop'}";

    private final MessagesToChunks stream = new MessagesToChunks(Instant.ofEpochSecond(7), Set.of("shell"));
    private final List<ObjectNode> chunks = new ArrayList<>();

    @Test
    void preamble_says_nothing_yet() {
        feed(
                START,
                "{'type':'ping'}",
                "{'type':'content_block_start','index':0,'content_block':{'type':'text','text':''}}");

        assertThat(chunks).isEmpty();
        assertThat(stream.id()).isEqualTo("chatcmpl-1");
        assertThat(stream.model()).isEqualTo("m");
    }

    @Test
    void ping_is_a_heartbeat_and_no_progress() {
        Step<ObjectNode> step = stream.accept(json("{'type':'ping'}"));

        assertThat(step.heartbeat()).isTrue();
        assertThat(step.progress()).isFalse();
    }

    @Test
    void thought_is_progress_without_a_chunk() {
        Step<ObjectNode> step =
                feed("{'type':'content_block_delta','index':0,'delta':" + "{'type':'thinking_delta','thinking':'hm'}}");

        assertThat(step).isEqualTo(new Step<>(List.of(), true, false));
    }

    @Test
    void text_at_the_start_of_a_block_is_spoken() {
        feed(START, "{'type':'content_block_start','index':0,'content_block':{'type':'text','text':'Hi'}}");

        assertThat(deltas()).containsExactly("{\"role\":\"assistant\",\"content\":\"\"}", "{\"content\":\"Hi\"}");
        assertThat(chunks.get(0).path("created").asLong()).isEqualTo(7);
    }

    @Test
    void signatures_citations_and_the_unknown_lead_to_nothing() {
        feed(
                START,
                delta("{'type':'signature_delta','signature':'x'}"),
                delta("{'type':'citations_delta','citation':{}}"),
                delta("{'type':'hologram_delta'}"),
                delta("{'type':'input_json_delta','partial_json':'{}'}"),
                "{'type':'content_block_start','index':1,'content_block':{'type':'server_tool_use','name':'x'}}",
                "{'type':'content_block_stop','index':1}",
                "{'type':'never_heard_of'}");

        assertThat(chunks).isEmpty();
    }

    @Test
    void end_of_stream_after_the_stop_reason_finishes_the_answer_once() {
        feed(START, delta("{'type':'text_delta','text':'Hi'}"), END);

        List<ObjectNode> rest = stream.finish().out();

        assertThat(rest).hasSize(1);
        assertThat(rest.get(0).at("/choices/0/finish_reason").asText()).isEqualTo("stop");
        assertThat(stream.complete()).isTrue();
        assertThat(stream.finish().out()).isEmpty();
    }

    @Test
    void end_of_stream_without_a_stop_reason_leaves_the_answer_unfinished() {
        feed(START, delta("{'type':'text_delta','text':'Hi'}"), STOP);

        assertThat(stream.finish().out()).isEmpty();
        assertThat(stream.complete()).isFalse();
    }

    @Test
    void answer_without_content_is_a_role_and_a_finish() {
        feed(START, END.replace("end_turn", "refusal"), STOP);

        assertThat(chunks).hasSize(2);
        assertThat(chunks.get(1).at("/choices/0/finish_reason").asText()).isEqualTo("content_filter");
    }

    @Test
    void later_usage_replaces_the_earlier_but_for_nulls() {
        feed(START, END, STOP);

        assertThat(Trees.written(stream.usageChunk()).path("usage"))
                .isEqualTo(json("{'prompt_tokens':7,'completion_tokens':9,'total_tokens':16,"
                        + "'prompt_tokens_details':{'cached_tokens':2,'cache_write_tokens':0}}"));
        assertThat(stream.usageChunk().path("choices")).isEmpty();
    }

    @Test
    void input_given_with_the_block_is_spoken_at_its_end() {
        feed(
                START,
                "{'type':'content_block_start','index':0,'content_block':"
                        + "{'type':'tool_use','id':'t','name':'w','input':{'a':1}}}",
                "{'type':'content_block_stop','index':0}");

        assertThat(chunks.get(2)
                        .at("/choices/0/delta/tool_calls/0/function/arguments")
                        .asText())
                .isEqualTo("{\"a\":1}");
    }

    @Test
    void input_of_a_custom_tool_is_unwrapped_once_it_is_whole() {
        feed(
                START,
                "{'type':'content_block_start','index':0,'content_block':"
                        + "{'type':'tool_use','id':'t','name':'shell','input':{}}}",
                delta("{'type':'input_json_delta','partial_json':'{\\'input\\': '}"),
                delta("{'type':'input_json_delta','partial_json':'\\'ls\\'}'}"),
                "{'type':'content_block_stop','index':0}");

        assertThat(deltas())
                .containsExactly(
                        "{\"role\":\"assistant\",\"content\":\"\"}",
                        "{\"tool_calls\":[{\"id\":\"t\",\"type\":\"custom\","
                                + "\"custom\":{\"name\":\"shell\",\"input\":\"\"},\"index\":0}]}",
                        "{\"tool_calls\":[{\"custom\":{\"input\":\"ls\"},\"index\":0}]}");
    }

    @Test
    void input_that_is_held_back_is_progress() {
        feed(
                START,
                "{'type':'content_block_start','index':0,'content_block':{'type':'tool_use','id':'t','name':'shell'}}");

        assertThat(feed(delta("{'type':'input_json_delta','partial_json':'{'}")))
                .isEqualTo(Step.thought());
        assertThat(feed(delta("{'type':'input_json_delta','partial_json':''}"))).isEqualTo(Step.nothing());
    }

    @Test
    void call_left_open_is_completed_at_the_end() {
        feed(
                START,
                "{'type':'content_block_start','index':0,'content_block':{'type':'tool_use','id':'t','name':'w'}}",
                END,
                STOP);

        assertThat(deltas().get(2)).contains("\"arguments\":\"{}\"");
        assertThat(chunks.get(3).at("/choices/0/finish_reason").asText()).isEqualTo("tool_calls");
    }

    private Step<ObjectNode> feed(String... events) {
        Step<ObjectNode> step = Step.nothing();
        for (String event : events) {
            step = stream.accept(json(event.replace("\\'", "\\\"")));
            chunks.addAll(step.out());
        }
        return step;
    }

    private List<String> deltas() {
        return chunks.stream()
                .map(chunk -> chunk.at("/choices/0/delta").toString())
                .toList();
    }

    private static String delta(String delta) {
        return "{'type':'content_block_delta','index':0,'delta':" + delta + "}";
    }
}
