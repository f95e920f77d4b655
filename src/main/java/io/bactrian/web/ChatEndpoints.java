package io.bactrian.web;

import io.bactrian.config.Bound;
import io.bactrian.config.Config;
import io.bactrian.config.RequestBounds;
import io.bactrian.config.Service;
import io.bactrian.protocol.CallerProtocol;
import io.bactrian.protocol.CallerProtocols;
import io.bactrian.protocol.ChatRequest;
import io.bactrian.protocol.RequestRejected;
import io.bactrian.protocol.StreamWriter;
import io.bactrian.provider.Watchdog;
import io.bactrian.request.Cancellation;
import io.bactrian.request.DocumentReply;
import io.bactrian.request.InboundRequest;
import io.bactrian.request.LogContext;
import io.bactrian.request.Reply;
import io.bactrian.request.RequestContext;
import io.bactrian.request.RequestOptions;
import io.bactrian.request.RequestTrace;
import io.bactrian.request.ResponseHeaders;
import io.bactrian.request.Stopping;
import io.bactrian.routing.CallerScope;
import io.bactrian.routing.DrillHeader;
import io.bactrian.routing.ExchangeEnd;
import io.bactrian.routing.ExchangeProperties;
import io.bactrian.routing.HeaderValues;
import io.bactrian.routing.RequestPlanner;
import io.bactrian.trace.Traces;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.jspecify.annotations.Nullable;

/** The first steps of the HTTP endpoints: admit a caller and read its request. Thread-safe. */
public final class ChatEndpoints {
    /** The end of the path at which tokens are counted. */
    private static final String COUNT = "/count_tokens";

    private final Admission admission;
    private final CallerRateLimits rateLimits;
    private final RequestPlanner planner;
    private final Watchdog watchdog;
    private final Clock clock;
    private final boolean drills;
    private final BodyDecoder bodies;
    private final RequestBounds bounds;
    private final Traces traces;
    private final Consumer<Bound> reached;
    private final Stopping stopping;

    public ChatEndpoints(
            Config config,
            RequestPlanner planner,
            Admission admission,
            CallerBudgets budgets,
            CallerProtocols protocols,
            Watchdog watchdog,
            Traces traces,
            Consumer<Bound> reached,
            Stopping stopping,
            Clock clock) {
        this.admission = admission;
        this.rateLimits = new CallerRateLimits(
                config.server().limits(), config.server().sharedLimits(), budgets, protocols, clock);
        this.planner = planner;
        this.watchdog = watchdog;
        this.traces = traces;
        this.reached = reached;
        this.stopping = stopping;
        this.clock = clock;
        this.drills = config.drills();
        this.bounds = config.server().bounds();
        this.bodies = new BodyDecoder(config.server().bounds().maxBody());
    }

    /**
     * Gives the request its id and checks the caller's key.
     *
     * @return the key's name; empty where callers need none
     * @throws RequestRejected 401 if there is no such key
     */
    public String admit(Exchange exchange) {
        String caller = check(exchange);
        // Some paths are served on an event loop, which must not wait for a store.
        if (Thread.currentThread().isVirtual()) {
            rateLimits.refresh(caller);
        }
        rateLimits.addHeaders(exchange, caller);
        return caller;
    }

    private String check(Exchange exchange) {
        Http.identify(exchange);
        HttpServerRequest http = Http.request(exchange);
        return admission.check(http.getHeader("authorization"), http.getHeader("x-api-key"));
    }

    /**
     * Admits the caller as {@link #admit} does, and returns the models and targets that it may ask.
     *
     * @throws RequestRejected 401 if there is no such key
     */
    CallerScope scope(Exchange exchange) {
        return planner.scope(admit(exchange));
    }

    /**
     * Admits a caller as {@link #scope} does, or a browser by the session of the page, and returns what it may see.
     *
     * @throws RequestRejected 401 if there is neither such a key nor such a session
     */
    CallerScope pageScope(Exchange exchange) {
        String session = pageSession(exchange);
        String caller = session == null ? null : admission.ofSession(session);
        if (caller == null) {
            return scope(exchange).view();
        }
        Http.identify(exchange);
        return planner.scope(caller).view();
    }

    /** The session that admits a request; null if it has none, or a key, which comes first. */
    @Nullable
    String pageSession(Exchange exchange) {
        HttpServerRequest http = Http.request(exchange);
        boolean key = http.headers().contains("authorization") || http.headers().contains("x-api-key");
        return key || !admission.needsKey() ? null : PageCookie.of(http);
    }

    /** What checks keys and sessions. */
    Admission admission() {
        return admission;
    }

    /** The number of chat requests in flight, those of earlier configurations included. */
    public int inFlight() {
        return admission.inFlight();
    }

    /** The step that reads a chat request of a protocol. */
    public Processor reader(CallerProtocol protocol) {
        return exchange -> {
            InboundRequest.Arrival arrival = InboundRequest.Arrival.at(protocol.door());
            trace(exchange, protocol.path(), protocol.service());
            Cancellation cancellation = new Cancellation();
            Entry entry = enter(exchange, protocol.door(), cancellation);
            ChatRequest request = read(exchange, entry, () -> protocol.read(bodies.read(exchange), bounds));
            rateLimits.charge(exchange, entry.caller(), entry.charge(), request);
            Reply reply = request.stream()
                    ? stream(exchange, protocol.newStreamWriter(Http.id(exchange)))
                    : document(exchange, protocol);
            handOver(exchange, entry.caller(), request, reply, arrival, cancellation);
        };
    }

    /** The step that reads a request whose tokens are to be counted. */
    public Processor countReader(CallerProtocol protocol) {
        return exchange -> {
            InboundRequest.Arrival arrival = InboundRequest.Arrival.at(protocol.door());
            trace(exchange, protocol.path() + COUNT, null);
            Cancellation cancellation = new Cancellation();
            Entry entry = enter(exchange, protocol.door(), cancellation);
            ChatRequest request = read(
                    exchange,
                    entry,
                    () -> ChatRequest.read(protocol, bodies.read(exchange), protocol.newCountedFields(), bounds));
            rateLimits.admit(exchange, entry.caller(), entry.charge());
            handOver(exchange, entry.caller(), request, document(exchange, protocol), arrival, cancellation);
        };
    }

    /**
     * A request that has a place in flight.
     *
     * @param charge the request, as it is being taken from the caller's budget
     */
    private record Entry(String caller, Charge charge) {}

    /** Reads a request, and has the bounds counted that it reaches. A mistake in it is told only if it is not one too many. */
    private ChatRequest read(Exchange exchange, Entry entry, Supplier<ChatRequest> read) {
        try {
            ChatRequest request = read.get();
            request.onBound(reached);
            return request;
        } catch (RuntimeException e) {
            if (e instanceof RequestRejected rejected) {
                rejected.count(reached);
            }
            rateLimits.admit(exchange, entry.caller(), entry.charge());
            throw e;
        }
    }

    /** Begins the trace of a request, if requests are traced; it ends with the exchange. */
    private void trace(Exchange exchange, String route, @Nullable Service service) {
        if (!traces.on()) {
            return;
        }
        Http.identify(exchange);
        HttpServerRequest http = Http.request(exchange);
        HttpServerResponse response = http.response();
        String scheme = http.isSSL() ? "https" : "http";
        RequestTrace trace =
                traces.begin(new Traces.HttpRequest(Http.id(exchange), route, scheme, service, http.headers()::get));
        ExchangeProperties.set(exchange, trace);
        LogContext.set(Http.id(exchange), trace.id());
        ExchangeEnd.then(exchange, done -> {
            int status = response.headWritten() ? response.getStatusCode() : 0;
            trace.end(ExchangeProperties.contextOrNull(done), status);
        });
    }

    private Entry enter(Exchange exchange, String door, Cancellation request) {
        Http.awaitAnswer(exchange);
        String caller = check(exchange);
        rateLimits.addHeaders(exchange, caller);
        // Before a place is taken, so that it is given back whatever happens then.
        AtomicBoolean entered = new AtomicBoolean();
        ExchangeEnd.then(exchange, done -> {
            if (entered.get()) {
                admission.leave(door, caller);
                stopping.leave(request);
            }
            RequestContext context = ExchangeProperties.contextOrNull(done);
            if (context != null) {
                // It has ended already, unless an error went past every step.
                context.currentCall().end();
            }
        });
        entered.set(admission.enter(door, caller));
        if (!entered.get()) {
            throw new RequestRejected(
                    503,
                    "service_unavailable_error",
                    "too_many_requests",
                    null,
                    "Too many requests are in flight. Try again soon.");
        }
        stopping.enter(request);
        return new Entry(caller, rateLimits.enter(exchange, caller));
    }

    private static DocumentReply document(Exchange exchange, CallerProtocol protocol) {
        return new DocumentReply(protocol, Http.id(exchange));
    }

    private StreamReply stream(Exchange exchange, StreamWriter events) {
        return new StreamReply(events, Http.response(exchange), watchdog, clock);
    }

    /** Sets the request on the exchange for {@code direct:chat}; it is cancelled when the caller closes the connection. */
    private void handOver(
            Exchange exchange,
            String caller,
            ChatRequest request,
            Reply reply,
            InboundRequest.Arrival arrival,
            Cancellation cancellation) {
        HttpServerRequest http = Http.request(exchange);
        HttpServerResponse response = Http.response(exchange);
        InboundRequest inbound = new InboundRequest(
                Http.id(exchange),
                caller,
                request,
                options(http, caller),
                reply,
                cancellation,
                forwarded(http, request.protocol()),
                arrival);
        response.closeHandler(v -> {
            cancellation.cancel();
            if (reply instanceof StreamReply stream) {
                stream.callerLeft();
            }
        });
        if (reply instanceof StreamReply stream) {
            cancellation.onStop(stream::stopped);
        }
        if (response.closed()) {
            cancellation.cancel();
        }
        ExchangeProperties.set(exchange, inbound);
    }

    private static Map<String, String> forwarded(HttpServerRequest http, CallerProtocol protocol) {
        Map<String, String> headers = new HashMap<>();
        for (String name : protocol.forwardedHeaders()) {
            // Some SDKs send each value in a header line of its own.
            String value = String.join(",", http.headers().getAll(name));
            if (!value.isBlank()) {
                headers.put(name, value);
            }
        }
        return headers;
    }

    private RequestOptions options(HttpServerRequest http, String caller) {
        return new RequestOptions(
                timeout(http),
                HeaderValues.quality("x-bactrian-min-quality", http.getHeader("x-bactrian-min-quality")),
                HeaderValues.fallback("x-bactrian-fallback", http.getHeader("x-bactrian-fallback")),
                null,
                null,
                DrillHeader.of(http.headers().getAll(ResponseHeaders.DRILL), drills, planner.scope(caller)));
    }

    /** The caller's timeout, else the one of an official SDK, which sends it in seconds and does not read a later answer. */
    private static @Nullable Duration timeout(HttpServerRequest http) {
        Duration requested = HeaderValues.timeout("x-bactrian-timeout", http.getHeader("x-bactrian-timeout"));
        String ofSdk = http.getHeader("x-stainless-timeout");
        if (requested == null && ofSdk != null && ofSdk.matches("\\d{1,6}")) {
            return Duration.ofSeconds(Math.max(1, Long.parseLong(ofSdk)));
        }
        return requested;
    }
}
