package io.bactrian.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.bactrian.protocol.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** An HTTP server that keeps what is posted to it, and answers as it is told. Thread-safe. */
public final class Receiver implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<Post> posts = new CopyOnWriteArrayList<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile int status = 202;
    private volatile Map<String, String> headers = Map.of();
    private volatile boolean silent;

    /** One request, with the time at which it came in nanoseconds. */
    public record Post(String path, String authorization, String body, long nanos) {
        public JsonNode json() {
            return Objects.requireNonNull(Json.parse(body.getBytes(StandardCharsets.UTF_8)));
        }
    }

    public Receiver() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        server.createContext("/", this::take);
        server.start();
    }

    private void take(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        String authorization = exchange.getRequestHeaders().getFirst("authorization");
        posts.add(new Post(
                exchange.getRequestURI().toString(),
                authorization == null ? "" : authorization,
                body,
                System.nanoTime()));
        if (silent) {
            try {
                closed.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        headers.forEach(exchange.getResponseHeaders()::set);
        exchange.sendResponseHeaders(status, -1);
        exchange.close();
    }

    /** Answers with this status from now on; headers are name and value in turn. */
    public Receiver answers(int newStatus, String... newHeaders) {
        headers = newHeaders.length == 0 ? Map.of() : Map.of(newHeaders[0], newHeaders[1]);
        status = newStatus;
        return this;
    }

    /** Takes requests and never answers. */
    public Receiver isSilent() {
        silent = true;
        return this;
    }

    public List<Post> posts() {
        return List.copyOf(posts);
    }

    public String url(String path) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + path;
    }

    @Override
    public void close() {
        closed.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}
