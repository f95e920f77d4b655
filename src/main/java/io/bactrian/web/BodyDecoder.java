package io.bactrian.web;

import io.bactrian.config.Bound;
import io.bactrian.protocol.RequestRejected;
import io.vertx.core.MultiMap;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.LongPredicate;
import java.util.zip.GZIPInputStream;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import org.apache.camel.Exchange;

/** A decoder of request bodies that callers compress. The body limit holds for the decoded body, too. Thread-safe. */
final class BodyDecoder {
    /** The encodings that are accepted, as {@code accept-encoding} names them to the caller of another one. */
    static final String ACCEPTED = "gzip, deflate";

    /** The code of the 415 for any other encoding. */
    static final String UNSUPPORTED = "unsupported_content_encoding";

    static final String HEADER = "content-encoding";
    /** The most encodings on top of each other. */
    private static final int MAX_ENCODINGS = 3;

    private static final int BUFFER = 16 << 10;

    private final long maxBytes;

    /** @param maxBytes the limit of a decoded body */
    BodyDecoder(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    /**
     * The body of a request, decoded.
     *
     * @throws RequestRejected 415 for an unknown encoding, 413 if it is too large, 400 if it cannot be decoded
     */
    byte[] read(Exchange exchange) {
        byte[] body = Http.body(exchange);
        MultiMap headers = Http.request(exchange).headers();
        if (!headers.contains(HEADER)) {
            return body;
        }
        BodiesInFlight.Claim claim = BodiesInFlight.of(exchange);
        return decode(body, encodings(headers.getAll(HEADER)), claim == null ? bytes -> true : claim::take);
    }

    /** The encodings of some header lines, in the order in which they were applied. */
    static List<String> encodings(List<String> lines) {
        List<String> encodings = new ArrayList<>();
        for (String encoding : String.join(",", lines).split(",")) {
            String name = encoding.strip().toLowerCase(Locale.ROOT);
            switch (name) {
                case "", "identity" -> {}
                case "gzip", "x-gzip" -> encodings.add("gzip");
                case "deflate" -> encodings.add(name);
                default -> throw unsupported("The content encoding '" + name + "' is not supported.");
            }
        }
        if (encodings.size() > MAX_ENCODINGS) {
            throw unsupported("The request body is encoded too many times.");
        }
        return encodings;
    }

    private static RequestRejected unsupported(String message) {
        return new RequestRejected(
                415,
                "invalid_request_error",
                UNSUPPORTED,
                null,
                message + " Send the body as it is, or compress it with gzip or deflate.");
    }

    /** @param room takes the bytes that are decoded; false if there is no room for them */
    byte[] decode(byte[] body, List<String> encodings, LongPredicate room) {
        byte[] decoded = body;
        for (int i = encodings.size() - 1; i >= 0 && decoded.length > 0; i--) {
            String encoding = encodings.get(i);
            try {
                decoded = encoding.equals("gzip") ? gunzip(decoded, room) : inflate(decoded, room);
            } catch (IOException e) {
                throw RequestRejected.invalid(
                        null,
                        "The request body cannot be decoded: it is not valid " + encoding
                                + ", as its content-encoding says.");
            }
        }
        return decoded;
    }

    private byte[] gunzip(byte[] body, LongPredicate room) throws IOException {
        try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(body), BUFFER)) {
            return all(in, room);
        }
    }

    /** Inflates a body with the header that the standard asks for, or without, as some callers send it. */
    private byte[] inflate(byte[] body, LongPredicate room) throws IOException {
        int head = body.length < 2 ? 0 : (body[0] & 0xFF) << 8 | (body[1] & 0xFF);
        boolean wrapped = (head >> 8 & 0x0F) == 8 && head % 31 == 0;
        Inflater inflater = new Inflater(!wrapped);
        try (InputStream in = new InflaterInputStream(new ByteArrayInputStream(body), inflater, BUFFER)) {
            return all(in, room);
        } finally {
            inflater.end();
        }
    }

    private byte[] all(InputStream in, LongPredicate room) throws IOException {
        List<byte[]> parts = new ArrayList<>();
        long size = 0;
        int n = BUFFER;
        while (n == BUFFER) {
            byte[] part = new byte[BUFFER];
            n = in.readNBytes(part, 0, BUFFER);
            size += n;
            if (size > maxBytes) {
                throw new RequestRejected(
                                413,
                                "invalid_request_error",
                                "request_too_large",
                                null,
                                "The request body is too large once it is decoded.")
                        .at(Bound.BODY);
            }
            if (!room.test(n)) {
                throw BodyReader.tooMany();
            }
            parts.add(n == BUFFER ? part : Arrays.copyOf(part, n));
        }
        byte[] all = new byte[(int) size];
        int at = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }
}
