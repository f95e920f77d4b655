package io.bactrian.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.protocol.anthropic.Messages;
import io.bactrian.protocol.openai.ChatCompletions;
import io.bactrian.protocol.openai.TargetBodies;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Fields are text here, as a tree would hide how a number or a string was written. */
class ChatRequestBytesProperties {
    private static final Map<String, String> DEMANDED =
            Map.of("messages", "[ {\"role\":\"user\" , \"content\":\"\\u00e9\"} ]", "max_tokens", "1000");

    @Property
    void fields_stay_as_they_were_written(
            @ForAll("protocols") CallerProtocol protocol,
            @ForAll("fields") Map<String, String> fields,
            @ForAll("gaps") String gap,
            @ForAll boolean stream) {
        StringBuilder body = new StringBuilder();
        List<String> expected = new ArrayList<>();
        boolean streamed = false;
        for (Map.Entry<String, String> field : fields.entrySet()) {
            String written = '"' + field.getKey() + '"' + gap + ':' + gap + field.getValue();
            body.append(body.isEmpty() ? "{" : ",").append(gap).append(written).append(gap);
            switch (field.getKey()) {
                case "fallbacks" -> {}
                case "model" -> expected.add("\"model\":\"m\"");
                case "stream" -> {
                    streamed = stream;
                    expected.addAll(stream ? List.of("\"stream\":true") : List.of());
                }
                default -> expected.add(written);
            }
        }
        if (!fields.containsKey("model")) {
            expected.add("\"model\":\"m\"");
        }
        if (stream && !streamed) {
            expected.add("\"stream\":true");
        }
        byte[] bytes = body.append('}').toString().getBytes(UTF_8);
        ChatRequest request = protocol == ChatCompletions.PROTOCOL
                ? ChatCompletions.PROTOCOL.read(bytes)
                : Messages.PROTOCOL.read(bytes);

        String sent = new String(TargetBodies.of(request, "m", stream, false, Map.of()), UTF_8);

        assertThat(sent).isEqualTo("{" + String.join(",", expected) + "}");
    }

    @Provide
    Arbitrary<CallerProtocol> protocols() {
        return Arbitraries.of(ChatCompletions.PROTOCOL, Messages.PROTOCOL);
    }

    @Provide
    Arbitrary<Map<String, String>> fields() {
        Arbitrary<String> names = Arbitraries.of("temperature", "top_p", "x", "\\u0078y", "caf\u00e9", "metadata");
        Arbitrary<Map<String, String>> others = Arbitraries.maps(names, values());
        Arbitrary<Map<String, String>> flags = Arbitraries.maps(
                        Arbitraries.of("model", "stream", "fallbacks"), Arbitraries.of("null"))
                .map(map -> {
                    map.computeIfPresent("fallbacks", (name, value) -> "[\"a\"]");
                    return map;
                });
        return others.flatMap(first -> flags.flatMap(second -> others.map(third -> {
            Map<String, String> all = new LinkedHashMap<>(first);
            all.putAll(second);
            all.putAll(DEMANDED);
            all.putAll(third);
            return all;
        })));
    }

    @Provide
    Arbitrary<String> gaps() {
        return Arbitraries.of("", " ", "\n  ", "\t", "\r\n");
    }

    private static Arbitrary<String> values() {
        return Arbitraries.of(
                "1e2",
                "1.0",
                "-0",
                "-0.0",
                "1E+5",
                "0.10000000000000000000000000001",
                "123456789012345678901234567890",
                "\"\\u00e9 \\/ \\n \u00e9 \uD83D\uDC2A\"",
                "{ \"a\" : [ 1.50 , { } ] }",
                "[ ]",
                "null",
                "true");
    }
}
