package io.bactrian.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A forward proxy for plain HTTP, one request a connection, that keeps a log of the request lines. Thread-safe. */
public final class StubProxy implements AutoCloseable {
    private final ServerSocket server;
    private final List<String> requestLines = new CopyOnWriteArrayList<>();
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

    public StubProxy() {
        try {
            server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().name("proxy").start(this::accept);
    }

    /** As {@code bactrian.providers.<p>.proxy} wants it. */
    public String url() {
        return "http://127.0.0.1:" + server.getLocalPort();
    }

    public List<String> requestLines() {
        return List.copyOf(requestLines);
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = server.accept();
                sockets.add(socket);
                // One that came through while the proxy was closing is not among those that close saw.
                if (server.isClosed()) {
                    socket.close();
                    return;
                }
                Thread.ofVirtual().name("proxied").start(() -> forward(socket));
            }
        } catch (IOException e) {
            // Closed: no more connections.
        }
    }

    private void forward(Socket client) {
        try (client) {
            Http.Head head = Http.readHead(client.getInputStream());
            if (head == null) {
                return;
            }
            requestLines.add(head.requestLine());
            String[] line = head.requestLine().split(" ", 3);
            if (line[0].equals("CONNECT")) {
                client.getOutputStream()
                        .write("HTTP/1.1 502 No tunnels here\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
                                .getBytes(StandardCharsets.US_ASCII));
                return;
            }
            URI uri = URI.create(line[1]);
            byte[] body = Http.readBody(client.getInputStream(), head.headers());
            try (Socket origin = new Socket(uri.getHost(), uri.getPort())) {
                sockets.add(origin);
                if (server.isClosed()) {
                    return;
                }
                origin.getOutputStream().write(request(line[0], uri, head.headers(), body.length));
                origin.getOutputStream().write(body);
                copy(origin.getInputStream(), client.getOutputStream());
            }
        } catch (IOException e) {
            // One side is gone, and so is the other now.
        }
    }

    private static byte[] request(String method, URI uri, Map<String, String> headers, int length) {
        StringBuilder request = new StringBuilder(method + " " + uri.getRawPath() + " HTTP/1.1\r\n");
        headers.forEach((name, value) -> {
            if (!name.matches("(?i)transfer-encoding|content-length|(proxy-)?connection")) {
                request.append(name).append(": ").append(value).append("\r\n");
            }
        });
        return request.append("content-length: " + length + "\r\nconnection: close\r\n\r\n")
                .toString()
                .getBytes(StandardCharsets.ISO_8859_1);
    }

    /** The answer with word that its connection is closed behind it. */
    private static void copy(InputStream from, OutputStream to) throws IOException {
        for (int b = from.read(); b >= 0; b = from.read()) {
            to.write(b);
            if (b == '\n') {
                to.write("connection: close\r\n".getBytes(StandardCharsets.US_ASCII));
                break;
            }
        }
        byte[] bytes = new byte[8192];
        for (int n = from.read(bytes); n >= 0; n = from.read(bytes)) {
            to.write(bytes, 0, n);
            to.flush();
        }
    }

    @Override
    public void close() {
        try {
            server.close();
            for (Socket socket : sockets) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
