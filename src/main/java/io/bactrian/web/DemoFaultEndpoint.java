package io.bactrian.web;

import io.bactrian.demo.DemoProviders;
import io.bactrian.protocol.Json;
import io.bactrian.protocol.RequestRejected;
import io.vertx.core.http.HttpServerRequest;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;

/** The switch for the faults of simulated providers: {@code POST /demo/{provider}/fault}. Thread-safe. */
public final class DemoFaultEndpoint {
    private final ChatEndpoints door;
    private final HttpResponses answers;
    private final @Nullable DemoProviders demo;

    /** @param demo null where none run */
    public DemoFaultEndpoint(ChatEndpoints door, HttpResponses answers, @Nullable DemoProviders demo) {
        this.door = door;
        this.answers = answers;
        this.demo = demo;
    }

    /** Switches a fault on or off, and answers with the faults of all. */
    public void set(Exchange exchange) {
        door.admit(exchange);
        DemoProviders simulated = demo;
        if (simulated == null) {
            throw new RequestRejected(
                    404, "invalid_request_error", "unknown_url", null, "No simulated providers run here.");
        }
        HttpServerRequest request = Http.request(exchange);
        String provider = request.path().split("/")[2];
        String kind = request.getParam("kind", "");
        String after = request.getParam("after");
        try {
            if (after == null) {
                simulated.fault(provider, kind);
            } else {
                simulated.fault(provider, kind, Integer.parseInt(after));
            }
        } catch (NumberFormatException e) {
            throw RequestRejected.invalid("after", "'after' must be a number of tokens.");
        } catch (IllegalArgumentException e) {
            throw RequestRejected.invalid("kind", String.valueOf(e.getMessage()));
        }
        answers.answer(exchange, 200, Json.MAPPER.valueToTree(simulated.faults()));
    }
}
