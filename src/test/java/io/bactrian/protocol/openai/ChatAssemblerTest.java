package io.bactrian.protocol.openai;

import static io.bactrian.testing.Chunks.delta;
import static io.bactrian.testing.Chunks.finish;
import static io.bactrian.testing.Chunks.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.testing.Chunks;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChatAssemblerTest {

    @Test
    void recorded_text_becomes_the_document_a_caller_without_stream_would_get() {
        ObjectNode document = assembled(Chunks.of("openai/stream_text.sse"));

        assertThat(document.path("object").asText()).isEqualTo("chat.completion");
        assertThat(document.path("id").asText()).isEqualTo("chatcmpl-D2StReAm0123456789");
        assertThat(document.path("service_tier").asText()).isEqualTo("default");
        assertThat(document.has("obfuscation")).isFalse();
        assertThat(document.at("/choices/0"))
                .isEqualTo(json("{'index':0,'message':{'role':'assistant','content':'Hello – å','refusal':null},"
                        + "'logprobs':null,'finish_reason':'stop'}"));
        assertThat(document.at("/usage/total_tokens").asInt()).isEqualTo(13);
    }

    @Test
    void recorded_tool_calls_come_whole_and_in_order() {
        JsonNode message = assembled(Chunks.of("openai/stream_tool_calls.sse")).at("/choices/0/message");

        assertThat(message.path("content").isNull()).isTrue();
        assertThat(message.path("tool_calls"))
                .isEqualTo(
                        json("{'t':[{'id':'call_9kQyTz1AbCdEfGhIjKlMnOpQ','type':'function','function':{'name':'get_weather','arguments':'{\\'city\\':\\'Oslo\\'}'}},"
                                        + "{'id':'call_8jPxSy0ZyXwVuTsRqPoNmLkJ','type':'function','function':{'name':'get_weather','arguments':'{\\'city\\':\\'Bergen\\'}'}}]}")
                                .get("t"));
    }

    @Test
    void recorded_groq_stream_keeps_its_own_fields() {
        ObjectNode document = assembled(Chunks.of("groq/stream_text_include_usage.sse"));

        assertThat(document.at("/choices/0/message/content").asText()).isEqualTo("Hello");
        assertThat(document.at("/x_groq/id").asText()).startsWith("req_");
        assertThat(document.at("/usage/queue_time").asDouble()).isEqualTo(0.03);
    }

    @Test
    void unknown_fields_of_every_level_are_kept() {
        ObjectNode document = assembled(
                json("{'id':'','model':'','prompt_filter_results':[{'a':1}],'choices':[]}"),
                json("{'id':'c','model':'m','extra':{'b':2},'choices':[{'index':0,'content_filter_results':{'c':3},"
                        + "'delta':{'content':'x','reasoning_content':'be'}}]}"),
                delta("{'reasoning_content':'cause','annotations':[{'d':4}]}"),
                delta("{'annotations':[{'e':5}],'vendor':{'f':6}}"),
                finish("stop"));

        assertThat(document)
                .isEqualTo(json("{'id':'c1','object':'chat.completion','model':'m',"
                        + "'prompt_filter_results':[{'a':1}],'extra':{'b':2},'choices':[{'index':0,'message':{"
                        + "'role':'assistant','content':'x','refusal':null,'reasoning_content':'because',"
                        + "'annotations':[{'d':4},{'e':5}],'vendor':{'f':6}},'logprobs':null,"
                        + "'content_filter_results':{'c':3},'finish_reason':'stop'}]}"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // each piece with its index
                "{'index':0,'id':'a','type':'function','function':{'name':'f','arguments':'{'}}"
                        + "~{'index':0,'function':{'arguments':'}'}}"
                        + "~{'index':1,'id':'b','type':'function','function':{'name':'g','arguments':'{}'}}",
                // no index at all
                "{'id':'a','type':'function','function':{'name':'f','arguments':'{'}}"
                        + "~{'function':{'arguments':'}'}}"
                        + "~{'id':'b','type':'function','function':{'name':'g','arguments':'{}'}}",
                // the id on each piece, no index
                "{'id':'a','type':'function','function':{'name':'f','arguments':'{'}}"
                        + "~{'id':'a','function':{'arguments':'}'}}"
                        + "~{'id':'b','type':'function','function':{'name':'g','arguments':'{}'}}",
                // every call at index 0
                "{'index':0,'id':'a','type':'function','function':{'name':'f','arguments':'{'}}"
                        + "~{'index':0,'function':{'arguments':'}'}}"
                        + "~{'index':0,'id':'b','type':'function','function':{'name':'g','arguments':'{'}}"
                        + "~{'index':0,'function':{'arguments':'}'}}",
                // counted from one, the second at a used index
                "{'index':1,'id':'a','type':'function','function':{'name':'f','arguments':'{}'}}"
                        + "~{'index':1,'id':'b','type':'function','function':{'name':'g','arguments':'{}'}}",
                // place holders on later pieces
                "{'index':0,'id':'a','type':'function','function':{'name':'f','arguments':null}}"
                        + "~{'index':0,'id':null,'type':null,'function':{'name':null,'arguments':'{'}}"
                        + "~{'index':0,'id':'','type':'','function':{'name':'','arguments':'}'}}"
                        + "~{'index':1,'id':'b','type':'function','function':{'name':'g','arguments':'{}'}}",
                // the pieces of two calls mixed
                "{'index':0,'id':'a','type':'function','function':{'name':'f','arguments':'{'}}"
                        + "~{'index':1,'id':'b','type':'function','function':{'name':'g','arguments':'{'}}"
                        + "~{'index':0,'function':{'arguments':'}'}}"
                        + "~{'index':1,'function':{'arguments':'}'}}"
            })
    void tool_calls_are_put_together_however_they_are_numbered(String pieces) {
        ChatAssembler assembler = new ChatAssembler();
        for (String piece : pieces.split("~")) {
            assembler.add(delta("{'tool_calls':[" + piece + "]}"));
        }
        assembler.add(finish("tool_calls"));

        assertThat(assembler.document().at("/choices/0/message/tool_calls"))
                .isEqualTo(json("{'t':[{'id':'a','type':'function','function':{'name':'f','arguments':'{}'}},"
                                + "{'id':'b','type':'function','function':{'name':'g','arguments':'{}'}}]}")
                        .get("t"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // what most servers send
                "{'id':'a','choices':[{'index':0,'delta':{'content':'%s'},'finish_reason':null}]}",
                "{'choices':[{'index':2,'delta':{'role':'assistant','content':'%s'}}],'usage':null}",
                "{'choices':[{'delta':{'content':'%s','refusal':null}}],'obfuscation':'%s'}",
                "{'obfuscation':'%s','choices':[{'delta':{'content':'%s'}}]}",
                "{'choices':[{'delta':{'content':'%s'}}],'obfuscation':['%s'],'usage':{'prompt_tokens':1}}",
                // more than a text comes with each
                "{'choices':[{'delta':{'content':'%s','reasoning_content':'so'}}]}",
                "{'choices':[{'delta':{'content':'%s','annotations':[1]}}]}",
                "{'choices':[{'delta':{'content':'%s'}},{'index':1,'delta':{'content':'x'}}]}",
                "{'choices':[{'index':1,'delta':{'content':'x'}},{'delta':{'content':'%s'}}]}",
                "{'choices':[{'delta':{'content':'%s'},'logprobs':{'content':[1]}}]}",
                // fields that are there twice, of which the last counts
                "{'choices':[{'delta':{'content':'x','content':'%s'}}]}",
                "{'choices':[{'delta':{'content':'%s','content':'x'}}]}",
                "{'choices':[{'delta':{'content':'%s'},'delta':{'content':'x'}}]}",
                "{'choices':[{'delta':{'content':'%s'},'delta':{}}]}",
                "{'choices':[{'delta':{'content':'%s'}}],'choices':[]}",
                "{'choices':[{'delta':{'content':''},'delta':{'content':'%s'}}]}",
                // odd forms
                "{'choices':[{'index':'1','delta':{'content':'%s'}}]}",
                "{'choices':[{'delta':{'content':['%s']}}]}",
                "{'choices':[{'delta':{'content':{'content':'%s'}}}]}",
                "{'choices':{'delta':{'content':'%s'}}}",
            })
    void chunks_that_are_alike_add_up_as_their_trees_do(String form) {
        ChatAssembler assembler = new ChatAssembler();
        ChatAssembler byTrees = new ChatAssembler();
        List.of("One", " two", "", "\\u00fc\\n", " \u00fc\ud83d\ude00", "}]").forEach(text -> {
            ChatChunk chunk =
                    ChatChunk.read(form.replace("%s", text).replace('\'', '"').getBytes(StandardCharsets.UTF_8));
            assembler.add(chunk);
            byTrees.add((ObjectNode) chunk.tree());
        });
        assertThat(assembler.document().put("id", ""))
                .isEqualTo(byTrees.document().put("id", ""));
    }

    @Test
    void chunks_that_are_alike_are_told_from_others() {
        ChatChunk one = textual("a", "Hi", "x");
        assertThat(textual("a", " there, \u00fc", "").differsInTextOnly(one)).isTrue();
        assertThat(textual("b", "Hi", "x").differsInTextOnly(one)).isFalse();
        assertThat(textual("a", "Hi", "x\",\"usage\":\"").differsInTextOnly(one))
                .isFalse();
        assertThat(ChatChunk.of(finish("stop")).differsInTextOnly(one)).isFalse();
        assertThat(ChatChunk.of(finish("stop")).differsInTextOnly(ChatChunk.of(finish("stop"))))
                .isFalse();
    }

    private static ChatChunk textual(String id, String text, String padding) {
        return ChatChunk.read("{\"id\":\"%s\",\"choices\":[{\"delta\":{\"content\":\"%s\"}}],\"obfuscation\":\"%s\"}"
                .formatted(id, text, padding)
                .getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void custom_tool_call_has_its_input() {
        ObjectNode document = assembled(
                delta("{'tool_calls':[{'index':0,'id':'a','type':'custom','custom':{'name':'f','input':'x'}}]}"),
                delta("{'tool_calls':[{'index':0,'custom':{'input':'y'}}]}"));

        assertThat(document.at("/choices/0/message/tool_calls/0/custom")).isEqualTo(json("{'name':'f','input':'xy'}"));
    }

    @Test
    void function_call_of_old_has_its_arguments() {
        ObjectNode document = assembled(
                delta("{'role':'assistant','content':null,'function_call':{'name':'f','arguments':''}}"),
                delta("{'function_call':{'arguments':'{'}}"),
                delta("{'function_call':{'arguments':'}'}}"),
                finish("function_call"));

        assertThat(document.at("/choices/0/message"))
                .isEqualTo(json("{'role':'assistant','content':null,'refusal':null,"
                        + "'function_call':{'name':'f','arguments':'{}'}}"));
    }

    @Test
    void empty_content_beside_a_call_is_no_content() {
        ObjectNode document = assembled(
                delta("{'role':'assistant','content':''}"),
                delta("{'tool_calls':[{'index':0,'id':'a','function':{'name':'f','arguments':'{}'}}]}"));

        assertThat(document.at("/choices/0/message/content").isNull()).isTrue();
    }

    @Test
    void role_that_is_null_is_the_assistant_s() {
        assertThat(assembled(delta("{'role':'assistant'}"), delta("{'role':null,'content':'x'}"))
                        .at("/choices/0/message/role")
                        .asText())
                .isEqualTo("assistant");
    }

    @Test
    void choices_are_kept_apart() {
        ObjectNode document = assembled(
                json("{'choices':[{'index':1,'delta':{'content':'b'}},{'index':0,'delta':{'content':'a'}}]}"),
                json("{'choices':[{'index':1,'delta':{'content':'B'},'finish_reason':'length'}]}"),
                json("{'choices':[{'index':0,'delta':{'content':'A'},'finish_reason':'stop'}]}"));

        assertThat(document.at("/choices").findValuesAsText("content")).containsExactly("aA", "bB");
        assertThat(document.at("/choices").findValuesAsText("finish_reason")).containsExactly("stop", "length");
        assertThat(document.path("id").asText()).startsWith("chatcmpl-");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "openai/chat_success.json",
                "openai/chat_tool_calls.json",
                "openai/chat_refusal.json",
                "openai/chat_length.json",
                "openai/chat_cached_reasoning.json",
                "groq/chat_success.json",
                "groq/chat_tool_calls.json",
                "azure/chat_success.json",
                "deepseek/chat_success.json",
                "gemini/chat_success.json",
                "gemini/chat_tool_calls.json",
                "mistral/chat_success.json"
            })
    void recorded_document_taken_apart_and_put_together_is_itself(String fixture) {
        ObjectNode document = Chunks.document(fixture);

        ObjectNode again = assembled(ChatSplitter.chunks(document, true));

        assertThat(withDefaults(again)).isEqualTo(withDefaults(document));
    }

    @Test
    void log_probabilities_survive_the_taking_apart() {
        ObjectNode document = json("{'id':'c','object':'chat.completion','choices':[{'index':0,'message':{"
                + "'role':'assistant','content':'x','refusal':null},'logprobs':{'content':[{'token':'x','logprob':-0.5}]},"
                + "'finish_reason':'stop'}]}");

        assertThat(assembled(ChatSplitter.chunks(document, true))).isEqualTo(document);
    }

    @Test
    void usage_follows_only_if_asked_for() {
        ObjectNode document = Chunks.document("openai/chat_success.json");

        assertThat(ChatSplitter.chunks(document, false)).hasSize(2).noneMatch(chunk -> chunk.has("usage"));
        assertThat(ChatSplitter.chunks(document, true)).hasSize(3).last().satisfies(chunk -> {
            assertThat(chunk.path("choices").isEmpty()).isTrue();
            assertThat(chunk.path("usage")).isEqualTo(document.get("usage"));
        });
        assertThat(ChatSplitter.chunks(document, true))
                .allMatch(chunk -> chunk.path("object").asText().equals("chat.completion.chunk"));
    }

    private static ObjectNode assembled(ObjectNode... chunks) {
        return assembled(Arrays.asList(chunks));
    }

    private static ObjectNode assembled(List<ObjectNode> chunks) {
        ChatAssembler assembler = new ChatAssembler();
        chunks.forEach(assembler::add);
        return assembler.document();
    }

    /** The document with what OpenAI always writes and others leave out; a field that is null says nothing. */
    private static ObjectNode withDefaults(ObjectNode document) {
        ObjectNode full = document.deepCopy();
        withoutNulls(full);
        return full;
    }

    private static void withoutNulls(JsonNode node) {
        if (node instanceof ObjectNode object) {
            object.properties().removeIf(field -> field.getValue().isNull());
        }
        node.forEach(ChatAssemblerTest::withoutNulls);
    }
}
