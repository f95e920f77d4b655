package io.bactrian.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A call: one request as it reached a stub, and what became of it. Thread-safe; times are {@link System#nanoTime()}, the
 * facts that come later (answered, left, tokens) are 0 until then.
 */
public final class Call {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final String requestLine;
    private final Map<String, String> headers;
    private final byte[] body;
    private final int connection;
    private final int requestOnConnection;
    private final long arrivedAt = System.nanoTime();
    private volatile int number;
    private volatile long answeredAt;
    private volatile long clientLeftAt;
    private volatile int tokensSent;

    Call(String requestLine, Map<String, String> headers, byte[] body, int connection, int requestOnConnection) {
        this.requestLine = requestLine;
        this.headers = headers;
        this.body = body;
        this.connection = connection;
        this.requestOnConnection = requestOnConnection;
    }

    public String requestLine() {
        return requestLine;
    }

    public String method() {
        return requestLine.split(" ", 3)[0];
    }

    /** Path and query. */
    public String path() {
        String[] parts = requestLine.split(" ", 3);
        return parts.length > 1 ? parts[1] : "";
    }

    /** The headers, names in any case; several of one name are joined with {@code ", "}. */
    public Map<String, String> headers() {
        return headers;
    }

    public @Nullable String header(String name) {
        return headers.get(name);
    }

    public byte[] body() {
        return body.clone();
    }

    public String text() {
        return new String(body, StandardCharsets.UTF_8);
    }

    /** The body as JSON; a missing node if there is no body. */
    public JsonNode json() {
        try {
            return JSON.readTree(body);
        } catch (IOException e) {
            throw new UncheckedIOException("no JSON: " + text(), e);
        }
    }

    public String model() {
        return json().path("model").asText();
    }

    public boolean wantsStream() {
        return json().path("stream").asBoolean();
    }

    /** Which call of the stub this is, from 1. */
    public int number() {
        return number;
    }

    /** Which connection it came on, from 1. */
    public int connection() {
        return connection;
    }

    /** Which request of its connection it is, from 1. */
    public int requestOnConnection() {
        return requestOnConnection;
    }

    public long arrivedAt() {
        return arrivedAt;
    }

    /** When the last byte of the answer was written; 0 if it never was. */
    public long answeredAt() {
        return answeredAt;
    }

    /** When the client closed or reset the connection before the answer was whole; 0 if it stayed. */
    public long clientLeftAt() {
        return clientLeftAt;
    }

    public boolean answered() {
        return answeredAt != 0;
    }

    public boolean clientLeft() {
        return clientLeftAt != 0;
    }

    /** From arrival to the client's leaving. */
    public Duration clientLeftAfter() {
        if (!clientLeft()) {
            throw new IllegalStateException("the client has not left");
        }
        return Duration.ofNanos(clientLeftAt - arrivedAt);
    }

    /** From the other call's arrival to this one's. */
    public Duration since(Call earlier) {
        return Duration.ofNanos(arrivedAt - Objects.requireNonNull(earlier).arrivedAt);
    }

    public int tokensSent() {
        return tokensSent;
    }

    void numbered(int n) {
        number = n;
    }

    void markAnswered() {
        answeredAt = System.nanoTime();
    }

    void markClientLeft() {
        if (clientLeftAt == 0 && answeredAt == 0) {
            clientLeftAt = System.nanoTime();
        }
    }

    void markToken() {
        tokensSent = tokensSent + 1;
    }

    @Override
    public String toString() {
        return "call " + number + ": " + requestLine + " (connection " + connection + ", request " + requestOnConnection
                + (answered() ? ", answered" : "") + (clientLeft() ? ", client left" : "") + ", " + tokensSent
                + " tokens)";
    }
}
