package io.bactrian.testing;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.protocol.Json;
import io.bactrian.runtime.Application;
import io.bactrian.runtime.Protocols;
import io.bactrian.trace.Traces;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.camel.CamelContext;

/** A whole gateway in this process, with a configuration file in a folder of its own, listening on a free port. */
public final class Gateway implements AutoCloseable {
    /** A probe would be a call that no test has asked for. Those about the health monitor set a period. */
    private static final String NO_PROBES = "bactrian.health.period=0s";

    /** Tests of the queue enable it, with a broker of their own. */
    private static final String NO_QUEUE = "bactrian.queue.enabled=false";

    private final Application application;
    private final Path directory;
    private final boolean temporary;
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();

    private Gateway(Application application, Path directory, boolean temporary) {
        this.application = application;
        this.directory = directory;
        this.temporary = temporary;
    }

    /** Starts with these lines as {@code application.properties}. */
    public static Gateway start(String... lines) {
        return start(new Traces(), lines);
    }

    /** Starts with these lines; its traces go there. */
    public static Gateway start(Traces traces, String... lines) {
        try {
            Path directory = Files.createTempDirectory("bactrian");
            List<String> all = new ArrayList<>(List.of("camel.server.port=0", NO_PROBES, NO_QUEUE));
            all.addAll(List.of(lines));
            Files.write(directory.resolve("application.properties"), all);
            return in(directory, Duration.ofSeconds(1), true, traces);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts in a folder as it is, and looks that often whether it has changed. */
    public static Gateway in(Path directory, Duration lookEvery) {
        return in(directory, lookEvery, new Traces());
    }

    /** The same; its traces go there. */
    public static Gateway in(Path directory, Duration lookEvery, Traces traces) {
        return in(directory, lookEvery, false, traces);
    }

    private static Gateway in(Path directory, Duration lookEvery, boolean temporary, Traces traces) {
        try {
            Application application = new Application(directory, lookEvery, Protocols::builtIn, traces);
            application.prepare(true);
            application.start();
            return new Gateway(application, directory, temporary);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** Starts before these providers, none with a key, and with a default chain over all of them in their order. */
    public static Gateway over(Map<String, StubProvider> providers, String... more) {
        List<String> lines = new ArrayList<>();
        List<String> chain = new ArrayList<>();
        providers.forEach((name, stub) -> {
            lines.add("bactrian.providers." + name + ".api=" + stub.api());
            lines.add("bactrian.providers." + name + ".base-url=" + stub.baseUrl());
            lines.add("bactrian.providers." + name + ".keyless=true");
            chain.add(name + "/model-" + name);
        });
        lines.add("bactrian.chains.default=" + String.join(", ", chain));
        lines.addAll(List.of(more));
        return start(lines.toArray(String[]::new));
    }

    public URI uri(String path) {
        return URI.create("http://127.0.0.1:" + application.port() + path);
    }

    public int port() {
        return application.port();
    }

    public String host() {
        return application.host();
    }

    public CamelContext context() {
        return application.context();
    }

    /** The folder with its {@code application.properties}. */
    public Path directory() {
        return directory;
    }

    /** Asks for one document: a user message to the default chain. */
    public Answer ask(String... headers) {
        return post(
                "/v1/chat/completions",
                "{\"model\":\"default\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}",
                headers);
    }

    /** Asks for a stream, and reads it to its end. */
    public Answer stream(String... headers) {
        return post(
                "/v1/chat/completions",
                "{\"model\":\"default\",\"stream\":true,\"stream_options\":{\"include_usage\":true},"
                        + "\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}",
                headers);
    }

    public Answer ask(Request request) {
        return post(request.path(), request.body(), request.headers());
    }

    /** Posts a JSON body. */
    public Answer post(String path, String body, String... headers) {
        return post(path, body.getBytes(StandardCharsets.UTF_8), headers);
    }

    /** Posts a JSON body, as these bytes. */
    public Answer post(String path, byte[] body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(path))
                .timeout(Duration.ofSeconds(60))
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(body));
        return send(request, headers);
    }

    public Answer get(String path, String... headers) {
        return send(
                HttpRequest.newBuilder(uri(path))
                        .timeout(Duration.ofSeconds(60))
                        .GET(),
                headers);
    }

    private Answer send(HttpRequest.Builder request, String... headers) {
        for (int i = 0; i < headers.length; i += 2) {
            request.setHeader(headers[i], headers[i + 1]);
        }
        long start = System.nanoTime();
        try {
            ResponseBody body = new ResponseBody();
            boolean whole = body.read(client, request.build());
            HttpResponse.ResponseInfo response = body.head();
            Answer answer =
                    new Answer(response, body.toByteArray(), !whole, Duration.ofNanos(System.nanoTime() - start));
            if (body.streams() && whole != answer.saysItIsWhole()) {
                throw new AssertionError("the body " + (whole ? "ended" : "broke off") + " after " + answer.text());
            }
            return answer;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        application.close();
        client.close();
        if (temporary) {
            Folders.delete(directory);
        }
    }

    /**
     * What came back, read to its end.
     *
     * @param brokenOff whether the body was incomplete
     */
    public record Answer(HttpResponse.ResponseInfo response, byte[] body, boolean brokenOff, Duration took) {
        private static final String TRAIL = ": bactrian attempts ";

        public int status() {
            return response.statusCode();
        }

        public String header(String name) {
            return response.headers().firstValue(name).orElse("");
        }

        public String attempts() {
            return header("x-bactrian-attempts");
        }

        /** The calls that it lists: in a stream those of its last comment, else those of the header. */
        public List<String> trail() {
            String label = comments().stream()
                    .filter(comment -> comment.startsWith(TRAIL))
                    .reduce((first, last) -> last)
                    .map(comment -> comment.substring(TRAIL.length()))
                    .orElse(attempts());
            return label.isEmpty() ? List.of() : List.of(label.split(", "));
        }

        /** How the calls that it lists ended, without the models: {@code p=TIMEOUT, f=OK}. */
        public String outcomes() {
            return String.join(
                    ", ",
                    trail().stream()
                            .map(entry -> entry.split("[/=]", 2)[0] + entry.substring(entry.lastIndexOf('=')))
                            .toList());
        }

        public String text() {
            return new String(body, StandardCharsets.UTF_8);
        }

        public JsonNode json() {
            JsonNode node = Json.parse(body);
            if (node == null) {
                throw new AssertionError("not JSON: " + text());
            }
            return node;
        }

        /** The words of the answer, of a document or of a stream. */
        public String content() {
            if (!header("content-type").startsWith("text/event-stream")) {
                return json().path("choices")
                        .path(0)
                        .path("message")
                        .path("content")
                        .asText();
            }
            StringBuilder words = new StringBuilder();
            chunks().forEach(c -> words.append(
                    c.path("choices").path(0).path("delta").path("content").asText("")));
            return words.toString();
        }

        public String error(String field) {
            return json().path("error").path(field).asText();
        }

        /** The data lines of a stream. */
        public List<String> data() {
            return text().lines()
                    .filter(l -> l.startsWith("data: "))
                    .map(l -> l.substring(6))
                    .toList();
        }

        /** The data lines of a stream that are JSON. */
        public List<JsonNode> chunks() {
            return data().stream()
                    .filter(d -> !d.equals("[DONE]"))
                    .map(d -> Json.parse(d.getBytes(StandardCharsets.UTF_8)))
                    .toList();
        }

        /** The comment lines of a stream. */
        public List<String> comments() {
            return text().lines().filter(l -> l.startsWith(":")).toList();
        }

        /** Whether the events of a stream, in either protocol, say that it is whole. */
        private boolean saysItIsWhole() {
            return done() || text().contains("\nevent: message_stop\n");
        }

        /** Whether a stream ended as whole. */
        public boolean done() {
            return data().contains("[DONE]");
        }
    }
}
