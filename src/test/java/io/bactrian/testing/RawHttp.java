package io.bactrian.testing;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.protocol.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** HTTP byte for byte, for requests that no HTTP client sends. Stateless. */
public final class RawHttp {
    private static final int PATIENCE_MS = 20_000;

    private RawHttp() {}

    /** Sends a request with these header lines, asks for the connection to be closed, and reads to the end. */
    public static Response send(int port, String requestLine, List<String> headers, byte[] body) {
        return send(port, requestLine, headers, "content-length: " + body.length, body);
    }

    /** The same with a body whose length is not announced. */
    public static Response chunked(int port, String requestLine, List<String> headers, String body) {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream chunk = new ByteArrayOutputStream();
        chunk.writeBytes((Integer.toHexString(bytes.length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
        chunk.writeBytes(bytes);
        chunk.writeBytes("\r\n0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        return send(port, requestLine, headers, "transfer-encoding: chunked", chunk.toByteArray());
    }

    private static Response send(int port, String requestLine, List<String> headers, String framing, byte[] body) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(PATIENCE_MS);
            ByteArrayOutputStream request = new ByteArrayOutputStream();
            StringBuilder head = new StringBuilder(requestLine).append(" HTTP/1.1\r\nhost: localhost\r\n");
            headers.forEach(h -> head.append(h).append("\r\n"));
            head.append(framing).append("\r\nconnection: close\r\n\r\n");
            request.writeBytes(head.toString().getBytes(StandardCharsets.UTF_8));
            request.writeBytes(body);
            socket.getOutputStream().write(request.toByteArray());
            return Response.of(socket.getInputStream().readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static Response send(int port, String requestLine, List<String> headers, String body) {
        return send(port, requestLine, headers, body.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * What came back.
     *
     * @param head the status line and the headers, as they came
     */
    public record Response(String head, String body) {

        private static Response of(byte[] bytes) {
            String all = new String(bytes, StandardCharsets.ISO_8859_1);
            int end = all.indexOf("\r\n\r\n");
            if (end < 0) {
                return new Response(all, "");
            }
            Response raw = new Response(all.substring(0, end), all.substring(end + 4));
            String body = raw.header("transfer-encoding").equals("chunked") ? joined(raw.body) : raw.body;
            return new Response(
                    raw.head, new String(body.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8));
        }

        private static String joined(String chunks) {
            StringBuilder body = new StringBuilder();
            int at = 0;
            while (at < chunks.length()) {
                int line = chunks.indexOf("\r\n", at);
                int size = Integer.parseInt(chunks.substring(at, line), 16);
                body.append(chunks, line + 2, line + 2 + size);
                at = line + 2 + size + 2;
            }
            return body.toString();
        }

        public int status() {
            return head.isEmpty() ? 0 : Integer.parseInt(head.split(" ", 3)[1]);
        }

        /** A header's value; empty if it did not come. */
        public String header(String name) {
            return head.lines()
                    .filter(l -> l.regionMatches(true, 0, name + ":", 0, name.length() + 1))
                    .map(l -> l.substring(name.length() + 1).strip())
                    .findFirst()
                    .orElse("");
        }

        public JsonNode json() {
            JsonNode node = Json.parse(body.getBytes(StandardCharsets.UTF_8));
            if (node == null) {
                throw new AssertionError("not JSON: " + head + "\n\n" + body);
            }
            return node;
        }
    }
}
