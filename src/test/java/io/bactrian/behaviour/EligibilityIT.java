package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.protocol.Json;
import io.bactrian.testing.Caller;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.Reply;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Targets that cannot serve a request: passed over without a call, and the answer says so. */
final class EligibilityIT {
    private static final String SCHEMA = "{'type':'object','properties':{'a':{'type':'integer'}},'required':['a']}";

    @RegisterExtension
    static final GatewayExtension gateway =
            GatewayExtension.with("""
                bactrian.defaults.breaker.failures=1000
                bactrian.targets.plain.provider=o
                bactrian.targets.plain.model=plain
                bactrian.targets.plain.supports=-tools, -images, -json-schema, -streaming
                bactrian.targets.plainer.provider=a
                bactrian.targets.plainer.model=plain
                bactrian.targets.plainer.supports=-tools, -images, -json-schema
                bactrian.targets.small.provider=o
                bactrian.targets.small.model=small
                bactrian.targets.small.context-tokens=1000
                bactrian.targets.tiny.provider=a
                bactrian.targets.tiny.model=tiny
                bactrian.targets.tiny.context-tokens=500
                bactrian.chains.plain-then-o=plain, o/full
                bactrian.chains.plain-then-a=plainer, a/full
                bactrian.chains.plain-only=plain, plainer
                bactrian.chains.small-then-o=tiny, small, o/large
                bactrian.chains.small-only=tiny, small
                bactrian.chains.a-then-o=a/claude, o/gpt
                bactrian.chains.o-then-a=o/gpt, a/claude""").openai("o").anthropic("a");

    @ParameterizedTest(name = "{0} {1} stream {2}")
    @MethodSource("needs")
    void who_cannot_do_what_is_needed_is_passed_over(Caller caller, Need need, boolean stream) {
        gateway.stub("o").answers(Reply.text("{\"a\":1}"));
        gateway.stub("a").answers(Reply.text("{\"a\":1}"));
        for (String provider : new String[] {"o", "a"}) {
            Answer answer = gateway.ask(caller, "plain-then-" + provider, stream, need.fields(caller));

            assertThat(answer.status()).as(answer.text()).isEqualTo(200);
            assertThat(caller.words(answer)).isEqualTo("{\"a\":1}");
            assertThat(answer.header("x-bactrian-skipped"))
                    .isEqualTo((provider.equals("o") ? "plain=" : "plainer=") + need.label());
            assertThat(answer.attempts()).isEqualTo(provider + "/full=OK");
            assertThat(answer.header("x-bactrian-fallbacks")).isEqualTo("1");
        }
    }

    @ParameterizedTest(name = "{0} {1} stream {2}")
    @MethodSource("needs")
    void where_nobody_can_the_caller_is_told_without_a_call(Caller caller, Need need, boolean stream) {
        Answer answer = gateway.ask(caller, "plain-only", stream, need.fields(caller));

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.error("message")).contains("plain=" + need.label()).contains("plainer=" + need.label());
        assertThat(answer.error("type")).isEqualTo("invalid_request_error");
        assertThat(answer.attempts()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Caller.class)
    void who_needs_nothing_is_served_by_the_plain_ones(Caller caller) {
        Answer answer = gateway.ask(caller, "plain-then-o", true, "{\"tools\":[]}");

        assertThat(answer.attempts()).isEqualTo("plain=OK");
        assertThat(caller.words(answer)).isEqualTo("Hello from the stub.");
        assertThat(caller.done(answer)).isTrue();
        assertThat(gateway.stub("o").call(1).wantsStream())
                .as("it cannot stream")
                .isFalse();
    }

    @ParameterizedTest
    @EnumSource(Caller.class)
    void window_that_is_surely_too_small_is_passed_over(Caller caller) {
        Answer answer = gateway.ask(caller, "small-then-o", true, prompt(2000));

        assertThat(answer.header("x-bactrian-skipped")).isEqualTo("tiny=context, small=context");
        assertThat(answer.attempts()).isEqualTo("o/large=OK");

        assertThat(gateway.ask(caller, "small-then-o", true, prompt(700)).attempts())
                .isEqualTo("small=OK");
        assertThat(gateway.ask(caller, "small-then-o", true, prompt(10)).attempts())
                .isEqualTo("tiny=OK");
    }

    @ParameterizedTest
    @EnumSource(Caller.class)
    void prompt_that_fits_in_no_window_goes_back_in_the_callers_words(Caller caller) {
        for (boolean stream : new boolean[] {true, false}) {
            Answer answer = gateway.ask(caller, "small-only", stream, prompt(2000));

            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.error("type")).isEqualTo("invalid_request_error");
            if (caller == Caller.CHAT) {
                assertThat(answer.error("code")).isEqualTo("context_length_exceeded");
            } else {
                assertThat(answer.error("message")).startsWith("prompt is too long");
            }
            assertThat(answer.header("x-bactrian-skipped")).isEqualTo("tiny=context, small=context");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "n | 'n':2",
                "logprobs | 'logprobs':true,'top_logprobs':2",
                "audio | 'modalities':['text','audio'],'audio':{'voice':'alloy','format':'wav'}",
                "audio | 'modalities':['audio']",
                "audio |"
                        + " 'messages':[{'role':'user','content':[{'type':'input_audio','input_audio':{'data':'AA==','format':'wav'}}]}]",
                "file | 'messages':[{'role':'user','content':[{'type':'file','file':{'file_id':'file-1'}}]}]",
                "tools |"
                        + " 'tools':[{'type':'custom','custom':{'name':'c','format':{'type':'grammar','grammar':{'syntax':'lark','definition':'start:"
                        + " A'}}}}]",
                "web_search_options | 'web_search_options':{}",
                "functions | 'functions':[{'name':'f'}]",
            })
    void what_only_openai_has_goes_to_openai(String label, String fields) {
        Answer answer = gateway.ask(Caller.CHAT, "a-then-o", false, object(fields));

        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.attempts()).isEqualTo("o/gpt=OK");
        assertThat(answer.header("x-bactrian-skipped")).isEqualTo("a/claude=" + label);

        Answer nobody = gateway.ask(Caller.CHAT, "a/claude", false, object(fields));

        assertThat(nobody.status()).as(nobody.text()).isEqualTo(400);
        assertThat(nobody.error("message")).contains("a/claude=" + label);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "server-tools | 'tools':[{'type':'web_search_20260101','name':'web_search'}]",
                "server-tools | 'mcp_servers':[{'type':'url','url':'https://x.example','name':'x'}]",
                "file |"
                        + " 'messages':[{'role':'user','content':[{'type':'image','source':{'type':'file','file_id':'file_1'}}]}]",
                "stored-conversation | 'container':'c_1'",
            })
    void what_only_anthropic_has_goes_to_anthropic(String label, String fields) {
        Answer answer = gateway.ask(Caller.MESSAGES, "o-then-a", false, object(fields));

        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.attempts()).isEqualTo("a/claude=OK");
        assertThat(answer.header("x-bactrian-skipped")).isEqualTo("o/gpt=" + label);
        assertThat(gateway.ask(Caller.MESSAGES, "o/gpt", false, object(fields)).status())
                .isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void harmless_parameters_are_left_out_and_named(boolean stream) {
        Answer answer = gateway.ask(Caller.CHAT, "a/claude", stream, "{\"seed\":7,\"logit_bias\":{\"50256\":-100}}");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("x-bactrian-degraded")).isEqualTo("features");
        assertThat(answer.header("x-bactrian-dropped")).isEqualTo("seed, logit_bias");
        assertThat(gateway.stub("a").call(1).json().has("seed")).isFalse();

        Answer whole = gateway.ask(Caller.CHAT, "o/gpt", stream, "{\"seed\":7}");

        assertThat(whole.header("x-bactrian-degraded")).isEqualTo("false");
        assertThat(whole.header("x-bactrian-dropped")).isEmpty();
        assertThat(gateway.stub("o").call(1).json().path("seed").asInt()).isEqualTo(7);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "x\r\nx-injected: 1",
                "x\nx-injected: 1",
                "x, y=z; q",
                "ключ",
                "\uD83D\uDC2A",
                "\u0000",
                "",
                " ",
                "{}",
                "NAME"
            })
    void names_that_a_header_cannot_hold_break_nothing(String name) {
        String field = name.equals("NAME") ? "n".repeat(1_900) : name;
        String body =
                Json.MAPPER.createObjectNode().put(field, 1).put("seed", 7).toString();
        for (boolean stream : new boolean[] {true, false}) {
            Answer answer = gateway.ask(Caller.CHAT, "a/claude", stream, body);

            assertThat(answer.status()).isEqualTo(200);
            assertThat(Caller.CHAT.words(answer)).isEqualTo("Hello from the stub.");
            assertThat(answer.header("x-bactrian-degraded")).isEqualTo("features");
            assertThat(answer.header("x-bactrian-dropped")).isEqualTo("seed");
            assertThat(answer.header("x-injected")).isEmpty();
        }
    }

    @Test
    void header_of_what_was_left_out_stays_short() {
        ObjectNode fields = Json.MAPPER.createObjectNode();
        for (int i = 0; i < 2000; i++) {
            fields.put("field" + i, i);
        }

        Answer answer = gateway.ask(Caller.CHAT, "a/claude", false, fields.toString());

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("x-bactrian-dropped"))
                .startsWith("field0, field1")
                .hasSizeLessThan(2000);
    }

    private static String prompt(int words) {
        return object("'messages':[{'role':'user','content':'" + "word ".repeat(words) + "'}]");
    }

    private static String object(String fields) {
        return "{" + fields.replace('\'', '"') + "}";
    }

    /** What a request may need, as each caller says it. */
    enum Need {
        TOOLS(
                "'tools':[{'type':'function','function':{'name':'f','parameters':" + SCHEMA + "}}]",
                "'tools':[{'name':'f','input_schema':" + SCHEMA + "}]"),
        IMAGES(
                "'messages':[{'role':'user','content':[{'type':'image_url','image_url':{'url':'https://x.example/a.png'}}]}]",
                "'messages':[{'role':'user','content':[{'type':'image','source':{'type':'url','url':'https://x.example/a.png'}}]}]"),
        JSON_SCHEMA(
                "'response_format':{'type':'json_schema','json_schema':{'name':'n','schema':" + SCHEMA + "}}",
                "'output_config':{'format':{'type':'json_schema','schema':" + SCHEMA + "}}");

        private final String chat;
        private final String messages;

        Need(String chat, String messages) {
            this.chat = chat;
            this.messages = messages;
        }

        String fields(Caller caller) {
            return object(caller == Caller.CHAT ? chat : messages);
        }

        String label() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    static Stream<Arguments> needs() {
        return Stream.of(Caller.values()).flatMap(caller -> Stream.of(Need.values())
                .flatMap(need -> Stream.of(true, false).map(stream -> Arguments.of(caller, need, stream))));
    }
}
