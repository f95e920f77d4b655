package io.bactrian.demo;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.impl.ConnectionBase;
import java.util.List;
import java.util.Map;

/** The writer of one simulated response, at a human pace or with the fault that is set. Used on one event loop. */
final class Responder {
    private final Vertx vertx;
    private final Pace pace;
    private final HttpServerRequest request;
    private final DemoFault fault;
    private final HttpServerResponse response;

    Responder(Vertx vertx, Pace pace, HttpServerRequest request, DemoFault fault) {
        this.vertx = vertx;
        this.pace = pace;
        this.request = request;
        this.fault = fault;
        this.response = request.response();
    }

    void soon(Runnable answer) {
        vertx.setTimer(pace.answerMillis(), timer -> {
            if (!response.closed()) {
                answer.run();
            }
        });
    }

    void json(int status, Map<String, String> headers, String body) {
        head(status, headers, "application/json").end(body);
    }

    void html() {
        head(200, Map.of(), "text/html; charset=utf-8")
                .end("<!DOCTYPE html><html><head><title>Sign in</title></head>"
                        + "<body><h1>Welcome to the guest network</h1></body></html>");
    }

    /**
     * Closes the connection without a response, so that the client sees an error: a TCP reset where the socket allows
     * it.
     */
    void reset() {
        if (request.connection() instanceof ConnectionBase connection) {
            Channel channel = connection.channel();
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
            ChannelFuture unused = channel.close();
        } else {
            request.connection().close();
        }
    }

    /** Writes a document. A fault stops it after the share of its bytes that the fault's tokens are of all tokens. */
    void document(Map<String, String> headers, String body, int tokens) {
        if (!fault.is(DemoFault.Kind.CUT) && !fault.is(DemoFault.Kind.TIMEOUT)) {
            json(200, headers, body);
            return;
        }
        Buffer bytes = Buffer.buffer(body);
        int sent = (int) Math.min(bytes.length() - 1L, (long) bytes.length() * fault.after() / Math.max(1, tokens));
        head(200, headers, "application/json").putHeader("content-length", Integer.toString(bytes.length()));
        response.write(bytes.getBuffer(0, sent)).onComplete(written -> breakOff());
    }

    void stream(Map<String, String> headers, List<Event> events) {
        head(200, headers, "text/event-stream; charset=utf-8")
                .putHeader("cache-control", "no-cache")
                .setChunked(true);
        stream(events, 0, 0);
    }

    private void stream(List<Event> events, int from, int tokens) {
        if (response.closed()) {
            return;
        }
        if (tokens == fault.after() && (fault.is(DemoFault.Kind.CUT) || fault.is(DemoFault.Kind.TIMEOUT))) {
            breakOff();
            return;
        }
        int next = from;
        StringBuilder batch = new StringBuilder();
        do {
            batch.append(events.get(next++).text());
        } while (next < events.size() && !events.get(next).token());
        if (next == events.size()) {
            response.end(batch.toString());
            return;
        }
        int after = next;
        int sent = events.get(from).token() ? tokens + 1 : tokens;
        response.write(batch.toString())
                .onSuccess(written -> vertx.setTimer(pace.tokenMillis(), timer -> stream(events, after, sent)));
    }

    private void breakOff() {
        if (fault.is(DemoFault.Kind.CUT)) {
            request.connection().close();
        }
    }

    private HttpServerResponse head(int status, Map<String, String> headers, String contentType) {
        headers.forEach(response::putHeader);
        return response.setStatusCode(status).putHeader("content-type", contentType);
    }
}
