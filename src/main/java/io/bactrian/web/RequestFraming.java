package io.bactrian.web;

import io.bactrian.config.Bound;
import io.bactrian.protocol.RequestRejected;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The framing of the requests on one HTTP/1 connection: finds where each head and body ends, and rejects all that two servers
 * could understand differently. Stricter than the decoder behind it, so that both agree on every request that is let through.
 * Belongs to one connection.
 */
final class RequestFraming {
    /** The most bytes of a request line. */
    static final int MAX_REQUEST_LINE = 4 << 10;
    /** The most bytes of a whole head, or of trailers. */
    static final int MAX_HEAD = 16 << 10;

    private static final int MAX_HEADERS = 128;
    private static final int MAX_CHUNK_LINE = 256;
    private static final int MAX_EMPTY_LINES = 2;
    private static final int MAX_CHUNK_DIGITS = 8;
    private static final int MAX_LENGTH_DIGITS = 18;
    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final ThreadLocal<byte[]> LINE = ThreadLocal.withInitial(() -> new byte[MAX_HEAD]);
    private static final boolean[] TOKEN = new boolean[256];

    static {
        for (char c = '0'; c <= 'z'; c++) {
            TOKEN[c] = Character.isLetterOrDigit(c);
        }
        for (char c : "!#$%&'*+-.^_`|~".toCharArray()) {
            TOKEN[c] = true;
        }
    }

    private enum Part {
        REQUEST_LINE,
        HEADERS,
        BODY,
        CHUNK_SIZE,
        CHUNK,
        CHUNK_END,
        TRAILERS,
        HTTP_2
    }

    private Part part = Part.REQUEST_LINE;
    /** The bytes of the unfinished part that were looked at. */
    private int seen;
    /** Where the unfinished line begins in the unfinished part. */
    private int line;

    private long left;
    private int headers;
    private int emptyLines;
    private long heads;
    private boolean mayBecomeHttp2 = true;

    private String path = "";
    private String authority = "";
    private boolean http10;
    private @Nullable String host;
    private @Nullable RequestRejected fault;
    private long length;
    private boolean chunked;

    /** The framing of a connection that speaks HTTP/2 already. */
    static RequestFraming http2() {
        RequestFraming framing = new RequestFraming();
        framing.part = Part.HTTP_2;
        return framing;
    }

    /** The number of heads that were whole. */
    long heads() {
        return heads;
    }

    /** True while a head has begun and is not whole. */
    boolean inHead() {
        return part == Part.HEADERS || (part == Part.REQUEST_LINE && seen > 0);
    }

    /** True while the body of the last head is not whole. */
    boolean inBody() {
        return part != Part.REQUEST_LINE && part != Part.HEADERS && part != Part.HTTP_2;
    }

    /** True once the connection speaks HTTP/2, which frames requests by itself. */
    boolean isHttp2() {
        return part == Part.HTTP_2;
    }

    /** True if what comes next may be the beginning of HTTP/2, for which the last request has asked. */
    boolean mayBecomeHttp2() {
        return mayBecomeHttp2 && part == Part.REQUEST_LINE;
    }

    /** What is wrong with the bytes behind the good ones: 400, 414, 431 or 505; null if nothing is. */
    @Nullable
    RequestRejected fault() {
        return fault;
    }

    /** The path of the last request line; empty if there was none. */
    String path() {
        return path;
    }

    /**
     * Looks at what has come, up to the end of a request.
     *
     * @param in all bytes that were not reported as good before, and what came after them; its indexes stay as they are
     * @return how many of these bytes are good and belong to whole parts, so that they may be passed on; if there is a {@link
     *     #fault} then, nothing behind them may be served
     */
    int good(ByteBuf in) {
        int begin = in.readerIndex();
        int end = in.writerIndex();
        int good = begin;
        int at = begin + seen;
        int start = begin + line;
        try {
            if (part == Part.REQUEST_LINE && mayBecomeHttp2 && line == 0 && begin < end) {
                int same = matchingPreface(in);
                if (same == PREFACE.length) {
                    part = Part.HTTP_2;
                } else if (same == end - begin) {
                    at = end;
                    return 0;
                } else if (seen < PREFACE.length) {
                    at = begin;
                }
            }
            if (part == Part.HTTP_2) {
                good = end;
                at = end;
                start = end;
                return end - begin;
            }
            boolean whole = false;
            while (at < end && !whole) {
                if (part == Part.BODY || part == Part.CHUNK) {
                    int taken = (int) Math.min(left, end - at);
                    left -= taken;
                    at += taken;
                    good = at;
                    start = at;
                    if (left == 0) {
                        whole = part == Part.BODY;
                        next(whole ? Part.REQUEST_LINE : Part.CHUNK_END);
                    }
                    continue;
                }
                if (at == start) {
                    firstByte(in.getByte(at));
                }
                int feed = in.indexOf(at, end, (byte) '\n');
                int lineEnd = feed < 0 ? end : feed + 1;
                within(lineEnd - good, lineEnd - start);
                at = lineEnd;
                if (feed < 0) {
                    break;
                }
                byte[] text = LINE.get();
                int size = lineEnd - start - 2;
                if (size < 0 || in.getByte(feed - 1) != '\r') {
                    throw malformed("a line ends without a carriage return");
                }
                in.getBytes(start, text, 0, size);
                start = at;
                if (line(text, size)) {
                    good = at;
                    whole = part == Part.REQUEST_LINE && emptyLines == 0;
                }
            }
        } catch (RequestRejected e) {
            fault = e;
        } finally {
            seen = at - good;
            line = start - good;
        }
        return good - begin;
    }

    private static int matchingPreface(ByteBuf in) {
        int most = Math.min(PREFACE.length, in.readableBytes());
        int same = 0;
        while (same < most && in.getByte(in.readerIndex() + same) == PREFACE[same]) {
            same++;
        }
        return same;
    }

    private void firstByte(byte b) {
        if (part == Part.REQUEST_LINE && b != '\r' && !TOKEN[b & 0xFF]) {
            throw malformed("it does not begin with a method");
        }
    }

    private void within(int head, int lineLength) {
        switch (part) {
            case REQUEST_LINE -> {
                if (lineLength > MAX_REQUEST_LINE) {
                    throw new RequestRejected(
                                    414,
                                    "invalid_request_error",
                                    "head_too_large",
                                    null,
                                    "The path of the request is too long.")
                            .at(Bound.HEAD);
                }
            }
            case HEADERS, TRAILERS -> {
                if (head > MAX_HEAD) {
                    throw tooLarge();
                }
            }
            default -> {
                if (lineLength > MAX_CHUNK_LINE) {
                    throw malformed("the line with the size of a chunk is too long");
                }
            }
        }
    }

    /** Reads a line; true if it ends a part that may be passed on. */
    private boolean line(byte[] text, int size) {
        switch (part) {
            case REQUEST_LINE -> {
                return requestLine(text, size);
            }
            case HEADERS -> {
                if (size > 0) {
                    header(text, size);
                    return false;
                }
                endOfHead();
                return true;
            }
            case CHUNK_SIZE -> {
                left = chunkSize(text, size);
                next(left == 0 ? Part.TRAILERS : Part.CHUNK);
                return left != 0;
            }
            case CHUNK_END -> {
                if (size != 0) {
                    throw malformed("a chunk is longer than its size");
                }
                next(Part.CHUNK_SIZE);
                return true;
            }
            default -> {
                if (size > 0) {
                    trailer(text, size);
                    return false;
                }
                next(Part.REQUEST_LINE);
                return true;
            }
        }
    }

    private void next(Part following) {
        part = following;
        headers = 0;
        if (following == Part.REQUEST_LINE) {
            emptyLines = 0;
        }
    }

    private boolean requestLine(byte[] text, int size) {
        if (size == 0) {
            // Some clients end a body with a line break more than they announce.
            if (++emptyLines > MAX_EMPTY_LINES) {
                throw malformed("empty lines stand before it");
            }
            return true;
        }
        int method = 0;
        while (method < size && TOKEN[text[method] & 0xFF]) {
            method++;
        }
        int target = method + 1;
        int targetEnd = target;
        while (targetEnd < size && isVisible(text[targetEnd])) {
            targetEnd++;
        }
        if (method == 0 || targetEnd == target || targetEnd >= size || text[method] != ' ' || text[targetEnd] != ' ') {
            throw malformed("the first line is not: method, path, version");
        }
        String version = text(text, targetEnd + 1, size);
        if (!version.equals("HTTP/1.1") && !version.equals("HTTP/1.0")) {
            if (version.matches("HTTP/\\d\\.\\d")) {
                throw new RequestRejected(
                                505,
                                "invalid_request_error",
                                "malformed_request",
                                null,
                                "This version of HTTP is not served here; use HTTP/1.1.")
                        .at(Bound.FRAMING);
            }
            throw malformed("the first line does not end with a version of HTTP");
        }
        http10 = version.endsWith("0");
        target(text(text, target, targetEnd));
        mayBecomeHttp2 = false;
        host = null;
        length = -1;
        chunked = false;
        next(Part.HEADERS);
        return false;
    }

    private void target(String target) {
        authority = "";
        path = target;
        if (target.startsWith("/") || target.equals("*")) {
            return;
        }
        int scheme = target.indexOf("://");
        String name = scheme < 0 ? "" : target.substring(0, scheme).toLowerCase(Locale.ROOT);
        if (!name.equals("http") && !name.equals("https")) {
            throw malformed("its path does not begin with a slash");
        }
        String rest = target.substring(scheme + 3);
        int end = 0;
        while (end < rest.length() && "/?#".indexOf(rest.charAt(end)) < 0) {
            end++;
        }
        authority = rest.substring(0, end);
        path = rest.substring(end);
    }

    private void header(byte[] text, int size) {
        int colon = name(text, size);
        int from = colon + 1;
        int to = size;
        while (from < to && isBlank(text[from])) {
            from++;
        }
        while (to > from && isBlank(text[to - 1])) {
            to--;
        }
        switch (colon) {
            case 4 -> {
                if (is("host", text, colon)) {
                    host(text(text, from, to));
                }
            }
            case 7 -> {
                if (is("upgrade", text, colon)) {
                    mayBecomeHttp2 = heads == 0;
                }
            }
            case 14 -> {
                if (is("content-length", text, colon)) {
                    length(text, from, to);
                }
            }
            case 17 -> {
                if (is("transfer-encoding", text, colon)) {
                    encoding(text, colon, from, to);
                }
            }
            default -> {}
        }
    }

    private void trailer(byte[] text, int size) {
        int colon = name(text, size);
        if (is("content-length", text, colon) || is("transfer-encoding", text, colon) || is("host", text, colon)) {
            throw malformed("a trailer changes its framing");
        }
    }

    /** The length of a header's name, all of whose line is checked. */
    private int name(byte[] text, int size) {
        if (++headers > MAX_HEADERS) {
            throw tooLarge();
        }
        int colon = 0;
        while (colon < size && TOKEN[text[colon] & 0xFF]) {
            colon++;
        }
        if (colon == 0 || colon == size || text[colon] != ':') {
            throw malformed(isBlank(text[0]) ? "a header goes on in a second line" : "a line is not a header");
        }
        for (int i = colon + 1; i < size; i++) {
            if (!isVisible(text[i]) && !isBlank(text[i])) {
                throw malformed("a header has a control character");
            }
        }
        return colon;
    }

    private void host(String value) {
        if (host != null) {
            throw malformed("it has several Host headers");
        }
        for (int i = 0; i < value.length(); i++) {
            if (" \t,/\\@?#\"<>".indexOf(value.charAt(i)) >= 0) {
                throw malformed("its Host header is not a name with a port");
            }
        }
        host = value;
    }

    private void length(byte[] text, int from, int to) {
        if (length >= 0) {
            throw malformed("it has several Content-Length headers");
        }
        if (to == from || to - from > MAX_LENGTH_DIGITS) {
            throw malformed("its Content-Length is not a number");
        }
        length = 0;
        for (int i = from; i < to; i++) {
            if (text[i] < '0' || text[i] > '9') {
                throw malformed("its Content-Length is not a number");
            }
            length = length * 10 + text[i] - '0';
        }
    }

    /** Accepts the one encoding in the one spelling that every server understands in the same way. */
    private void encoding(byte[] text, int colon, int from, int to) {
        boolean plain = from <= colon + 2 && (from == colon + 1 || text[from - 1] == ' ');
        if (chunked || !plain || to - from != 7 || !"chunked".equalsIgnoreCase(text(text, from, to))) {
            throw malformed("its Transfer-Encoding is not 'chunked'");
        }
        chunked = true;
    }

    private void endOfHead() {
        if (chunked && length >= 0) {
            throw malformed("it has both Content-Length and Transfer-Encoding");
        }
        if (chunked && http10) {
            throw malformed("HTTP/1.0 has no Transfer-Encoding");
        }
        if (host == null && !http10) {
            throw malformed("it has no Host header");
        }
        if (!authority.isEmpty() && host != null && !authority.equalsIgnoreCase(host)) {
            throw malformed("its Host header is not the host of its path");
        }
        heads++;
        left = Math.max(0, length);
        next(chunked ? Part.CHUNK_SIZE : left > 0 ? Part.BODY : Part.REQUEST_LINE);
    }

    private long chunkSize(byte[] text, int size) {
        int digits = 0;
        long value = 0;
        while (digits < size && Character.digit(text[digits], 16) >= 0) {
            value = value * 16 + Character.digit(text[digits], 16);
            digits++;
            if (digits > MAX_CHUNK_DIGITS) {
                throw malformed("the size of a chunk is too large");
            }
        }
        if (digits == 0 || (digits < size && text[digits] != ';')) {
            throw malformed("the size of a chunk is not a number");
        }
        for (int i = digits; i < size; i++) {
            if (!isVisible(text[i]) && !isBlank(text[i])) {
                throw malformed("the extension of a chunk has a control character");
            }
        }
        return value;
    }

    private static boolean is(String name, byte[] text, int length) {
        if (length != name.length()) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if ((text[i] | 0x20) != (name.charAt(i) | 0x20)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isVisible(byte b) {
        return b < 0 || (b > ' ' && b != 0x7F);
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b == '\t';
    }

    private static String text(byte[] bytes, int from, int to) {
        return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
    }

    private static RequestRejected malformed(String why) {
        return new RequestRejected(
                        400,
                        "invalid_request_error",
                        "malformed_request",
                        null,
                        "The request is malformed: " + why + ".")
                .at(Bound.FRAMING);
    }

    private static RequestRejected tooLarge() {
        return new RequestRejected(
                        431,
                        "invalid_request_error",
                        "head_too_large",
                        null,
                        "The headers of the request are too large.")
                .at(Bound.HEAD);
    }
}
