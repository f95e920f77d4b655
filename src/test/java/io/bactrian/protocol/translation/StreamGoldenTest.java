package io.bactrian.protocol.translation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The goldens of streams, compared event by event. */
class StreamGoldenTest {

    @ParameterizedTest
    @ValueSource(strings = {"01_tool", "02_no_args"})
    void anthropic_events_become_the_chunks_of_the_golden(String name) {
        List<String> expected = Trees.data(Trees.fixture("translate/stream_a2o_" + name + ".out.sse"));
        MessagesToChunks stream = new MessagesToChunks(Instant.EPOCH, Set.of());
        List<JsonNode> chunks = new ArrayList<>();
        for (String data : Trees.data(Trees.fixture("translate/stream_a2o_" + name + ".in.sse"))) {
            chunks.addAll(stream.accept(Trees.parse(data)).out());
        }
        chunks.addAll(stream.finish().out());
        if (expected.stream().anyMatch(data -> data.contains("\"usage\""))) {
            chunks.add(stream.usageChunk());
        }

        assertThat(stream.complete()).isTrue();
        assertThat(expected).last().isEqualTo("[DONE]");
        assertThat(chunks.stream().map(StreamGoldenTest::comparable))
                .containsExactlyElementsOf(expected.stream()
                        .filter(data -> !data.equals("[DONE]"))
                        .map(data -> comparable(Trees.parse(data)))
                        .toList());
    }

    @ParameterizedTest
    @ValueSource(strings = {"01_tool", "02_text_nousage", "03_error_mid"})
    void chunks_become_the_anthropic_events_of_the_golden(String name) {
        String golden = Trees.fixture("translate/stream_o2a_" + name + ".out.sse");
        ChunksToMessages stream = new ChunksToMessages();
        List<MessagesEvent> events = new ArrayList<>();
        for (String data : Trees.data(Trees.fixture("translate/stream_o2a_" + name + ".in.sse"))) {
            events.addAll(
                    data.equals("[DONE]")
                            ? stream.finish().out()
                            : stream.accept(Trees.parse(data)).out());
        }
        events.addAll(stream.finish().out());

        assertThat(events.stream().map(event -> comparable(event.data())))
                .containsExactlyElementsOf(Trees.data(golden).stream()
                        .map(data -> comparable(Trees.parse(data)))
                        .toList());
        assertThat(events.stream().map(event -> "event: " + event.name()))
                .containsExactlyElementsOf(golden.lines()
                        .filter(line -> line.startsWith("event: "))
                        .toList());
    }

    private static JsonNode comparable(JsonNode event) {
        ObjectNode copy = Trees.without(Trees.written(event), List.of("id", "created", "system_fingerprint"));
        if (copy.path("message") instanceof ObjectNode message) {
            message.remove("id");
        }
        return copy;
    }
}
