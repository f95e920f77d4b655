package io.bactrian.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;

/** A caller of the gateway on a bare socket, who may read slowly or leave at any time. Used by one thread. */
public final class RawCaller implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 20_000;

    private static final int WINDOW = 8 << 10;

    private final Socket socket = new Socket();
    private final StringBuilder read = new StringBuilder();

    private RawCaller() {}

    /** Posts a Chat Completions request and reads nothing yet. */
    public static RawCaller ask(Gateway gateway, String json) {
        return ask(gateway, "/v1/chat/completions", json);
    }

    /** Makes a request and reads nothing yet. */
    public static RawCaller ask(Gateway gateway, Request request) {
        return ask(gateway, request.path(), request.body(), request.headers());
    }

    /** Makes a request without a body and reads nothing yet. */
    public static RawCaller get(Gateway gateway, String path) {
        RawCaller caller = new RawCaller();
        caller.send(
                gateway, ("GET " + path + " HTTP/1.1\r\nhost: localhost\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
        return caller;
    }

    /** Posts a request and reads nothing yet; headers as name, value, name, value. */
    public static RawCaller ask(Gateway gateway, String path, String json, String... headers) {
        RawCaller caller = new RawCaller();
        byte[] body = json.getBytes(StandardCharsets.UTF_8);
        String head = "POST " + path + " HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
                + headers(headers) + "content-length: " + body.length + "\r\n\r\n";
        caller.send(gateway, head.getBytes(StandardCharsets.US_ASCII), body);
        return caller;
    }

    private void send(Gateway gateway, byte[]... parts) {
        try {
            socket.setReceiveBufferSize(WINDOW);
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.connect(new InetSocketAddress("127.0.0.1", gateway.port()));
            for (byte[] part : parts) {
                socket.getOutputStream().write(part);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String headers(String... namesAndValues) {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            lines.append(namesAndValues[i])
                    .append(": ")
                    .append(namesAndValues[i + 1])
                    .append("\r\n");
        }
        return lines.toString();
    }

    /** Widens the window in which bytes come: with a narrow one, timers of the kernel decide about the speed. */
    public RawCaller widened() {
        try {
            socket.setReceiveBufferSize(1 << 20);
        } catch (SocketException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /** Reads on until these words have come; returns all that has come. */
    public String readUntil(String words) {
        byte[] buffer = new byte[WINDOW];
        try {
            int from = 0;
            while (read.indexOf(words, from) < 0) {
                from = Math.max(0, read.length() - words.length());
                int n = socket.getInputStream().read(buffer);
                if (n < 0) {
                    throw new AssertionError("the end came before '" + words + "': " + read);
                }
                read.append(new String(buffer, 0, n, StandardCharsets.ISO_8859_1));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("no '" + words + "' in: " + read, e);
        }
        return read.toString();
    }

    /** Sends more on the same connection, such as the beginning of another request. */
    public void goOn(String text) {
        try {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Closes the connection. */
    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
