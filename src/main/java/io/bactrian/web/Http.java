package io.bactrian.web;

import io.bactrian.protocol.Ids;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import org.apache.camel.Exchange;
import org.apache.camel.component.platform.http.vertx.HttpMessage;

/** The HTTP request behind an exchange. */
final class Http {
    private static final String REQUEST_ID = "bactrianRequestId";
    private static final String HTTP_REQUEST = "bactrianHttpRequest";
    private static final int MAX_ID_LENGTH = 128;

    private Http() {}

    /** The request as the server sees it; remembered, because the message is replaced on the way. */
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

    static byte[] body(Exchange exchange) {
        return exchange.getMessage().getBody() instanceof Buffer buffer ? buffer.getBytes() : new byte[0];
    }

    /** The id of the request, once it has been given one. */
    static String id(Exchange exchange) {
        Object id = exchange.getProperty(REQUEST_ID);
        return id == null ? "req_" + Ids.random() : id.toString();
    }

    /** Gives the request its id. */
    static void identify(Exchange exchange) {
        exchange.setProperty(REQUEST_ID, id(request(exchange)));
    }

    /** The caller's id for a request if it is fit for a header, else a new one. */
    static String id(HttpServerRequest http) {
        String given = http.getHeader("x-request-id");
        boolean usable = given != null
                && !given.isEmpty()
                && given.length() <= MAX_ID_LENGTH
                && given.chars().allMatch(c -> c > ' ' && c < 127);
        return usable && given != null ? given : "req_" + Ids.random();
    }
}
