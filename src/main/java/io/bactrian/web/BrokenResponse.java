package io.bactrian.web;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.impl.ConnectionBase;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The end of a response that broke off after its head was sent: its body is left incomplete, so that callers that read no error
 * event notice it as well. HTTP/1.1 closes the connection without the last chunk, HTTP/2 resets the stream, and HTTP/1.0, where
 * a close ends a whole body too, resets the connection. Stateless.
 */
final class BrokenResponse {
    /** The code of a stream that the server resets because of its own fault (RFC 9113, INTERNAL_ERROR). */
    private static final long INTERNAL_ERROR = 2;

    /** The time that a caller has to read what was sent before. */
    private static final long MAX_READ_SECONDS = 30;

    /** The same when the program stops. */
    private static final long MAX_LAST_READ_SECONDS = 2;

    private static final long MAX_CLOSE_SECONDS = 2;

    /** The time that the last bytes have to arrive before a reset, which may discard them: on the way, or at the caller. */
    private static final long BEFORE_RESET_MILLIS = 200;

    private BrokenResponse() {}

    /**
     * Breaks off the response when the caller has read what was sent so far, and waits for that.
     *
     * @param stopping whether the program stops
     */
    static void end(HttpServerRequest request, boolean stopping) {
        HttpServerResponse response = request.response();
        CountDownLatch closed = new CountDownLatch(1);
        response.closeHandler(v -> closed.countDown());
        if (!response.closed()) {
            breakOff(request, closed, stopping ? MAX_LAST_READ_SECONDS : MAX_READ_SECONDS);
        }
        if (response.closed()) {
            // It was counted as ended when it was closed. Camel still has to be told that there is nothing left to
            // write.
            response.endHandler(null);
            response.end();
        }
    }

    private static void breakOff(HttpServerRequest request, CountDownLatch closed, long maxSeconds) {
        try {
            request.response().write(Buffer.buffer()).onComplete(sent -> close(request));
            if (!closed.await(maxSeconds, TimeUnit.SECONDS)) {
                abort(request);
                closed.await(MAX_CLOSE_SECONDS, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            abort(request);
            Thread.currentThread().interrupt();
        }
    }

    /** Closes the connection, or resets the stream, once all bytes before have been written to the socket. */
    private static void close(HttpServerRequest request) {
        if (request.version() == HttpVersion.HTTP_1_1) {
            request.connection().close();
        } else if (request.connection() instanceof ConnectionBase connection) {
            connection.getContext().owner().setTimer(BEFORE_RESET_MILLIS, timer -> abort(request));
        } else {
            abort(request);
        }
    }

    /** Resets the stream or the connection at once. */
    static void abort(HttpServerRequest request) {
        if (request.version() == HttpVersion.HTTP_2) {
            request.response().reset(INTERNAL_ERROR);
        } else if (request.connection() instanceof ConnectionBase connection) {
            Channel channel = connection.channel();
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
            channel.close();
        } else {
            request.connection().close();
        }
    }
}
