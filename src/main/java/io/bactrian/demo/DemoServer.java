package io.bactrian.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The HTTP handler of the simulated providers: answers in the provider's protocol, or with the fault that is set.
 * Thread-safe.
 */
final class DemoServer {
    static final ObjectMapper JSON = new ObjectMapper();
    /** The tokens that an answer with vectors counts for, where a fault comes after some of them. */
    private static final int TOKENS_OF_VECTORS = 60;

    private final Vertx vertx;
    private final Pace pace;
    private final Map<DemoProvider, DemoFault> faults = new EnumMap<>(DemoProvider.class);

    DemoServer(Vertx vertx, Pace pace) {
        this.vertx = vertx;
        this.pace = pace;
    }

    synchronized void set(DemoProvider provider, DemoFault fault) {
        faults.put(provider, fault);
    }

    synchronized DemoFault fault(DemoProvider provider) {
        return faults.getOrDefault(provider, DemoFault.NONE);
    }

    void handle(HttpServerRequest request) {
        DemoProvider provider = DemoProvider.at(request.path()).orElse(DemoProvider.OPENAI);
        request.body().onSuccess(body -> answer(request, provider, body));
    }

    private void answer(HttpServerRequest request, DemoProvider provider, Buffer body) {
        DemoFault fault = fault(provider);
        SimulatedProtocol protocol = provider.protocol(request.path());
        Responder responder = new Responder(vertx, pace, request, fault);
        byte[] random = new byte[12];
        ThreadLocalRandom.current().nextBytes(random);
        String id = HexFormat.of().formatHex(random);
        boolean embeds = request.method().equals(HttpMethod.POST) && provider.embeds(request.path());
        boolean asked = request.method().equals(HttpMethod.POST)
                && (request.path().equals(provider.answersPath()) || provider.completes(request.path()));
        boolean count = provider == DemoProvider.ANTHROPIC
                && request.method().equals(HttpMethod.POST)
                && request.path().equals(provider.answersPath() + "/count_tokens");
        if (!asked
                && !embeds
                && !count
                && !(request.method().equals(HttpMethod.GET) && request.path().equals(provider.modelsPath()))) {
            responder.json(404, protocol.headers(id), protocol.error(404, "Not found: " + request.path()));
            return;
        }
        switch (fault.kind()) {
            case BROKEN ->
                error(responder, protocol, id, 500, "The server had an error while processing your request.");
            case OVERLOADED -> error(responder, protocol, id, protocol.overloadedStatus(), "Overloaded");
            case RESET -> responder.reset();
            case GARBAGE -> responder.html();
            case RATE_LIMITED, TIMEOUT, CUT, OFF -> {
                if (fault.is(DemoFault.Kind.TIMEOUT) && fault.after() == 0) {
                    return; // The client gets no response.
                }
                if (count) {
                    count(responder, protocol, id, body);
                } else if (!asked && !embeds) {
                    responder.json(200, protocol.headers(id), protocol.models(provider.model()));
                } else if (fault.is(DemoFault.Kind.RATE_LIMITED)) {
                    error(responder, protocol, id, 429, "Rate limit reached for requests. Please try again in 2s.");
                } else if (embeds) {
                    embed(responder, protocol, id, body);
                } else {
                    answer(responder, protocol, id, body);
                }
            }
        }
    }

    private static void answer(Responder responder, SimulatedProtocol protocol, String id, Buffer body) {
        try {
            JsonNode request = JSON.readTree(body.getBytes());
            SimulatedRequest asked = protocol.read(request);
            Answer answer = protocol.answer(asked);
            Map<String, String> headers = protocol.headers(id);
            responder.soon(() -> {
                if (asked.stream()) {
                    responder.stream(headers, protocol.events(answer, asked, id));
                } else {
                    responder.document(
                            headers,
                            protocol.document(answer, asked, id),
                            answer.tokens().size());
                }
            });
        } catch (IOException e) {
            error(responder, protocol, id, 400, "The body of your request is not valid JSON.");
        } catch (IllegalArgumentException e) {
            error(responder, protocol, id, 400, String.valueOf(e.getMessage()));
        }
    }

    private static void embed(Responder responder, SimulatedProtocol protocol, String id, Buffer body) {
        try {
            String document = SimulatedEmbeddings.document(JSON.readTree(body.getBytes()));
            responder.soon(() -> responder.document(protocol.headers(id), document, TOKENS_OF_VECTORS));
        } catch (IOException e) {
            error(responder, protocol, id, 400, "The body of your request is not valid JSON.");
        } catch (IllegalArgumentException e) {
            error(responder, protocol, id, 400, String.valueOf(e.getMessage()));
        }
    }

    /** Answers a token count; {@code max_tokens} is optional in this request. */
    private static void count(Responder responder, SimulatedProtocol protocol, String id, Buffer body) {
        try {
            JsonNode request = JSON.readTree(body.getBytes());
            if (request instanceof ObjectNode fields && !fields.has("max_tokens")) {
                fields.put("max_tokens", 1);
            }
            int tokens = protocol.read(request).promptTokens();
            String counted = JSON.createObjectNode().put("input_tokens", tokens).toString();
            responder.soon(() -> responder.json(200, protocol.headers(id), counted));
        } catch (IOException e) {
            error(responder, protocol, id, 400, "The body of your request is not valid JSON.");
        } catch (IllegalArgumentException e) {
            error(responder, protocol, id, 400, String.valueOf(e.getMessage()));
        }
    }

    private static void error(Responder responder, SimulatedProtocol protocol, String id, int status, String message) {
        Map<String, String> headers = new TreeMap<>(protocol.headers(id));
        if (status == 429) {
            headers.put("retry-after", "2");
        }
        responder.soon(() -> responder.json(status, headers, protocol.error(status, message)));
    }
}
