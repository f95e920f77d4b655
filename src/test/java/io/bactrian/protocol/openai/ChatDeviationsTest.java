package io.bactrian.protocol.openai;

import static io.bactrian.testing.Chunks.json;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.protocol.AnswerChunk;
import io.bactrian.protocol.AnswerDocument;
import io.bactrian.protocol.CallOptions;
import io.bactrian.protocol.ChatRequest;
import io.bactrian.protocol.Json;
import io.bactrian.protocol.ProviderProtocol;
import io.bactrian.protocol.Usage;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers of servers that do not keep to the letter of Chat Completions. */
class ChatDeviationsTest {
    private static final ChatRequest ONE = request("{'messages':[{}]}");
    private static final ChatRequest TWO = request("{'messages':[{}],'n':2}");

    private final ProviderProtocol.Events events = reader(ONE);

    @Test
    void ordinary_chunk_passes_as_it_is() {
        byte[] bytes =
                "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"},\"finish_reason\":null}]}".getBytes(UTF_8);
        AnswerChunk chunk = Objects.requireNonNull(events.read(bytes));

        assertThat(events.chunks(chunk)).containsExactly(chunk);
        assertThat(chunk.json()).isSameAs(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"'index':1,", "'index':7,", "'index':'0',", "'index':null,", ""})
    void only_choice_is_the_first_whatever_its_index(String index) {
        AnswerChunk chunk = chunk("{'choices':[{" + index + "'delta':{'content':'a'},'finish_reason':'stop'}]}");

        assertThat(chunk.tree().at("/choices/0/index"))
                .isEqualTo(json("{'i':0}").path("i"));
        assertThat(chunk.choices()).containsExactly(new AnswerChunk.Choice(0, "stop"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'content':null,'tool_calls':[{'id':'a','type':'function','function':{'arguments':'[1]'}}]}",
                "{'content':'a','tool_calls':[{'id':'a','type':'function','function':{'name':'','arguments':'[1]'}}]}",
                "{'content':null,'tool_calls':[{}]}",
            })
    void document_with_a_call_without_a_name_is_no_answer(String message) {
        ObjectNode answer = json("{'choices':[{'index':0,'message':" + message + ",'finish_reason':'tool_calls'}]}");

        assertThat(new ChatProvider().document(answer, Json.bytes(answer), ONE, CallOptions.plainly(false)))
                .isNull();
    }

    @Test
    void second_answer_that_was_not_asked_for_stays_apart() {
        String two = "{'choices':[{'index':2,'delta':{'content':'b'}}]}";
        assertThat(chunk(two).choices()).containsExactly(new AnswerChunk.Choice(0, ""));
        assertThat(chunk(two.replace('2', '0')).choices()).containsExactly(new AnswerChunk.Choice(2, ""));
        assertThat(chunk(two.replace('2', '1')).choices()).containsExactly(new AnswerChunk.Choice(1, ""));
        assertThat(chunk(two).choices()).containsExactly(new AnswerChunk.Choice(0, ""));
        assertThat(chunk("{'choices':[{'index':0,'delta':{},'finish_reason':'stop'}]}")
                        .choices())
                .containsExactly(new AnswerChunk.Choice(0, "stop"));

        ProviderProtocol.Events first = reader(ONE);
        assertThat(chunk(first, two.replace('2', '0')).choices()).containsExactly(new AnswerChunk.Choice(0, ""));
        assertThat(chunk(first, two).choices()).containsExactly(new AnswerChunk.Choice(2, ""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"'index':'0',", ""})
    void several_choices_of_a_chunk_are_told_apart(String index) {
        AnswerChunk chunk = chunk(
                reader(TWO),
                "{'choices':[{" + index + "'delta':{'content':'a'}},{" + index.replace('0', '1')
                        + "'delta':{'content':'b'}}]}");

        assertThat(chunk.choices()).containsExactly(new AnswerChunk.Choice(0, ""), new AnswerChunk.Choice(1, ""));
    }

    @Test
    void one_of_several_choices_keeps_its_index() {
        AnswerChunk chunk = chunk(reader(TWO), "{'choices':[{'index':1,'delta':{'content':'a'}}]}");

        assertThat(chunk.choices()).containsExactly(new AnswerChunk.Choice(1, ""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"''", "'null'", "'NULL'", "'None'"})
    void word_that_is_no_reason_becomes_null(String reason) {
        AnswerChunk chunk = chunk("{'choices':[{'index':0,'delta':{'content':'a'},'finish_reason':" + reason + "}]}");

        assertThat(chunk.tree().at("/choices/0/finish_reason").isNull()).isTrue();
        assertThat(chunk.hasReason()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "STOP, stop",
        "eos, stop",
        "end_turn, stop",
        "MAX_TOKENS, length",
        "model_length, length",
        "tool_use, tool_calls",
        "sensitive, content_filter",
        "function_call, function_call",
        "network_error, network_error",
        "walked_away, walked_away"
    })
    void word_of_another_vendor_becomes_that_of_the_protocol(String word, String reason) {
        chunk("{'choices':[{'index':0,'delta':{'tool_calls':[{'index':0}]}}]}"
                .replace("tool_calls", word.equals("tool_use") ? "tool_calls" : "x"));

        AnswerChunk end = chunk("{'choices':[{'index':0,'delta':{},'finish_reason':'" + word + "'}]}");

        assertThat(end.choices().getFirst().finish()).isEqualTo(reason);
    }

    @Test
    void message_in_the_place_of_a_delta_is_the_answer() {
        AnswerChunk chunk = chunk("{'object':'chat.completion','choices':[{'index':0,'message':{'role':'assistant',"
                + "'content':'all'},'finish_reason':'stop'}]}");

        assertThat(chunk.text()).isEqualTo("all");
        assertThat(chunk.tree().path("object").asText()).isEqualTo("chat.completion.chunk");
    }

    @Test
    void message_after_the_deltas_only_repeats_them() {
        chunk("{'choices':[{'index':0,'delta':{'content':'all'}}]}");

        AnswerChunk end = chunk("{'choices':[{'index':0,'message':{'content':'all'},'finish_reason':'stop'}]}");

        assertThat(end.hasWords()).isFalse();
        assertThat(end.hasReason()).isTrue();
    }

    @Test
    void text_in_the_place_of_a_delta_is_the_answer() {
        assertThat(chunk("{'choices':[{'index':0,'text':'a','finish_reason':null}]}")
                        .text())
                .isEqualTo("a");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'choices':[],'usage':U}",
                "{'choices':[{'index':0,'delta':{},'finish_reason':'stop','usage':U}]}",
                "{'choices':[{'index':0,'delta':{},'finish_reason':'stop'}],'x_groq':{'usage':U}}",
                "{'choices':[{'index':0,'delta':{'usage':U},'finish_reason':'stop'}]}",
                "{'choices':[],'message':{'usage':U}}",
                "{'choices':[{'index':0,'delta':{},'finish_reason':'stop','usage':U}],'usage':{}}",
                "{'choices':[{'index':0,'delta':{},'finish_reason':'stop','usage':U}],"
                        + "'usage':{'prompt_tokens':0,'completion_tokens':0}}"
            })
    void usage_is_found_wherever_it_stands(String chunk) {
        for (String usage : new String[] {
            "{'prompt_tokens':9,'completion_tokens':4}",
            "{'input_tokens':9,'output_tokens':4}",
            "{'prompt_tokens':9,'completion_tokens':4,'input_tokens':9,'output_tokens':4}"
        }) {
            assertThat(chunk(chunk.replace("U", usage)).usage()).isEqualTo(new Usage(9, 4));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'choices':[{'index':0,'message':null,'finish_reason':'stop'}]}",
                "{'choices':[{'index':0,'message':'hi','finish_reason':'stop'}]}",
                "{'choices':[{'index':0,'message':[],'finish_reason':'stop'}]}",
                "{'choices':[{'index':0,'finish_reason':'stop'}]}",
                "{'choices':[{'index':0,'message':{},'finish_reason':'stop'}]}",
                "{'choices':[{'index':0,'message':{'role':'assistant'},'finish_reason':'stop'}]}",
                "{'choices':[{'index':0,'message':{'role':'assistant','content':null},'finish_reason':'stop'}]}",
                "{'choices':[{'index':0,'message':{'content':null,'tool_calls':[]},'finish_reason':'tool_calls'}]}",
                "{'choices':[{'index':0,'message':null,'finish_reason':'length'}]}",
                "{'choices':[]}",
                "{'choices':[null]}",
                "{'choices':['hi']}",
                "{'choices':{}}",
                "{'choices':null}",
                "{'object':'chat.completion'}"
            })
    void document_without_a_message_is_no_answer(String document) {
        assertThat(document(document, ONE)).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'role':'assistant','content':''}",
                "{'role':'assistant','content':null,'tool_calls':[{'id':'a','function':{'name':'f'}}]}",
                "{'role':'assistant','content':null,'function_call':{'name':'f'}}",
                "{'role':'assistant','content':null,'refusal':'No.'}",
                "{'role':'assistant','content':null,'reasoning_content':'hm'}",
                "{'role':'assistant','content':null,'audio':{'id':'a'}}",
                "{'role':'assistant','content':[{'type':'text','text':'a'}]}"
            })
    void message_that_says_anything_is_an_answer(String message) {
        String json = "{'choices':[{'index':0,'message':" + message + ",'finish_reason':'stop'}]}";

        assertThat(document(json, ONE)).isNotNull();
    }

    @Test
    void answer_that_was_cut_off_or_blocked_before_its_first_word_is_one() {
        for (String reason : new String[] {"length", "content_filter"}) {
            String json = "{'choices':[{'index':0,'message':{'role':'assistant','content':null},'finish_reason':'"
                    + reason + "'}]}";
            assertThat(document(json, ONE)).isEqualTo(json(json));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"'delta':{'content':'a'}", "'text':'a'", "'message':null,'delta':{'content':'a'}"})
    void message_is_found_where_some_servers_put_it(String message) {
        JsonNode answer = document("{'choices':[{'index':0," + message + ",'finish_reason':'stop'}]}", ONE);

        assertThat(answer.at("/choices/0/message/content").asText()).isEqualTo("a");
    }

    @ParameterizedTest
    @ValueSource(strings = {"'index':1,", "'index':'0',", ""})
    void only_choice_of_a_document_is_the_first(String index) {
        JsonNode answer =
                document("{'choices':[{" + index + "'message':{'content':'a'},'finish_reason':'stop'}]}", ONE);

        assertThat(answer.at("/choices/0/index")).isEqualTo(json("{'i':0}").path("i"));
    }

    @Test
    void choices_that_are_not_told_apart_are_counted() {
        JsonNode answer = document(
                "{'choices':[{'index':0,'message':{'content':'a'},'finish_reason':'stop'},"
                        + "{'index':0,'message':{'content':'b'},'finish_reason':'stop'}]}",
                TWO);

        assertThat(answer.at("/choices/1/index").asInt()).isEqualTo(1);
        assertThat(answer.at("/choices/1/message/content").asText()).isEqualTo("b");
    }

    @Test
    void usage_and_reason_of_a_document_are_put_right() {
        JsonNode answer = document(
                "{'choices':[{'index':0,'message':{'content':'a'},'finish_reason':'MAX_TOKENS',"
                        + "'usage':{'prompt_tokens':9,'completion_tokens':4}}],'usage':{}}",
                ONE);

        assertThat(answer.at("/choices/0/finish_reason").asText()).isEqualTo("length");
        assertThat(answer.path("usage")).isEqualTo(json("{'prompt_tokens':9,'completion_tokens':4}"));
    }

    private static ProviderProtocol.Events reader(ChatRequest request) {
        return new ChatProvider().events(request, CallOptions.plainly(true));
    }

    private AnswerChunk chunk(String json) {
        return chunk(events, json);
    }

    private static AnswerChunk chunk(ProviderProtocol.Events events, String json) {
        AnswerChunk read =
                Objects.requireNonNull(events.read(json.replace('\'', '"').getBytes(UTF_8)));
        return events.chunks(read).getFirst();
    }

    private static @Nullable JsonNode document(String json, ChatRequest request) {
        AnswerDocument document =
                new ChatProvider().document(json(json), new byte[0], request, CallOptions.plainly(false));
        return document == null ? null : document.tree();
    }

    private static ChatRequest request(String json) {
        return ChatCompletions.PROTOCOL.read(json.replace('\'', '"').getBytes(UTF_8));
    }
}
