package io.bactrian.protocol.translation;

import static io.bactrian.protocol.translation.Trees.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An answer in a schema, of a model that keeps to the schema of a tool only. */
class AnswerToolTest {
    private static final MessagesTarget TARGET = new MessagesTarget("model", 1000, null, false, false, false, false);
    private static final String OBJECT = "{'type':'object','properties':{'a':{'type':'string'}},'required':['a']}";
    private static final String WEATHER = "{'type':'function','function':{'name':'weather','strict':true}}";

    private final MessagesToChunks stream = new MessagesToChunks(Instant.EPOCH, Set.of());
    private final List<String> said = new ArrayList<>();

    @Test
    void schema_becomes_a_tool_that_must_be_called() {
        JsonNode body = request(OBJECT, "'x':0");

        assertThat(body.has("output_config")).isFalse();
        assertThat(body.path("tools"))
                .containsExactly(json("{'name':'bactrian_answer','description':'d','input_schema':"
                        + OBJECT.replace("'required'", "'additionalProperties':false,'required'") + "}"));
        assertThat(body.path("tool_choice"))
                .isEqualTo(json("{'type':'tool','name':'bactrian_answer','disable_parallel_tool_use':true}"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'x':0 | {'type':'any'}",
                "'tool_choice':'auto' | {'type':'any'}",
                "'parallel_tool_calls':false | {'type':'any','disable_parallel_tool_use':true}",
                "'tool_choice':'none' " + "| {'type':'tool','name':'bactrian_answer','disable_parallel_tool_use':true}",
            })
    void tools_of_the_caller_stand_beside_it(String fields, String choice) {
        JsonNode body = request(OBJECT, "'tools':[" + WEATHER + "]," + fields);

        assertThat(body.path("tools").findValuesAsText("name")).containsExactly("weather", "bactrian_answer");
        assertThat(body.path("tool_choice")).isEqualTo(json(choice));
    }

    @ParameterizedTest
    @ValueSource(strings = {"'required'", "{'type':'function','function':{'name':'weather'}}"})
    void call_that_the_caller_demands_leaves_no_room_for_an_answer(String choice) {
        JsonNode body = request(OBJECT, "'tools':[" + WEATHER + "],'tool_choice':" + choice);

        assertThat(body.path("tools").findValuesAsText("name")).containsExactly("weather");
    }

    @Test
    void tools_of_the_history_are_declared_and_the_answer_demanded() {
        ObjectNode chat = chat(OBJECT, "'x':0");
        chat.set(
                "messages",
                json("{'x':[{'role':'user','content':'a'},{'role':'assistant','tool_calls':[{'id':'c','type':'function',"
                                + "'function':{'name':'old','arguments':''}}]},{'role':'tool','tool_call_id':'c','content':'1'}]}")
                        .path("x"));

        ObjectNode body = ChatToMessages.request(chat, TARGET, false).body();

        assertThat(body.path("tools").findValuesAsText("name")).containsExactly("old", "bactrian_answer");
        assertThat(body.at("/tool_choice/type").asText()).isEqualTo("tool");
    }

    @Test
    void strictness_that_the_model_does_not_know_is_dropped() {
        Translated translated = ChatToMessages.request(chat(OBJECT, "'tools':[" + WEATHER + "]"), TARGET, false);

        assertThat(translated.body().at("/tools/0").has("strict")).isFalse();
        assertThat(translated.dropped()).contains("tools.strict");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'type':'array','items':{'type':'string'}} | {'type':'array','items':{'type':'string'}}",
                "{'type':['object','null']} | {'type':['object','null'],'additionalProperties':false}",
                "{'type':'object','anyOf':[{'$ref':'#'}]} "
                        + "| {'type':'object','anyOf':[{'$ref':'#/properties/value'}],'additionalProperties':false}",
                "{} | {}",
            })
    void schema_that_is_no_object_is_wrapped(String schema, String value) {
        JsonNode tool = request(schema, "'x':0").at("/tools/0");

        assertThat(tool.path("name").asText()).isEqualTo("bactrian_answer_value");
        assertThat(tool.path("input_schema"))
                .isEqualTo(json("{'type':'object','properties':{'value':" + value + "},'required':['value'],"
                        + "'additionalProperties':false}"));
    }

    @Test
    void definitions_stay_where_references_look_for_them() {
        JsonNode schema = request("{'$ref':'#/$defs/a','$defs':{'a':{'anyOf':[{'$ref':'#/$defs/a'}]}}}", "'x':0")
                .at("/tools/0/input_schema");

        assertThat(schema.at("/properties/value")).isEqualTo(json("{'$ref':'#/$defs/a'}"));
        assertThat(schema.path("$defs")).isEqualTo(json("{'a':{'anyOf':[{'$ref':'#/$defs/a'}]}}"));
    }

    @Test
    void object_that_does_not_say_so_is_called_one() {
        assertThat(request("{'properties':{}}", "'x':0").at("/tools/0/input_schema"))
                .isEqualTo(json("{'type':'object','properties':{},'additionalProperties':false}"));
    }

    @Test
    void schema_that_is_none_is_still_the_callers_mistake() {
        assertThatExceptionOfType(Untranslatable.Invalid.class).isThrownBy(() -> request("7", "'x':0"));
    }

    @Test
    void request_without_a_schema_gets_no_such_tool() {
        ObjectNode chat = json("{'messages':[{'role':'user','content':'hi'}],'response_format':{'type':'text'}}");

        assertThat(ChatToMessages.request(chat, TARGET, false).body().has("tools"))
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "bactrian_answer | {'a': {'value':1}} | {'a':{'value':1}}",
                "bactrian_answer | {'value':1} | {'value':1}",
                "bactrian_answer | {} | {}",
                "bactrian_answer_value | {'value':['x', 1]} | ['x',1]",
                "bactrian_answer_value | {'value':'x'} | 'x'",
                "bactrian_answer_value | {'value':null} | null",
                "bactrian_answer_value | {'other':1} | {'other':1}",
            })
    void input_of_the_tool_is_what_the_model_said(String name, String input, String content) {
        JsonNode choice = MessagesToChat.answer(
                        json("{'content':[{'type':'tool_use','id':'t','name':'" + name + "','input':" + input
                                + "}],'stop_reason':'tool_use'}"),
                        Instant.EPOCH,
                        Set.of())
                .at("/choices/0");

        assertThat(choice.at("/message/content").asText()).isEqualTo(content.replace('\'', '"'));
        assertThat(choice.path("message").has("tool_calls")).isFalse();
        assertThat(choice.path("finish_reason").asText()).isEqualTo("stop");
        feed(name, input.replace('\'', '"'));
        end("tool_use");
        assertThat(String.join("", said).replace(" ", "")).isEqualTo(content.replace('\'', '"'));
    }

    @Test
    void pieces_of_an_answer_are_content_as_they_come() {
        feed("bactrian_answer", "{\"a", "", "\":1}");

        assertThat(said).containsExactly("", "{\"a", "\":1}");
        assertThat(end("tool_use")).isEqualTo("stop");
    }

    @Test
    void wrapped_answer_is_held_until_it_is_whole() {
        Step<ObjectNode> step = feed("bactrian_answer_value", "{\"value\":", "[1]");

        assertThat(step).isEqualTo(Step.thought());
        assertThat(said).isEmpty();
        more("}");
        assertThat(end("tool_use")).isEqualTo("stop");
        assertThat(said).containsExactly("", "[1]", "");
    }

    @ParameterizedTest
    @ValueSource(strings = {"bactrian_answer", "bactrian_answer_value"})
    void answer_that_broke_off_at_the_limit_is_given_as_far_as_it_came(String name) {
        feed(name, "{\"value\":[1");

        assertThat(end("max_tokens")).isEqualTo("length");
        assertThat(String.join("", said)).isEqualTo("{\"value\":[1");
    }

    @Test
    void call_beside_the_answer_is_still_a_call() {
        feed("bactrian_answer", "{}");
        accept("{'type':'content_block_start','index':1,'content_block':{'type':'tool_use','id':'t','name':'w'}}");

        assertThat(end("tool_use")).isEqualTo("tool_calls");
    }

    private Step<ObjectNode> feed(String name, String... pieces) {
        accept("{'type':'content_block_start','index':0,'content_block':{'type':'tool_use','id':'t','name':'" + name
                + "','input':{}}}");
        return more(pieces);
    }

    private Step<ObjectNode> more(String... pieces) {
        Step<ObjectNode> step = Step.nothing();
        for (String piece : pieces) {
            step = accept(MessagesEvent.blockDelta(0, "input_json_delta", "partial_json", piece)
                    .data());
        }
        return step;
    }

    /** Ends the stream; returns the finish reason. */
    private String end(String stopReason) {
        accept("{'type':'content_block_stop','index':0}");
        accept("{'type':'message_delta','delta':{'stop_reason':'" + stopReason + "'}}");
        return accept("{'type':'message_stop'}")
                .out()
                .getLast()
                .at("/choices/0/finish_reason")
                .asText();
    }

    private Step<ObjectNode> accept(String event) {
        return accept(json(event));
    }

    private Step<ObjectNode> accept(ObjectNode event) {
        Step<ObjectNode> step = stream.accept(event);
        step.out()
                .forEach(chunk -> said.add(chunk.at("/choices/0/delta/content").asText()));
        return step;
    }

    private static JsonNode request(String schema, String fields) {
        return ChatToMessages.request(chat(schema, fields), TARGET, false).body();
    }

    private static ObjectNode chat(String schema, String fields) {
        return json("{'messages':[{'role':'user','content':'hi'}],'response_format':{'type':'json_schema',"
                + "'json_schema':{'name':'n','description':'d','schema':" + schema + "}}," + fields + "}");
    }
}
