package io.bactrian.web;

import io.bactrian.demo.DemoProviders;
import io.bactrian.protocol.Json;
import io.bactrian.protocol.RequestRejected;
import io.bactrian.routing.CallerScope;
import io.vertx.core.http.HttpServerRequest;
import java.util.function.Consumer;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;

/** The endpoint that sets the faults of simulated providers: {@code POST /demo/{provider}/fault}. Thread-safe. */
public final class DemoFaultEndpoint {
    private final ChatEndpoints endpoints;
    private final HttpResponses responses;
    private final @Nullable DemoProviders demo;
    private final OperatorLog audit;
    private final Consumer<String> changed;

    /**
     * @param demo the simulated providers; null if none run
     * @param changed is told of each provider whose fault was set, by its name
     */
    public DemoFaultEndpoint(
            ChatEndpoints endpoints,
            HttpResponses responses,
            @Nullable DemoProviders demo,
            OperatorLog audit,
            Consumer<String> changed) {
        this.audit = audit;
        this.changed = changed;
        this.endpoints = endpoints;
        this.responses = responses;
        this.demo = demo;
    }

    /**
     * Switches a fault on or off, and responds with the faults of all simulated providers.
     *
     * @throws RequestRejected 404 if none run, 403 if the caller is no operator, 400 if a parameter has no good value
     */
    public void set(Exchange exchange) {
        HttpServerRequest request = Http.request(exchange);
        CallerScope scope = endpoints.pageScope(exchange);
        DemoProviders simulated = demo;
        if (simulated == null) {
            throw new RequestRejected(
                    404, "invalid_request_error", "unknown_url", null, "No simulated providers run here.");
        }
        AdminEndpoint.admit(scope, request);
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
        audit.log(
                scope,
                request,
                provider,
                "simulated fault " + simulated.faults().get(provider));
        changed.accept(provider);
        responses.respond(exchange, 200, Json.MAPPER.valueToTree(simulated.faults()));
    }
}
