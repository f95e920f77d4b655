package io.bactrian.routing;

import io.bactrian.provider.Attempt;
import io.bactrian.provider.ProviderClient;
import io.bactrian.request.InboundRequest;
import io.bactrian.request.LogContext;
import io.bactrian.request.RequestContext;
import io.bactrian.request.RequestTrace;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.jspecify.annotations.Nullable;

/** The properties of an exchange that the routes and their steps use; they are there until {@code done}. Stateless. */
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
    private static final String CALLER = "bactrianCaller";
    private static final String TRACE = "bactrianTrace";
    private static final String LOG = "bactrianLogContext";
    private static final String ESTIMATE = "bactrianEstimate";

    /** What steps and calls leave on the exchange, beside the state of the request. */
    private static final List<String> OWN = List.of(DECISION, ROUTE, FAILURE_CLASS, TARGET, ProviderClient.ATTEMPT);

    /** What Camel's circuit breaker sets or removes, or takes over from the call. */
    private static final List<ExchangePropertyKey> REPLACED = List.of(
            ExchangePropertyKey.EXCEPTION_CAUGHT,
            ExchangePropertyKey.EXCEPTION_HANDLED,
            ExchangePropertyKey.FAILURE_ENDPOINT,
            ExchangePropertyKey.TRY_ROUTE_BLOCK,
            ExchangePropertyKey.CORRELATION_ID,
            ExchangePropertyKey.CIRCUIT_BREAKER_RESPONSE_SUCCESSFUL_EXECUTION,
            ExchangePropertyKey.CIRCUIT_BREAKER_RESPONSE_FROM_FALLBACK,
            ExchangePropertyKey.CIRCUIT_BREAKER_RESPONSE_SHORT_CIRCUITED,
            ExchangePropertyKey.CIRCUIT_BREAKER_RESPONSE_STATE);

    private ExchangeProperties() {}

    /** The exchange as the calling route handed it over. */
    private record Caller(
            Map<String, Object> headers,
            Map<ExchangePropertyKey, Object> properties,
            @Nullable Object skipGzip) {}

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

    /** Notes that the answer is a count of tokens that no provider made. */
    static void setEstimate(Exchange exchange) {
        exchange.setProperty(ESTIMATE, true);
    }

    /** True if the answer is a count of tokens that no provider made. */
    public static boolean isEstimate(Exchange exchange) {
        return exchange.getProperty(ESTIMATE) != null;
    }

    static void set(Exchange exchange, RequestContext context) {
        exchange.setProperty(CONTEXT, context);
    }

    /** Hands the trace of a request to the step {@code plan}. */
    public static void set(Exchange exchange, RequestTrace trace) {
        exchange.setProperty(TRACE, trace);
    }

    /** The trace of the request; {@link RequestTrace#NONE} if it is not traced. */
    static RequestTrace trace(Exchange exchange) {
        return exchange.getProperty(TRACE) instanceof RequestTrace trace ? trace : RequestTrace.NONE;
    }

    /** Sets the log context to be closed when the exchange is given back. */
    static void set(Exchange exchange, LogContext log) {
        exchange.setProperty(LOG, log);
    }

    /** True if the request came as a message from another route, from which the exchange has been taken over. */
    static boolean isMessage(Exchange exchange) {
        return exchange.getProperty(CALLER) != null;
    }

    /**
     * Takes over an exchange from the calling route, and keeps what calls to providers and circuit breakers will replace on it.
     */
    static void takeOver(Exchange exchange) {
        exchange.removeProperty(CONTEXT);
        exchange.removeProperty(FAILURE_CLASS);
        exchange.removeProperty(TARGET);
        Map<ExchangePropertyKey, Object> kept = Map.of();
        for (ExchangePropertyKey key : REPLACED) {
            Object value = exchange.getProperty(key);
            if (value != null) {
                kept = kept.isEmpty() ? new EnumMap<>(ExchangePropertyKey.class) : kept;
                kept.put(key, value);
            }
        }
        Map<String, Object> headers = new HashMap<>(exchange.getMessage().getHeaders());
        exchange.setProperty(CALLER, new Caller(headers, kept, exchange.getProperty(Exchange.SKIP_GZIP_ENCODING)));
    }

    /**
     * Gives an exchange back to the calling route as {@link #takeOver} found it, but for the body and the state of the request.
     * What a circuit breaker leaves behind would keep a {@code doCatch} of the calling route from catching.
     */
    static void giveBack(Exchange exchange) {
        if (!(exchange.removeProperty(CALLER) instanceof Caller caller)) {
            return;
        }
        if (exchange.removeProperty(LOG) instanceof LogContext log) {
            log.close();
        }
        for (String name : OWN) {
            exchange.removeProperty(name);
        }
        for (ExchangePropertyKey key : REPLACED) {
            exchange.setProperty(key, caller.properties().get(key));
        }
        exchange.setProperty(Exchange.SKIP_GZIP_ENCODING, caller.skipGzip());
        // The answer is in UTF-8, whatever the question and the provider's answer were in.
        exchange.removeProperty(ExchangePropertyKey.CHARSET_NAME);
        exchange.getMessage().setHeaders(caller.headers());
    }

    /** Lets the exception of a step in {@code onFallback} be an exception: the breaker has marked all of them as handled. */
    static void unhandle(Exchange exchange) {
        exchange.removeProperty(ExchangePropertyKey.EXCEPTION_HANDLED);
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
