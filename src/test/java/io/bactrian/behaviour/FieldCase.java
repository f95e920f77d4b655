package io.bactrian.behaviour;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.protocol.Json;
import io.bactrian.testing.Caller;
import io.bactrian.testing.Reply;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * A request and an answer rebuilt from a public report, played in one way: by one caller, as a document or as a stream. Each
 * folder of {@code src/test/resources/field} holds the bytes, what is right, and why ({@code expected.txt}).
 *
 * @param stream whether the caller asks for a stream
 */
record FieldCase(Path folder, JsonNode manifest, Caller caller, boolean stream) {
    private static final Path FIELD = Path.of("src/test/resources/field");

    /** Every folder in every way that it is about. */
    static Stream<FieldCase> all() {
        try (Stream<Path> folders = Files.list(FIELD)) {
            return folders.sorted().flatMap(FieldCase::of).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Stream<FieldCase> of(Path folder) {
        JsonNode manifest = json(folder.resolve("case.json"));
        List<FieldCase> ways = new ArrayList<>();
        for (Caller caller : Caller.values()) {
            for (boolean stream : new boolean[] {false, true}) {
                FieldCase way = new FieldCase(folder, manifest, caller, stream);
                if (Files.exists(way.requestFile()) && way.isMeant()) {
                    ways.add(way);
                }
            }
        }
        return ways.stream();
    }

    private boolean isMeant() {
        return (!manifest.has("modes") || has(manifest.path("modes"), Json.MAPPER.valueToTree(mode())))
                && (!manifest.has("only")
                        || has(manifest.path("only"), Json.MAPPER.valueToTree(List.of(caller.api(), mode()))));
    }

    private static boolean has(JsonNode list, JsonNode wanted) {
        for (JsonNode item : list) {
            if (item.equals(wanted)) {
                return true;
            }
        }
        return false;
    }

    private String mode() {
        return stream ? "stream" : "doc";
    }

    private Path requestFile() {
        return folder.resolve("request-" + caller.api() + ".json");
    }

    /** The protocol of the first provider. */
    String first() {
        return manifest.path("apis").path(0).asText();
    }

    /** The protocol of the second provider. */
    String second() {
        return manifest.path("apis").path(1).asText();
    }

    /** Whether the first provider is the only one. */
    boolean alone() {
        return manifest.path("alone").asBoolean();
    }

    /** How the gateway asks: {@code auto}, or {@code off} for documents. */
    String upstreamStreaming() {
        return manifest.path("options").path("upstream-streaming").asText("auto");
    }

    boolean zipped() {
        return manifest.path("gzip_request").asBoolean();
    }

    /** What the first provider sends; null if it is healthy. */
    @Nullable
    Reply firstReply() {
        byte[] always = bytes("first.http");
        byte[] document = bytes("first-doc.http");
        byte[] events = bytes("first-stream.http");
        if (always != null) {
            return Reply.raw(always);
        }
        return document == null
                ? null
                : x -> Reply.raw(Objects.requireNonNull(x.call().wantsStream() ? events : document))
                        .send(x);
    }

    /** What the second provider sends to a request that holds {@link #secondRefuses()}; null if it is healthy. */
    @Nullable
    Reply secondReply() {
        byte[] always = bytes("second.http");
        return always == null ? null : Reply.raw(always);
    }

    String secondRefuses() {
        return manifest.path("second_if").asText();
    }

    /** The body of the request for this model. */
    byte[] request(String model) {
        ObjectNode body = (ObjectNode) json(requestFile());
        body.put("model", model).put("stream", stream);
        if (stream && caller == Caller.CHAT) {
            body.putObject("stream_options").put("include_usage", true);
        }
        byte[] json = Json.bytes(body);
        return zipped() ? zip(json) : json;
    }

    List<String> headers() {
        List<String> headers = new ArrayList<>();
        manifest.path("headers").properties().forEach(header -> {
            headers.add(header.getKey());
            headers.add(header.getValue().asText());
        });
        if (zipped()) {
            headers.addAll(List.of("content-encoding", "gzip"));
        }
        return headers;
    }

    /** What is right: any of these. */
    JsonNode right() {
        JsonNode expected = manifest.path("expect");
        return expected.isArray()
                ? expected
                : expected.has(mode()) ? expected.path(mode()) : expected.path(caller.api());
    }

    private byte @Nullable [] bytes(String file) {
        Path path = folder.resolve(file);
        try {
            return Files.exists(path) ? Files.readAllBytes(path) : null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonNode json(Path file) {
        try {
            return Objects.requireNonNull(Json.parse(Files.readAllBytes(file)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] zip(byte[] bytes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    @Override
    public String toString() {
        return "%s, %s, %s".formatted(folder.getFileName(), caller, mode());
    }
}
