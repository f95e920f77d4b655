package io.bactrian.web;

import io.bactrian.config.Api;
import io.bactrian.config.Config;
import io.bactrian.policy.Candidate;
import io.bactrian.policy.Decision;
import io.bactrian.protocol.ChatRequest;
import io.bactrian.protocol.RequestRejected;
import io.bactrian.protocol.StreamWriter;
import io.bactrian.protocol.anthropic.MessagesStreamWriter;
import io.bactrian.protocol.openai.ChatStreamWriter;
import io.bactrian.provider.Watchdog;
import io.bactrian.request.DocumentReply;
import io.bactrian.request.Reply;
import io.bactrian.request.RequestContext;
import io.bactrian.request.ResponseHeaders;
import io.bactrian.routing.CallerScope;
import io.bactrian.routing.DrillHeader;
import io.bactrian.routing.ExchangeProperties;
import io.bactrian.routing.HeaderValues;
import io.bactrian.routing.RequestPlanner;
import io.bactrian.routing.RouteNames;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.support.SynchronizationAdapter;
import org.jspecify.annotations.Nullable;

/** The first steps of the HTTP doors: who comes in, and what is asked. Thread-safe. */
public final class ChatEndpoints {
    private static final List<String> PASSED_ON = List.of("anthropic-version", "anthropic-beta");

    private final Admission admission;
    private final CallerRateLimits rateLimits;
    private final RequestPlanner planner;
    private final Watchdog watchdog;
    private final Clock clock;
    private final boolean drills;

    public ChatEndpoints(
            Config config,
            RequestPlanner planner,
            InFlightLimit inFlight,
            CallerBudgets budgets,
            Watchdog watchdog,
            Clock clock) {
        this.admission = new Admission(config.server().keys(), config.server().maxInFlight(), inFlight);
        this.rateLimits = new CallerRateLimits(config.server().limits(), budgets, clock);
        this.planner = planner;
        this.watchdog = watchdog;
        this.clock = clock;
        this.drills = config.drills();
    }

    /**
     * Gives the request its id and checks the caller's key.
     *
     * @return the key's name; empty where nobody needs one
     */
    public String admit(Exchange exchange) {
        Http.identify(exchange);
        HttpServerRequest http = Http.request(exchange);
        String caller = admission.check(http.getHeader("authorization"), http.getHeader("x-api-key"));
        rateLimits.tell(exchange, caller);
        return caller;
    }

    /**
     * The same, and finds out what the caller may ask.
     *
     * @throws RequestRejected if there is no such key
     */
    CallerScope reach(Exchange exchange) {
        return planner.reach(admit(exchange));
    }

    /** How many requests are inside. */
    public int inside() {
        return admission.inside();
    }

    /** Reads a Chat Completions request. */
    public void chatCompletions(Exchange exchange) {
        String caller = enter(exchange);
        ChatRequest chat = ChatRequest.parse(Http.body(exchange));
        rateLimits.charge(exchange, caller, chat);
        converse(exchange, caller, chat, chat.stream() ? stream(exchange, new ChatStreamWriter()) : document(exchange));
    }

    /** Reads a Messages request. */
    public void messages(Exchange exchange) {
        String caller = enter(exchange);
        ChatRequest chat = ChatRequest.messages(Http.body(exchange));
        rateLimits.charge(exchange, caller, chat);
        converse(
                exchange,
                caller,
                chat,
                chat.stream() ? stream(exchange, new MessagesStreamWriter(Http.id(exchange))) : document(exchange));
    }

    /**
     * Reads a request whose tokens are to be counted. Only Anthropic counts: for others the answer is 501, and clients count for
     * themselves.
     */
    public void countTokens(Exchange exchange) {
        String caller = enter(exchange);
        ChatRequest chat = ChatRequest.measured(Http.body(exchange));
        converse(exchange, caller, chat, document(exchange));
        RequestContext context = ExchangeProperties.conversation(exchange);
        Candidate first = context.plan().candidates().get(0);
        if (first.target().provider().api() != Api.ANTHROPIC) {
            throw new RequestRejected(
                    501,
                    "invalid_request_error",
                    "not_supported",
                    null,
                    "Tokens are counted where the first target of the chain is an Anthropic model; "
                            + first.target().name() + " is none.");
        }
        context.decide(new Decision.Ask(first, 0, Decision.Wait.NONE));
        exchange.setProperty(
                ExchangeProperties.NEXT,
                RouteNames.count(first.target().provider().name()));
    }

    private String enter(Exchange exchange) {
        String caller = admit(exchange);
        if (!admission.enter()) {
            throw new RequestRejected(
                    503,
                    "service_unavailable_error",
                    "too_many_requests",
                    null,
                    "The gateway is full. Try again soon.");
        }
        exchange.getExchangeExtension().addOnCompletion(new SynchronizationAdapter() {
            @Override
            public void onDone(Exchange done) {
                admission.leave();
            }
        });
        rateLimits.enter(exchange, caller);
        return caller;
    }

    private static DocumentReply document(Exchange exchange) {
        return new DocumentReply(Http.dialect(exchange), Http.id(exchange));
    }

    private StreamReply stream(Exchange exchange, StreamWriter format) {
        return new StreamReply(format, Http.response(exchange), watchdog, clock);
    }

    private void converse(Exchange exchange, String caller, ChatRequest chat, Reply reply) {
        HttpServerRequest http = Http.request(exchange);
        HttpServerResponse response = Http.response(exchange);
        StreamReply stream = reply instanceof StreamReply streaming ? streaming : null;
        RequestContext context = planner.plan(Http.id(exchange), caller, chat, wishes(http, caller), reply);
        context.forwardedHeaders(passOn(http));
        if (stream != null) {
            stream.of(context);
        }
        response.closeHandler(v -> {
            context.cancel();
            if (stream != null) {
                stream.gone();
            }
        });
        if (response.closed()) {
            context.cancel();
        }
        ExchangeProperties.set(exchange, context);
    }

    /** What a provider of the caller's own protocol is to know: its version, and what is asked of it beside the common. */
    private static Map<String, String> passOn(HttpServerRequest http) {
        Map<String, String> headers = new HashMap<>();
        for (String name : PASSED_ON) {
            // Some SDKs send each beta in a line of its own.
            String value = String.join(",", http.headers().getAll(name));
            if (!value.isBlank()) {
                headers.put(name, value);
            }
        }
        return headers;
    }

    private RequestPlanner.RequestOptions wishes(HttpServerRequest http, String caller) {
        return new RequestPlanner.RequestOptions(
                timeout(http),
                HeaderValues.quality("x-bactrian-min-quality", http.getHeader("x-bactrian-min-quality")),
                HeaderValues.fallback("x-bactrian-fallback", http.getHeader("x-bactrian-fallback")),
                null,
                DrillHeader.of(http.headers().getAll(ResponseHeaders.DRILL), drills, planner.reach(caller)));
    }

    /** The caller's limit; an official SDK tells when it will hang up, and an answer after that helps nobody. */
    private static @Nullable Duration timeout(HttpServerRequest http) {
        Duration wished = HeaderValues.timeout("x-bactrian-timeout", http.getHeader("x-bactrian-timeout"));
        String patience = http.getHeader("x-stainless-timeout");
        if (wished == null && patience != null && patience.matches("\\d{1,6}")) {
            return Duration.ofSeconds(Math.max(1, Long.parseLong(patience)));
        }
        return wished;
    }
}
