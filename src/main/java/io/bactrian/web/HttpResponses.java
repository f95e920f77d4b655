package io.bactrian.web;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.policy.CallFailed;
import io.bactrian.policy.Failure;
import io.bactrian.protocol.CallerProtocol;
import io.bactrian.protocol.CallerProtocols;
import io.bactrian.protocol.Json;
import io.bactrian.protocol.Problem;
import io.bactrian.protocol.RequestRejected;
import io.bactrian.request.Problems;
import io.bactrian.request.RequestContext;
import io.bactrian.request.ResponseHeaders;
import io.bactrian.routing.ExchangeProperties;
import io.vertx.core.http.HttpServerResponse;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The last steps of the HTTP endpoints: write the outcome as a response in the caller's protocol. Thread-safe. */
public final class HttpResponses {
    private static final Logger LOG = LoggerFactory.getLogger(HttpResponses.class);

    private final CallerProtocols protocols;
    private final Clock clock;
    private final boolean demo;

    /** @param demo whether simulated providers answer */
    public HttpResponses(CallerProtocols protocols, Clock clock, boolean demo) {
        this.protocols = protocols;
        this.clock = clock;
        this.demo = demo;
    }

    /**
     * Writes the answer or the error of a planned request, unless a stream has done so already. A stream that has begun and is
     * not whole is broken off.
     */
    public void render(Exchange exchange) {
        HttpServerResponse response = Http.response(exchange);
        if (response.ended()) {
            return;
        }
        RequestContext context = ExchangeProperties.context(exchange);
        if (context.problem() == null && !context.isWhole()) {
            context.currentCall().end();
            context.fail(internalError(exchange, null));
        }
        if (response.headWritten() || response.closed()) {
            BrokenResponse.end(Http.request(exchange), context.isStopped());
            return;
        }
        byte[] body = context.reply().body();
        Map<String, String> headers = ResponseHeaders.of(context, false);
        Problem problem = context.problem();
        if (problem != null) {
            retryHeaders(problem, headers);
        } else if (ExchangeProperties.isEstimate(exchange)) {
            headers.put(ResponseHeaders.ESTIMATE, "true");
        }
        int status = problem == null ? 200 : protocol(exchange).status(problem);
        respond(exchange, status, headers, body == null ? new byte[0] : body);
    }

    /** Writes an error: the request was rejected, no target answered, or an exception was thrown inside the gateway. */
    public void renderError(Exchange exchange) {
        Throwable caught = exchange.getProperty(ExchangePropertyKey.EXCEPTION_CAUGHT, Throwable.class);
        RequestContext context = ExchangeProperties.contextOrNull(exchange);
        if (context == null) {
            if (caught instanceof RequestRejected rejected) {
                reject(exchange, rejected);
            } else {
                respond(exchange, internalError(exchange, caught), headers(exchange));
            }
            return;
        }
        if (context.problem() == null) {
            context.currentCall().end();
            // Also ends a stream that has begun, and its keep-alive.
            context.fail(problem(exchange, context, caught));
        }
        render(exchange);
    }

    /**
     * Writes an error if the route of an endpoint for requests has ended with neither a response nor an answer that Camel may
     * write, whatever ended it: the body of the exchange may still be the request.
     */
    public void settle(Exchange exchange) {
        if (!Http.awaitsAnswer(exchange) || Http.response(exchange).ended()) {
            return;
        }
        RequestContext context = ExchangeProperties.contextOrNull(exchange);
        Exception thrown = exchange.getException();
        if (context != null && context.isWhole() && thrown == null) {
            return;
        }
        if (thrown != null) {
            exchange.setProperty(ExchangePropertyKey.EXCEPTION_CAUGHT, thrown);
        }
        renderError(exchange);
    }

    private Problem problem(Exchange exchange, RequestContext context, @Nullable Throwable caught) {
        if (context.isStopped()) {
            return Problems.ofStop(context.trail());
        }
        if (caught instanceof CallFailed failed) {
            return unanswered(context, failed.failure());
        }
        return caught instanceof RequestRejected rejected ? Problem.of(rejected) : internalError(exchange, caught);
    }

    /** The error of a call that no other candidate may take over, such as a count of tokens. */
    private Problem unanswered(RequestContext context, Failure failure) {
        String target = context.candidate().target().name();
        if (context.currentCall().isOpen()) {
            context.currentCall()
                    .failed(failure, clock.millis() - context.currentCall().startedAt());
        }
        return Problems.ofOnlyTarget(target, failure, context.trail());
    }

    private static Problem internalError(Exchange exchange, @Nullable Throwable caught) {
        LOG.error("Request {} failed inside the gateway", Http.id(exchange), caught);
        return Problems.internal(List.of());
    }

    private void reject(Exchange exchange, RequestRejected rejected) {
        Map<String, String> headers = headers(exchange);
        String methods = rejected.allowedMethods();
        if (methods != null) {
            headers.put("Allow", methods);
        }
        respond(exchange, Problem.of(rejected), headers);
    }

    private void respond(Exchange exchange, Problem problem, Map<String, String> headers) {
        if (problem.status() == 503) {
            headers.put("Retry-After", "1");
        }
        if (BodyDecoder.UNSUPPORTED.equals(problem.code())) {
            headers.put("Accept-Encoding", BodyDecoder.ACCEPTED);
        }
        retryHeaders(problem, headers);
        CallerProtocol protocol = protocol(exchange);
        byte[] body = Json.bytes(protocol.error(problem, Http.id(exchange)));
        respond(exchange, protocol.status(problem), headers, body);
    }

    /** The protocol in which the caller is answered. */
    CallerProtocol protocol(Exchange exchange) {
        return Http.protocol(protocols, Http.request(exchange));
    }

    private static void retryHeaders(Problem problem, Map<String, String> headers) {
        Long seconds = problem.retryAfterSeconds();
        if (seconds != null) {
            headers.put("Retry-After", seconds.toString());
        }
        if (problem.shouldRetry() != null) {
            headers.put("x-should-retry", problem.shouldRetry().toString());
        }
    }

    /** Writes a JSON document as the response. */
    void respond(Exchange exchange, int status, JsonNode document) {
        respond(exchange, status, headers(exchange), Json.bytes(document));
    }

    /** Writes a text as the response. */
    void respond(Exchange exchange, String contentType, byte[] body) {
        Map<String, String> headers = headers(exchange);
        headers.put("content-type", contentType);
        respond(exchange, 200, headers, body);
    }

    private Map<String, String> headers(Exchange exchange) {
        Map<String, String> headers = ResponseHeaders.ids(protocol(exchange), Http.id(exchange));
        if (demo) {
            headers.put(ResponseHeaders.DEMO, "true");
        }
        return headers;
    }

    /** Writes the response directly: Camel would copy it header by header and send it in chunks. */
    private static void respond(Exchange exchange, int status, Map<String, String> headers, byte[] body) {
        HttpServerResponse response = Http.response(exchange);
        if (response.ended()) {
            return;
        }
        response.setStatusCode(status).putHeader("content-type", "application/json");
        headers.forEach(response::putHeader);
        Http.end(Http.request(exchange), body);
    }
}
