package io.bactrian.protocol.translation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every recorded stream: a complete one stays complete, and a broken one is never taken for complete. */
class ProviderStreamsTest {

    /** @param committed null where the stream does not fail */
    record Recording(String file, boolean whole, Boolean committed) {
        @Override
        public String toString() {
            return file;
        }
    }

    static Stream<Recording> ofAnthropic() {
        return recordings().filter(recording -> recording.file().startsWith("anthropic/"));
    }

    static Stream<Recording> ofOthers() {
        return recordings().filter(recording -> !recording.file().startsWith("anthropic/"));
    }

    @ParameterizedTest
    @MethodSource("ofAnthropic")
    void anthropic_stream_is_whole_in_chunks_when_it_was_whole(Recording recording) {
        MessagesToChunks stream = new MessagesToChunks(Instant.EPOCH, Set.of());
        List<JsonNode> chunks = new ArrayList<>();
        for (String data : Trees.data(Trees.fixture(recording.file()))) {
            chunks.addAll(stream.accept(Trees.parse(data)).out());
        }
        chunks.addAll(stream.finish().out());

        assertThat(stream.complete()).isEqualTo(recording.whole());
        if (recording.committed() != null) {
            assertThat(!chunks.isEmpty()).isEqualTo(recording.committed());
        }
    }

    @ParameterizedTest
    @MethodSource("ofOthers")
    void chat_stream_is_whole_in_events_when_it_was_whole(Recording recording) {
        ChunksToMessages stream = new ChunksToMessages();
        List<MessagesEvent> events = new ArrayList<>();
        for (String data : Trees.data(Trees.fixture(recording.file()))) {
            events.addAll(
                    data.equals("[DONE]")
                            ? stream.finish().out()
                            : stream.accept(Trees.parse(data)).out());
        }
        events.addAll(stream.finish().out());

        assertThat(stream.complete()).isEqualTo(recording.whole());
        assertThat(events).last().returns(recording.whole() ? "message_stop" : "error", MessagesEvent::name);
        if (recording.committed() != null) {
            assertThat(events.size() > 1).isEqualTo(recording.committed());
        }
    }

    /** A refusal by policy ends as a whole answer does. */
    private static Stream<Recording> recordings() {
        JsonNode cases = Trees.parse(Trees.fixture("manifest.json")).path("cases");
        return StreamSupport.stream(cases.spliterator(), false)
                .filter(one -> one.path("kind").asText().equals("sse"))
                .map(one -> {
                    boolean whole = one.path("class").isNull()
                            || one.path("class").asText().equals("CONTENT_POLICY");
                    JsonNode committed = one.path("committed");
                    return new Recording(
                            one.path("file").asText(), whole, committed.isBoolean() ? committed.booleanValue() : null);
                });
    }
}
