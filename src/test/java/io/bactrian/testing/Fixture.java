package io.bactrian.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * One recorded or constructed answer of a real provider, from {@code src/test/resources/fixtures}.
 *
 * @param manifest the whole manifest entry: {@code class}, {@code committed}, {@code retryAfterMs} and so on
 */
public record Fixture(String id, int status, Map<String, String> headers, byte[] body, JsonNode manifest) {

    public static Fixture of(String id) {
        Fixture fixture = Read.ALL.get(id);
        if (fixture == null) {
            throw new IllegalArgumentException("no fixture " + id);
        }
        return fixture;
    }

    public static Stream<Fixture> all() {
        return Read.ALL.values().stream();
    }

    /** All of them, read once. */
    private static final class Read {
        static final Map<String, Fixture> ALL = new LinkedHashMap<>();

        static {
            readAll().forEach(fixture -> ALL.put(fixture.id(), fixture));
        }
    }

    private static Stream<Fixture> readAll() {
        try {
            JsonNode cases = new ObjectMapper().readTree(read("manifest.json")).path("cases");
            return StreamSupport.stream(cases.spliterator(), false).map(Fixture::read);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public boolean sse() {
        return manifest.path("kind").asText().equals("sse");
    }

    public String provider() {
        return manifest.path("provider").asText();
    }

    @Override
    public String toString() {
        return id;
    }

    private static Fixture read(JsonNode node) {
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        node.path("headers")
                .properties()
                .forEach(h -> headers.put(h.getKey(), h.getValue().asText()));
        return new Fixture(
                node.path("id").asText(),
                node.path("status").asInt(),
                headers,
                read(node.path("file").asText()),
                node);
    }

    private static byte[] read(String file) {
        try (InputStream in = Fixture.class.getResourceAsStream("/fixtures/" + file)) {
            if (in == null) {
                throw new IllegalArgumentException("no file fixtures/" + file);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
