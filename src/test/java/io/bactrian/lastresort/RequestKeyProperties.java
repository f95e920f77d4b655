package io.bactrian.lastresort;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.protocol.Json;
import io.bactrian.protocol.openai.ChatCompletions;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

class RequestKeyProperties {
    private static final JsonNodeFactory NODES = JsonNodeFactory.withExactBigDecimals(true);

    @Property(tries = 500)
    void order_white_space_and_the_spelling_of_numbers_do_not_matter(
            @ForAll("requests") ObjectNode request, @ForAll long seed) throws IOException {
        JsonNode respelt = respelt(request, new Random(seed));

        assertThat(key(Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(respelt)))
                .isNotNull()
                .isEqualTo(key(Json.bytes(request)));
    }

    @Property(tries = 500)
    void a_change_anywhere_in_a_message_does(
            @ForAll("requests") ObjectNode request, @ForAll @IntRange(max = 9) int at, @ForAll("texts") String added) {
        String before = key(Json.bytes(request));
        ArrayNode messages = (ArrayNode) request.get("messages");
        ObjectNode changed = (ObjectNode) messages.get(at % messages.size());
        changed.put("content", changed.get("content").asText() + "." + added);

        assertThat(key(Json.bytes(request))).isNotNull().isNotEqualTo(before);
    }

    @Property(tries = 200)
    void the_order_of_messages_does(@ForAll("requests") ObjectNode request) {
        ArrayNode messages = (ArrayNode) request.get("messages");
        List<JsonNode> turned = new ArrayList<>();
        messages.forEach(turned::add);
        Collections.reverse(turned);
        boolean same = new ArrayList<>(turned).equals(list(messages));
        String before = key(Json.bytes(request));

        assertThat(key(Json.bytes(request.deepCopy()
                                .set("messages", NODES.arrayNode().addAll(turned))))
                        .equals(before))
                .isEqualTo(same);
    }

    private static List<JsonNode> list(ArrayNode array) {
        List<JsonNode> items = new ArrayList<>();
        array.forEach(items::add);
        return items;
    }

    private static String key(byte[] body) {
        return RequestKey.of(ChatCompletions.PROTOCOL.read(body), "default", "", false);
    }

    private static JsonNode respelt(JsonNode node, Random random) {
        if (node instanceof ObjectNode object) {
            List<Map.Entry<String, JsonNode>> fields = new ArrayList<>(object.properties());
            Collections.shuffle(fields, random);
            ObjectNode out = NODES.objectNode();
            fields.forEach(field -> out.set(field.getKey(), respelt(field.getValue(), random)));
            return out;
        }
        if (node.isArray()) {
            ArrayNode out = NODES.arrayNode();
            node.forEach(item -> out.add(respelt(item, random)));
            return out;
        }
        if (node.isNumber()) {
            BigDecimal value = node.decimalValue();
            return NODES.numberNode(value.setScale(value.scale() + random.nextInt(4)));
        }
        return node;
    }

    @Provide
    Arbitrary<ObjectNode> requests() {
        Arbitrary<ObjectNode> message = texts().map(text -> NODES.objectNode()
                .put("role", text.length() % 2 == 0 ? "user" : "assistant")
                .put("content", text));
        return message.list().ofMinSize(1).ofMaxSize(4).flatMap(messages -> fields().map(fields -> {
            ObjectNode request = NODES.objectNode();
            request.putArray("messages").addAll(messages);
            request.set("logit_bias", fields);
            return request;
        }));
    }

    @Provide
    Arbitrary<String> texts() {
        return Arbitraries.of("", "Hi", "äöü", "骆驼", "🐫", "\"\\\n", "a".repeat(300), "\u0000");
    }

    private static Arbitrary<JsonNode> fields() {
        Arbitrary<JsonNode> leaf = Arbitraries.oneOf(
                Arbitraries.bigDecimals().ofScale(6).map(NODES::numberNode),
                Arbitraries.integers().map(NODES::numberNode),
                Arbitraries.of(true, false).map(NODES::booleanNode),
                Arbitraries.strings().alpha().ofMaxLength(5).map(NODES::textNode));
        return Arbitraries.maps(Arbitraries.strings().alpha().ofMinLength(1).ofMaxLength(4), leaf)
                .ofMaxSize(5)
                .map(map -> {
                    ObjectNode object = NODES.objectNode();
                    map.forEach(object::set);
                    object.set("inside", object.deepCopy());
                    return object;
                });
    }
}
