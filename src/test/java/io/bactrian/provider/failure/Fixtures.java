package io.bactrian.provider.failure;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** The wire fixtures and their manifest. */
final class Fixtures {

    static final ObjectMapper JSON = new ObjectMapper();

    private Fixtures() {}

    static Stream<Case> cases() {
        try {
            JsonNode manifest = JSON.readTree(bytes("manifest.json"));
            return StreamSupport.stream(manifest.get("cases").spliterator(), false)
                    .map(Case::new);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static byte[] bytes(String file) {
        try (InputStream in = Fixtures.class.getResourceAsStream("/fixtures/" + file)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One entry of the manifest. */
    record Case(JsonNode entry) {

        String kind() {
            return entry.get("kind").asText();
        }

        int status() {
            return entry.get("status").asInt();
        }

        String type() {
            return entry.get("class").isNull() ? null : entry.get("class").asText();
        }

        Long retryAfterMs() {
            return entry.has("retryAfterMs") ? entry.get("retryAfterMs").asLong() : null;
        }

        Function<String, String> headers() {
            return name -> entry.get("headers").has(name)
                    ? entry.get("headers").get(name).asText()
                    : null;
        }

        byte[] body() {
            return bytes(entry.get("file").asText());
        }

        /** The JSON of each event's data; the fixtures have one data line per event. */
        List<JsonNode> events() {
            return new String(body(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> line.startsWith("data:") && line.contains("{"))
                    .map(line -> ErrorBody.parse(line.substring(5).getBytes(StandardCharsets.UTF_8)))
                    .toList();
        }

        @Override
        public String toString() {
            return entry.get("id").asText();
        }
    }
}
