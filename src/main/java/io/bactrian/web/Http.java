package io.bactrian.web;

import io.bactrian.protocol.CallerProtocol;
import io.bactrian.protocol.CallerProtocols;
import io.bactrian.protocol.Ids;
import io.bactrian.request.LogContext;
import io.netty.buffer.ByteBuf;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.buffer.impl.BufferImpl;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import org.apache.camel.Exchange;
import org.apache.camel.component.platform.http.vertx.HttpMessage;

/** Access to the HTTP request behind an exchange. Stateless. */
final class Http {
    private static final String REQUEST_ID = "bactrianRequestId";
    /** The digits of a length that is read and dropped rather than refused with the connection. */
    private static final int SMALL_DIGITS = 5;

    private static final String HTTP_REQUEST = "bactrianHttpRequest";

    private static final String AWAITS_ANSWER = "bactrianAwaitsAnswer";

    private Http() {}

    /** Notes that the request is one for an answer, so that nothing else may be its response. */
    static void awaitAnswer(Exchange exchange) {
        exchange.setProperty(AWAITS_ANSWER, true);
    }

    /** True if the request is one for an answer. */
    static boolean awaitsAnswer(Exchange exchange) {
        return exchange.getProperty(AWAITS_ANSWER) != null;
    }

    /** The request as Vert.x has it. It is kept as an exchange property, because the routes replace the message. */
    static HttpServerRequest request(Exchange exchange) {
        if (exchange.getProperty(HTTP_REQUEST) instanceof HttpServerRequest known) {
            return known;
        }
        HttpServerRequest request = exchange.getIn(HttpMessage.class).getRequest();
        exchange.setProperty(HTTP_REQUEST, request);
        return request;
    }

    static HttpServerResponse response(Exchange exchange) {
        return request(exchange).response();
    }

    /** The protocol of a request: that of its path, or at a path that protocols share that of its headers. */
    static CallerProtocol protocol(CallerProtocols protocols, HttpServerRequest request) {
        return protocols.of(request.path(), name -> request.headers().contains(name));
    }

    /** Ends the response with a body, which a HEAD request is only told the length of. */
    static void end(HttpServerRequest request, byte[] body) {
        HttpServerResponse response = request.response();
        closeIfUnread(request);
        if (request.method() == HttpMethod.HEAD) {
            response.putHeader("content-length", Integer.toString(body.length)).end();
        } else {
            response.end(Buffer.buffer(body));
        }
    }

    /** Ends the connection with the response if a large part of the body may follow that is not to be read. */
    private static void closeIfUnread(HttpServerRequest request) {
        if (request.isEnded() || request.version() == HttpVersion.HTTP_2) {
            return;
        }
        String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        if (length == null && !request.headers().contains(HttpHeaders.TRANSFER_ENCODING)) {
            return;
        }
        boolean small = length != null
                && length.length() <= SMALL_DIGITS
                && !request.headers().contains(HttpHeaders.EXPECT);
        if (!small) {
            request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        }
    }

    /** The body of the request; empty if it has none. */
    static byte[] body(Exchange exchange) {
        if (!(exchange.getMessage().getBody() instanceof Buffer buffer)) {
            return new byte[0];
        }
        if (buffer instanceof BufferImpl read) {
            ByteBuf bytes = read.getByteBuf();
            if (bytes.hasArray() && bytes.array().length == buffer.length()) {
                return bytes.array();
            }
        }
        return buffer.getBytes();
    }

    /** The id of the request; a new one on each call until {@link #identify} has been called. */
    static String id(Exchange exchange) {
        Object id = exchange.getProperty(REQUEST_ID);
        return id == null ? Ids.ofRequest(null) : id.toString();
    }

    /** Gives the request its id, unless it has one, and names it in the log from now on. */
    static void identify(Exchange exchange) {
        if (exchange.getProperty(REQUEST_ID) == null) {
            String id = id(request(exchange));
            exchange.setProperty(REQUEST_ID, id);
            LogContext.set(id, "");
        }
    }

    /** The caller's id for a request if it can be echoed in a header, else a new one. */
    static String id(HttpServerRequest http) {
        return Ids.ofRequest(http.getHeader("x-request-id"));
    }
}
