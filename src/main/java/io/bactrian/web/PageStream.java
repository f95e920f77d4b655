package io.bactrian.web;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The stream of server-sent events to one open page. The thread of its request waits for something to send; other threads only
 * leave it here. A page that does not read gets only the newest snapshot, and is dropped after a while. Thread-safe.
 */
final class PageStream {
    private static final Buffer RETRY = Buffer.buffer("retry: 2000\n\n");
    private static final Buffer KEEP_ALIVE = Buffer.buffer(": keep-alive\n\n");
    private static final int MAX_EVENTS = 100;
    /** Up to here the next message is written although earlier ones have not reached the socket. */
    private static final int MAX_UNSENT_BYTES = 64 << 10;

    private static final long MAX_CLOSE_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final HttpServerRequest request;
    private final HttpServerResponse response;
    private final long keepAliveNanos;
    private final long dropAfterNanos;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<Buffer> events = new ArrayDeque<>();
    private @Nullable Buffer snapshot;
    private long unsent;
    private boolean ended;

    /**
     * @param keepAliveMillis the silence after which a comment is sent
     * @param dropAfterMillis how long a page may leave unread what was sent
     */
    PageStream(HttpServerRequest request, long keepAliveMillis, long dropAfterMillis) {
        this.request = request;
        this.response = request.response();
        this.keepAliveNanos = TimeUnit.MILLISECONDS.toNanos(keepAliveMillis);
        this.dropAfterNanos = TimeUnit.MILLISECONDS.toNanos(dropAfterMillis);
    }

    /** Makes a message of a name and a JSON text. */
    static Buffer message(String name, byte[]... json) {
        Buffer message = Buffer.buffer("event: " + name + "\ndata: ");
        for (byte[] part : json) {
            message.appendBytes(part);
        }
        return message.appendString("\n\n");
    }

    /** Leaves an event to be sent. A page with too many of them does not read, and is dropped. */
    void event(Buffer message) {
        lock.lock();
        try {
            if (events.size() >= MAX_EVENTS) {
                ended = true;
            } else {
                events.add(message);
            }
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Leaves a snapshot to be sent, in place of one that has not been sent yet. */
    void snapshot(Buffer message) {
        lock.lock();
        try {
            snapshot = message;
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Ends the stream; the page will open another one. */
    void end() {
        lock.lock();
        try {
            ended = true;
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Sends what is left here until the page is closed, is dropped, or the stream is ended. */
    void run() {
        response.closeHandler(v -> end());
        response.exceptionHandler(e -> end());
        response.setChunked(true)
                .putHeader("content-type", "text/event-stream")
                .putHeader("cache-control", "no-store")
                .putHeader("x-accel-buffering", "no")
                .putHeader("x-content-type-options", "nosniff");
        boolean whole = true;
        try {
            write(RETRY);
            while (whole && !response.closed()) {
                Buffer next = next();
                if (next == null) {
                    break;
                }
                write(next);
                whole = isRead();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        finish(whole);
    }

    private void finish(boolean whole) {
        if (!whole && !response.closed()) {
            // What is unsent would never be taken, so that an orderly end would never come.
            BrokenResponse.abort(request);
            awaitClose();
        }
        if (response.closed()) {
            // It was counted as ended when it was closed.
            response.endHandler(null);
        }
        if (!response.ended()) {
            response.end();
        }
    }

    private void awaitClose() {
        lock.lock();
        try {
            long left = MAX_CLOSE_NANOS;
            while (!response.closed() && left > 0) {
                left = changed.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    /** The next message, or a comment after a silence; null once the stream is ended. */
    private @Nullable Buffer next() throws InterruptedException {
        lock.lock();
        try {
            long left = keepAliveNanos;
            while (!ended && events.isEmpty() && snapshot == null) {
                if (left <= 0) {
                    return KEEP_ALIVE;
                }
                left = changed.awaitNanos(left);
            }
            if (ended) {
                return null;
            }
            Buffer event = events.poll();
            if (event != null) {
                return event;
            }
            Buffer newest = snapshot;
            snapshot = null;
            return newest;
        } finally {
            lock.unlock();
        }
    }

    private void write(Buffer message) {
        int length = message.length();
        lock.lock();
        try {
            unsent += length;
        } finally {
            lock.unlock();
        }
        response.write(message.slice()).onComplete(sent -> {
            lock.lock();
            try {
                unsent -= length;
                changed.signal();
            } finally {
                lock.unlock();
            }
        });
    }

    /** Waits until most of what was written has reached the socket; false if that takes too long. */
    private boolean isRead() throws InterruptedException {
        lock.lock();
        try {
            long left = dropAfterNanos;
            while (!ended && unsent > MAX_UNSENT_BYTES) {
                if (left <= 0) {
                    return false;
                }
                left = changed.awaitNanos(left);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }
}
