package io.bactrian.protocol.translation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The goldens of whole documents, compared as their README says. */
class DocumentGoldenTest {

    @ParameterizedTest
    @ValueSource(strings = {"01_basic", "02_tools_roundtrip", "03_images_files", "04_json_schema", "05_json_object"})
    void chat_request_becomes_the_messages_request_of_the_golden(String name) {
        JsonNode golden = golden("req_o2a_" + name);
        JsonNode target = golden.path("target");
        MessagesTarget anthropic = new MessagesTarget(
                target.path("model").asText(),
                target.path("defaultMaxTokens").asInt(),
                target.path("maxOutputTokens").asInt(),
                !target.path("sampling").asText().equals("drop"),
                target.path("effort").asBoolean(),
                false,
                true);

        Translated translated = ChatToMessages.request(in(golden), anthropic, false);

        assertTranslated(translated, golden);
    }

    @Test
    void messages_request_becomes_the_chat_request_of_the_golden() {
        JsonNode golden = golden("req_a2o_01_full");
        ChatTarget target = ChatTarget.of(golden.path("target").path("model").asText());

        assertTranslated(MessagesToChat.request(in(golden), target, true), golden);
    }

    @ParameterizedTest
    @ValueSource(strings = {"01_text", "02_tools_cache"})
    void message_becomes_the_chat_answer_of_the_golden(String name) {
        JsonNode golden = golden("resp_a2o_" + name);

        ObjectNode answer = MessagesToChat.answer(in(golden), Instant.EPOCH, Set.of());

        assertThat(comparable(answer, golden)).isEqualTo(comparable(golden.path("out"), golden));
        assertThat(answer.path("id").asText()).startsWith("chatcmpl-");
    }

    @Test
    void chat_answer_becomes_the_message_of_the_golden() {
        JsonNode golden = golden("resp_o2a_01_tools");

        ObjectNode answer = ChatToMessages.answer(in(golden));

        assertThat(comparable(answer, golden)).isEqualTo(comparable(golden.path("out"), golden));
        assertThat(answer.path("id").asText()).startsWith("msg_");
    }

    @Test
    void finish_reasons_become_the_stop_reasons_of_the_golden() {
        for (JsonNode reason : golden("resp_o2a_02_finish_reasons").path("cases")) {
            String finish = reason.path("in").asText();
            boolean hasCalls = finish.equals("tool_calls") || finish.equals("function_call");

            assertThat(FinishReasons.messages(finish, hasCalls))
                    .isEqualTo(reason.path("out").asText());
        }
    }

    private static void assertTranslated(Translated translated, JsonNode golden) {
        assertThat(Trees.argumentsParsed(translated.body())).isEqualTo(Trees.argumentsParsed(golden.path("out")));
        assertThat(translated.dropped()).containsExactlyInAnyOrderElementsOf(texts(golden.path("dropped")));
    }

    private static JsonNode comparable(JsonNode answer, JsonNode golden) {
        return Trees.argumentsParsed(Trees.without(answer, texts(golden.path("ignore"))));
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(text -> texts.add(text.asText()));
        return texts;
    }

    private static ObjectNode in(JsonNode golden) {
        return (ObjectNode) golden.path("in");
    }

    private static JsonNode golden(String name) {
        return Trees.parse(Trees.fixture("translate/" + name + ".json"));
    }
}
