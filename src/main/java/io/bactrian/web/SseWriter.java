package io.bactrian.web;

import io.bactrian.protocol.EventSink;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * A writer of server-sent events to a caller, in batches and no faster than the caller reads. Thread-safe as far as it is used:
 * events are added by the request's thread, keep-alive comments may come from another one.
 */
public final class SseWriter implements EventSink {
    private static final Buffer KEEP_ALIVE = Buffer.buffer(": keep-alive\n");
    private static final int MAX_UNSENT_BYTES = 64 << 10;
    private static final byte[] DATA = {'d', 'a', 't', 'a', ':', ' '};
    private static final Pattern CONTROLS = Pattern.compile("[\\x00-\\x1f]+");
    private static final byte[] END = {'\n', '\n'};

    private final HttpServerResponse response;
    private final Supplier<Map<String, String>> head;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition drained = lock.newCondition();
    private Buffer batch = Buffer.buffer();
    /** Bytes written that the caller's socket has not taken yet. The response's own count lags behind in other threads. */
    private final AtomicInteger unsent = new AtomicInteger();

    private boolean open;
    private boolean ended;
    private volatile long lastWrite;
    private volatile boolean hurried;

    /** @param head supplies the response headers when the first bytes go out */
    SseWriter(HttpServerResponse response, Supplier<Map<String, String>> head, long now) {
        this.response = response;
        this.head = head;
        this.lastWrite = now;
        response.exceptionHandler(e -> wake());
    }

    /** Wakes a waiting {@link #flush}, which checks again whether the caller reads or has left. */
    void wake() {
        lock.lock();
        try {
            drained.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Lets no {@link #flush} wait for the caller any more. */
    void hurry() {
        hurried = true;
        wake();
    }

    @Override
    public void event(byte[] json) {
        if (batch.length() == 0) {
            batch = Buffer.buffer(json.length + DATA.length + END.length);
        }
        batch.appendBytes(DATA).appendBytes(json).appendBytes(END);
    }

    @Override
    public void event(String name, byte[] json) {
        batch.appendString("event: ").appendString(line(name)).appendByte((byte) '\n');
        event(json);
    }

    /**
     * Adds a comment to the batch: a line of the next event, not an event of its own, because some clients read each event as
     * JSON, one without data too.
     */
    void comment(String text) {
        batch.appendString(": ").appendString(line(text)).appendByte((byte) '\n');
    }

    /** The text in one line: a line break in it, of a caller or provider, would begin a field or event of its own. */
    static String line(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < ' ') {
                return CONTROLS.matcher(text).replaceAll(" ");
            }
        }
        return text;
    }

    /** Forgets the batch. */
    void forget() {
        batch = Buffer.buffer();
    }

    /** True if the batch has anything to send. */
    boolean pending() {
        return batch.length() > 0;
    }

    /** True if the stream has begun, so that its head cannot be changed any more. */
    boolean isOpen() {
        lock.lock();
        try {
            return open;
        } finally {
            lock.unlock();
        }
    }

    /** The time of the last write, epoch milliseconds. */
    long lastWrite() {
        return lastWrite;
    }

    /**
     * Sends the batch, and waits while too many bytes are unsent because the caller reads slowly.
     *
     * @param now epoch milliseconds
     * @param deadline the end of the wait, epoch milliseconds
     */
    void flush(long now, long deadline) throws InterruptedException {
        if (batch.length() == 0) {
            return;
        }
        Buffer out = batch;
        batch = Buffer.buffer();
        lock.lock();
        try {
            if (ended || response.closed()) {
                return;
            }
            openHead();
            write(out);
            lastWrite = now;
            long left = TimeUnit.MILLISECONDS.toNanos(deadline - now);
            while (unsent.get() > MAX_UNSENT_BYTES && !response.closed() && !hurried && left > 0) {
                left = drained.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Sends a comment that keeps the connection alive, unless too many bytes are unsent already. */
    void keepAlive(long now) {
        lock.lock();
        try {
            if (!ended && !response.closed() && unsent.get() <= MAX_UNSENT_BYTES) {
                openHead();
                write(KEEP_ALIVE);
                lastWrite = now;
            }
        } finally {
            lock.unlock();
        }
    }

    private void write(Buffer bytes) {
        int length = bytes.length();
        unsent.addAndGet(length);
        response.write(bytes).onComplete(done -> {
            int before = unsent.getAndAdd(-length);
            if (before > MAX_UNSENT_BYTES && before - length <= MAX_UNSENT_BYTES) {
                wake();
            }
        });
    }

    /** Sends the batch and ends the stream. */
    void end() {
        lock.lock();
        try {
            if (!ended) {
                ended = true;
                openHead();
                // Also on a closed connection: a response that was not ended would be written to again.
                response.end(batch);
            }
            batch = Buffer.buffer();
        } finally {
            lock.unlock();
        }
    }

    /** Sends the batch as the last one of a stream that is not whole. The end of the response is left to the last step. */
    void breakOff() {
        lock.lock();
        try {
            if (!ended) {
                ended = true;
                openHead();
                if (!response.closed()) {
                    write(batch);
                }
            }
            batch = Buffer.buffer();
        } finally {
            lock.unlock();
        }
    }

    private void openHead() {
        if (open) {
            return;
        }
        open = true;
        if (response.closed()) {
            return;
        }
        response.setStatusCode(200).setChunked(true);
        response.putHeader("content-type", "text/event-stream");
        response.putHeader("cache-control", "no-cache");
        response.putHeader("x-accel-buffering", "no");
        head.get().forEach(response::putHeader);
    }
}
