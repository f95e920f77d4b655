package io.bactrian.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.protocol.anthropic.Messages;
import io.bactrian.protocol.openai.ChatCompletions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChatRequestIdsTest {

    @ParameterizedTest
    @ValueSource(strings = {"call_aZ09-", "toolu_01A09q90qw90lq917835lq9", "0123456789012345678901234567890123456789"})
    void ids_every_vendor_takes_are_at_home_everywhere(String id) {
        assertThat(called(id).foreignIds()).isFalse();
        assertThat(answered(id).foreignIds()).isFalse();
        assertThat(used(id).foreignIds()).isFalse();
        assertThat(result(id).foreignIds()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a.b", "call:1", "a b", "\u00e9", "01234567890123456789012345678901234567890"})
    void ids_some_vendor_refuses_are_foreign(String id) {
        assertThat(called(id).foreignIds()).isTrue();
        assertThat(answered(id).foreignIds()).isTrue();
        assertThat(used(id).foreignIds()).isTrue();
        assertThat(result(id).foreignIds()).isTrue();
    }

    @Test
    void escapes_in_an_id_count_as_what_they_stand_for() {
        assertThat(called("\\u0061").foreignIds()).isFalse();
        assertThat(called("a\\u002e").foreignIds()).isTrue();
    }

    @Test
    void one_foreign_id_is_enough() {
        assertThat(chat("{'tool_calls':[{'id':'a.b'},{'id':'c'}]},{'tool_call_id':'c'}")
                        .foreignIds())
                .isTrue();
        assertThat(messages("{'type':'tool_use','id':'a.b'},{'type':'tool_use','id':'c'}")
                        .foreignIds())
                .isTrue();
    }

    @Test
    void other_ids_are_nobody_s_business() {
        assertThat(chat("{'id':'a.b','audio':{'id':'a.b'},'tool_calls':[{'function':{'id':'a.b'}}]}")
                        .foreignIds())
                .isFalse();
        assertThat(messages("{'type':'text','id':'a.b'},{'type':'tool_use','id':'c','input':{'id':'a.b',"
                                + "'content':[{'type':'tool_result','tool_use_id':'a.b'}]}}")
                        .foreignIds())
                .isFalse();
    }

    private static ChatRequest called(String id) {
        return chat("{'role':'assistant','tool_calls':[{'id':'" + id + "','type':'function'}]}");
    }

    private static ChatRequest answered(String id) {
        return chat("{'role':'tool','tool_call_id':'" + id + "'}");
    }

    private static ChatRequest used(String id) {
        return messages("{'id':'" + id + "','type':'tool_use','name':'f','input':{}}");
    }

    private static ChatRequest result(String id) {
        return messages("{'type':'tool_result','tool_use_id':'" + id + "'}");
    }

    private static ChatRequest chat(String messages) {
        return ChatCompletions.PROTOCOL.read(quoted("{'messages':[" + messages + "]}"));
    }

    private static ChatRequest messages(String blocks) {
        return Messages.PROTOCOL.read(
                quoted("{'max_tokens':1,'messages':[{'role':'user','content':[" + blocks + "]}]}"));
    }

    private static byte[] quoted(String json) {
        return json.replace('\'', '"').getBytes(UTF_8);
    }
}
