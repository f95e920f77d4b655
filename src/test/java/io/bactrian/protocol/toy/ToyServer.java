package io.bactrian.protocol.toy;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.bactrian.protocol.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;

/** A provider of the toy protocol on a real socket. Thread-safe. */
final class ToyServer implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<String> bodies = new CopyOnWriteArrayList<>();
    private volatile Function<JsonNode, Reply> script = request -> Reply.says("Hello from the toy.", request);

    /**
     * A response.
     *
     * @param type the content type
     */
    record Reply(int status, String type, String body) {

        /** A whole answer: as a stream with an event for each word, or as a document. */
        static Reply says(String text, JsonNode request) {
            String end = "\"ended\": \"whole\", \"spent\": {\"read\": 20, \"wrote\": 4}}";
            return request.path("stream").asBoolean()
                    ? events(words(text) + "data: {" + end + "\n\n")
                    : new Reply(200, "application/json", "{\"said\": \"" + text + "\", " + end);
        }

        /** A stream that ends after these words, though the answer is not whole. */
        static Reply breaksAfter(String text) {
            return events(words(text));
        }

        /** A stream with these events. */
        static Reply events(String events) {
            return new Reply(200, "text/event-stream", events);
        }

        static Reply fails(int status, String message) {
            return new Reply(status, "application/json", "{\"failed\": \"" + message + "\"}");
        }

        private static String words(String text) {
            StringBuilder events = new StringBuilder();
            for (String word : text.split("(?<= )")) {
                events.append("data: {\"say\": \"").append(word).append("\"}\n\n");
            }
            return events.toString();
        }
    }

    ToyServer() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        server.createContext("/v1/toy", this::handle);
        server.start();
    }

    String baseUrl() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/v1";
    }

    /** Answers so from now on. */
    void on(Function<JsonNode, Reply> newScript) {
        script = newScript;
    }

    void says(String text) {
        on(request -> Reply.says(text, request));
    }

    /** The body of the last request. */
    String lastBody() {
        return bodies.getLast();
    }

    JsonNode lastRequest() {
        return json(lastBody());
    }

    private void handle(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
        bodies.add(body);
        Reply reply = script.apply(json(body));
        exchange.getResponseHeaders().set("content-type", reply.type());
        byte[] bytes = reply.body().getBytes(UTF_8);
        exchange.sendResponseHeaders(reply.status(), bytes.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(bytes);
        }
    }

    private static JsonNode json(String body) {
        JsonNode node = Json.parse(body.getBytes(UTF_8));
        if (node == null) {
            throw new IllegalArgumentException("not JSON: " + body);
        }
        return node;
    }

    @Override
    public void close() {
        server.stop(0);
        threads.close();
    }
}
