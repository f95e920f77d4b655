package io.bactrian.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/** A reply: what a stub does with one request. Immutable and stateless, so one reply may serve many calls. */
@FunctionalInterface
public interface Reply {

    /** What becomes of the connection. */
    enum After {
        KEEP,
        CLOSE,
        RESET
    }

    /** Answers; an {@link IOException} means that the client is gone. */
    After send(Exchange exchange) throws IOException;

    /** This reply, its first byte no earlier than after a time of silence. */
    default Reply delayed(Duration beforeHeaders) {
        return x -> {
            x.pause(beforeHeaders);
            return send(x);
        };
    }

    /** This reply once the latch is open. */
    default Reply heldUntil(CountDownLatch open) {
        return x -> {
            while (open.getCount() > 0) {
                x.pause(Duration.ofMillis(5));
            }
            return send(x);
        };
    }

    /** Closes the connection after the answer although nothing announced it. */
    default Reply thenClose() {
        return then(After.CLOSE);
    }

    default Reply thenReset() {
        return then(After.RESET);
    }

    private Reply then(After after) {
        return x -> {
            After own = send(x);
            return own == After.KEEP ? after : own;
        };
    }

    /** A well-behaved answer in the stub's protocol, as a stream or a document as the request asks. */
    static ModelReply text(String words) {
        return ModelReply.of(words);
    }

    static ModelReply toolCall(String name, String argumentsJson) {
        return ModelReply.of("").tool(name, argumentsJson);
    }

    /** A status with a body; headers as name, value, name, value. JSON unless a content-type is among them. */
    static Reply status(int status, String body, String... headers) {
        return body(status, body.getBytes(StandardCharsets.UTF_8), Http.headers(headers));
    }

    static Reply body(int status, byte[] body, Map<String, String> headers) {
        return x -> {
            x.document(status, headers, body, body.length);
            return After.KEEP;
        };
    }

    /** An error in the envelope of the stub's protocol; Anthropic's has its code in {@code details.error_code}. */
    static Reply error(int status, String type, @Nullable String code, String message, String... headers) {
        return x -> status(status, x.wire().error(type, code, message), headers).send(x);
    }

    /** A whole HTTP response, byte for byte. */
    static Reply raw(byte[] response) {
        return x -> {
            x.write(response);
            x.call().markAnswered();
            return After.KEEP;
        };
    }

    static Reply raw(String response) {
        return raw(response.getBytes(StandardCharsets.UTF_8));
    }

    /** A reset connection once the request is read. */
    static Reply reset() {
        return x -> After.RESET;
    }

    /** A connection closed without a byte once the request is read. */
    static Reply closeSilently() {
        return x -> After.CLOSE;
    }

    /** Nothing at all until the client leaves. */
    static Reply silence() {
        return x -> {
            x.awaitLeaving();
            return After.CLOSE;
        };
    }

    /** Status 200 and headers at once, then nothing until the client leaves. */
    static Reply headersOnly() {
        return x -> {
            x.streamHead(200, Map.of());
            x.awaitLeaving();
            return After.CLOSE;
        };
    }

    /** An event stream with these bytes, ended cleanly. */
    static Reply sse(byte[] events) {
        return sse(200, events, Map.of());
    }

    static Reply sse(String events) {
        return sse(events.getBytes(StandardCharsets.UTF_8));
    }

    static Reply sse(int status, byte[] events, Map<String, String> headers) {
        return x -> {
            x.streamHead(status, headers);
            x.chunk(events);
            x.endChunks();
            return After.KEEP;
        };
    }

    /** A case of the fixtures' manifest, such as {@code openai/error_429_slow_down}. */
    static Reply fixture(String id) {
        Fixture fixture = Fixture.of(id);
        return fixture.sse()
                ? sse(fixture.status(), fixture.body(), fixture.headers())
                : body(fixture.status(), fixture.body(), fixture.headers());
    }

    /** What a proxy or a login page answers: 200 and HTML. */
    static Reply html() {
        return status(
                200,
                "<!DOCTYPE html><html><head><title>Sign in</title></head><body><h1>Welcome</h1></body></html>",
                "content-type",
                "text/html; charset=utf-8");
    }

    /** A gzip-compressed body, whether or not the client asked for one. */
    static Reply gzip(int status, String body, String... headers) {
        Map<String, String> all = Http.headers(headers);
        all.put("content-encoding", "gzip");
        return body(status, zip(body), all);
    }

    /** A body of which bytes are missing at the end, though its content-length counts them; then the connection closes. */
    static Reply shortBody(int status, String body, int missing) {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        return x -> {
            x.document(status, Map.of(), Arrays.copyOf(bytes, bytes.length - missing), bytes.length);
            return After.CLOSE;
        };
    }

    /** Answers the first request of each connection and drops the later ones: the stale pooled connection, each time. */
    static Reply keepAliveThenClose(Reply first) {
        return x -> x.call().requestOnConnection() > 1 ? After.RESET : first.send(x);
    }

    private static byte[] zip(String text) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }
}
