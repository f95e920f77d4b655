package io.bactrian.testing;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.protocol.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

/** A live page as a browser has it open: it reads the stream of {@code /page/events} until it ends. Thread-safe. */
public final class OpenPage implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final HttpClient client;
    private final HttpResponse<InputStream> response;
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final List<Message> messages = new CopyOnWriteArrayList<>();
    private final Thread reader;

    /** A message with the time at which it came, in nanoseconds. */
    public record Message(String name, JsonNode data, long at) {}

    private OpenPage(HttpClient client, HttpResponse<InputStream> response) {
        this.client = client;
        this.response = response;
        this.reader = Thread.ofVirtual().start(this::read);
    }

    /** Opens a page by HTTP/1.1; headers as name, value, name, value. */
    public static OpenPage at(URI events, String... headers) {
        return at(HttpClient.Version.HTTP_1_1, events, headers);
    }

    /** Opens a page. */
    public static OpenPage at(HttpClient.Version version, URI events, String... headers) {
        HttpClient client = HttpClient.newBuilder().version(version).build();
        HttpRequest.Builder request = HttpRequest.newBuilder(events).GET();
        for (int i = 0; i < headers.length; i += 2) {
            request.setHeader(headers[i], headers[i + 1]);
        }
        try {
            return new OpenPage(client, client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private void read() {
        String name = "";
        try (BufferedReader in = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                lines.add(line);
                if (line.startsWith("event: ")) {
                    name = line.substring("event: ".length());
                } else if (line.startsWith("data: ")) {
                    byte[] data = line.substring("data: ".length()).getBytes(StandardCharsets.UTF_8);
                    messages.add(new Message(name, Json.parse(data), System.nanoTime()));
                }
            }
        } catch (IOException e) {
            lines.add("! " + e.getMessage());
        }
    }

    public int status() {
        return response.statusCode();
    }

    public String header(String name) {
        return response.headers().firstValue(name).orElse("");
    }

    public HttpClient.Version version() {
        return response.version();
    }

    /** Everything that came, line by line. */
    public List<String> lines() {
        return lines;
    }

    public List<Message> messages(String name) {
        return messages.stream().filter(message -> message.name().equals(name)).toList();
    }

    /** Waits for a message, or returns the first that came already. */
    public JsonNode message(String name, Predicate<JsonNode> wanted) {
        return await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(50))
                .until(
                        () -> messages(name).stream()
                                .map(Message::data)
                                .filter(wanted)
                                .findFirst()
                                .orElse(null),
                        found -> found != null);
    }

    /** Waits for a snapshot. */
    public JsonNode snapshot(Predicate<JsonNode> wanted) {
        return message("snapshot", wanted);
    }

    /** True once the stream has ended, in order or not. */
    public boolean ended() {
        return !reader.isAlive();
    }

    /** Leaves without a word. */
    @Override
    public void close() {
        client.shutdownNow();
        client.close();
    }
}
