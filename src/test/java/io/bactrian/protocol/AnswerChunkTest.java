package io.bactrian.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.protocol.AnswerChunk.Choice;
import io.bactrian.protocol.anthropic.Messages;
import io.bactrian.protocol.openai.ChatChunk;
import io.bactrian.protocol.openai.ChatCompletions;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read in the parts of an answer, of either protocol, in one pass. */
class AnswerChunkTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'content':'hi'} | words | hi",
                "{'content':'h\\u00e9'} | words | hé",
                "{'content':''} | - | ``",
                "{'content':null,'role':'assistant'} | - | ``",
                "{'content':[{'type':'thinking'}]} | words thoughts | ``",
                "{'content':[{'type':'text','text':'a'},{'type':'text','text':'b'}]} | words | ab",
                "{'content':[{'type':'image'}]} | words other | ``",
                "{'reasoning':'hm','content':'hi'} | words thoughts | hi",
                "{'reasoning_content':'hm'} | words thoughts | ``",
                "{'reasoning_content':''} | - | ``",
                "{'refusal':'no'} | words other | ``",
                "{'refusal':null} | - | ``",
                "{'audio':{'data':'x'}} | words other | ``",
                "{'tool_calls':[]} | - | ``",
                "{'tool_calls':[{'index':0,'function':{'arguments':'{'}}]} | tools | ``",
                "{'tool_calls':null} | - | ``",
                "{'tool_calls':{'content':'x'}} | - | ``",
                "{'extra':{'content':'x','tool_calls':[1]}} | - | ``",
            })
    void delta_says_what_it_holds(String delta, String kinds, String text) {
        AnswerChunk chunk = chat("{'choices':[{'index':0,'delta':" + delta + ",'finish_reason':null}]}");

        assertThat(kinds(chunk)).isEqualTo(kinds);
        assertThat(chunk.text()).isEqualTo(text);
        assertThat(chunk.choices()).containsExactly(new Choice(0, ""));
        assertThat(chunk.mayBeError()).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'type':'content_block_start','index':0,'content_block':{'type':'text','text':''}} | - | ``",
                "{'type':'content_block_start','index':0,'content_block':{'text':'hi','type':'text'}} | words | hi",
                "{'type':'content_block_start','index':0,'content_block':{'type':'thinking','thinking':''}} | - | ``",
                "{'type':'content_block_start','index':0,'content_block':{'type':'tool_use','id':'t','name':'f','input':{}}}"
                        + " | tools | ``",
                "{'type':'content_block_start','index':0,'content_block':{'type':'redacted_thinking','data':'x'}} |"
                        + " words thoughts | ``",
                "{'type':'content_block_start','index':0,'content_block':{'type':'server_tool_use','id':'s','input':{'text':'x'}}}"
                        + " | words other | ``",
                "{'type':'content_block_delta','index':0,'delta':{'type':'text_delta','text':'hi'}} | words | hi",
                "{'delta':{'text':'hi','type':'text_delta'},'index':0,'type':'content_block_delta'} | words | hi",
                "{'type':'content_block_delta','index':0,'delta':{'type':'text_delta','text':''}} | - | ``",
                "{'type':'content_block_delta','index':0,'delta':{'type':'thinking_delta','thinking':'hm'}} | words"
                        + " thoughts | ``",
                "{'type':'content_block_delta','index':0,'delta':{'type':'signature_delta','signature':'s'}} | - | ``",
                "{'type':'content_block_delta','index':0,'delta':{'type':'input_json_delta','partial_json':'{'}} | - |"
                        + " ``",
                "{'type':'content_block_delta','index':0,'delta':{'type':'citations_delta','citation':{'type':'text_delta','text':'x'}}}"
                        + " | - | ``",
            })
    void event_says_what_it_holds(String event, String kinds, String text) {
        AnswerChunk chunk = event(event);

        assertThat(kinds(chunk)).isEqualTo(kinds);
        assertThat(chunk.text()).isEqualTo(text);
        assertThat(chunk.choices()).containsExactly(new Choice(0, ""));
        assertThat(chunk.mayBeError()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'type':'ping'}",
                "{'type':'message_stop'}",
                "{'type':'content_block_stop','index':0}",
                "{'type':'something_new','delta':7,'content_block':[],'message':'x'}",
                "{'type':7}",
                "{}"
            })
    void event_without_content_belongs_to_no_choice(String event) {
        AnswerChunk chunk = event(event);

        assertThat(kinds(chunk)).isEqualTo("-");
        assertThat(chunk.choices()).isEmpty();
        assertThat(chunk.mayBeError()).isFalse();
    }

    @Test
    void reason_for_the_end_is_read_in_both() {
        assertThat(chat("{'choices':[{'finish_reason':'stop','index':1,'delta':{}},{'index':0,'delta':{}}]}")
                        .choices())
                .containsExactly(new Choice(1, "stop"), new Choice(0, ""));
        assertThat(event("{'type':'message_delta','delta':{'stop_reason':'end_turn','stop_sequence':null}}")
                        .choices())
                .containsExactly(new Choice(0, "end_turn"));
    }

    @Test
    void usage_is_found_where_each_vendor_puts_it() {
        AnswerChunk last = chat("{'choices':[],'usage':{'prompt_tokens':9,'completion_tokens':4}}");
        assertThat(last.isUsageOnly()).isTrue();
        assertThat(prompt(last)).isEqualTo(9);
        assertThat(prompt(chat("{'choices':[],'x_groq':{'usage':{'prompt_tokens':8,'completion_tokens':4}}}")))
                .isEqualTo(8);
        AnswerChunk start = event("{'type':'message_start','message':{'usage':{'input_tokens':7,'output_tokens':1}}}");
        assertThat(start.isUsageOnly()).isFalse();
        assertThat(prompt(start)).isEqualTo(7);
        assertThat(chat("{'choices':[],'usage':null}").usage()).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'error':{'message':'x'}}",
                "{'error':'x'}",
                "{'object':'error','message':'x'}",
                "{'object':{'a':{'b':[1]}},'choices':[]}",
                "{'object':['x'],'choices':[]}",
                "{'object':null}",
                "{'type':'error'}",
                "{'detail':[]}",
                "{'statusCode':500}",
                "{'choices':[{'index':0,'error':{'code':502}}]}",
                "{'x_groq':{'error':'x'}}",
                "[]",
                "1",
                "'x'"
            })
    void what_may_be_an_error_is_worth_a_look(String json) {
        assertThat(chat(json).mayBeError()).isTrue();
    }

    @Test
    void error_event_is_worth_a_look() {
        assertThat(event("{'type':'error','error':{'type':'overloaded_error'}}").mayBeError())
                .isTrue();
        assertThat(event("[]").isObject()).isFalse();
        assertThat(event("{'type':'ping','error':null}").mayBeError()).isFalse();
    }

    @ParameterizedTest
    @MethodSource("protocols")
    void what_is_no_json_is_none(CallerProtocol protocol) {
        for (String text : new String[] {"", " ", "{", "{}{}", "{} x", "{\"a\":}", "[1", "nul", "{\"type\":\"pi"}) {
            assertThat(protocol.chunk(text.getBytes(UTF_8))).as(text).isNull();
        }
    }

    @ParameterizedTest
    @MethodSource("protocols")
    void bytes_stay_as_they_are_unless_they_have_several_lines(CallerProtocol protocol) {
        byte[] plain = "{ \"type\" : \"ping\", \"choices\":[] }".getBytes(UTF_8);
        assertThat(Objects.requireNonNull(protocol.chunk(plain)).json()).isSameAs(plain);

        byte[] torn = "{\"type\":\n\"ping\"}".getBytes(UTF_8);
        assertThat(Objects.requireNonNull(protocol.chunk(torn)).json())
                .asString(UTF_8)
                .isEqualTo("{\"type\":\"ping\"}");
    }

    /** The scan and a parser agree about what is an event, whatever stands where. */
    @Property(tries = 2000)
    void any_document_is_read_or_none_at_all(
            @ForAll("documents") String json, @ForAll("protocols") CallerProtocol protocol) {
        byte[] bytes = json.getBytes(UTF_8);
        assertThat(protocol.chunk(bytes) != null).as(json).isEqualTo(isEvent(bytes, protocol));
        byte[] half = Arrays.copyOf(bytes, bytes.length / 2);
        assertThat(protocol.chunk(half) != null).as(json).isEqualTo(isEvent(half, protocol));
    }

    @Test
    void type_with_a_line_break_is_no_event_where_types_are_names_of_events() {
        byte[] json = "{\"type\":\"\\n\"}".getBytes(UTF_8);
        assertThat(Messages.PROTOCOL.chunk(json)).isNull();
        assertThat(ChatCompletions.PROTOCOL.chunk(json)).isNotNull();
    }

    private static boolean isEvent(byte[] bytes, CallerProtocol protocol) {
        JsonNode node = whole(bytes);
        return node != null && (protocol != Messages.PROTOCOL || isName(node.path("type")));
    }

    private static boolean isName(JsonNode type) {
        String name = type.asText();
        return !name.contains("\n")
                && !name.contains("\r")
                && UTF_8.newEncoder().canEncode(name);
    }

    static List<CallerProtocol> protocols() {
        return List.of(ChatCompletions.PROTOCOL, Messages.PROTOCOL);
    }

    @Provide("protocols")
    Arbitrary<CallerProtocol> anyProtocol() {
        return Arbitraries.of(protocols());
    }

    @Provide
    Arbitrary<String> documents() {
        Arbitrary<String> names = Arbitraries.of(
                "object",
                "type",
                "choices",
                "delta",
                "content",
                "content_block",
                "message",
                "usage",
                "error",
                "text",
                "tool_calls",
                "index",
                "finish_reason",
                "stop_reason",
                "x_groq",
                "reasoning",
                "refusal",
                "a");
        Arbitrary<String> leaves = Arbitraries.of(
                "1", "1.5", "-1", "99999999999", "true", "null", "\"\"", "\"x\"", "\"error\"", "{}", "[]", "\"\\n\"");
        return Arbitraries.lazyOf(
                () -> leaves,
                () -> documents().list().ofMaxSize(2).map(items -> "[" + String.join(",", items) + "]"),
                () -> Combinators.combine(names, documents())
                        .as((name, value) -> "\"" + name + "\":" + value)
                        .list()
                        .ofMaxSize(3)
                        .map(fields -> "{" + String.join(",", fields) + "}"));
    }

    private static @Nullable JsonNode whole(byte[] bytes) {
        try {
            JsonNode node = Json.MAPPER
                    .reader()
                    .with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .readTree(bytes);
            return node.isMissingNode() ? null : node;
        } catch (IOException e) {
            return null;
        }
    }

    private static long prompt(AnswerChunk chunk) {
        return Objects.requireNonNull(chunk.usage()).prompt();
    }

    private static String kinds(AnswerChunk chunk) {
        String kinds = (chunk.hasWords() ? "words " : "")
                + (chunk.hasThoughts() ? "thoughts " : "")
                + (chunk.hasUncontinuableContent() ? "other " : "")
                + (chunk.hasTools() ? "tools " : "");
        return kinds.isEmpty() ? "-" : kinds.strip();
    }

    private static AnswerChunk chat(String json) {
        return Objects.requireNonNull(ChatChunk.read(json.replace('\'', '"').getBytes(UTF_8)));
    }

    private static AnswerChunk event(String json) {
        return Objects.requireNonNull(
                Messages.PROTOCOL.chunk(json.replace('\'', '"').getBytes(UTF_8)));
    }
}
