package io.bactrian.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.protocol.Json;
import java.io.ByteArrayOutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Changes of valid documents and streams by chance: values are deleted, doubled, moved, nested and replaced by odd ones, events
 * swapped and repeated, bytes cut and flipped. What it makes stays below the bounds of one request. Not thread-safe.
 */
final class Mutator {
    /** The most levels that it adds at once. The bound of all levels is {@code bactrian.server.max-depth}. */
    private static final int DEPTH = 300;

    /** The largest input. The bound of all bytes is {@code bactrian.server.max-body}. */
    private static final int MAX_BYTES = 256 << 10;

    /** Lone surrogates are written as escapes, because there is no UTF-8 for them. */
    private static final JsonMapper ESCAPING = JsonMapper.builder(
                    Json.MAPPER.getFactory().copy())
            .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
            .build();

    private static final List<String> VALUES = List.of(
            "null",
            "true",
            "false",
            "0",
            "-1",
            "1",
            "7.5",
            "1e999",
            "-1e999",
            "1e-999",
            "2147483648",
            "9223372036854775808",
            "99999999999999999999999999999999",
            "0.1e1",
            "\"\"",
            "\"x\"",
            "\"null\"",
            "\" \"",
            "[]",
            "{}",
            "[[]]",
            "[null]",
            "[1,{}]",
            "{\"\":\"\"}",
            "{\"text\":5}",
            "{\"type\":\"text\",\"text\":\"x\"}",
            "{\"type\":\"tool_use\"}",
            "\"\\ud800\"",
            "\"\\udc00\\ud800\"",
            "\"a\\u0000b\"",
            "\"\\u2028\\u2029\\ufeff\"",
            "\"\\r\\nevent: x\\r\\ndata: y\"",
            "\"data: [DONE]\\n\\n\"",
            "\"\\u202e\\u0301\\uffff\"",
            "\"data:image/png;base64,AAAA\"",
            "\"{\"",
            "\"{\\\"a\\\":1}\"",
            "\"]]>\"",
            "\"\\ud83d\\ude00\"",
            "\"tool_calls\"",
            "\"stop\"",
            "\"assistant\"",
            "\"error\"",
            "\"message_stop\"");

    private final Random random;
    private final List<byte[]> others;

    /**
     * @param random decides everything
     * @param others documents and streams of which parts may be taken
     */
    Mutator(Random random, List<byte[]> others) {
        this.random = random;
        this.others = others;
    }

    /** A changed document of JSON, which in most cases is one still. */
    byte[] document(byte[] valid) {
        byte[] changed = valid;
        if (Json.parse(valid) instanceof ObjectNode tree) {
            for (int i = few(); i > 0; i--) {
                change(tree);
            }
            changed = bytes(tree);
        }
        return bounded(random.nextInt(6) == 0 ? flipped(changed) : changed);
    }

    /** A changed stream of events. */
    byte[] stream(byte[] valid) {
        List<String> events = new ArrayList<>(Arrays.asList(new String(valid, UTF_8).split("(?<=\\n\\n)")));
        for (int i = few(); i > 0 && !events.isEmpty(); i--) {
            int at = random.nextInt(events.size());
            switch (random.nextInt(12)) {
                case 0 -> events.remove(at);
                case 1 -> events.add(at, events.get(random.nextInt(events.size())));
                case 2 -> Collections.swap(events, at, random.nextInt(events.size()));
                case 3 -> events.addAll(at, Collections.nCopies(random.nextInt(40), events.get(at)));
                case 4 -> events.add(at, piece());
                case 5 -> events.set(at, events.get(at).replace("\n", random.nextBoolean() ? "\r\n" : "\r"));
                case 6 ->
                    events.add(
                            at,
                            odd(List.of(
                                    ": x\n\n",
                                    "data:\n\n",
                                    "data: [DONE]\n\n",
                                    "event: error\n\n",
                                    "id\n\n",
                                    "data: x\n\n",
                                    "data: {}\ndata: {}\n\n",
                                    "\n\n\n",
                                    "\ufeff",
                                    "event: message_stop\ndata: {}\n\n")));
                case 7 -> events.set(at, events.get(at).strip());
                default -> events.set(at, changed(events.get(at)));
            }
        }
        byte[] changed = String.join("", events).getBytes(UTF_8);
        return bounded(random.nextInt(6) == 0 ? flipped(changed) : changed);
    }

    /** The bytes up to any place. */
    byte[] cut(byte[] valid) {
        return Arrays.copyOf(valid, random.nextInt(valid.length + 1));
    }

    /** Any of them. */
    <T> T odd(List<T> all) {
        return all.get(random.nextInt(all.size()));
    }

    private int few() {
        return 1 + random.nextInt(random.nextInt(4) + 1);
    }

    /** An event whose data is changed. */
    private String changed(String event) {
        int at = event.indexOf("data:");
        int end = at < 0 ? -1 : event.indexOf('\n', at);
        byte[] json = at < 0
                ? new byte[0]
                : event.substring(at + 5, end < 0 ? event.length() : end).getBytes(UTF_8);
        if (Json.parse(json) instanceof ObjectNode tree) {
            if (random.nextInt(8) == 0) {
                // White space of JSON may be the end of a line, and an event several lines of data.
                String broken = odd(List.of(",\ndata: \"", ",\r\ndata:\"", ",\rdata: \""));
                return event.substring(0, at) + "data: " + new String(json, UTF_8).replaceAll(",\\s*\"", broken)
                        + "\n\n";
            }
            if (random.nextInt(12) == 0) {
                tree.put(
                        "type",
                        tree.path("type").asText("ping")
                                + odd(List.of("\n\ndata: {}\n\n", "\r\nid: 1", "\rx", "\u2028")));
                return event.substring(0, at) + "data: " + new String(bytes(tree), UTF_8) + "\n\n";
            }
            change(tree);
            return event.substring(0, at) + "data: " + new String(bytes(tree), UTF_8) + "\n\n";
        }
        return event + event;
    }

    /** Changes one place of a tree. */
    private void change(JsonNode root) {
        JsonNode at = root;
        for (int depth = random.nextInt(8); depth > 0; depth--) {
            JsonNode child = child(at);
            if (child == null || !child.isContainerNode() || child.isEmpty()) {
                break;
            }
            at = child;
        }
        if (at instanceof ObjectNode object) {
            change(object);
        } else if (at instanceof ArrayNode list) {
            change(list);
        }
    }

    private JsonNode child(JsonNode node) {
        if (node.isEmpty()) {
            return null;
        }
        if (node instanceof ArrayNode list) {
            return list.get(random.nextInt(list.size()));
        }
        return node.get(name((ObjectNode) node));
    }

    private String name(ObjectNode object) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        return names.isEmpty() ? "x" : names.get(random.nextInt(names.size()));
    }

    private void change(ObjectNode object) {
        String name = name(object);
        switch (random.nextInt(8)) {
            case 0 -> object.remove(name);
            case 1 ->
                object.set(
                        odd(List.of("", "type", "index", "id", "\ud800", "content", "error", "x".repeat(500))),
                        any(object.get(name)));
            case 2 -> object.set(name, nested(object.get(name)));
            case 3 -> object.set(name, part());
            default -> object.set(name, any(object.get(name)));
        }
    }

    private void change(ArrayNode list) {
        int at = list.isEmpty() ? 0 : random.nextInt(list.size());
        switch (random.nextInt(6)) {
            case 0 -> list.remove(at);
            case 1 -> {
                JsonNode again = list.isEmpty() ? any(null) : list.get(at);
                for (int i = random.nextInt(30); i >= 0; i--) {
                    list.insert(at, again.deepCopy());
                }
            }
            case 2 -> list.insert(at, part());
            case 3 -> list.insert(at, nested(any(null)));
            default -> list.insert(at, any(null));
        }
    }

    private JsonNode any(JsonNode before) {
        return switch (random.nextInt(12)) {
            case 0 ->
                Json.MAPPER
                        .getNodeFactory()
                        .textNode(odd(List.of("a", "\ud83d\ude00", "\\", "{\"", "a b "))
                                .repeat(random.nextInt(3000)));
            case 1 ->
                before == null ? parsed("{}") : Json.MAPPER.getNodeFactory().textNode(before.asText() + "x");
            case 2 ->
                before == null ? parsed("[]") : Json.MAPPER.createArrayNode().add(before);
            case 3 ->
                before == null ? parsed("[]") : Json.MAPPER.createObjectNode().set("text", before);
            default -> parsed(odd(VALUES));
        };
    }

    private static JsonNode parsed(String json) {
        JsonNode node = Json.parse(json.getBytes(UTF_8));
        return node == null ? Json.MAPPER.nullNode() : node;
    }

    private JsonNode nested(JsonNode node) {
        JsonNode deep = node;
        for (int i = random.nextInt(10) == 0 ? random.nextInt(DEPTH) : random.nextInt(4); i > 0; i--) {
            deep = random.nextBoolean()
                    ? Json.MAPPER.createArrayNode().add(deep)
                    : Json.MAPPER
                            .createObjectNode()
                            .set(odd(List.of("a", "text", "content", "properties", "anyOf")), deep);
        }
        return deep;
    }

    /** A part of another document. */
    private JsonNode part() {
        JsonNode at = Json.parse(odd(others));
        for (int depth = random.nextInt(5); at != null && depth > 0; depth--) {
            JsonNode child = at.isContainerNode() ? child(at) : null;
            at = child == null ? at : child;
        }
        return at == null ? any(null) : at.deepCopy();
    }

    /** An event of another stream. */
    private String piece() {
        return odd(List.of(new String(odd(others), UTF_8).split("(?<=\\n\\n)")));
    }

    private byte[] flipped(byte[] bytes) {
        if (bytes.length == 0) {
            return bytes;
        }
        int at = random.nextInt(bytes.length);
        int to = at + random.nextInt(Math.min(64, bytes.length - at) + 1);
        ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length + 64);
        out.write(bytes, 0, at);
        switch (random.nextInt(5)) {
            case 0 -> out.write(random.nextInt(256));
            case 1 -> {
                out.write(bytes, at, to - at);
                out.write(bytes, at, to - at);
            }
            case 2 ->
                out.writeBytes(odd(List.of("{", "}", "[", "]", "\"", ",", ":", "\\", "\n", "\u0000"))
                        .getBytes(UTF_8));
            case 3 -> {
                byte[] noise = new byte[random.nextInt(8)];
                random.nextBytes(noise);
                out.writeBytes(noise);
            }
            default -> {
                return Arrays.copyOf(bytes, at);
            }
        }
        out.write(bytes, to, bytes.length - to);
        return out.toByteArray();
    }

    private static byte[] bounded(byte[] bytes) {
        return bytes.length > MAX_BYTES ? Arrays.copyOf(bytes, MAX_BYTES) : bytes;
    }

    private static byte[] bytes(JsonNode tree) {
        try {
            return ESCAPING.writeValueAsBytes(tree);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }
}
