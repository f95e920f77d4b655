package io.bactrian.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.config.Feature;
import io.bactrian.protocol.anthropic.Messages;
import io.bactrian.protocol.openai.TargetBodies;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChatRequestMessagesTest {
    private static final String REST = "'max_tokens':9,'messages':[{'role':'user','content':'hi'}]";

    @Test
    void plain_request_is_seen_as_what_it_is() {
        ChatRequest request = parse("{'model':'claude','stream':true,'fallbacks':['b'],'system':'Be brief.',%s}");

        assertThat(request.protocol()).isEqualTo(Messages.PROTOCOL);
        assertThat(request.model()).isEqualTo("claude");
        assertThat(request.stream()).isTrue();
        assertThat(request.fallbacks()).containsExactly("b");
        assertThat(request.needs()).isEmpty();
        assertThat(request.ownOnly()).isEmpty();
        assertThat(request.thinks()).isFalse();
        assertThat(request.choices()).isEqualTo(1);
        assertThat(request.streamable()).isTrue();
        assertThat(request.includeUsage()).isTrue();
        assertThat(request.tree().path("system").asText()).isEqualTo("Be brief.");
    }

    @Test
    void caller_s_own_bytes_go_out_but_for_model_stream_and_fallbacks() {
        String body = "{ 'fallbacks':['b'], 'stream' : true, 'max_tokens' : 9,'model':'x',\n'top_p':1.0,"
                + "'stream_options':{'a':1}, 'messages':[ {'role':'user'} ] }";

        assertThat(sent(body, true))
                .isEqualTo(quoted("{'stream':true,'max_tokens' : 9,'model':'m','top_p':1.0,"
                        + "'stream_options':{'a':1},'messages':[ {'role':'user'} ]}"));
        assertThat(sent(body, false))
                .isEqualTo(quoted("{'max_tokens' : 9,'model':'m','top_p':1.0,"
                        + "'stream_options':{'a':1},'messages':[ {'role':'user'} ]}"));
    }

    @Test
    void stream_is_asked_for_and_its_options_are_unknown_here() {
        assertThat(sent("{'model':'x',%s}", true)).isEqualTo(quoted("{'model':'m',%s,'stream':true}"));
        assertThat(new String(
                        TargetBodies.of(parse("{%s}"), "m", false, Map.of("max_tokens", IntNode.valueOf(5))), UTF_8))
                .isEqualTo("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"model\":\"m\",\"max_tokens\":5}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-0", "1", "64000", "123456789012345678901234567890"})
    void tokens_may_be_any_number_that_counts(String number) {
        String body = "{\"messages\":[{}],\"max_tokens\":" + number + ",\"model\":\"m\"}";

        assertThat(sent(body, false)).isEqualTo(body);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'messages':[{}]}                                  | max_tokens",
                "{'messages':[{}],'max_tokens':null}                | max_tokens",
                "{'messages':[{}],'max_tokens':-1}                  | max_tokens",
                "{'messages':[{}],'max_tokens':1.5}                 | max_tokens",
                "{'messages':[{}],'max_tokens':'9'}                 | max_tokens",
                "{'messages':[{}],'max_tokens':[9]}                 | max_tokens",
                "{'messages':[{}],'max_tokens':9,'max_tokens':9}    | max_tokens",
                "{'messages':[],'max_tokens':9}                     | messages",
                "{'messages':['hi'],'max_tokens':9}                 | messages",
                "{'messages':{},'max_tokens':9}                     | messages",
                "{'max_tokens':9}                                   | messages",
                "{'messages':[{}],'max_tokens':9,'model':1}         | model",
                "{'messages':[{}],'max_tokens':9,'stream':1}        | stream",
                "{'messages':[{}],'max_tokens':9,'fallbacks':'b'}   | fallbacks"
            })
    void what_the_protocol_demands_is_demanded(String body, String field) {
        assertThatExceptionOfType(RequestRejected.class)
                .isThrownBy(() -> parse(body))
                .satisfies(rejected -> assertThat(rejected.param()).isEqualTo(field));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'tools':{'a':[]}",
                "'tools':[[{'type':'x'}],1]",
                "'system':[{'type':'image'}]",
                "'thinking':['enabled']",
                "'thinking':{'type':{'type':'enabled'}}",
                "'output_config':{'format':[{'type':'json_schema'}]}",
                "'output_format':'json_schema'",
                "'mcp_servers':{'a':1}"
            })
    void field_of_a_form_nobody_expects_goes_out_as_it_came(String field) {
        String body = quoted("{'model':'m'," + field + ",%s,'z':0}");

        assertThat(sent(body, false)).isEqualTo(body);
        assertThat(parse(body).ownOnly()).isEmpty();
        assertThat(parse(body).thinks()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "[[{'type':'image'}]]",
                "[{'content':{'type':'image'}}]",
                "[{'content':[['x'],1,null,{'type':['image'],'source':[{'type':'file'}],'id':{},'content':'x'}]}]",
                "[{'content':[{'type':'image','source':'file'}]}]"
            })
    void messages_of_a_form_nobody_expects_go_out_as_they_came(String messages) {
        String body = quoted("{'messages':[{}," + messages.substring(1) + ",'max_tokens':1,'model':'m'}")
                .replace("{},]", "{}]");

        assertThat(sent(body, false)).isEqualTo(body);
        assertThat(parse(body).ownOnly()).isEmpty();
    }

    @Test
    void request_can_be_made_of_a_tree() {
        ObjectNode tree = blocks("{'type':'image'}").tree();

        ChatRequest request = ChatRequest.of(Messages.PROTOCOL, tree);

        assertThat(request.protocol()).isEqualTo(Messages.PROTOCOL);
        assertThat(request.tree()).isEqualTo(tree);
        assertThat(request.needs()).containsExactly(Feature.IMAGES);
        assertThatExceptionOfType(RequestRejected.class)
                .isThrownBy(() -> ChatRequest.of(Messages.PROTOCOL, Json.MAPPER.createObjectNode()));
    }

    private static ChatRequest blocks(String blocks) {
        return parse("{'max_tokens':1,'messages':[{'role':'user','content':[" + blocks + "]}]}");
    }

    private static String sent(String body, boolean stream) {
        return new String(TargetBodies.of(parse(body), "m", stream, Map.of()), UTF_8);
    }

    private static ChatRequest parse(String body) {
        return Messages.PROTOCOL.read(quoted(body).getBytes(UTF_8));
    }

    /** JSON with single quotes, %s standing for what is demanded. */
    private static String quoted(String json) {
        return json.replace("%s", REST).replace('\'', '"');
    }
}
