package io.bactrian.protocol.openai;

import static io.bactrian.testing.Chunks.delta;
import static io.bactrian.testing.Chunks.finish;
import static io.bactrian.testing.Chunks.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.policy.CallFailed;
import io.bactrian.protocol.AnswerChunk;
import io.bactrian.protocol.Json;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers of servers that do not write tool calls and content as the official libraries read them. */
class ChatEventsTest {
    private final ChatEvents events = new ChatEvents(false);
    private final List<AnswerChunk> chunks = new ArrayList<>();

    /**
     * Pieces of tool calls, a list for each chunk, and the calls that they are: name and arguments. A piece is its index, id, name
     * and arguments; {@code -} is missing, {@code ?} empty, and what follows {@code =} no text.
     */
    @ParameterizedTest
    @CsvSource(
            delimiterString = " => ",
            quoteCharacter = '`',
            value = {
                // ids
                "0/a/f/ ~ 0/b/?/{ ~ 0/c/?/} => f{}",
                "0/a/f/ ~ 0/b/f/{ ~ 0/c/f/} ~ 0/d/?/ => f{}",
                "-/-/f/[1] ~ -/-/f/[2] => f[1] f[2]",
                "-/?/f/{} ~ -/?/f/{} => f{} f{}",
                "-/null/f/[1] ~ -/null/g/[2] => f[1] g[2]",
                "-/x/f/[1] ~ -/x/f/[2] => f[1] f[2]",
                "0/x/f/[1] ~ 1/x/g/[2] => f[1] g[2]",
                "0/x/f/ ~ 0/-/-/[1] ~ 1/x/f/ ~ 1/-/-/[1] => f[1] f[1]",
                "0/-/f/[ ~ 0/a/-/1] ~ 1/b/g/[2] => f[1] g[2]",
                // indexes
                "-/a/f/[1 ~ -/b/g/[2 ~ -/a/-/] ~ -/b/-/] => f[1] g[2]",
                "0/a/f/[1 ~ 0/b/g/[2 ~ 0/a/-/] ~ 0/b/-/] => f[1] g[2]",
                "0/a/f/[1 ~ 1/b/g/[2 ~ 0/-/-/] ~ 1/-/-/] => f[1] g[2]",
                "0/a/f/[1] ~ 1/b/g/ ~ 0/-/-/[2] => f[1] g[2]",
                "0/a/f/ ~ 1/-/-/[ ~ 2/-/-/1] => f[1]",
                "7/a/f/[1] ~ 9/b/g/[2] => f[1] g[2]",
                "-/a/f/[1] + -/b/f/[1] => f[1] f[1]",
                "-1/a/f/[1] ~ -1/b/f/[1] => f[1] f[1]",
                "'0'/a/f/[ ~ '0'/-/-/1] => f[1]",
                // names
                "0/a/-/- ~ 0/-/f/- ~ 0/-/-/[1] ~ 0/b/-/- ~ 0/-/f/- ~ 0/-/-/[2] => f[1] f[2]",
                "0/a/f/[ ~ 0/a/f/1 ~ 0/a/f/] => f[1]",
                "-/-/f/- ~ -/-/g/- ~ -/-/h/[1] => f{} g{} h[1]",
                "-/-/f/ ~ -/-/-/[1] ~ -/-/f/ ~ -/-/-/[2] => f[1] f[2]",
                // without arguments
                "0/a/f/ ~ 0/b/f/ => f{} f{}",
                "-/a/f/ ~ -/b/f/ => f{} f{}",
                "-/a/f/- ~ -/b/f/null ~ -/c/g/[1] => f{} f{} g[1]",
                "0/a/f/ ~ 0/b/f/ ~ 0/a/-/[ ~ 0/b/-/[ ~ 0/a/-/1] ~ 0/b/-/2] => f[1] f[2]",
                "-/a/f/ ~ -/b/f/ ~ -/a/-/[ ~ -/b/-/[ ~ -/a/-/1] ~ -/b/-/2] => f[1] f[2]",
                "-/a/f/ ~ -/b/f/ ~ -/a/-/[1] ~ -/b/-/[2] => f[1] f[2]",
                "0/a/f/ ~ 0/b/f/[ ~ 0/c/f/1] => f[1]",
                // what is said twice
                "0/a/f/{'x':1} ~ 0/a/f/{'x':_1} => f{'x':1}",
                "0/a/f/{'x':'é'} ~ 0/a/f/{'x':'@u00e9'} => f{'x':'é'}",
                "0/a/f/{'x':1} ~ 0/-/-/{ ~ 0/-/-/'x':1} => f{'x':1}",
                "0/a/f/{'x':1} ~ 0/-/-/{} => f{'x':1}",
                "0/a/f/{'x':1} ~ 0/a/f/{} => f{'x':1}",
                "0/a/f/{'x':1} ~ 0/a/-/{} => f{'x':1}",
                "-/a/f/{'x':1} ~ -/a/f/{} ~ -/b/g/{} => f{'x':1} g{}",
                "0/a/f/{'x':1} ~ 0/a/f/{'x':1} ~ 0/a/f/{'x':1} => f{'x':1}",
                "0/a/-/[1] ~ 0/-/f/[1] => f[1]",
                "-/x/f/[1] ~ -/x/f/{} ~ -/x/-/[2] => f[1] f[2]",
                "0/a/f/ ~ 0/-/-/[1] ~ 0/a/f/[1] => f[1]",
                "0/a/f/[1] ~ 0/-/-/[1] => f[1]",
                // arguments
                "0/a/f/={'x':1} => f{'x':1}",
                "0/a/f/=[] => f{}",
                "0/a/f/=null => f{}",
                "0/a/f/null => f{}",
                "0/a/f/- => f{}",
                "0/a/f/{} ~ 0/-/-/{1 ~ 0/-/-/} => f{1}",
                "0/a/f/ ~ 0/-/-/{} ~ 1/b/g/{} => f{} g{}",
                "0/a/f/{ => f{",
                // shapes
                "{'name':'f','arguments':'[1]'} => f[1]",
                "{'name':'f','arguments':{'x':1}} ~ {'name':'f','arguments':{'x':2}} => f{'x':1} f{'x':2}",
                "null + 0/a/f/[1] => f[1]",
                "{'id':'a','type':'tool','function':{'name':'f','arguments':'[1]'}} => f[1]",
                "{'id':7,'function':{'name':'f','arguments':'[1]'}} => f[1]",
                "{} => -",
            })
    void calls_go_out_in_order_however_they_come(String pieces, String calls) {
        for (String list : pieces.split(" ~ ")) {
            String entries =
                    Stream.of(list.split(" \\+ ")).map(ChatEventsTest::entry).collect(Collectors.joining(","));
            feed(delta("{'tool_calls':[" + entries + "]}"));
        }
        feed(finish("tool_calls"));
        end();

        assertThat(called())
                .isEqualTo(
                        calls.equals("-")
                                ? List.of()
                                : List.of(calls.replace('\'', '"').split(" ")));
    }

    /** Pieces of calls as above, and {@code stop} or {@code tool_calls} for the reason, which may come before them. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "0/a/-/[1] ~ tool_calls",
                "0/a/-/[1] ~ stop",
                "0/a/?/ ~ stop",
                "0/a/f/[1] ~ 1/b/-/[2] ~ tool_calls",
                "tool_calls ~ 0/a/-/[1]",
                "0/a/f/[1] ~ 0/-/-/[2] ~ tool_calls",
                "0/a/f/[1] ~ 0/-/-/] ~ tool_calls",
            })
    void unusable_call_is_an_invalid_response(String pieces) {
        for (String piece : pieces.split(" ~ ")) {
            if (piece.contains("/")) {
                feed(delta("{'tool_calls':[" + entry(piece) + "]}"));
            }
        }

        assertThatThrownBy(this::end).isInstanceOf(CallFailed.class).hasMessageStartingWith("INVALID_RESPONSE");
    }

    @Test
    void unusable_call_is_known_at_the_finish_reason() {
        feed(delta("{'content':'a'}"));
        feed(delta("{'tool_calls':[" + entry("0/a/-/[1]") + "]}"));

        assertThatThrownBy(() -> feed(finish("tool_calls"))).isInstanceOf(CallFailed.class);
    }

    @Test
    void entry_that_says_nothing_does_not_spoil_words() {
        feed(delta("{'content':'a'}"));
        feed(delta("{'tool_calls':[{}]}"));
        feed(delta("{'tool_calls':[" + entry("0/a/-/") + "]}"));
        feed(finish("stop"));
        end();

        assertThat(called()).isEmpty();
    }

    @Test
    void one_call_may_stand_without_its_list() {
        feed(delta("{'tool_calls':{'id':'a','function':{'name':'f','arguments':'[1]'}}}"));
        end();

        assertThat(called()).containsExactly("f[1]");
    }

    @Test
    void arguments_written_as_a_string_of_json_are_unwrapped() {
        feed(
                json("{'choices':[{'index':0,'delta':{'tool_calls':[{'index':0,'id':'a','type':'function',"
                        + "'function':{'name':'f','arguments':'@'}}]}}]}"),
                "@",
                "\\\"{\\\\\\\"x\\\\\\\":1}\\\"");
        end();

        assertThat(called()).containsExactly("f{\"x\":1}");
    }

    @Test
    void custom_call_keeps_its_text() {
        feed(delta("{'tool_calls':[{'id':'a','custom':{'name':'sh','input':'ls {a}'}}]}"));
        feed(delta("{'tool_calls':[{'id':'a','custom':{'name':'sh','input':' -l'}}]}"));
        end();

        assertThat(trees().get(0).at("/choices/0/delta/tool_calls/0"))
                .isEqualTo(json("{'id':'a','custom':{'name':'sh','input':'ls {a}'},'index':0,'type':'custom'}"));
        assertThat(trees().get(1).at("/choices/0/delta/tool_calls/0"))
                .isEqualTo(json("{'custom':{'input':' -l'},'index':0}"));
    }

    @Test
    void unknown_fields_stay_with_their_call() {
        feed(
                delta(
                        "{'tool_calls':[{'id':'a','extra_content':{'signature':'x'},'function':{'name':'f','arguments':{}}}]}"));
        end();

        assertThat(trees().get(0)
                        .at("/choices/0/delta/tool_calls/0/extra_content/signature")
                        .asText())
                .isEqualTo("x");
    }

    @Test
    void function_call_of_old_becomes_a_tool_call() {
        feed(delta("{'role':'assistant','content':null,'function_call':{'name':'f','arguments':''}}"));
        feed(delta("{'function_call':{'arguments':'[1'}}"));
        feed(delta("{'function_call':{'arguments':']'}}"));
        feed(finish("function_call"));
        end();

        assertThat(called()).containsExactly("f[1]");
        assertThat(trees().getLast().at("/choices/0/finish_reason").asText()).isEqualTo("tool_calls");
    }

    @Test
    void function_call_of_old_stays_for_a_caller_who_asked_for_it() {
        ChatEvents old = new ChatEvents(true);
        ChatChunk plain = chunk(delta("{'function_call':{'name':'f','arguments':'{}'}}"));
        ChatChunk object = chunk(delta("{'function_call':{'name':'f','arguments':{'x':1}}}"));

        assertThat(old.chunks(plain)).containsExactly(plain);
        assertThat(old.chunks(object)
                        .getFirst()
                        .tree()
                        .at("/choices/0/delta/function_call/arguments")
                        .asText())
                .isEqualTo("{\"x\":1}");
    }

    @Test
    void call_said_in_both_forms_is_one() {
        feed(delta("{'tool_calls':[{'index':0,'id':'a','type':'function','function':{'name':'f','arguments':'[1]'}}],"
                + "'function_call':{'name':'f','arguments':'[1]'}}"));
        end();

        assertThat(called()).containsExactly("f[1]");
    }

    @Test
    void choices_have_calls_of_their_own() {
        String call = "'delta':{'tool_calls':[{'id':'a','function':{'name':'f','arguments':'[1]'}}]}}";
        feed(json("{'choices':[{'index':0," + call + ",{'index':1," + call + "]}"));
        end();

        assertThat(trees().getFirst().findValuesAsText("id")).containsExactly("a", "a");
    }

    /** Content and what is read in it: the text, the thoughts, the rest. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[{'type':'text','text':'a'},{'type':'text','text':'b'}] | {'content':'ab'}",
                "['a','b'] | {'content':'ab'}",
                "['a',{'text':'b'},['c']] | {'content':'abc'}",
                "{'text':'a'} | {'content':'a'}",
                "{'type':'text','text':'a'} | {'content':'a'}",
                "{'parts':[{'text':'a'},{'text':'b'}]} | {'content':'ab'}",
                "[{'type':'output_text','text':'a','annotations':[]}] | {'content':'a'}",
                "[{'type':'text','text':{'value':'a'}}] | {'content':'a'}",
                "[{'type':'text','content':'a'}] | {'content':'a'}",
                "[{'type':'thinking','thinking':'hm'}] | {'content':null,'reasoning_content':'hm'}",
                "[{'type':'thinking','thinking':[{'type':'text','text':'h'},'m']},{'type':'text','text':'a'}]"
                        + " | {'content':'a','reasoning_content':'hm'}",
                "[{'type':'reasoning','text':'hm'}] | {'content':null,'reasoning_content':'hm'}",
                "[{'thinking':'hm'},{'text':'a'}] | {'content':'a','reasoning_content':'hm'}",
                "[{'type':'refusal','refusal':'No.'}] | {'content':null,'refusal':'No.'}",
                "[{'type':'text','text':'a'},{'type':'reference','reference_ids':[1]},{'type':'text','text':'b'}]"
                        + " | {'content':'ab','content_parts':[{'type':'reference','reference_ids':[1],'index':0}]}",
                "[{'type':'text','text':null},{'type':'text'},null] | {'content':''}",
                "[] | {'content':''}",
                "{} | {'content':''}",
                "5 | {'content':'5'}",
                "[{'type':'tool_use','id':'t','name':'f','input':{'x':1}}] | {'content':null,'tool_calls':[{'id':'t',"
                        + "'function':{'name':'f','arguments':'{@x@:1}'},'index':0,'type':'function'}]}",
            })
    void content_of_any_form_becomes_text(String content, String delta) {
        feed(delta("{'content':" + content + "}"));
        end();

        assertThat(trees()).hasSize(1);
        JsonNode read = trees().getFirst().at("/choices/0/delta");
        assertThat(read.toString().replace("\\\"", "@")).isEqualTo(json(delta).toString());
    }

    @Test
    void thoughts_in_parts_follow_those_beside_them() {
        feed(delta("{'reasoning_content':'h','content':[{'type':'thinking','thinking':'m'}]}"));
        feed(delta("{'reasoning_content':[{'type':'text','text':'so'}]}"));

        assertThat(trees().get(0).at("/choices/0/delta/reasoning_content").asText())
                .isEqualTo("hm");
        assertThat(trees().get(1).at("/choices/0/delta/reasoning_content").asText())
                .isEqualTo("so");
    }

    @Test
    void parts_without_words_are_numbered_through_the_answer() {
        feed(delta("{'content':[{'type':'reference','reference_ids':[1]}]}"));
        feed(delta("{'content':[{'type':'reference','reference_ids':[2]}]}"));

        assertThat(trees())
                .extracting(tree ->
                        tree.at("/choices/0/delta/content_parts/0/index").asInt())
                .containsExactly(0, 1);
        assertThat(chunks).allMatch(AnswerChunk::hasUncontinuableContent);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'role':'assistant','content':''}",
                "{'content':'a','reasoning_content':null,'tool_calls':null,'function_call':null,'refusal':null}",
                "{'content':null,'reasoning':'hm'}",
                "{'content':'a','tool_calls':[]}",
                "{'tool_calls':[{'index':0,'id':'a','type':'function','function':{'name':'f','arguments':'{'}}]}",
                "{'tool_calls':[{'index':0,'id':'a','type':'custom','custom':{'name':'f','input':'x'}}]}",
                "{'tool_calls':[{'index':0,'id':'a','type':'function','function':{'name':'f','arguments':'{1}'}},"
                        + "{'index':1,'id':'b','type':'function','function':{'name':'f','arguments':'{1}'}}]}",
            })
    void ordinary_chunk_is_the_same_object(String delta) {
        ChatChunk chunk = chunk(delta(delta));

        assertThat(events.chunks(chunk)).containsExactly(chunk);
    }

    @Test
    void piece_of_an_open_call_is_the_same_object() {
        feed(delta("{'tool_calls':[{'index':0,'id':'a','type':'function','function':{'name':'f','arguments':''}}]}"));
        ChatChunk one = chunk(delta("{'tool_calls':[{'index':0,'function':{'arguments':'{'}}]}"));
        ChatChunk two = chunk(delta("{'tool_calls':[{'index':0,'id':null,'function':{'name':null,'arguments':'}'}}]}"));

        assertThat(events.chunks(one)).containsExactly(one);
        assertThat(events.chunks(two)).isEmpty();
        assertThat(events.end()).containsExactly(two);
    }

    @Test
    void type_of_null_in_a_later_piece_is_left_out() {
        feed(delta("{'tool_calls':[{'index':0,'id':'a','type':'function','function':{'name':'f','arguments':''}}]}"));
        feed(delta("{'tool_calls':[{'index':0,'type':null,'function':{'arguments':'{1}'}}]}"));

        JsonNode piece = chunks.getLast().tree().at("/choices/0/delta/tool_calls/0");
        assertThat(piece.has("type")).isFalse();
        assertThat(piece.at("/function/arguments").asText()).isEqualTo("{1}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " => ",
            value = {
                "{\"ci => true",
                "[ => true",
                "\" => true",
                "{\"a\":\"}\" => true",
                "{} => false",
                "{\"a\":\"{\"} => false",
                "?? => false"
            })
    void call_is_half_as_long_as_its_arguments_are_open(String arguments, boolean half) {
        ObjectNode call = delta(
                "{'tool_calls':[{'index':0,'id':'a','type':'function','function':{'name':'f','arguments':'?'}}]}");
        ((ObjectNode) call.at("/choices/0/delta/tool_calls/0/function"))
                .put("arguments", arguments.equals("??") ? "" : arguments);
        feed(call);

        assertThat(events.hasHalfCall()).isEqualTo(half);
    }

    @Test
    void first_of_two_calls_may_be_the_half_one_and_the_token_limit_excuses_it() {
        feed(delta("{'tool_calls':[{'index':0,'id':'a','type':'function','function':{'name':'f','arguments':'{'}}]}"));
        feed(delta("{'tool_calls':[{'index':1,'id':'b','type':'function','function':{'name':'g','arguments':'{}'}}]}"));
        assertThat(events.hasHalfCall()).isTrue();

        feed(finish("length"));
        assertThat(events.hasHalfCall()).isFalse();
    }

    private void feed(ObjectNode chunk) {
        chunks.addAll(events.chunks(chunk(chunk)));
    }

    private void feed(ObjectNode chunk, String mark, String text) {
        byte[] json = chunk.toString().replace(mark, text).getBytes(StandardCharsets.UTF_8);
        chunks.addAll(events.chunks(events.read(json)));
    }

    private void end() {
        chunks.addAll(events.end());
    }

    private ChatChunk chunk(ObjectNode tree) {
        return (ChatChunk) events.read(Json.bytes(tree));
    }

    private List<JsonNode> trees() {
        return chunks.stream().map(AnswerChunk::tree).toList();
    }

    private static String entry(String piece) {
        if (piece.startsWith("{") || piece.equals("null")) {
            return piece;
        }
        String[] fields = piece.split("/", -1);
        String index = fields[0].equals("-") ? "" : "'index':" + fields[0] + ",";
        String name = field("name", fields[2]);
        String text = fields[3].startsWith("=")
                ? "'arguments':" + fields[3].substring(1) + ","
                : field("arguments", fields[3].isEmpty() ? "?" : fields[3]);
        String function = (name + text).replaceAll(",$", "");
        if (fields[3].contains("'") && !fields[3].startsWith("=")) {
            function = function.replace(
                    fields[3], fields[3].replace("'", "\\\"").replace("_", " ").replace("@u", "\\\\u"));
        }
        return "{" + index + field("id", fields[1]) + "'type':'function','function':{" + function + "}}";
    }

    private static String field(String name, String value) {
        return value.equals("-") ? "" : "'" + name + "':'" + (value.equals("?") ? "" : value) + "',";
    }

    /** The calls as an official library joins them: by index, the id, type and name once each. */
    private List<String> called() {
        Map<Integer, StringBuilder> calls = new TreeMap<>();
        Set<String> ids = new HashSet<>();
        for (JsonNode tree : trees()) {
            for (JsonNode piece : tree.at("/choices/0/delta/tool_calls")) {
                assertThat(piece.path("index").isInt()).isTrue();
                int index = piece.path("index").intValue();
                JsonNode function = piece.path("function");
                if (!calls.containsKey(index)) {
                    assertThat(index).as(tree.toString()).isEqualTo(calls.size());
                    assertThat(piece.path("type").asText()).isEqualTo("function");
                    assertThat(ids.add(piece.path("id").asText())).isTrue();
                    assertThat(piece.path("id").asText()).isNotEmpty();
                    calls.put(index, new StringBuilder(function.path("name").asText()));
                } else {
                    assertThat(piece.path("id").asText("")).isEmpty();
                    assertThat(function.path("name").asText("")).isEmpty();
                }
                assertThat(function.path("arguments").isContainerNode()).isFalse();
                calls.get(index).append(function.path("arguments").asText(""));
            }
        }
        return calls.values().stream().map(StringBuilder::toString).toList();
    }
}
