package io.bactrian.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * A server of the page's files with a stream of events that a test writes: for what a gateway cannot be brought to, such as
 * hostile names. Thread-safe.
 */
public final class StagedPage implements AutoCloseable {
    private static final Path FILES = Path.of("src/main/resources/page").toAbsolutePath();

    private final HttpServer server;
    private final String history;
    private final String snapshot;
    private final AtomicInteger streams = new AtomicInteger();
    private volatile boolean closed;

    /** A page with these documents; {@code NOW} in them becomes the time of each snapshot. */
    public StagedPage(String history, String snapshot) {
        this.history = history;
        this.snapshot = snapshot;
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::file);
        server.createContext("/page/events", this::events);
        server.start();
    }

    public URI uri(String path) {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
    }

    /** The number of streams that are open; a closed one is noticed after a second. */
    public int streams() {
        return streams.get();
    }

    private void file(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String name = path.equals("/") ? "index.html" : path.replaceFirst("^/(page/)?", "");
        Path file = FILES.resolve(name).normalize();
        if (!file.startsWith(FILES) || !Files.isRegularFile(file)) {
            exchange.sendResponseHeaders(404, -1);
            exchange.close();
            return;
        }
        exchange.getResponseHeaders().set("content-type", type(name));
        exchange.getResponseHeaders()
                .set(
                        "content-security-policy",
                        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:;"
                                + " base-uri 'none'; form-action 'self'; frame-ancestors 'none';"
                                + " require-trusted-types-for 'script'");
        byte[] body = Files.readAllBytes(file);
        exchange.sendResponseHeaders(200, body.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(body);
        }
    }

    private static String type(String name) {
        return switch (name.substring(name.lastIndexOf('.') + 1)) {
            case "js" -> "text/javascript";
            case "css" -> "text/css";
            case "svg" -> "image/svg+xml";
            default -> "text/html; charset=utf-8";
        };
    }

    private void events(HttpExchange exchange) throws IOException {
        exchange.getResponseHeaders().set("content-type", "text/event-stream");
        exchange.sendResponseHeaders(200, 0);
        streams.incrementAndGet();
        try (OutputStream out = exchange.getResponseBody()) {
            write(out, "history", history);
            while (!closed) {
                write(out, "snapshot", snapshot);
                LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
            }
        } finally {
            streams.decrementAndGet();
        }
    }

    private static void write(OutputStream out, String event, String document) throws IOException {
        String data = document.replace("NOW", Instant.now().toString()).replace("\n", "");
        out.write(("event: " + event + "\ndata: " + data + "\n\n").getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    @Override
    public void close() {
        closed = true;
        server.stop(0);
    }
}
