package io.bactrian.protocol.openai;

import static io.bactrian.testing.Chunks.json;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.policy.CallFailed;
import io.bactrian.policy.FailureClass;
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
        chunk("{'choices':[{'index':0,'delta':{'role':'assistant','content':''},'finish_reason':null}]}");
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
        String end = "{'choices':[{'index':2,'delta':{},'finish_reason':'stop'}]}";
        assertThat(chunk(end).choices()).containsExactly(new AnswerChunk.Choice(0, "stop"));
        assertThat(chunk(end.replace('2', '0')).choices()).containsExactly(new AnswerChunk.Choice(2, "stop"));
        assertThat(chunk(end.replace('2', '7')).choices()).containsExactly(new AnswerChunk.Choice(0, "stop"));

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

    /** Chunks, apart by {@code ~}: {@code d} a delta, {@code m} a message, {@code t} a text, {@code !} with a finish reason. */
    @ParameterizedTest
    @CsvSource(
            delimiterString = " => ",
            ignoreLeadingAndTrailingWhitespace = false,
            quoteCharacter = '`',
            value = {
                "d:One ~d:two~!m:One two => One two",
                "d:One ~!m:One two three => One two three",
                "d:One ~!m: One  two => One  two",
                "d:One\\n~!m:One two => One\\ntwo",
                "d:One~!m: => One",
                "d:~!m:Hi you => Hi you",
                "m:One ~m:two ~m:three~!m: => One two three",
                "m:One ~m:One two ~!m:One two three => One two three",
                "m:One ~m:One two ~!m:One two => One two ",
                "m:One ~m:two ~!m:One two => One two ",
                "m:Ha~m:Ha~m:Ha~!d: => HaHaHa",
                "m:a~m:b~m:ab~!m:c => ababc",
                "t:One ~t:two ~!t:three => One two three",
                "!m:all => all"
            })
    void message_adds_what_was_not_said_before(String chunks, String text) {
        StringBuilder said = new StringBuilder();
        for (String one : chunks.split("~")) {
            String reason = one.startsWith("!") ? "'stop'" : "null";
            String form = one.replace("!", "");
            String content = "'" + form.substring(2) + "'";
            String field =
                    switch (form.charAt(0)) {
                        case 'd' -> "'delta':{'content':" + content + "}";
                        case 'm' -> "'delta':{},'message':{'role':'assistant','content':" + content + "}";
                        default -> "'text':" + content;
                    };
            AnswerChunk chunk = chunk("{'choices':[{'index':0," + field + ",'finish_reason':" + reason + "}]}");
            said.append(chunk.text());
            assertThat(chunk.tree().at("/choices/0").has("message")).isFalse();
        }
        assertThat(said.toString()).isEqualTo(text.replace("\\n", "\n"));
    }

    @Test
    void message_with_other_words_than_the_deltas_is_invalid() {
        chunk("{'choices':[{'index':0,'delta':{'content':'One '}}]}");

        assertThatExceptionOfType(CallFailed.class)
                .isThrownBy(() -> chunk("{'choices':[{'index':0,'message':{'content':'Two'},'finish_reason':'stop'}]}"))
                .satisfies(e -> assertThat(e.failure().type()).isEqualTo(FailureClass.INVALID_RESPONSE));
    }

    @Test
    void message_after_thoughts_has_the_words() {
        chunk("{'choices':[{'index':0,'delta':{'reasoning_content':'hmm'}}]}");

        AnswerChunk end = chunk("{'choices':[{'index':0,'message':{'reasoning_content':'hmm','content':'The answer'},"
                + "'finish_reason':'stop'}]}");

        assertThat(end.text()).isEqualTo("The answer");
        assertThat(end.hasThoughts()).isFalse();
    }

    @Test
    void message_after_words_has_the_calls() {
        chunk("{'choices':[{'index':0,'delta':{'content':'Let me see. '}}]}");

        AnswerChunk end = chunk("{'choices':[{'index':0,'message':{'content':'Let me see. ','tool_calls':[{'id':'a',"
                + "'type':'function','function':{'name':'f','arguments':'{1}'}}]},'finish_reason':'tool_calls'}]}");

        assertThat(end.text()).isEmpty();
        assertThat(end.tree().at("/choices/0/delta/tool_calls/0/id").asText()).isEqualTo("a");
        assertThat(end.tree().at("/choices/0/delta/tool_calls/0/index").asInt(-1))
                .isZero();
    }

    @Test
    void message_of_one_choice_has_nothing_to_do_with_another() {
        ProviderProtocol.Events two = reader(TWO);
        chunk(two, "{'choices':[{'index':0,'delta':{'role':'assistant','content':'A1'}}]}");

        assertThat(chunk(two, "{'choices':[{'index':1,'message':{'content':'B1'},'finish_reason':'stop'}]}")
                        .text())
                .isEqualTo("B1");
    }

    @Test
    void role_is_in_the_first_chunk_alone() {
        String word = "{'choices':[{'index':0,'delta':{'content':'a'}}]}";
        assertThat(role(chunk(word))).isEqualTo("assistant");
        assertThat(role(chunk(word))).isEmpty();
        assertThat(role(chunk(word.replace("{'content", "{'role':'assistant','content"))))
                .isEmpty();
    }

    private static String role(AnswerChunk chunk) {
        return chunk.tree().at("/choices/0/delta/role").asText();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{'type':'ping'}", "{}", "{'code':0,'msg':'ok'}", "{'choices':null}"})
    void event_without_choices_is_no_chunk(String json) {
        AnswerChunk read =
                Objects.requireNonNull(events.read(json.replace('\'', '"').getBytes(UTF_8)));

        assertThat(events.chunks(read)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ",'choices':null"})
    void usage_has_an_empty_list_of_choices(String choices) {
        AnswerChunk usage = chunk("{'usage':{'prompt_tokens':9,'completion_tokens':4}" + choices + "}");

        assertThat(usage.tree().path("choices").isArray()).isTrue();
        assertThat(usage.isUsageOnly()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "'delta':null,"})
    void choice_without_a_delta_has_an_empty_one(String delta) {
        assertThat(chunk("{'choices':[{'index':0," + delta + "'finish_reason':'stop'}]}")
                        .tree()
                        .at("/choices/0/delta")
                        .isObject())
                .isTrue();
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
