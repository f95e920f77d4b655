package io.bactrian.web;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.chat.ChatRequest;
import io.bactrian.chat.Conversation;
import io.bactrian.chat.Dialect;
import io.bactrian.chat.DocumentReply;
import io.bactrian.chat.Ids;
import io.bactrian.chat.Json;
import io.bactrian.chat.Labels;
import io.bactrian.chat.Problem;
import io.bactrian.chat.Problems;
import io.bactrian.chat.Refusal;
import io.bactrian.chat.Reply;
import io.bactrian.config.Api;
import io.bactrian.config.Config;
import io.bactrian.fallback.CallFailed;
import io.bactrian.fallback.Decision;
import io.bactrian.fallback.Failure;
import io.bactrian.fallback.Stop;
import io.bactrian.provider.Watchdog;
import io.bactrian.routing.Exchanges;
import io.bactrian.routing.Requests;
import io.bactrian.routing.TargetRoutes;
import io.bactrian.routing.Wish;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.component.platform.http.vertx.HttpMessage;
import org.apache.camel.support.SynchronizationAdapter;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The steps of the HTTP doors: who comes in, what is asked, how the outcome is said. Thread-safe. */
public final class HttpDoor {
    private static final Logger LOG = LoggerFactory.getLogger(HttpDoor.class);
    /** The code of a 405, whose param is the right method. */
    static final String WRONG_METHOD = "method_not_allowed";

    private static final String MESSAGES = "/v1/messages";
    private static final String REQUEST_ID = "bactrianRequestId";
    private static final String HTTP_REQUEST = "bactrianHttpRequest";
    private static final int LONGEST_ID = 128;
    private static final List<String> PASSED_ON = List.of("anthropic-version", "anthropic-beta");

    private final Admission admission;
    private final Requests requests;
    private final Watchdog watchdog;
    private final Clock clock;
    private final boolean demo;

    public HttpDoor(Config config, Requests requests, Watchdog watchdog, Clock clock) {
        this.admission = new Admission(config.server().keys(), config.server().maxInFlight());
        this.requests = requests;
        this.watchdog = watchdog;
        this.clock = clock;
        this.demo = config.demo();
    }

    /** Gives the request its id and checks the caller's key. */
    public void admit(Exchange exchange) {
        HttpServerRequest http = request(exchange);
        exchange.setProperty(REQUEST_ID, id(http));
        admission.check(http.getHeader("authorization"), http.getHeader("x-api-key"));
    }

    /** How many requests are inside. */
    public int inside() {
        return admission.inside();
    }

    /** Reads a Chat Completions request. */
    public void chatCompletions(Exchange exchange) {
        enter(exchange);
        ChatRequest chat = ChatRequest.parse(body(exchange));
        converse(exchange, chat, chat.stream() ? stream(exchange, new ChatFormat()) : document(exchange));
    }

    /** Reads a Messages request. */
    public void messages(Exchange exchange) {
        enter(exchange);
        ChatRequest chat = ChatRequest.messages(body(exchange));
        converse(
                exchange,
                chat,
                chat.stream() ? stream(exchange, new MessagesFormat(id(exchange))) : document(exchange));
    }

    /**
     * Reads a request whose tokens are to be counted. Only Anthropic counts: for others the answer is 501, and clients count for
     * themselves.
     */
    public void countTokens(Exchange exchange) {
        enter(exchange);
        ChatRequest chat = ChatRequest.measured(body(exchange));
        converse(exchange, chat, document(exchange));
        Conversation conversation = Exchanges.conversation(exchange);
        Stop first = conversation.plan().stops().get(0);
        if (first.target().provider().api() != Api.ANTHROPIC) {
            throw new Refusal(
                    501,
                    "invalid_request_error",
                    "not_supported",
                    null,
                    "Tokens are counted where the first target of the chain is an Anthropic model; "
                            + first.target().name() + " is none.");
        }
        conversation.decide(new Decision.Go(first, 0, false));
        exchange.setProperty(
                Exchanges.NEXT, TargetRoutes.count(first.target().provider().name()));
    }

    private void enter(Exchange exchange) {
        admit(exchange);
        if (!admission.enter()) {
            throw new Refusal(
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
    }

    private static DocumentReply document(Exchange exchange) {
        return new DocumentReply(dialect(exchange), id(exchange));
    }

    private StreamReply stream(Exchange exchange, StreamFormat format) {
        return new StreamReply(format, response(exchange), watchdog, clock);
    }

    private void converse(Exchange exchange, ChatRequest chat, Reply reply) {
        HttpServerRequest http = request(exchange);
        HttpServerResponse response = response(exchange);
        StreamReply stream = reply instanceof StreamReply streaming ? streaming : null;
        Conversation conversation = requests.make(id(exchange), chat, wishes(http), reply);
        conversation.passOn(passOn(http));
        if (stream != null) {
            stream.of(conversation);
        }
        response.closeHandler(v -> {
            conversation.leave();
            if (stream != null) {
                stream.gone();
            }
        });
        if (response.closed()) {
            conversation.leave();
        }
        Exchanges.set(exchange, conversation);
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

    private Requests.Wishes wishes(HttpServerRequest http) {
        return new Requests.Wishes(
                timeout(http),
                Wish.quality("x-bactrian-min-quality", http.getHeader("x-bactrian-min-quality")),
                Wish.fallback("x-bactrian-fallback", http.getHeader("x-bactrian-fallback")),
                null);
    }

    /** The caller's limit; an official SDK tells when it will hang up, and an answer after that helps nobody. */
    private static @Nullable Duration timeout(HttpServerRequest http) {
        Duration wished = Wish.timeout("x-bactrian-timeout", http.getHeader("x-bactrian-timeout"));
        String patience = http.getHeader("x-stainless-timeout");
        if (wished == null && patience != null && patience.matches("\\d{1,6}")) {
            return Duration.ofSeconds(Math.max(1, Long.parseLong(patience)));
        }
        return wished;
    }

    /** Says the outcome; a stream has said it already. */
    public void render(Exchange exchange) {
        if (response(exchange).ended()) {
            return;
        }
        Conversation conversation = Exchanges.conversation(exchange);
        byte[] body = conversation.reply().body();
        Map<String, String> headers = Labels.of(conversation, false);
        Problem problem = conversation.problem();
        if (problem != null) {
            retryHeaders(problem, headers);
        }
        int status = problem == null ? 200 : problem.status(dialect(exchange));
        answer(exchange, status, headers, body == null ? new byte[0] : body);
    }

    /** Says what went wrong: nobody answered, the request was turned away, or the gateway has a fault. */
    public void renderError(Exchange exchange) {
        Throwable caught = exchange.getProperty(ExchangePropertyKey.EXCEPTION_CAUGHT, Throwable.class);
        Conversation conversation = Exchanges.conversationOrNull(exchange);
        if (caught instanceof Refusal refusal) {
            refuse(exchange, Problem.of(refusal));
            return;
        }
        if (conversation == null) {
            refuse(exchange, fault(exchange, caught));
            return;
        }
        if (conversation.problem() == null) {
            conversation.endCall();
            // A stream that has begun is ended, and its keep-alive with it.
            conversation.fail(
                    caught instanceof CallFailed failed
                            ? unanswered(conversation, failed.failure())
                            : fault(exchange, caught));
        }
        render(exchange);
    }

    /** A call that nobody goes on from: it was the only one. */
    private Problem unanswered(Conversation conversation, Failure failure) {
        String target = conversation.stop().target().name();
        if (conversation.callOpen()) {
            conversation.trail().failed(target, failure, clock.millis() - conversation.calledAt());
        }
        return Problems.ofTheOnly(target, failure, conversation.trail());
    }

    private static Problem fault(Exchange exchange, @Nullable Throwable caught) {
        LOG.error("Request {} failed inside the gateway", exchange.getProperty(REQUEST_ID), caught);
        return new Problem(
                500, "server_error", "internal_error", null, "An error inside the gateway.", null, null, List.of());
    }

    private void refuse(Exchange exchange, Problem problem) {
        Map<String, String> headers = labels(exchange);
        if (problem.status() == 503) {
            headers.put("Retry-After", "1");
        }
        if (WRONG_METHOD.equals(problem.code())) {
            headers.put("Allow", String.valueOf(problem.param()));
        }
        retryHeaders(problem, headers);
        Dialect dialect = dialect(exchange);
        byte[] body = Json.bytes(problem.document(dialect, id(exchange)));
        answer(exchange, problem.status(dialect), headers, body);
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

    private static Dialect dialect(Exchange exchange) {
        return dialect(request(exchange));
    }

    /** The protocol that a caller speaks who asks for this. */
    static Dialect dialect(HttpServerRequest http) {
        String path = http.path();
        return path != null && (path.equals(MESSAGES) || path.startsWith(MESSAGES + "/"))
                ? Dialect.MESSAGES
                : Dialect.CHAT;
    }

    /** Answers with a JSON document. */
    void answer(Exchange exchange, int status, JsonNode document) {
        answer(exchange, status, labels(exchange), Json.bytes(document));
    }

    private Map<String, String> labels(Exchange exchange) {
        Map<String, String> labels = Labels.ids(dialect(exchange), id(exchange));
        if (demo) {
            labels.put(Labels.DEMO, "true");
        }
        return labels;
    }

    /** Writes the response here: handed to Camel it would be copied header by header and sent in chunks. */
    private static void answer(Exchange exchange, int status, Map<String, String> headers, byte[] body) {
        HttpServerResponse response = response(exchange);
        if (response.ended()) {
            return;
        }
        response.setStatusCode(status).putHeader("content-type", "application/json");
        headers.forEach(response::putHeader);
        response.end(Buffer.buffer(body));
    }

    /** The request as the server sees it; remembered, because the message is replaced on the way. */
    static HttpServerRequest request(Exchange exchange) {
        if (exchange.getProperty(HTTP_REQUEST) instanceof HttpServerRequest known) {
            return known;
        }
        HttpServerRequest request = exchange.getIn(HttpMessage.class).getRequest();
        exchange.setProperty(HTTP_REQUEST, request);
        return request;
    }

    private static HttpServerResponse response(Exchange exchange) {
        return request(exchange).response();
    }

    private static byte[] body(Exchange exchange) {
        return exchange.getMessage().getBody() instanceof Buffer buffer ? buffer.getBytes() : new byte[0];
    }

    private static String id(Exchange exchange) {
        Object id = exchange.getProperty(REQUEST_ID);
        return id == null ? "req_" + Ids.random() : id.toString();
    }

    /** The caller's id for a request if it is fit for a header, else a new one. */
    static String id(HttpServerRequest http) {
        String given = http.getHeader("x-request-id");
        boolean usable = given != null
                && !given.isEmpty()
                && given.length() <= LONGEST_ID
                && given.chars().allMatch(c -> c > ' ' && c < 127);
        return usable && given != null ? given : "req_" + Ids.random();
    }
}
