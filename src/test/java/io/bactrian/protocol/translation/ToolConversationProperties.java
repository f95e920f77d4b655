package io.bactrian.protocol.translation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Conversations with tools that go on at another vendor: each result stays with its call. */
class ToolConversationProperties {
    private static final String PIXEL = "AA==";

    /** @param image true if the result has an image too */
    record Call(String id, boolean image) {}

    @Property(tries = 300)
    void messages_conversation_stays_valid_there_and_back(@ForAll("rounds") List<List<Call>> rounds) {
        ObjectNode messages = messages(rounds);
        List<String> told = told(rounds);

        ObjectNode chat =
                MessagesToChat.request(messages, ChatTarget.of("b"), false).body();
        ObjectNode back =
                ChatToMessages.request(chat, MessagesTarget.of("a", 9), false).body();
        ObjectNode again =
                MessagesToChat.request(back, ChatTarget.of("b"), false).body();

        assertThat(pairsOfChat(chat)).isEqualTo(told);
        assertThat(pairsOfMessages(back)).isEqualTo(told);
        assertThat(pairsOfChat(again)).isEqualTo(told);
        assertThat(again.path("messages")).isEqualTo(chat.path("messages"));
        assertThat(images(chat)).isEqualTo(images(back)).isEqualTo(images(messages));
    }

    @Property(tries = 300)
    void chat_conversation_stays_valid_there_and_back(@ForAll("rounds") List<List<Call>> rounds) {
        ObjectNode chat = chat(rounds);
        List<String> told = told(rounds);

        ObjectNode messages =
                ChatToMessages.request(chat, MessagesTarget.of("a", 9), false).body();
        ObjectNode back =
                MessagesToChat.request(messages, ChatTarget.of("b"), false).body();

        assertThat(pairsOfMessages(messages)).isEqualTo(told);
        assertThat(pairsOfChat(back)).isEqualTo(told);
        assertThat(images(back)).isEqualTo(images(messages)).isEqualTo(images(chat));
    }

    @Property(tries = 300)
    void conversation_stays_valid_within_its_protocol(@ForAll("rounds") List<List<Call>> rounds) {
        ObjectNode chat = PortableIds.chat(chat(rounds));
        ObjectNode messages = PortableIds.messages(messages(rounds));

        assertThat(pairsOfChat(chat)).isEqualTo(told(rounds));
        assertThat(pairsOfMessages(messages)).isEqualTo(told(rounds));
        assertThat(PortableIds.chat(chat)).isEqualTo(chat);
        assertThat(PortableIds.messages(messages)).isEqualTo(messages);
        assertThat(ids(MessagesToChat.request(messages(rounds), ChatTarget.of("b"), false)
                        .body()))
                .as("the ids that a translation gives")
                .isEqualTo(ids(chat));
    }

    /** Ids as servers give them, the same one in several answers included. */
    @Provide
    Arbitrary<List<List<Call>>> rounds() {
        Arbitrary<String> ids = Arbitraries.oneOf(
                Arbitraries.of("call_0", "call_1", "", "functions.w:0", "toolu_" + "x".repeat(60)),
                Arbitraries.strings().ascii().ofMaxLength(50));
        Arbitrary<Call> calls =
                Combinators.combine(ids, Arbitraries.of(true, false)).as(Call::new);
        return calls.list()
                .ofMinSize(1)
                .ofMaxSize(3)
                .uniqueElements(Call::id)
                .list()
                .ofMinSize(1)
                .ofMaxSize(4);
    }

    /** The name of each call with its result; the names show which result belongs to which call. */
    private static List<String> told(List<List<Call>> rounds) {
        List<String> told = new ArrayList<>();
        for (List<Call> round : rounds) {
            for (Call call : round) {
                told.add("w" + told.size() + (call.image() ? "=[image]" : "=") + "r" + told.size());
            }
        }
        return told;
    }

    private static ObjectNode messages(List<List<Call>> rounds) {
        ObjectNode request = ExactJson.object();
        ArrayNode messages = request.putArray("messages");
        messages.addObject().put("role", "user").put("content", "begin");
        int number = 0;
        for (List<Call> round : rounds) {
            ArrayNode uses = messages.addObject().put("role", "assistant").putArray("content");
            ArrayNode results = messages.addObject().put("role", "user").putArray("content");
            for (Call call : round) {
                uses.add(Blocks.toolUse(call.id(), "w" + number, ExactJson.object()));
                ArrayNode content = results.addObject()
                        .put("type", "tool_result")
                        .put("tool_use_id", call.id())
                        .putArray("content");
                if (call.image()) {
                    content.addObject()
                            .put("type", "image")
                            .putObject("source")
                            .put("type", "base64")
                            .put("media_type", "image/png")
                            .put("data", PIXEL);
                }
                content.add(ExactJson.textBlock("r" + number++));
            }
        }
        return request;
    }

    private static ObjectNode chat(List<List<Call>> rounds) {
        ObjectNode request = ExactJson.object();
        ArrayNode messages = request.putArray("messages");
        messages.addObject().put("role", "user").put("content", "begin");
        int number = 0;
        for (List<Call> round : rounds) {
            ArrayNode calls = messages.addObject().put("role", "assistant").putArray("tool_calls");
            for (Call call : round) {
                calls.add(ChatCalls.function(call.id(), "w" + (number + calls.size()), "{}"));
            }
            for (Call call : round) {
                ArrayNode content = messages.addObject()
                        .put("role", "tool")
                        .put("tool_call_id", call.id())
                        .putArray("content");
                if (call.image()) {
                    content.addObject()
                            .put("type", "image_url")
                            .putObject("image_url")
                            .put("url", DataUrl.of("image/png", PIXEL));
                }
                content.add(ExactJson.textBlock("r" + number++));
            }
        }
        return request;
    }

    /** Reads the conversation as a strict vendor does. */
    private static List<String> pairsOfMessages(JsonNode request) {
        Map<String, String> pairs = new LinkedHashMap<>();
        List<String> open = new ArrayList<>();
        String role = "";
        for (JsonNode message : request.path("messages")) {
            assertThat(message.path("role").asText()).isNotEqualTo(role);
            role = message.path("role").asText();
            for (JsonNode block : message.path("content")) {
                switch (block.path("type").asText()) {
                    case "tool_use" -> open(block, block, pairs, open);
                    case "tool_result" -> answer(block.path("tool_use_id"), block.path("content"), pairs, open);
                    default -> assertThat(open).isEmpty();
                }
            }
            assertThat(open.isEmpty() || role.equals("assistant")).isTrue();
        }
        assertThat(open).isEmpty();
        return List.copyOf(pairs.values());
    }

    private static List<String> pairsOfChat(JsonNode request) {
        Map<String, String> pairs = new LinkedHashMap<>();
        List<String> open = new ArrayList<>();
        for (JsonNode message : request.path("messages")) {
            if (message.path("role").asText().equals("tool")) {
                answer(message.path("tool_call_id"), message.path("content"), pairs, open);
            } else {
                assertThat(open).isEmpty();
            }
            for (JsonNode call : message.path("tool_calls")) {
                open(call, call.path("function"), pairs, open);
            }
        }
        assertThat(open).isEmpty();
        return List.copyOf(pairs.values());
    }

    private static void open(JsonNode call, JsonNode named, Map<String, String> pairs, List<String> open) {
        String id = call.path("id").asText();
        assertThat(id).matches("[a-zA-Z0-9_-]{1,40}").isNotIn(pairs.keySet());
        pairs.put(id, named.path("name").asText());
        open.add(id);
    }

    private static void answer(JsonNode id, JsonNode content, Map<String, String> pairs, List<String> open) {
        assertThat(open.remove(id.asText())).isTrue();
        StringBuilder result = new StringBuilder();
        for (JsonNode part : content) {
            String type = part.path("type").asText();
            result.append(
                    type.startsWith("image") ? "[image]" : part.path("text").asText());
        }
        String text = content.isTextual() ? content.asText() : result.toString();
        pairs.merge(id.asText(), text.replace("[image 1]\n", "[image]"), (name, given) -> name + "=" + given);
    }

    private static List<String> ids(JsonNode request) {
        List<String> ids = new ArrayList<>();
        request.path("messages")
                .forEach(message -> ids.addAll(message.path("tool_calls").findValuesAsText("id")));
        return ids;
    }

    private static int images(JsonNode request) {
        String text = request.toString();
        return text.split(PIXEL, -1).length - 1;
    }
}
