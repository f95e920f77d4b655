package io.bactrian.routing;

import io.bactrian.provider.Attempt;
import io.bactrian.provider.ProviderClient;
import io.bactrian.request.InboundRequest;
import io.bactrian.request.RequestContext;
import java.util.HashMap;
import java.util.Map;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;

/** The properties of an exchange that the routes and their steps use. Stateless. */
public final class ExchangeProperties {
    /** The way to go next: {@code target}, {@code race}, {@code last-resort}, {@code exhausted}; {@code answered} after a race. */
    public static final String DECISION = "BactrianDecision";

    /** The address, behind {@code direct:}, of the route of the target to call next. */
    public static final String ROUTE = "BactrianRoute";

    /** The {@link io.bactrian.policy.FailureClass} of the attempt that has just failed, after {@code decide}. */
    public static final String FAILURE_CLASS = "BactrianFailureClass";

    /** The name of the target whose attempt has just failed, after {@code decide}. */
    public static final String TARGET = "BactrianTarget";

    private static final String INBOUND = "bactrianInboundRequest";
    private static final String CONTEXT = "bactrianRequestContext";
    private static final String CALLER_HEADERS = "bactrianCallerHeaders";

    private ExchangeProperties() {}

    /** Hands a request to {@code direct:chat}. */
    public static void set(Exchange exchange, InboundRequest inbound) {
        exchange.setProperty(INBOUND, inbound);
    }

    /** The request handed to {@code direct:chat}, once; null if the message itself is the request. */
    static @Nullable InboundRequest takeInbound(Exchange exchange) {
        return exchange.removeProperty(INBOUND) instanceof InboundRequest inbound ? inbound : null;
    }

    /** The state of the request, once it has been planned. */
    public static RequestContext context(Exchange exchange) {
        if (exchange.getProperty(CONTEXT) instanceof RequestContext context) {
            return context;
        }
        throw new IllegalStateException("No planned request on the exchange: send requests to direct:chat.");
    }

    /** The same; null if nothing has been planned. */
    public static @Nullable RequestContext contextOrNull(Exchange exchange) {
        return exchange.getProperty(CONTEXT) instanceof RequestContext context ? context : null;
    }

    static void set(Exchange exchange, RequestContext context) {
        exchange.setProperty(CONTEXT, context);
    }

    /** Keeps the message headers of the calling route, which calls to providers replace. */
    static void keepHeaders(Exchange exchange) {
        exchange.setProperty(CALLER_HEADERS, new HashMap<>(exchange.getMessage().getHeaders()));
    }

    /** Puts the message headers of the calling route back, if they were kept. */
    @SuppressWarnings("unchecked")
    static void restoreHeaders(Exchange exchange) {
        if (exchange.removeProperty(CALLER_HEADERS) instanceof Map<?, ?> headers) {
            exchange.getMessage().setHeaders((Map<String, Object>) headers);
        }
    }

    static Attempt attempt(Exchange exchange) {
        if (exchange.getProperty(ProviderClient.ATTEMPT) instanceof Attempt attempt) {
            return attempt;
        }
        throw new IllegalStateException("No attempt on the exchange: encode comes first.");
    }

    static void set(Exchange exchange, Attempt attempt) {
        exchange.setProperty(ProviderClient.ATTEMPT, attempt);
    }
}
