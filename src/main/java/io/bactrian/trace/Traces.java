package io.bactrian.trace;

import io.bactrian.config.Service;
import io.bactrian.request.RequestTrace;
import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.context.propagation.TextMapPropagator;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The traces of all requests. They are off until {@link #open} finds an agent, or variables that ask for them; as long as they
 * are off every request has {@link RequestTrace#NONE}, and no class of the OpenTelemetry SDK is loaded. Thread-safe.
 */
public final class Traces implements AutoCloseable {
    private static final String SCOPE = "io.bactrian";

    private volatile @Nullable Source source;
    private Runnable stop = () -> {};

    /** The way of spans to where they are kept, and of their ids to others. */
    private record Source(Tracer tracer, TextMapPropagator propagator) {}

    /** A getter of headers by their names. Propagators that list all names, such as those of baggage, find none. */
    private enum Headers implements TextMapGetter<Function<String, @Nullable String>> {
        BY_NAME;

        @Override
        public Iterable<String> keys(Function<String, @Nullable String> headers) {
            return List.of();
        }

        @Override
        public @Nullable String get(@Nullable Function<String, @Nullable String> headers, String name) {
            return headers == null ? null : headers.apply(name);
        }
    }

    /** Traces that are off until they are opened. */
    public Traces() {}

    /** Traces that go to an OpenTelemetry that its owner starts and stops. */
    public Traces(OpenTelemetry telemetry) {
        use(telemetry);
    }

    private void use(OpenTelemetry telemetry) {
        source = new Source(
                telemetry.getTracer(SCOPE), telemetry.getPropagators().getTextMapPropagator());
    }

    /**
     * Begins to trace if an agent is there, or if the environment asks for it.
     *
     * @throws IllegalArgumentException if a variable has no good value, with a message that names it
     */
    public void open() {
        if (source != null) {
            return;
        }
        if (isAgentThere()) {
            use(GlobalOpenTelemetry.get());
        } else if (Variables.askForTraces()) {
            Sdk sdk = Sdk.start();
            stop = sdk::close;
            use(sdk.telemetry());
        }
    }

    private static boolean isAgentThere() {
        try {
            return GlobalOpenTelemetry.isSet();
        } catch (NoSuchMethodError e) {
            // An application may have an older version of the API, in which asking for it would set it.
            return false;
        }
    }

    /** Sends what has not been sent, for some seconds at most. */
    @Override
    public void close() {
        source = null;
        stop.run();
    }

    /** True if requests are traced. */
    public boolean on() {
        return source != null;
    }

    /**
     * A request as it came over HTTP.
     *
     * @param id the id of the request
     * @param route the path of its endpoint
     * @param service what it asks for; null if its tokens are to be counted
     * @param header the request's headers, by their names
     */
    public record HttpRequest(
            String id,
            String route,
            String scheme,
            @Nullable Service service,
            Function<String, @Nullable String> header) {}

    /** Begins the trace of a request that came over HTTP; as a part of the caller's trace, if its headers name one. */
    public RequestTrace begin(HttpRequest request) {
        Source from = source;
        if (from == null) {
            return RequestTrace.NONE;
        }
        Service service = request.service();
        String operation = service == null ? Names.COUNT_TOKENS : Names.operation(service);
        SpanBuilder span = from.tracer()
                .spanBuilder("POST " + request.route())
                .setSpanKind(SpanKind.SERVER)
                .setAttribute(Names.METHOD, "POST")
                .setAttribute(Names.ROUTE, request.route())
                .setAttribute(Names.PATH, request.route())
                .setAttribute(Names.SCHEME, request.scheme())
                .setAttribute(Names.OPERATION, operation)
                .setAttribute(Names.REQUEST, request.id());
        String agent = request.header().apply("user-agent");
        if (agent != null) {
            span.setAttribute(Names.USER_AGENT, agent);
        }
        return begin(from, span, operation, request.header());
    }

    /**
     * A message that a route sent to {@code direct:chat}.
     *
     * @param id the id of the request
     * @param system what the calling route consumes from, such as {@code jms}; null if it is no messaging system
     * @param destination the name of the queue; null likewise
     * @param header the message's headers, by their names
     */
    public record ChatMessage(
            String id,
            @Nullable String system,
            @Nullable String destination,
            Function<String, @Nullable String> header) {}

    /** Begins the trace of a message; as a part of the sender's trace, if its headers name one. */
    public RequestTrace begin(ChatMessage message) {
        Source from = source;
        if (from == null) {
            return RequestTrace.NONE;
        }
        String operation = Names.operation(Service.CHAT);
        String queue = message.destination();
        boolean consumed = message.system() != null && queue != null;
        SpanBuilder span = from.tracer()
                .spanBuilder(consumed ? "process " + queue : "direct:chat")
                .setSpanKind(consumed ? SpanKind.CONSUMER : SpanKind.INTERNAL)
                .setAttribute(Names.OPERATION, operation)
                .setAttribute(Names.REQUEST, message.id());
        if (consumed) {
            span.setAttribute(Names.MESSAGING, message.system())
                    .setAttribute(Names.DESTINATION, queue)
                    .setAttribute(Names.MESSAGING_OPERATION, "process");
        }
        return begin(from, span, operation, message.header());
    }

    private static RequestTrace begin(
            Source from, SpanBuilder span, String operation, Function<String, @Nullable String> header) {
        // A span of an agent is inside the caller's trace already.
        Context parent = Context.current();
        if (!Span.fromContext(parent).getSpanContext().isValid()) {
            parent = from.propagator().extract(parent, header, Headers.BY_NAME);
        }
        return new RequestSpan(
                from.tracer(), from.propagator(), span.setParent(parent).startSpan(), operation);
    }
}
