package io.bactrian.protocol.translation;

import static io.bactrian.protocol.translation.Trees.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Streams whose blocks do not begin and end as the protocol says. */
class BlockFrameTest {
    private static final ObjectNode START =
            json("{'type':'message_start','message':{'id':'msg_1','type':'message','role':'assistant','model':'m',"
                    + "'content':[],'usage':{'input_tokens':5,'output_tokens':0}}}");

    private final BlockFrame frame = new BlockFrame();
    private final List<JsonNode> out = new ArrayList<>();

    /**
     * Events and what they become. An event is its kind with the index behind it: {@code T}, {@code C} and {@code H} start a block of
     * text, a call and a thought, {@code S} stops one; {@code t}, {@code j} and {@code h} are text, input and thought, with what they
     * say after a colon, {@code _} for a blank; {@code E} is the end with its reason. {@code -} is no index.
     */
    @ParameterizedTest
    @CsvSource(
            delimiterString = " => ",
            quoteCharacter = '`',
            value = {
                // in order
                "T0 t0:a S0 C1 j1:{} S1 E => T0 t0:a S0 C1 j1:{} S1 E",
                "H0 h0:m S0 T1 t1:a S1 E => H0 h0:m S0 T1 t1:a S1 E",
                // no start
                "t0:a t0:b S0 E => T0 t0:a t0:b S0 E",
                "t-:a t-:b E => T0 t0:a t0:b S0 E",
                "t3:a E => T0 t0:a S0 E",
                "h0:m t1:a S1 E => H0 h0:m S0 T1 t1:a S1 E",
                "h0:m t0:a E => H0 h0:m S0 T1 t1:a S1 E",
                "T0 t0:a S0 t0:b E => T0 t0:a S0 T1 t1:b S1 E",
                "j0:{} E => E",
                // the index again
                "T0 t0:a S0 C0 j0:{} S0 E => T0 t0:a S0 C1 j1:{} S1 E",
                "T0 t0:a C0 j0:{} E => T0 t0:a S0 C1 j1:{} S1 E",
                "C0 j0:{ j0:} S0 C0 j0:[1] S0 E => C0 j0:{ j0:} S0 C1 j1:[1] S1 E",
                "T0 t0:a S0 C0 j0:{} S0 T0 t0:b S0 E => T0 t0:a S0 C1 j1:{} S1 T2 t2:b S2 E",
                // other indexes
                "T1 t1:a S1 C5 j5:{} S5 E => T0 t0:a S0 C1 j1:{} S1 E",
                "T- t-:a S- C- j-:{} S- E => T0 t0:a S0 C1 j1:{} S1 E",
                "T0 t1:a S1 E => T0 t0:a S0 E",
                // a delta of another kind
                "C0 j0:{} t0:a S0 E => C0 j0:{} S0 T1 t1:a S1 E",
                "C0 j0:{ t0:a j0:} t0:b S0 E => C0 j0:{ j0:} S0 T1 t1:a t1:b S1 E",
                "C0 t0:a t0:b j0:{} S0 E => C0 j0:{} S0 T1 t1:a t1:b S1 E",
                "T0 t0:a j0:{} S0 E => T0 t0:a S0 E",
                "T0 h0:m t0:a E => T0 S0 H1 h1:m S1 T2 t2:a S2 E",
                "C0 T1 j1:{} t1:a S0 S1 E => C0 j0:{} S0 T1 t1:a S1 E",
                // stops
                "T0 t0:a E => T0 t0:a S0 E",
                "T0 t0:a C1 j1:{} T2 t2:b E => T0 t0:a S0 C1 j1:{} S1 T2 t2:b S2 E",
                "T0 t0:a S0 S0 S7 S- E => T0 t0:a S0 E",
                "S0 T0 t0:a S0 E => T0 t0:a S0 E",
                "C0 j0:{ C1 j1:[ j0:} j1:] S0 S1 E => C0 j0:{ j0:} S0 C1 j1:[ j1:] S1 E",
                "C0 C1 j0:{} j1:[1] E => C0 j0:{} S0 C1 j1:[1] S1 E",
                "C0 T1 t1:a E => C0 S0 T1 t1:a S1 E",
                // input after the stop
                "C0 S0 j0:[1] E => C0 j0:[1] S0 E",
                "C- S- j-:[1] E => C0 j0:[1] S0 E",
                "C0 S0 j0:[ j0:1] E => C0 j0:[ j0:1] S0 E",
                "C0 j0:[ S0 j0:1] E => C0 j0:[ j0:1] S0 E",
                "C0 S0 C1 S1 j0:[1] j1:[2] E => C0 j0:[1] S0 C1 j1:[2] S1 E",
                "C0 S0 C1 S1 j1:[2] E => C0 E S0 C1 j1:[2] S1",
                "C0 S0 T1 t1:a S1 E => C0 S0 T1 t1:a S1 E",
                "C0 S0 C1 j1:{} S1 E => C0 E S0 C1 j1:{} S1",
                "C0 S0 E => C0 E S0",
                // input after the reason
                "C0 E j0:[1] S0 => C0 E j0:[1] S0",
                "C0 j0:[ E j0:1] => C0 j0:[ E j0:1] S0",
                "C0 C1 E j0:[1] j1:[2] => C0 E j0:[1] S0 C1 j1:[2] S1",
                "C0 E T1 t1:a => C0 E S0 T1 t1:a S1",
                // input before the start
                "j0:[1] C0 S0 E => C0 j0:[1] S0 E",
                "j0:[ j0:1] C0 S0 E => C0 j0:[ j0:1] S0 E",
                "T0 t0:a S0 j1:[1] C1 S1 E => T0 t0:a S0 C1 j1:[1] S1 E",
                "j-:[1] C0 S0 E => C0 j0:[1] S0 E",
                // input said twice
                "C0 j0:{} j0:{1} S0 E => C0 j0:{1} S0 E",
                "C0 j0:{ j0:} j0:{ j0:1} S0 E => C0 j0:{ j0:1} S0 E",
                "C0 j0:{} j0:{} S0 E => C0 j0:{} S0 E",
                "C0 j0:{1} j0:{1} S0 E => C0 j0:{1} S0 E",
                "C0 j0:{1} j0:{ j0:1} S0 E => C0 j0:{1} S0 E",
                "C0 j0:{1} j0:{} S0 E => C0 j0:{1} S0 E",
                "C0 j0:{1} S0 j0:{1} E => C0 j0:{1} S0 E",
                "C0 j0:{1} S0 C1 j1:{2} S1 j0:{1} E => C0 j0:{1} S0 C1 j1:{2} S1 E",
                "C0 j0:{'x':1} j0:{'x':_1_} S0 E => C0 j0:{'x':1} S0 E",
                // content after the end
                "T0 t0:a S0 E t0:b E => T0 t0:a S0 E T1 t1:b S1 E",
            })
    void blocks_follow_each_other(String events, String mended) {
        feed(START);
        for (String event : events.split(" ")) {
            feed(event(event.replace('_', ' ')));
        }
        end();

        assertThat(brief()).isEqualTo("M " + mended);
        assertThat(frame.fault()).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "T0 t0:a S0 j1:[1] S1 E",
                "j0:[1] E",
                "j0:[ T0 t0:a S0 E",
                "C0 j0:[1] S0 j1:[2] E j1:[3]",
                "C0 j0:{1} j0:{2} S0 E",
                "C0 j0:{1} j0:} S0 E",
                "C0 j0:{} S0 j0:{1} E",
                "C0 j0:{1} S0 j0:{2} E",
                "C0 S0 T1 t1:a S1 j0:[1] E",
            })
    void input_that_belongs_nowhere_is_a_fault(String events) {
        feed(START);
        for (String event : events.split(" ")) {
            feed(event(event));
        }
        end();

        assertThat(frame.fault()).isNotNull();
    }

    @Test
    void input_at_the_start_is_not_replaced_by_none() {
        feed(START);
        feed(start("{'type':'tool_use','id':'t','name':'f','input':{'x':1}}").put("index", 0));
        feed(event("j0:{}"));
        feed(event("j0:{\"x\": 1}"));
        feed(event("S0"));
        feed(event("E"));
        end();

        assertThat(brief()).isEqualTo("M C0 S0 E");
        assertThat(frame.fault()).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{'name':''}", "{'name':null}", "{'name':'null'}"})
    void call_without_a_name_is_a_fault(String fields) {
        ObjectNode call = ((ObjectNode) Trees.parse(fields.replace('\'', '"')))
                .put("type", "tool_use")
                .put("id", "t");
        call.putObject("input");
        ObjectNode whole = json("{'content':[]}");
        whole.withArray("content").add(call);
        feed(START);
        feed(((ObjectNode) event("C0")).set("content_block", call));

        assertThat(frame.fault()).isNotNull();
        assertThat(BlockFrame.complete(whole)).isNull();
    }

    @Test
    void ordinary_events_are_the_same_objects() {
        List<JsonNode> events = new ArrayList<>(List.of(START));
        events.add(start("{'type':'tool_use','id':'t','name':'f','input':{}}").put("index", 0));
        for (String event : "j0: j0:{\"x\" j0::1} S0 T1 t1:a S1 E".split(" ")) {
            events.add(event(event));
        }
        events.forEach(this::feed);
        end();

        assertThat(out).hasSameSizeAs(events);
        for (int i = 0; i < out.size(); i++) {
            assertThat(out.get(i)).isSameAs(events.get(i));
        }
    }

    @Test
    void message_begins_once() {
        feed(json("{'type':'ping'}"));
        feed(event("T0"));
        feed(START);
        feed(event("t0:a"));

        assertThat(brief()).isEqualTo("ping M T0 t0:a");
        assertThat(out.get(1).at("/message/id").asText()).startsWith("msg_");
    }

    @Test
    void content_of_the_start_becomes_blocks() {
        feed(json("{'type':'message_start','message':{'id':'msg_1','content':[{'type':'text','text':'a'},"
                + "{'type':'tool_use','id':'t','name':'f','input':{'x':1}},{'type':'text','text':'b'}]}}"));
        feed(event("t2:c"));
        feed(event("E"));

        assertThat(brief()).isEqualTo("M T0 S0 C1 S1 T2 t2:c S2 E");
        assertThat(out.getFirst().at("/message/content").isEmpty()).isTrue();
        assertThat(out.get(3).at("/content_block/input")).isEqualTo(json("{'x':1}"));
    }

    @Test
    void block_has_every_field_that_libraries_need() {
        feed(START);
        feed(start("{'text':null}"));
        feed(start("{'thinking':'m'}"));
        feed(start("{'type':'tool_use','id':'null','name':'f','input':'{@x@:1}'}"));
        feed(start("{'type':'tool_use','id':'t','name':'f'}"));
        feed(start("{'type':'tool_use','id':'t','name':'f','input':{}}"));
        feed(event("E"));
        end();

        List<JsonNode> blocks = out.stream()
                .map(event -> event.path("content_block"))
                .filter(JsonNode::isObject)
                .toList();
        assertThat(blocks.subList(0, 2))
                .containsExactly(json("{'text':'','type':'text'}"), json("{'thinking':'m','type':'thinking'}"));
        assertThat(blocks.get(2).path("input")).isEqualTo(json("{'x':1}"));
        assertThat(blocks.get(3).path("input")).isEqualTo(json("{}"));
        assertThat(blocks.subList(2, 5))
                .extracting(block -> block.path("id").asText())
                .doesNotHaveDuplicates()
                .allMatch(id -> id.matches("toolu_.*|t"));
    }

    @Test
    void delta_has_a_type_and_a_text() {
        feed(START);
        feed(json("{'type':'content_block_delta','index':0,'delta':{'text':'a'}}"));
        feed(json("{'type':'content_block_delta','index':0,'delta':{'type':'text_delta','text':null}}"));
        feed(json("{'type':'content_block_delta','index':0,'delta':null}"));
        feed(event("C1"));
        feed(json("{'type':'content_block_delta','index':1,'delta':{'partial_json':{'x':1}}}"));
        feed(event("E"));

        assertThat(brief()).isEqualTo("M T0 t0:a S0 C1 j1:{\"x\":1} S1 E");
    }

    @Test
    void whole_message_is_completed_as_a_stream_is() {
        ObjectNode whole = json(
                "{'content':[{'type':'text','text':'a','citations':null},"
                        + "{'type':'tool_use','id':'t','name':'f','input':{}},{'type':'web_search_tool_result','content':[]}]}");
        ObjectNode odd = json("{'content':['a',{'text':'b'},{'type':'tool_use','name':'f','input':'{}'}]}");

        assertThat(BlockFrame.complete(whole)).isSameAs(whole);
        assertThat(BlockFrame.complete(odd).at("/content/0")).isEqualTo(json("{'type':'text','text':'a'}"));
        assertThat(BlockFrame.complete(odd).at("/content/1")).isEqualTo(json("{'text':'b','type':'text'}"));
        assertThat(BlockFrame.complete(odd).at("/content/2/id").asText()).startsWith("toolu_");
        assertThat(BlockFrame.complete(odd).at("/content/2/input")).isEqualTo(json("{}"));
    }

    @Test
    void blocks_of_unknown_types_pass() {
        feed(START);
        ObjectNode start = start("{'type':'never_heard_of','x':null}");
        ObjectNode delta = json("{'type':'content_block_delta','index':0,'delta':{'type':'never_heard_of_delta'}}");
        feed(start.put("index", 0));
        feed(delta);
        feed(event("S0"));

        assertThat(out.get(1)).isSameAs(start);
        assertThat(out.get(2)).isSameAs(delta);
    }

    private void end() {
        out.addAll(frame.end());
    }

    private void feed(JsonNode event) {
        out.addAll(frame.mend(event));
    }

    private static ObjectNode start(String block) {
        return (ObjectNode) Trees.parse(("{'type':'content_block_start','content_block':" + block + "}")
                .replace('\'', '"')
                .replace("@", "\\\""));
    }

    private static ObjectNode event(String brief) {
        char kind = brief.charAt(0);
        String[] parts = brief.substring(1).split(":", 2);
        ObjectNode event =
                switch (kind) {
                    case 'T' -> start("{'type':'text','text':''}");
                    case 'H' -> start("{'type':'thinking','thinking':''}");
                    case 'C' -> start("{'type':'tool_use','id':'','name':'f','input':{}}");
                    case 'S' -> json("{'type':'content_block_stop'}");
                    case 'E' -> json("{'type':'message_delta','delta':{'stop_reason':'end_turn'}}");
                    default -> json("{'type':'content_block_delta','delta':{}}");
                };
        if (!parts[0].isEmpty() && !parts[0].equals("-")) {
            event.put("index", Integer.parseInt(parts[0]));
        }
        if (parts.length > 1) {
            String field = kind == 't' ? "text" : kind == 'h' ? "thinking" : "partial_json";
            String type = kind == 't' ? "text_delta" : kind == 'h' ? "thinking_delta" : "input_json_delta";
            event.putObject("delta").put("type", type).put(field, parts[1]);
        }
        return event;
    }

    private String brief() {
        return out.stream().map(BlockFrameTest::brief).collect(Collectors.joining(" "));
    }

    private static String brief(JsonNode event) {
        String index = event.path("index").asText();
        JsonNode delta = event.path("delta");
        return switch (event.path("type").asText()) {
            case "message_start" -> "M";
            case "content_block_start" ->
                switch (event.at("/content_block/type").asText()) {
                            case "tool_use" -> "C";
                            case "thinking" -> "H";
                            default -> "T";
                        }
                        + index;
            case "content_block_delta" ->
                delta.has("text")
                        ? "t" + index + ":" + delta.path("text").asText()
                        : delta.has("thinking")
                                ? "h" + index + ":" + delta.path("thinking").asText()
                                : "j" + index + ":" + delta.path("partial_json").asText();
            case "content_block_stop" -> "S" + index;
            case "message_delta" -> "E";
            default -> event.path("type").asText();
        };
    }
}
