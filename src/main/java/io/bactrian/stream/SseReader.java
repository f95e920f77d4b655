package io.bactrian.stream;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A reader of server-sent events from a blocking stream of bytes, however they are split: LF, CRLF or CR, comments,
 * several data lines, a byte order mark. An event that the end of the stream cuts off is delivered as it is; the parser
 * of its data has to notice. A line that is an object of JSON counts as an event, too, although the standard ignores it: some
 * servers write their chunks, or their error, without a field name. Not thread-safe.
 *
 * @see <a href="https://html.spec.whatwg.org/multipage/server-sent-events.html">the HTML standard, server-sent
 *     events</a>
 */
public final class SseReader {
    private static final byte[] DATA = {'d', 'a', 't', 'a'};
    private static final byte[] EVENT = {'e', 'v', 'e', 'n', 't'};
    private static final List<byte[]> FIELDS =
            List.of(DATA, EVENT, new byte[] {'i', 'd'}, new byte[] {'r', 'e', 't', 'r', 'y'});
    private static final byte[] BOM = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};
    private static final byte[] NOTHING = {};
    private static final int NOT_YET = -2;
    /** Bytes without an event after which a heartbeat is returned. */
    private static final int QUIET = 16 << 10;

    /** Bytes after the last event; a stream that sends more has not ended. */
    private static final int MAX_REST_BYTES = 64 << 10;

    private final InputStream in;
    private final int longest;
    private final LongConsumer room;
    private byte[] buffer = new byte[2048];
    private int start;
    private int end;
    private boolean ended;
    private boolean atBeginning = true;
    private boolean afterCr;
    private @Nullable String name;
    private byte @Nullable [] data;
    private int length;
    private int quiet;

    /** @param longest the maximum number of bytes of one event */
    public SseReader(InputStream in, int longest) {
        this(in, longest, bytes -> {});
    }

    /**
     * The same, which tells how much memory long events take.
     *
     * @param room called with the bytes before they are taken; throws if there are too many
     */
    public SseReader(InputStream in, int longest, LongConsumer room) {
        this.room = room;
        this.in = in;
        this.longest = longest;
    }

    /** The exception for an event that is longer than allowed. */
    public static final class TooLong extends IOException {
        private static final long serialVersionUID = 1L;

        TooLong(int longest) {
            super("an event of more than " + longest + " bytes");
        }
    }

    /**
     * The form of the body, whatever its label says; blocks until the first bytes after white space have come, or much white
     * space. To be called before anything is read. Afterwards either the events are read or the {@link #rest}.
     */
    public BodyForm form() throws IOException {
        int skipped = 0;
        while (skipped < QUIET) {
            int before = start;
            skipWhiteSpace();
            skipped += start - before;
            BodyForm known = start < end ? formOf(buffer[start]) : ended ? BodyForm.OTHER : null;
            if (known != null) {
                return known;
            }
            fill();
        }
        return BodyForm.OTHER;
    }

    /** Null if more bytes are needed. */
    private @Nullable BodyForm formOf(byte first) {
        if (first == '{' || first == '[') {
            return BodyForm.JSON;
        }
        if (first == ':') {
            return BodyForm.EVENTS;
        }
        boolean undecided = first == BOM[0] && end - start < BOM.length;
        for (byte[] field : FIELDS) {
            int known = Math.min(field.length, end - start);
            if (Arrays.equals(field, 0, known, buffer, start, start + known)) {
                if (end - start > field.length) {
                    return buffer[start + field.length] == ':' ? BodyForm.EVENTS : BodyForm.OTHER;
                }
                undecided = true;
            }
        }
        return undecided && !ended ? null : BodyForm.OTHER;
    }

    private void skipWhiteSpace() {
        start += end - start >= BOM.length ? byteOrderMark() : 0;
        while (start < end && buffer[start] <= ' ' && buffer[start] >= 0) {
            start++;
        }
    }

    /** The bytes that have not been read as events. */
    public InputStream rest() {
        InputStream read = new ByteArrayInputStream(buffer, start, end - start);
        return ended ? read : new SequenceInputStream(read, in);
    }

    /**
     * The next event or heartbeat; blocks until it is complete. Many lines that form no event count as a heartbeat.
     *
     * @return null at the end of the stream
     */
    public @Nullable SseEvent next() throws IOException {
        return next(true);
    }

    /**
     * The next event or heartbeat if it is already buffered; never blocks.
     *
     * @return null if more bytes are needed, or the stream has ended
     */
    public @Nullable SseEvent poll() throws IOException {
        return next(false);
    }

    private @Nullable SseEvent next(boolean blocking) throws IOException {
        while (true) {
            int eol = endOfLine(blocking);
            if (eol == NOT_YET) {
                return null;
            }
            if (eol < 0) {
                return dispatch();
            }
            int from = start + byteOrderMark();
            afterCr = eol < end && buffer[eol] == '\r';
            quiet += eol + 1 - start;
            start = Math.min(eol + 1, end);
            if (eol == from) {
                SseEvent event = dispatch();
                if (event != null) {
                    quiet = 0;
                    return event;
                }
            } else if (buffer[from] == ':') {
                giveWay();
                return SseEvent.HEARTBEAT;
            } else if (buffer[from] == '{' && data == null) {
                quiet = 0;
                return new SseEvent(null, Arrays.copyOfRange(buffer, from, eol));
            } else {
                SseEvent event = field(from, eol);
                if (event != null) {
                    quiet = 0;
                    return event;
                }
            }
            if (giveWay()) {
                return SseEvent.HEARTBEAT;
            }
        }
    }

    /** Yields after many bytes without an event: a virtual thread that always finds bytes to read never blocks. */
    private boolean giveWay() {
        if (quiet < QUIET) {
            return false;
        }
        quiet = 0;
        Thread.yield();
        return true;
    }

    private int byteOrderMark() {
        boolean first = atBeginning;
        atBeginning = false;
        return first && Arrays.equals(BOM, 0, BOM.length, buffer, start, Math.min(end, start + BOM.length))
                ? BOM.length
                : 0;
    }

    /** True if the stream has ended except for a short rest, which is discarded; blocks until this is known. */
    public boolean atEnd() throws IOException {
        for (int rest = 0; !ended && rest <= MAX_REST_BYTES; rest += end) {
            start = end;
            fill();
        }
        return ended;
    }

    /**
     * The index of the line's end; reads on if needed and allowed. -1 at the end of the stream, {@link #NOT_YET} if
     * more bytes are needed but reading is not allowed.
     */
    private int endOfLine(boolean blocking) throws IOException {
        int at = start;
        while (true) {
            if (afterCr && at == start && at < end) {
                afterCr = false;
                if (buffer[at] == '\n') {
                    start++;
                    at++;
                }
            }
            for (; at < end; at++) {
                if (buffer[at] == '\n' || buffer[at] == '\r') {
                    return at;
                }
            }
            if (ended) {
                return end > start ? end : -1;
            }
            if (!blocking) {
                return NOT_YET;
            }
            int scanned = at - start;
            fill();
            at = start + scanned;
        }
    }

    private void fill() throws IOException {
        if (start > 0) {
            System.arraycopy(buffer, start, buffer, 0, end - start);
            end -= start;
            start = 0;
        }
        if (end == buffer.length) {
            if (end >= longest) {
                throw new TooLong(longest);
            }
            int larger = Math.min(longest, buffer.length * 2);
            // An event is copied out of the buffer.
            room.accept(2L * (larger - buffer.length));
            buffer = Arrays.copyOf(buffer, larger);
        }
        int n = in.read(buffer, end, buffer.length - end);
        if (n < 0) {
            ended = true;
            return;
        }
        end += n;
    }

    /** Reads a field; returns the event before it if it begins another one. */
    private @Nullable SseEvent field(int from, int to) throws IOException {
        int colon = from;
        while (colon < to && buffer[colon] != ':') {
            colon++;
        }
        int value = colon < to && colon + 1 < to && buffer[colon + 1] == ' ' ? colon + 2 : Math.min(colon + 1, to);
        if (is(DATA, from, colon)) {
            SseEvent before = followsObject(value, to) ? new SseEvent(name, whole()) : null;
            append(value, to);
            return before;
        }
        if (is(EVENT, from, colon)) {
            name = new String(buffer, value, to - value, StandardCharsets.UTF_8);
        }
        return null;
    }

    /**
     * Whether a line of data cannot belong to the lines before it: these end an object of JSON, and it begins another one, or is an
     * end mark. Some servers leave out the empty line between two events.
     */
    private boolean followsObject(int from, int to) {
        byte[] before = data;
        if (before == null) {
            return false;
        }
        int last = length - 1;
        while (last >= 0 && before[last] <= ' ' && before[last] >= 0) {
            last--;
        }
        int at = from;
        while (at < to && buffer[at] <= ' ' && buffer[at] >= 0) {
            at++;
        }
        return last >= 0 && before[last] == '}' && at < to && (buffer[at] == '{' || buffer[at] == '[');
    }

    /** The data so far, which is forgotten. */
    private byte[] whole() {
        byte[] known = Objects.requireNonNull(data);
        data = null;
        return known.length == length ? known : Arrays.copyOf(known, length);
    }

    private void append(int from, int to) throws IOException {
        byte[] before = data;
        if (before == null) {
            data = from == to ? NOTHING : Arrays.copyOfRange(buffer, from, to);
            length = to - from;
            return;
        }
        int joined = length + 1 + to - from;
        if (joined > longest) {
            throw new TooLong(longest);
        }
        byte[] all = before;
        if (joined > before.length) {
            int larger = Math.max(joined, before.length * 2);
            room.accept(larger - before.length);
            all = Arrays.copyOf(before, larger);
        }
        all[length] = '\n';
        System.arraycopy(buffer, from, all, length + 1, to - from);
        data = all;
        length = joined;
    }

    private boolean is(byte[] field, int from, int to) {
        return Arrays.equals(field, 0, field.length, buffer, from, to);
    }

    private @Nullable SseEvent dispatch() {
        String called = name;
        name = null;
        if (data == null || length == 0) {
            data = null;
            return null;
        }
        return new SseEvent(called, whole());
    }
}
