package io.bactrian.protocol.anthropic;

import static io.bactrian.protocol.translation.Trees.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.protocol.translation.MessagesEvent;
import io.bactrian.protocol.translation.Trees;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MessagesSplitterTest {

    @Test
    void message_is_told_as_the_provider_would_have_streamed_it() {
        ObjectNode message = json("{'id':'msg_1','type':'message','role':'assistant','model':'m','content':["
                + "{'type':'thinking','thinking':'hm','signature':'s'},"
                + "{'type':'text','text':'Hi','citations':[{'n':1}]},"
                + "{'type':'tool_use','id':'t','name':'w','input':{'a':1}},"
                + "{'type':'redacted_thinking','data':'x'}],"
                + "'stop_reason':'tool_use','stop_sequence':null,'usage':{'input_tokens':5,'output_tokens':9}}");
        ObjectNode before = message.deepCopy();

        assertThat(told(message))
                .containsExactly(
                        json("{'type':'message_start','message':{'id':'msg_1','type':'message','role':'assistant',"
                                + "'model':'m','content':[],'stop_reason':null,'stop_sequence':null,"
                                + "'usage':{'input_tokens':5,'output_tokens':9}}}"),
                        open(0, "{'type':'thinking','thinking':'','signature':''}"),
                        delta(0, "{'type':'thinking_delta','thinking':'hm'}"),
                        delta(0, "{'type':'signature_delta','signature':'s'}"),
                        stop(0),
                        open(1, "{'type':'text','text':'','citations':[]}"),
                        delta(1, "{'type':'text_delta','text':'Hi'}"),
                        delta(1, "{'type':'citations_delta','citation':{'n':1}}"),
                        stop(1),
                        open(2, "{'type':'tool_use','id':'t','name':'w','input':{}}"),
                        delta(2, "{'type':'input_json_delta','partial_json':'{\\'a\\':1}'}"),
                        stop(2),
                        open(3, "{'type':'redacted_thinking','data':'x'}"),
                        stop(3),
                        json("{'type':'message_delta','delta':{'stop_reason':'tool_use','stop_sequence':null},"
                                + "'usage':{'input_tokens':5,'output_tokens':9}}"),
                        json("{'type':'message_stop'}"));
        assertThat(message).isEqualTo(before);
    }

    @Test
    void refusal_without_content_has_a_beginning_and_an_end() {
        ObjectNode message = json("{'id':'msg_1','content':[],'stop_reason':'refusal','container':{'id':'c'},"
                + "'stop_details':{'type':'refusal','category':'cyber'}}");

        assertThat(told(message))
                .containsExactly(
                        json("{'type':'message_start','message':{'id':'msg_1','content':[],'stop_reason':null,"
                                + "'container':null,'stop_details':null}}"),
                        json("{'type':'message_delta','delta':{'stop_reason':'refusal','container':{'id':'c'},"
                                + "'stop_details':{'type':'refusal','category':'cyber'}}}"),
                        json("{'type':'message_stop'}"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "context_window",
                "max_tokens",
                "refusal",
                "stop_sequence",
                "success",
                "thinking",
                "tool_use",
            })
    void recorded_message_comes_back_from_its_events(String name) {
        ObjectNode message = (ObjectNode) Trees.parse(Trees.fixture("anthropic/message_" + name + ".json"));
        MessagesAssembler assembler = new MessagesAssembler();

        MessagesSplitter.events(message).forEach(event -> assembler.add(event.data()));

        // Fields of a block that are null say nothing, and some clients refuse them.
        message.path("content")
                .forEach(block -> ((ObjectNode) block).properties().removeIf(field -> field.getValue()
                        .isNull()));
        assertThat(Trees.written(assembler.document())).isEqualTo(message);
    }

    private static List<ObjectNode> told(ObjectNode message) {
        List<MessagesEvent> events = MessagesSplitter.events(message);
        assertThat(events).allSatisfy(event -> assertThat(event.name())
                .isEqualTo(event.data().path("type").asText()));
        return events.stream().map(MessagesEvent::data).toList();
    }

    private static ObjectNode open(int index, String block) {
        return json("{'type':'content_block_start','index':" + index + ",'content_block':" + block + "}");
    }

    private static ObjectNode delta(int index, String delta) {
        return json(
                ("{'type':'content_block_delta','index':" + index + ",'delta':" + delta + "}").replace("\\'", "\\\""));
    }

    private static ObjectNode stop(int index) {
        return json("{'type':'content_block_stop','index':" + index + "}");
    }
}
