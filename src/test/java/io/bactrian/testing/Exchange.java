package io.bactrian.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;

/** An exchange: one call being answered, which a {@link Reply} writes to. Used by one thread. */
public final class Exchange {
    private static final Duration FOR_EVER = Duration.ofDays(1);

    private final Call call;
    private final Connection connection;
    private final StubProtocol wire;

    Exchange(Call call, Connection connection, StubProtocol wire) {
        this.call = call;
        this.connection = connection;
        this.wire = wire;
    }

    public Call call() {
        return call;
    }

    StubProtocol wire() {
        return wire;
    }

    /** Bytes as they are; a whole response, if the caller says so by returning afterwards. */
    public void write(byte[] bytes) throws IOException {
        if (connection.gone()) {
            throw new IOException("the client has left");
        }
        connection.write(bytes);
    }

    /** Waits, unless the client leaves: then an {@link IOException} ends the reply at once. */
    public void pause(Duration time) throws IOException {
        if (connection.leavesWithin(time.toNanos())) {
            throw new IOException("the client has left");
        }
    }

    public void awaitLeaving() throws IOException {
        pause(FOR_EVER);
    }

    public void head(int status, Map<String, String> headers) throws IOException {
        StringBuilder head = new StringBuilder("HTTP/1.1 " + status + (status < 400 ? " OK" : " Error") + "\r\n");
        headers.forEach(
                (name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        write(head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
    }

    /** The head of a chunked event stream. */
    public void streamHead(int status, Map<String, String> headers) throws IOException {
        Map<String, String> all = Http.headers("content-type", "text/event-stream; charset=utf-8");
        all.putAll(headers);
        all.put("transfer-encoding", "chunked");
        head(status, all);
    }

    public void chunk(byte[] bytes) throws IOException {
        if (bytes.length > 0) {
            ByteArrayOutputStream chunk = new ByteArrayOutputStream(bytes.length + 12);
            chunk.writeBytes((Integer.toHexString(bytes.length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
            chunk.writeBytes(bytes);
            chunk.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
            write(chunk.toByteArray());
        }
    }

    /** The clean end of a chunked body. */
    public void endChunks() throws IOException {
        write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        call.markAnswered();
    }

    /** A head that announces so many bytes, which may be a lie. */
    public void documentHead(int status, Map<String, String> headers, int announced) throws IOException {
        Map<String, String> all = Http.headers("content-type", "application/json");
        all.putAll(headers);
        all.put("content-length", Integer.toString(announced));
        head(status, all);
    }

    public void document(int status, Map<String, String> headers, byte[] bytes, int announced) throws IOException {
        documentHead(status, headers, announced);
        write(bytes);
        if (bytes.length == announced) {
            call.markAnswered();
        }
    }

    void countToken() {
        call.markToken();
    }
}
