package io.bactrian.stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SseReaderTest {
    private static final int LONGEST = 1 << 20;

    static List<SseCases.Case> cases() {
        return SseCases.all();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void case_is_read_in_one_piece(SseCases.Case one) throws IOException {
        assertThat(SseCases.read(new ByteArrayInputStream(one.bytes()))).isEqualTo(one.events());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void case_is_read_byte_by_byte(SseCases.Case one) throws IOException {
        assertThat(SseCases.read(new TornStream(one.bytes(), 1))).isEqualTo(one.events());
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n", "\r", "\n\n", " \n"})
    void objects_on_lines_of_data_are_events_although_no_empty_line_is_between_them(String end) throws IOException {
        SseReader reader = reader("data: {\"a\":1}" + end + "data:{\"b\":2}" + end + "data: [DONE]" + end);

        assertThat(new String(reader.next().data(), UTF_8).strip()).isEqualTo("{\"a\":1}");
        assertThat(new String(reader.next().data(), UTF_8).strip()).isEqualTo("{\"b\":2}");
        assertThat(new String(reader.next().data(), UTF_8).strip()).isEqualTo("[DONE]");
        assertThat(reader.next()).isNull();
    }

    private long counted;

    @Test
    void object_over_several_lines_of_data_is_one_event() throws IOException {
        SseReader reader = reader("data: {\"a\":[{}\ndata: ,\ndata: {}\ndata: ]}\n\n");

        assertThat(new String(reader.next().data(), UTF_8)).isEqualTo("{\"a\":[{}\n,\n{}\n]}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "data: 1\n\n",
                "data:",
                "event: a\ndata: 1\n\n",
                "id: 1\n",
                "retry: 5\n",
                ": hi\n\n",
                "\n\n \r\ndata: 1\n\n",
                "\uFEFFdata: 1\n\n",
                "\uFEFF\n:\n"
            })
    void stream_is_known_by_its_first_bytes_however_they_are_torn(String text) throws IOException {
        assertThat(reader(text).form()).isEqualTo(BodyForm.EVENTS);
        assertThat(new SseReader(new TornStream(text.getBytes(UTF_8), 1), LONGEST).form())
                .isEqualTo(BodyForm.EVENTS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{", "[", " \n{\"a\":1}", "\uFEFF{}"})
    void document_is_known_by_its_first_byte(String text) throws IOException {
        assertThat(reader(text).form()).isEqualTo(BodyForm.JSON);
        assertThat(new SseReader(new TornStream(text.getBytes(UTF_8), 1), LONGEST).form())
                .isEqualTo(BodyForm.JSON);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "  \n",
                "<html>",
                "OK",
                "dat",
                "date: 1",
                "error code: 1015",
                "dataset",
                "event",
                "\uFEFF",
                "42"
            })
    void anything_else_has_neither_form(String text) throws IOException {
        assertThat(reader(text).form()).isEqualTo(BodyForm.OTHER);
        assertThat(new SseReader(new TornStream(text.getBytes(UTF_8), 1), LONGEST).form())
                .isEqualTo(BodyForm.OTHER);
    }

    @Test
    void nothing_is_lost_by_a_look_at_the_first_bytes() throws IOException {
        SseReader events = reader("\n data: 1\n\ndata: 2\n\n");
        events.form();
        assertThat(events.next()).hasToString("SseEvent[null: 1]");
        assertThat(events.next()).hasToString("SseEvent[null: 2]");

        SseReader document = new SseReader(new TornStream("  {\"a\": [1, 2]}\n".getBytes(UTF_8), 3), LONGEST);
        document.form();
        assertThat(document.rest().readAllBytes()).asString(UTF_8).isEqualTo("{\"a\": [1, 2]}\n");
    }

    @Test
    void line_that_is_an_object_is_an_event() throws IOException {
        assertThat(SseCases.read(stream("{\"a\":1}\n{\"b\":2}\n\ndata: 3\n\n{\"c\":4}")))
                .containsExactly("null|{\"a\":1}", "null|{\"b\":2}", "null|3", "null|{\"c\":4}");
    }

    @Test
    void event_that_the_end_cuts_off_is_delivered() throws IOException {
        assertThat(SseCases.read(stream("event: a\ndata: 1"))).containsExactly("a|1");
        assertThat(SseCases.read(stream("data: {\"cut\":"))).containsExactly("null|{\"cut\":");
        assertThat(SseCases.read(stream("event: a\n"))).isEmpty();
    }

    @Test
    void empty_data_is_no_event() throws IOException {
        assertThat(SseCases.read(stream("data:\n\ndata\n\ndata: \n\ndata:x\n\n")))
                .containsExactly("null|x");
        assertThat(SseCases.read(stream("data:\ndata:\n\n"))).containsExactly("null|\n");
    }

    @Test
    void comment_is_a_heartbeat_and_does_not_disturb_an_event() throws IOException {
        SseReader reader = reader(": ping\n\nevent: a\n:\ndata: 1\n: x\ndata: 2\n\n");

        assertThat(reader.next().heartbeat()).isTrue();
        assertThat(reader.next().heartbeat()).isTrue();
        assertThat(reader.next().heartbeat()).isTrue();
        SseEvent event = reader.next();
        assertThat(event.heartbeat()).isFalse();
        assertThat(event).hasToString("SseEvent[a: 1\n2]");
        assertThat(reader.next()).isNull();
        assertThat(reader.next()).isNull();
    }

    @Test
    void byte_order_mark_counts_at_the_beginning_only() throws IOException {
        assertThat(SseCases.read(stream("\uFEFFdata: 1\n\n\uFEFFdata: 2\n\n"))).containsExactly("null|1");
        assertThat(SseCases.read(stream("\uFEFF\uFEFFdata: 1\n\n"))).isEmpty();
        assertThat(SseCases.read(stream("\uFEFF"))).isEmpty();
        assertThat(SseCases.read(stream("\uFEFF: hi\n\ndata: 1\n\n"))).containsExactly("null|1");
    }

    @Test
    void unknown_fields_are_overlooked() throws IOException {
        assertThat(SseCases.read(stream("dat: 0\ndatas: 0\nDATA: 0\n data: 0\nid: 7\ndata: 1\n\n")))
                .containsExactly("null|1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n", "\r"})
    void event_of_a_megabyte_is_read(String eol) throws IOException {
        String large = "é".repeat(1 << 19);

        assertThat(SseCases.read(stream("data: " + large + eol + eol + "data: 2" + eol + eol), 2 << 20))
                .containsExactly("null|" + large, "null|2");
    }

    @Test
    void line_that_is_too_long_is_refused() {
        SseReader reader = reader("data: " + "x".repeat(LONGEST));

        assertThatExceptionOfType(SseReader.TooLong.class)
                .isThrownBy(reader::next)
                .withMessageContaining("1048576");
    }

    @Test
    void event_of_many_lines_that_is_too_long_is_refused() {
        String event = ("data: " + "x".repeat(1000) + "\n").repeat(1100);

        assertThatExceptionOfType(SseReader.TooLong.class).isThrownBy(() -> SseCases.read(stream(event)));
    }

    @Test
    void memory_of_long_events_is_counted_before_it_is_taken() {
        SseReader reader = new SseReader(new Flood("data: " + "x".repeat(1000)), 16 << 20, bytes -> {
            counted += bytes;
            if (counted > 1 << 20) {
                throw new IllegalStateException("too much");
            }
        });

        assertThatExceptionOfType(IllegalStateException.class).isThrownBy(reader::next);
    }

    @Test
    void long_stream_of_short_events_is_no_long_event() throws IOException {
        SseReader reader = new SseReader(stream("data: 0123456789\n\n".repeat(10_000)), 10_000);
        int events = 0;
        while (reader.next() != null) {
            events++;
        }

        assertThat(events).isEqualTo(10_000);
    }

    @Test
    void what_is_at_hand_is_told_without_waiting_for_more() throws IOException {
        SseReader reader = reader("data: 1\n\ndata: 2\n\n: hi\n\ndata: 3\n");

        assertThat(reader.poll()).isNull();
        assertThat(reader.next()).hasToString("SseEvent[null: 1]");
        assertThat(reader.poll()).hasToString("SseEvent[null: 2]");
        assertThat(reader.poll().heartbeat()).isTrue();
        assertThat(reader.poll()).isNull();
        assertThat(reader.next()).hasToString("SseEvent[null: 3]");
        assertThat(reader.next()).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n", "\r"})
    void end_of_an_event_s_last_line_is_not_the_next_event(String eol) throws IOException {
        SseReader reader = reader("data: 1" + eol + eol);

        assertThat(reader.next()).hasToString("SseEvent[null: 1]");
        assertThat(reader.poll()).isNull();
    }

    @Test
    void rest_of_a_stream_is_read_to_its_end() throws IOException {
        SseReader reader = new SseReader(new TornStream("data: 1\n\ndata: 2\n\n: bye\n\n".getBytes(UTF_8), 4), LONGEST);
        reader.next();

        assertThat(reader.atEnd()).isTrue();
        assertThat(reader.next()).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n", "\r", "data:\n\n", "id: 1\n", ":\n"})
    void lines_without_end_that_make_no_event_are_heartbeats(String line) throws IOException {
        Flood flood = new Flood(line);
        SseReader reader = new SseReader(flood, LONGEST);
        for (int i = 1; i <= 20; i++) {
            assertThat(reader.next().heartbeat()).isTrue();
            assertThat(flood.read).isLessThan(i * 40_000L);
        }
    }

    @Test
    void quiet_lines_between_events_disturb_none() throws IOException {
        String text = "data: 1\n" + "id: 1\n".repeat(10_000) + "data: 2\n\n" + "\n".repeat(100_000) + "data: 3\n\n";

        assertThat(SseCases.read(stream(text))).containsExactly("null|1\n2", "null|3");
        assertThat(SseCases.read(new TornStream(text.getBytes(UTF_8), 7, 3000))).containsExactly("null|1\n2", "null|3");
    }

    @Test
    void rest_without_end_is_no_end() throws IOException {
        SseReader reader = new SseReader(new Flood("data: 1\n\n"), LONGEST);
        reader.next();

        assertThat(reader.atEnd()).isFalse();
    }

    /** An endless repetition of the same bytes. */
    private static final class Flood extends InputStream {
        private final byte[] bytes;
        private long read;

        Flood(String text) {
            bytes = text.getBytes(UTF_8);
        }

        @Override
        public int read() {
            return bytes[(int) (read++ % bytes.length)];
        }
    }

    private static SseReader reader(String text) {
        return new SseReader(stream(text), LONGEST);
    }

    private static ByteArrayInputStream stream(String text) {
        return new ByteArrayInputStream(text.getBytes(UTF_8));
    }
}
