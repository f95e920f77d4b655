package io.bactrian.protocol;

import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.bactrian.config.Feature;
import io.bactrian.protocol.openai.ChatCompletions;
import io.bactrian.protocol.openai.TargetBodies;
import java.nio.charset.Charset;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChatRequestTest {
    private static final String MESSAGES = "'messages':[{'role':'user','content':'hi'}]";

    @Test
    void caller_s_own_bytes_go_out_but_for_the_model() {
        String body = "{ \"messages\" : [{\"role\":\"user\",\"content\":\"caf\\u00e9 ☕ \\/ \\n\"}],\n"
                + "\t\"model\":\"gpt\",\"temperature\" : 1.0e-1, \"x_new\": {\"deep\": [ 1 , 2.50 ]}, \"seed\":7 }";

        String sent = new String(TargetBodies.of(request(body), "m-1", false, Map.of()), UTF_8);

        assertThat(sent)
                .isEqualTo("{\"messages\" : [{\"role\":\"user\",\"content\":\"caf\\u00e9 ☕ \\/ \\n\"}],"
                        + "\"model\":\"m-1\",\"temperature\" : 1.0e-1,\"x_new\": {\"deep\": [ 1 , 2.50 ]},\"seed\":7}");
    }

    @Test
    void model_is_added_where_there_is_none() {
        assertThat(sent("{%s}", false)).isEqualTo(quoted("{%s,'model':'m'}"));
        assertThat(sent("{'model':null,%s}", false)).isEqualTo(quoted("{'model':'m',%s}"));
    }

    @Test
    void field_names_may_be_escaped() {
        ChatRequest request = request("{\"mod\\u0065l\":\"x\",\"messages\":[{}]}");

        assertThat(request.model()).isEqualTo("x");
        assertThat(new String(TargetBodies.of(request, "m", false, Map.of()), UTF_8))
                .isEqualTo("{\"model\":\"m\",\"messages\":[{}]}");
    }

    @Test
    void fallbacks_are_read_and_not_sent() {
        ChatRequest request = request(quoted("{'fallbacks':['a','openai/b'],%s,'model':'x'}"));

        assertThat(request.fallbacks()).containsExactly("a", "openai/b");
        assertThat(new String(TargetBodies.of(request, "m", false, Map.of()), UTF_8))
                .isEqualTo(quoted("{%s,'model':'m'}"));
    }

    @Test
    void stream_flags_go_out_as_the_provider_is_asked() {
        assertThat(sent("{'model':'x','stream':true,'stream_options':{'include_usage':true},%s}", false))
                .isEqualTo(quoted("{'model':'m',%s}"));
        assertThat(sent("{'model':'x',%s}", true))
                .isEqualTo(quoted("{'model':'m',%s,'stream':true,'stream_options':{'include_usage':true}}"));
        assertThat(sent("{'model':'x','stream':false,%s}", true))
                .isEqualTo(quoted("{'model':'m','stream':true,%s,'stream_options':{'include_usage':true}}"));
        assertThat(sent("{'model':'x','stream':true,'stream_options':null,%s}", true))
                .isEqualTo(quoted("{'model':'m','stream':true,%s,'stream_options':{'include_usage':true}}"));
    }

    @Test
    void stream_options_keep_what_else_they_say() {
        assertThat(sent("{'model':'x','stream':true,'stream_options':{'include_obfuscation':false},%s}", true))
                .isEqualTo(quoted("{'model':'m','stream':true,"
                        + "'stream_options':{'include_obfuscation':false,'include_usage':true},%s}"));
        assertThat(sent("{'model':'x','stream':true,'stream_options':{ 'include_usage' : true },%s}", true))
                .isEqualTo(quoted("{'model':'m','stream':true,'stream_options':{ 'include_usage' : true },%s}"));
    }

    @Test
    void server_that_refuses_stream_options_is_never_sent_any() {
        ChatRequest request = parse("{'model':'x','stream':true,'stream_options':{'include_usage':true},%s}");

        assertThat(new String(TargetBodies.of(request, "m", true, false, Map.of()), UTF_8))
                .isEqualTo(quoted("{'model':'m','stream':true,%s}"));
        assertThat(new String(TargetBodies.of(parse("{%s}"), "m", true, false, Map.of()), UTF_8))
                .isEqualTo(quoted("{%s,'model':'m','stream':true}"));
    }

    @Test
    void model_s_name_is_quoted_as_json_demands() {
        assertThat(request(TargetBodies.of(parse("{%s}"), "a\"\\\n\u00e9\uD83D\uDC2A", false, Map.of()))
                        .model())
                .isEqualTo("a\"\\\n\u00e9\uD83D\uDC2A");
    }

    @Test
    void request_can_be_made_of_a_tree() {
        ObjectNode tree = parse("{'model':'x','tools':[{}],%s}").tree();

        ChatRequest request = ChatRequest.of(ChatCompletions.PROTOCOL, tree);

        assertThat(request.protocol()).isEqualTo(ChatCompletions.PROTOCOL);
        assertThat(request.tree()).isEqualTo(tree);
        assertThat(request.needs()).containsExactly(Feature.TOOLS);
    }

    @Test
    void usage_is_asked_for_by_true_alone() {
        assertThat(parse("{'stream':true,'stream_options':{'include_usage':true},%s}")
                        .includeUsage())
                .isTrue();
        assertThat(parse("{'stream':true,'stream_options':{'include_usage':false},%s}")
                        .includeUsage())
                .isFalse();
        assertThat(parse("{'stream':true,%s}").includeUsage()).isFalse();
        assertThat(parse("{'stream':true,%s}").stream()).isTrue();
        assertThat(parse("{'stream':null,%s}").stream()).isFalse();
    }

    @Test
    void fields_of_the_target_override_those_of_the_caller() {
        ChatRequest request = request(quoted("{'model':'x','temperature':2,%s}"));

        assertThat(new String(
                        TargetBodies.of(request, "m", false, Map.of("temperature", DoubleNode.valueOf(0.5))), UTF_8))
                .isEqualTo(quoted("{'model':'m',%s,'temperature':0.5}"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"model", "stream", "stream_options", "fallbacks"})
    void field_of_the_target_is_there_once_even_if_the_gateway_writes_it_too(String field) {
        ChatRequest request =
                request(quoted("{'model':'x','stream':true,'stream_options':{'a':1},'fallbacks':['b'],%s}"));

        ObjectNode sent = request(TargetBodies.of(request, "m", true, Map.of(field, value(field))))
                .tree();

        assertThat(sent.get(field)).isEqualTo(value(field));
    }

    private static JsonNode value(String field) {
        return switch (field) {
            case "stream" -> BooleanNode.FALSE;
            case "fallbacks" -> Json.MAPPER.createArrayNode().add("own");
            case "stream_options" -> Json.MAPPER.createObjectNode().put("own", 1);
            default -> TextNode.valueOf("own");
        };
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "                                       | '[]'",
                "not json                               | JSON",
                "[]                                     | JSON object",
                "'hi'                                   | JSON object",
                "{                                      | JSON",
                "{'messages':[{}]                       | JSON",
                "{'messages':[{}]} x                    | JSON",
                "{'messages':[{}]}{}                    | nothing behind it",
                "{'messages':[{}],'a':1,'a':2}          | 'a' is there twice",
                "{'messages':[{}],'\\u0061':1,'a':2}    | 'a' is there twice",
                "{}                                     | 'messages'",
                "{'messages':null}                      | 'messages'",
                "{'messages':{}}                        | 'messages'",
                "{'messages':[]}                        | 'messages'",
                "{'messages':['hi']}                    | 'messages'",
                "{'messages':[{}],'model':7}            | 'model'",
                "{'messages':[{}],'stream':'yes'}       | 'stream'",
                "{'messages':[{}],'fallbacks':'a'}      | 'fallbacks'",
                "{'messages':[{}],'fallbacks':[1]}      | 'fallbacks'",
                "{'messages':[{}],'n':NaN}              | JSON"
            })
    void what_is_no_request_is_refused(String body, String why) {
        String given = body == null ? "" : quoted(body);
        assertThatExceptionOfType(RequestRejected.class)
                .isThrownBy(() -> ChatCompletions.PROTOCOL.read(given.getBytes(UTF_8)))
                .satisfies(rejected -> {
                    assertThat(rejected.status()).isEqualTo(400);
                    assertThat(rejected.type()).isEqualTo("invalid_request_error");
                    assertThat(rejected.reason()).contains(body == null ? "JSON object" : why);
                });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'n':[1,{'model':'y'}]",
                "'n':{'model':'y'}",
                "'n':2.0",
                "'tools':{'a':[]}",
                "'tools':'x'",
                "'tools':[]",
                "'functions':{}",
                "'reasoning_effort':{'a':{}}",
                "'reasoning_effort':['high']",
                "'response_format':['json_schema']",
                "'response_format':{'type':{'a':1},'b':[]}",
                "'stream_options':['include_usage']",
                "'audio':{'voice':{'id':1}}",
                "'logprobs':[1]"
            })
    void field_of_a_form_nobody_expects_goes_out_as_it_came(String field) {
        String body = quoted("{'model':'x'," + field + ",%s,'z':0}");

        assertThat(new String(TargetBodies.of(request(body), "x", false, Map.of()), UTF_8))
                .isEqualTo(body.replaceFirst("\"stream_options\":\\[[^]]*],", ""));
    }

    @Test
    void nesting_beyond_reason_is_refused() {
        String deep = "[".repeat(100_000);

        assertThatExceptionOfType(RequestRejected.class).isThrownBy(() -> request("{\"x\":" + deep));
        assertThatExceptionOfType(RequestRejected.class).isThrownBy(() -> request("{\"messages\":" + deep));
        assertThatExceptionOfType(RequestRejected.class)
                .isThrownBy(() -> request("{\"messages\":[{}],\"tools\":" + deep + "]".repeat(100_000) + "}"));
    }

    @Test
    void only_utf_8_is_read() {
        for (Charset other : new Charset[] {UTF_16, UTF_16BE, UTF_16LE, Charset.forName("UTF-32")}) {
            byte[] body = quoted("{%s}").getBytes(other);
            assertThatExceptionOfType(RequestRejected.class).isThrownBy(() -> ChatCompletions.PROTOCOL.read(body));
        }
        byte[] little = quoted("\uFEFF{%s}").getBytes(UTF_16LE);
        assertThatExceptionOfType(RequestRejected.class).isThrownBy(() -> ChatCompletions.PROTOCOL.read(little));
    }

    @Test
    void byte_order_mark_is_overlooked() {
        ChatRequest request = request(quoted("\uFEFF{'model':'x',%s}"));

        assertThat(new String(TargetBodies.of(request, "m", false, Map.of()), UTF_8))
                .isEqualTo(quoted("{'model':'m',%s}"));
    }

    @Test
    void needs_are_found() {
        assertThat(parse("{'tools':[{'type':'function'}],%s}").needs()).containsExactly(Feature.TOOLS);
        assertThat(parse("{'tools':[],'functions':[],%s}").needs()).isEmpty();
        assertThat(parse("{'response_format':{'type':'json_schema','json_schema':{}},%s}")
                        .needs())
                .containsExactly(Feature.JSON_SCHEMA);
        assertThat(parse("{'response_format':{'type':'json_object'},%s}").needs())
                .isEmpty();
        assertThat(request(quoted("{'messages':[{'role':'user','content':[{'type':'text','text':'a'},"
                                + "{'type':'image_url','image_url':{'url':'data:,'}}]}]}"))
                        .needs())
                .containsExactly(Feature.IMAGES);
    }

    @Test
    void parts_only_an_openai_provider_takes_are_found() {
        assertThat(parse("{'n':2,%s}").ownOnly()).containsExactly("n");
        assertThat(parse("{'n':1,'logprobs':false,'audio':null,%s}").ownOnly()).isEmpty();
        assertThat(parse("{'logprobs':true,%s}").ownOnly()).containsExactly("logprobs");
        assertThat(parse("{'audio':{'voice':'x'},%s}").ownOnly()).containsExactly("audio");
        assertThat(parse("{'functions':[{'name':'f'}],%s}").ownOnly()).containsExactly("functions");
        assertThat(request(quoted("{'messages':[{'content':[{'type':'input_audio','input_audio':{}}]}]}"))
                        .ownOnly())
                .containsExactly("audio");
        assertThat(request(quoted("{'messages':[{'content':[{'type':'file','file':{'file_id':'f'}}]}]}"))
                        .ownOnly())
                .containsExactly("file");
    }

    @Test
    void what_a_stream_would_lose_is_not_streamed() {
        assertThat(parse("{%s}").streamable()).isTrue();
        assertThat(parse("{'n':2,%s}").streamable()).isFalse();
        assertThat(parse("{'logprobs':true,%s}").streamable()).isFalse();
        assertThat(parse("{'audio':{},%s}").streamable()).isFalse();
    }

    @Test
    void reasoning_is_asked_for_by_any_real_effort() {
        assertThat(parse("{'reasoning_effort':'low',%s}").thinks()).isTrue();
        assertThat(parse("{'reasoning_effort':'none',%s}").thinks()).isFalse();
        assertThat(parse("{'reasoning_effort':null,%s}").thinks()).isFalse();
        assertThat(parse("{%s}").thinks()).isFalse();
    }

    private static String sent(String body, boolean stream) {
        return new String(TargetBodies.of(parse(body), "m", stream, Map.of()), UTF_8);
    }

    private static ChatRequest parse(String body) {
        return request(quoted(body));
    }

    private static ChatRequest request(String body) {
        return request(body.getBytes(UTF_8));
    }

    private static ChatRequest request(byte[] body) {
        return ChatCompletions.PROTOCOL.read(body);
    }

    /** JSON with single quotes, %s standing for a message. */
    private static String quoted(String json) {
        return json.replace("%s", MESSAGES).replace('\'', '"');
    }
}
