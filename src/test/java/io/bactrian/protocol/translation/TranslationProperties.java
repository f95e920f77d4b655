package io.bactrian.protocol.translation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class TranslationProperties {

    @Property
    void tool_id_fits_both_vendors_and_stays_as_it_is(@ForAll String id) {
        String portable = ToolIds.portable(id);

        assertThat(portable).matches("[a-zA-Z0-9_-]{1,40}").isEqualTo(ToolIds.portable(id));
        assertThat(ToolIds.portable(portable)).isEqualTo(portable);
    }

    @Property
    void different_tool_ids_stay_different(@ForAll("ids") String one, @ForAll("ids") String other) {
        assertThat(ToolIds.portable(one).equals(ToolIds.portable(other))).isEqualTo(one.equals(other));
    }

    @Property
    void plain_conversation_keeps_every_text_in_order_there_and_back(@ForAll("texts") List<String> texts) {
        ObjectNode chat = conversation(texts);

        ObjectNode messages =
                ChatToMessages.request(chat, MessagesTarget.of("a", 9), false).body();
        ObjectNode back =
                MessagesToChat.request(messages, ChatTarget.of("b"), false).body();

        assertThat(spoken(messages)).containsSubsequence(texts);
        assertThat(spoken(back)).containsSubsequence(texts);
    }

    @Property
    void streamed_pieces_add_up_to_the_whole_text_there_and_back(@ForAll("texts") List<String> pieces) {
        ChunksToMessages toMessages = new ChunksToMessages();
        MessagesToChunks toChat = new MessagesToChunks(Instant.EPOCH, Set.of());
        List<MessagesEvent> events = new ArrayList<>();
        for (String piece : pieces) {
            events.addAll(toMessages.accept(chunk(piece, null)).out());
        }
        events.addAll(toMessages.accept(chunk("", "stop")).out());
        events.addAll(toMessages.finish().out());
        StringBuilder said = new StringBuilder();
        for (MessagesEvent event : events) {
            toChat.accept(event.data())
                    .out()
                    .forEach(chunk ->
                            said.append(chunk.at("/choices/0/delta/content").asText()));
        }

        assertThat(said.toString()).isEqualTo(String.join("", pieces));
        assertThat(toChat.complete()).isTrue();
    }

    @Property
    void pieces_of_arguments_add_up_however_they_are_cut(@ForAll String value, @ForAll("cuts") int size) {
        String arguments = ExactJson.object().put("k", value).toString();
        BlockQueue blocks = new BlockQueue();
        List<MessagesEvent> events = new ArrayList<>();
        for (int at = 0; at < arguments.length(); at += size) {
            ObjectNode call = ExactJson.object().put("index", 0).put("id", "a");
            call.putObject("function")
                    .put("name", "f")
                    .put("arguments", arguments.substring(at, Math.min(arguments.length(), at + size)));
            blocks.call(CallPiece.of(call), "x", events);
            assertThat(events).noneMatch(event -> event.name().equals("content_block_stop"));
        }
        blocks.call(CallPiece.of(ExactJson.object().put("index", 1).put("id", "b")), "x", events);

        StringBuilder sent = new StringBuilder();
        events.forEach(
                event -> sent.append(event.data().at("/delta/partial_json").asText()));
        assertThat(sent.toString()).isEqualTo(arguments);
        assertThat(events).last().returns("content_block_stop", MessagesEvent::name);
    }

    @Provide
    Arbitrary<List<String>> texts() {
        return Arbitraries.strings()
                .ofMinLength(1)
                .ofMaxLength(20)
                .filter(text -> !text.isBlank())
                .list()
                .ofMinSize(1)
                .ofMaxSize(9);
    }

    @Provide
    Arbitrary<String> ids() {
        return Arbitraries.strings().ascii().ofMaxLength(60);
    }

    @Provide
    Arbitrary<Integer> cuts() {
        return Arbitraries.integers().between(1, 5);
    }

    private static ObjectNode conversation(List<String> texts) {
        ObjectNode chat = ExactJson.object();
        ArrayNode messages = chat.putArray("messages");
        for (int i = 0; i < texts.size(); i++) {
            messages.addObject().put("role", i % 2 == 0 ? "user" : "assistant").put("content", texts.get(i));
        }
        return chat;
    }

    private static List<String> spoken(JsonNode request) {
        return request.path("messages").findValuesAsText("content");
    }

    private static ObjectNode chunk(String content, String finishReason) {
        ObjectNode chunk = ExactJson.object();
        ObjectNode choice = chunk.putArray("choices").addObject().put("index", 0);
        choice.putObject("delta").put("content", content);
        choice.put("finish_reason", finishReason);
        return chunk;
    }
}
