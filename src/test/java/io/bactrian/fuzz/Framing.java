package io.bactrian.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Changes of a message of HTTP/1.1 by chance: of its first line, its headers, its lengths and its chunks. Not thread-safe. */
final class Framing {
    private static final List<String> HEADERS = List.of(
            "Content-Length: 0",
            "Content-Length: 5",
            "Content-Length: -1",
            "Content-Length: +7",
            "Content-Length: 5, 5",
            "Content-Length: 99999999999999999999",
            "Content-Length:",
            "Content-Length: 0x10",
            "Transfer-Encoding: chunked",
            "Transfer-Encoding: chunked, identity",
            "Transfer-Encoding: identity",
            "Transfer-Encoding: xchunked",
            "Transfer-Encoding : chunked",
            "Transfer-Encoding:\u000bchunked",
            "transfer-encoding: CHUNKED",
            "X: \u0000",
            "Expect: 100-continue",
            "Expect: 200-ok",
            "Upgrade: h2c",
            "Connection: upgrade, HTTP2-Settings",
            "Connection: close",
            "Content-Encoding: gzip",
            "Content-Encoding: br",
            "Content-Type: text/plain",
            "Content-Type: \u00ff",
            "Host:",
            "Host: a, b",
            "no colon",
            ": no name",
            " folded",
            "x-bactrian-timeout: 1e9",
            "x-bactrian-timeout: -1",
            "x-bactrian-min-quality: NaN",
            "x-request-id: \u00e4\u00f6",
            "X: " + "y".repeat(9_000),
            "Retry-After: 1e30",
            "Set-Cookie: a=b",
            "Location: http://127.0.0.1:1/",
            "Trailer: Content-Length",
            "TE: trailers");

    private static final List<String> FIRST_LINES = List.of(
            "GET / HTTP/1.1",
            "POST /v1/chat/completions HTTP/1.0",
            "POST /v1/chat/completions HTTP/9.9",
            "PRI * HTTP/2.0",
            "POST http://evil/v1/messages HTTP/1.1",
            "POST //v1/messages HTTP/1.1",
            "POST /v1/../v1/messages HTTP/1.1",
            "CONNECT a:1 HTTP/1.1",
            "OPTIONS * HTTP/1.1",
            "TRACE / HTTP/1.1",
            "POST  /v1/messages  HTTP/1.1",
            "POST",
            "\u0000",
            "HTTP/1.1 204 No",
            "HTTP/1.1 304 Not",
            "HTTP/1.1 103 Early",
            "HTTP/1.1 200",
            "HTTP/1.1 000 x",
            "HTTP/1.1 99999 x",
            "HTTP/0.9 200 OK",
            "HTTP/1.0 200 OK",
            "ICY 200 OK",
            "HTTP/1.1 429 Slow",
            "HTTP/1.1 500 x",
            "HTTP/1.1 402 x");

    private final Random random;

    Framing(Random random) {
        this.random = random;
    }

    /** A changed message. */
    byte[] message(String firstLine, List<String> headers, byte[] body) {
        List<String> lines = new ArrayList<>(headers);
        byte[] framed = body;
        String first = random.nextInt(6) == 0 ? odd(FIRST_LINES) : firstLine;
        if (random.nextBoolean()) {
            lines.add(
                    "Content-Length: " + (random.nextInt(5) == 0 ? random.nextInt(2 * body.length + 1) : body.length));
        } else {
            lines.add("Transfer-Encoding: chunked");
            framed = chunks(body);
        }
        for (int i = random.nextInt(3); i > 0; i--) {
            switch (random.nextInt(4)) {
                case 0 -> lines.remove(random.nextInt(lines.size()));
                case 1 -> lines.add(odd(lines));
                default -> lines.add(random.nextInt(lines.size() + 1), odd(HEADERS));
            }
            if (lines.isEmpty()) {
                lines.add("x: y");
            }
        }
        String end = random.nextInt(10) == 0 ? odd(List.of("\n", "\r", "\r\r\n")) : "\r\n";
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes((first + end + String.join(end, lines) + end + end).getBytes(ISO_8859_1));
        out.writeBytes(framed);
        byte[] all = out.toByteArray();
        return random.nextInt(8) == 0 ? Arrays.copyOf(all, random.nextInt(all.length)) : all;
    }

    private byte[] chunks(byte[] body) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int at = 0;
        while (at < body.length) {
            int size = Math.min(1 + random.nextInt(400), body.length - at);
            String written = random.nextInt(30) == 0
                    ? odd(List.of("-1", "+5", "0x5", "5;a=b", "ffffffffffffffff", "5 ", "", "z"))
                    : Integer.toHexString(size);
            out.writeBytes((written + "\r\n").getBytes(ISO_8859_1));
            out.write(body, at, size);
            out.writeBytes((random.nextInt(60) == 0 ? "\n" : "\r\n").getBytes(ISO_8859_1));
            at += size;
        }
        out.writeBytes(
                odd(List.of("0\r\n\r\n", "0\r\n\r\n", "0\r\n\r\n", "0\r\nContent-Length: 4\r\n\r\n", "", "00\r\n\r\n"))
                        .getBytes(ISO_8859_1));
        return out.toByteArray();
    }

    private <T> T odd(List<T> all) {
        return all.get(random.nextInt(all.size()));
    }
}
