package io.bactrian.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.protocol.anthropic.Messages;
import io.bactrian.protocol.openai.ChatCompletions;
import io.bactrian.protocol.openai.TargetBodies;
import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;

class ChatRequestProperties {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    @Property
    void request_for_a_target_differs_only_where_it_must(
            @ForAll("objects") JsonNode fields,
            @ForAll("objects") JsonNode own,
            @ForAll("reserved") Map<String, JsonNode> reserved,
            @ForAll("protocols") CallerProtocol protocol,
            @ForAll boolean stream,
            @ForAll boolean options,
            @ForAll boolean pretty,
            @ForAll long order)
            throws IOException {
        ObjectNode original = shuffled(fields, reserved, order);
        Map<String, JsonNode> extra = Json.MAPPER.convertValue(own, new TypeReference<Map<String, JsonNode>>() {});
        byte[] body = pretty
                ? Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(original)
                : Json.bytes(original);

        byte[] sent = TargetBodies.of(read(protocol, body), "the/model", stream, options, extra);

        boolean chat = protocol == ChatCompletions.PROTOCOL;
        assertThat(Json.MAPPER.readTree(sent)).isEqualTo(expected(original, chat, stream, options, extra));
    }

    @Property
    void any_bytes_are_read_or_refused(
            @ForAll("protocols") CallerProtocol protocol, @ForAll @Size(max = 40) byte[] body) {
        try {
            read(protocol, body);
        } catch (RequestRejected rejected) {
            assertThat(rejected.status()).isEqualTo(400);
        }
    }

    @Property
    void any_text_in_any_field_is_read_or_refused(
            @ForAll("protocols") CallerProtocol protocol,
            @ForAll("names") String name,
            @ForAll("pieces") List<String> pieces) {
        String body = "{\"messages\":[{}],\"max_tokens\":1,\"" + name + "\":" + String.join("", pieces) + "}";
        try {
            ChatRequest request = read(protocol, body.getBytes(UTF_8));
            TargetBodies.of(request, "m", true, Map.of());
            assertThat(request.minTokens()).isNotNegative();
        } catch (RequestRejected rejected) {
            assertThat(rejected.status()).isEqualTo(400);
        }
    }

    private static ChatRequest read(CallerProtocol protocol, byte[] body) {
        return protocol == ChatCompletions.PROTOCOL
                ? ChatCompletions.PROTOCOL.read(body)
                : Messages.PROTOCOL.read(body);
    }

    private static JsonNode expected(
            ObjectNode original, boolean chat, boolean stream, boolean options, Map<String, JsonNode> extra)
            throws IOException {
        ObjectNode expected = (ObjectNode) Json.MAPPER.readTree(Json.bytes(original));
        expected.remove(chat ? List.of("fallbacks", "stream", "stream_options") : List.of("fallbacks", "stream"));
        expected.put("model", "the/model");
        if (stream) {
            expected.put("stream", true);
        }
        if (chat && stream && options) {
            ObjectNode asked =
                    original.get("stream_options") instanceof ObjectNode given ? given.deepCopy() : NODES.objectNode();
            expected.set("stream_options", asked.put("include_usage", true));
        }
        extra.forEach(expected::set);
        return Json.MAPPER.readTree(Json.bytes(expected));
    }

    private static ObjectNode shuffled(JsonNode fields, Map<String, JsonNode> reserved, long order) {
        List<Map.Entry<String, JsonNode>> all = new ArrayList<>(fields.properties());
        all.addAll(reserved.entrySet());
        all.add(Map.entry("max_tokens", NODES.numberNode(5)));
        all.add(Map.entry(
                "messages",
                NODES.arrayNode()
                        .add(NODES.objectNode().put("role", "user").put("content", "h\u00e9 \uD83D\uDC2A \\ \""))));
        Collections.shuffle(all, new Random(order));
        ObjectNode object = NODES.objectNode();
        all.forEach(field -> object.set(field.getKey(), field.getValue()));
        return object;
    }

    @Provide
    Arbitrary<CallerProtocol> protocols() {
        return Arbitraries.of(ChatCompletions.PROTOCOL, Messages.PROTOCOL);
    }

    @Provide
    Arbitrary<Map<String, JsonNode>> reserved() {
        Arbitrary<Map.Entry<String, JsonNode>> entry = Arbitraries.of(
                Map.entry("model", NODES.textNode("caller's")),
                Map.entry("model", NODES.nullNode()),
                Map.entry("stream", NODES.booleanNode(true)),
                Map.entry("stream", NODES.booleanNode(false)),
                Map.entry("stream_options", NODES.objectNode().put("include_usage", true)),
                Map.entry(
                        "stream_options",
                        NODES.objectNode().put("include_usage", false).put("x", 1)),
                Map.entry("stream_options", NODES.nullNode()),
                Map.entry("fallbacks", NODES.arrayNode().add("a")),
                Map.entry("n", NODES.numberNode(3)),
                Map.entry("tools", NODES.arrayNode().add(NODES.objectNode()).add(1)),
                Map.entry("response_format", NODES.objectNode().put("type", "json_schema")),
                Map.entry("reasoning_effort", NODES.textNode("high")));
        return entry.list().ofMaxSize(8).map(list -> {
            Map<String, JsonNode> map = new LinkedHashMap<>();
            list.forEach(e -> map.put(e.getKey(), e.getValue()));
            return map;
        });
    }

    @Provide
    Arbitrary<JsonNode> objects() {
        Arbitrary<JsonNode> leaves = Arbitraries.oneOf(
                Arbitraries.strings()
                        .ofMaxLength(20)
                        .filter(ChatRequestProperties::sound)
                        .map(NODES::textNode),
                Arbitraries.longs().map(NODES::numberNode),
                Arbitraries.doubles().map(NODES::numberNode),
                Arbitraries.of(true, false).map(NODES::booleanNode),
                Arbitraries.of(NODES.nullNode(), NODES.numberNode(new BigInteger("123456789012345678901234567890"))));
        return object(Arbitraries.oneOf(
                leaves, object(leaves), leaves.list().ofMaxSize(3).map(list -> {
                    ArrayNode array = NODES.arrayNode();
                    list.forEach(array::add);
                    return array;
                })));
    }

    private static Arbitrary<JsonNode> object(Arbitrary<JsonNode> values) {
        Arbitrary<String> names = Arbitraries.strings()
                .ofMaxLength(8)
                .filter(ChatRequestProperties::sound)
                .map(name -> "x" + name);
        return Arbitraries.maps(names, values).ofMaxSize(5).map(map -> {
            ObjectNode object = NODES.objectNode();
            map.forEach(object::set);
            return object;
        });
    }

    /** Half a surrogate pair is no text. */
    private static boolean sound(String text) {
        return UTF_8.newEncoder().canEncode(text);
    }

    @Provide
    Arbitrary<String> names() {
        return Arbitraries.of(
                "n",
                "tools",
                "functions",
                "reasoning_effort",
                "response_format",
                "stream_options",
                "stream",
                "model",
                "fallbacks",
                "logprobs",
                "audio",
                "web_search_options",
                "system",
                "thinking",
                "output_config",
                "output_format",
                "mcp_servers",
                "container",
                "other");
    }

    @Provide
    Arbitrary<List<String>> pieces() {
        return Arbitraries.of(
                        "{", "}", "[", "]", ",", ":", "\"type\"", "\"\\u00e9\"", "1", "null", "true", "99999999999")
                .list()
                .ofMaxSize(9);
    }
}
