package io.bactrian.routing;

import io.bactrian.config.Chain;
import io.bactrian.config.Chain.Entry;
import io.bactrian.config.Config;
import io.bactrian.config.Feature;
import io.bactrian.config.Service;
import io.bactrian.health.CallerRests;
import io.bactrian.lastresort.LastResorts;
import io.bactrian.policy.Plan;
import io.bactrian.protocol.ChatRequest;
import io.bactrian.protocol.ConversationKey;
import io.bactrian.protocol.ProviderProtocol;
import io.bactrian.protocol.ProviderProtocols;
import io.bactrian.protocol.RequestRejected;
import io.bactrian.protocol.openai.ChatCompletions;
import io.bactrian.request.DocumentReply;
import io.bactrian.request.InboundRequest;
import io.bactrian.request.Reply;
import io.bactrian.request.RequestContext;
import io.bactrian.request.RequestOptions;
import io.bactrian.selection.Balance;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.jspecify.annotations.Nullable;

/** A planner of requests: finds the chain, the deadline and the candidates that can serve a request. Thread-safe. */
public final class RequestPlanner {
    private static final String CONTEXT = "context";

    private final Config config;
    private final ProviderProtocols protocols;
    private final ChainSorter sorter;
    private final Balance balance;
    private final LastResorts lastResorts;
    private final CallerRests rests;
    private final Clock clock;
    private final Map<String, CallerScope> scopes;
    private final CallerScope unlimited;

    public RequestPlanner(
            Config config,
            ProviderProtocols protocols,
            ChainSorter sorter,
            Balance balance,
            LastResorts lastResorts,
            CallerRests rests,
            Clock clock) {
        this.rests = rests;
        this.balance = balance;
        this.lastResorts = lastResorts;
        this.config = config;
        this.protocols = protocols;
        this.sorter = sorter;
        this.clock = clock;
        this.unlimited = new CallerScope(config, "");
        this.scopes = config.server().keys().values().stream()
                .collect(Collectors.toUnmodifiableMap(name -> name, name -> new CallerScope(config, name)));
    }

    /**
     * Plans a request.
     *
     * @throws RequestRejected 404 if there is no such model, 403 if the caller may not ask it, 400 for an unknown fallback
     *     or for a part of the request that the chain cannot serve
     */
    public RequestContext plan(InboundRequest inbound) {
        long now = clock.millis();
        ChatRequest request = inbound.request();
        RequestOptions options = inbound.options();
        CallerScope scope = scope(inbound.caller());
        Service service = request.protocol().service();
        Chain written = scope.chain(options.chain() == null ? request.model() : options.chain(), service)
                .at(service);
        double floor = options.minQuality() == null ? written.limits().minQuality() : options.minQuality();
        String vectors = vectors(written, request, floor);
        Function<Entry, @Nullable String> obstacle = c -> obstacle(c, request, floor, vectors);
        String learner = learner(inbound.caller());
        Chain sorted =
                sorter.sort(written, request, inbound.reply().streams(), learner, c -> obstacle.apply(c) == null, now);
        Chain chain = withFallbacks(balanced(sorted, inbound.caller(), request), scope, request.fallbacks(), service);
        check(request, chain, options);
        Duration timeout = options.timeout();
        Duration deadline = chain.limits().deadline();
        boolean shortened = timeout != null && timeout.compareTo(deadline) < 0;
        long deadlineAt = now + (shortened && timeout != null ? timeout : deadline).toMillis();
        Plan plan = Plan.of(chain, options.fallback(), now, deadlineAt, obstacle);
        if (options.maxWait() != null) {
            plan.waitAtMost(options.maxWait());
        }
        if (!learner.isEmpty() && !rests.isEmpty()) {
            plan.passOver((target, first) -> rests.of(target, learner, first, now));
        }
        Reply reply = lastResorts.through(inbound.reply(), chain, request);
        RequestContext context = new RequestContext(inbound, chain, plan, reply, now, shortened, config.demo());
        context.learnedBy(learner);
        lastResorts.behind(context, floor);
        reply.start(context);
        return context;
    }

    private void check(ChatRequest request, Chain chain, RequestOptions options) {
        if (!request.ownOnly().isEmpty()) {
            boolean everywhereNative = chain.candidates().stream()
                    .limit(options.fallback() ? Long.MAX_VALUE : 1)
                    .allMatch(entry -> protocols.of(entry.target().provider()).isNative(request));
            request.protocol().check(request, everywhereNative);
        }
    }

    /** The caller for which it is kept what its requests show; empty if there is no other one that has to be spared. */
    private String learner(String caller) {
        return scopes.size() > 1 ? caller : "";
    }

    /** The scope of a caller by the name of its key. */
    public CallerScope scope(String caller) {
        return scopes.getOrDefault(caller, unlimited);
    }

    /**
     * The request in a message that a route sent to {@code direct:chat}.
     *
     * @param id the id of the request
     * @throws RequestRejected 400 if the body is not a request, or a header has no good value
     */
    static InboundRequest read(Exchange exchange, String id) {
        Message message = exchange.getMessage();
        RequestOptions options = new RequestOptions(
                HeaderValues.timeout(MessageHeaders.TIMEOUT, text(message.getHeader(MessageHeaders.TIMEOUT))),
                HeaderValues.quality(MessageHeaders.MIN_QUALITY, text(message.getHeader(MessageHeaders.MIN_QUALITY))),
                true,
                HeaderValues.wait(MessageHeaders.MAX_WAIT, text(message.getHeader(MessageHeaders.MAX_WAIT))),
                text(message.getHeader(MessageHeaders.CHAIN)),
                Map.of());
        ChatRequest request = ChatCompletions.PROTOCOL.read(MessageBody.read(exchange));
        return InboundRequest.of(id, request, options, new DocumentReply(ChatCompletions.PROTOCOL, id));
    }

    private static @Nullable String text(@Nullable Object header) {
        return header == null ? null : header.toString();
    }

    private Chain balanced(Chain chain, String caller, ChatRequest request) {
        if (!Balance.concerns(chain)) {
            return chain;
        }
        ConversationKey key = request.conversationKey();
        return balance.arrange(chain, 31 * key.hash() + caller.hashCode(), key.goesOn());
    }

    /** The chain with the caller's own fallbacks at its end, without those that it has already. */
    private static Chain withFallbacks(Chain chain, CallerScope scope, List<String> fallbacks, Service service) {
        if (fallbacks.isEmpty()) {
            return chain;
        }
        List<Entry> known = new ArrayList<>(chain.candidates());
        List<Entry> more = new ArrayList<>();
        for (String fallback : fallbacks) {
            Entry entry = scope.fallback(fallback).at(service);
            if (known.stream()
                    .noneMatch(c -> c.target().key().equals(entry.target().key()))) {
                known.add(entry);
                more.add(entry);
            }
        }
        return chain.plus(more);
    }

    /**
     * The model whose vectors the caller gets, so that those of two models are not mixed: that of the first candidate, as
     * written, that serves such requests. How long this request is must not matter. Null if any model may answer.
     */
    private @Nullable String vectors(Chain written, ChatRequest request, double floor) {
        if (request.protocol().service() != Service.EMBEDDINGS || written.embeddingsMix()) {
            return null;
        }
        for (Entry entry : written.candidates()) {
            String obstacle = obstacle(entry, request, floor);
            if (obstacle == null || obstacle.equals(CONTEXT)) {
                return entry.target().model();
            }
        }
        return null;
    }

    private @Nullable String obstacle(Entry entry, ChatRequest request, double floor, @Nullable String vectors) {
        String obstacle = obstacle(entry, request, floor);
        boolean another =
                vectors != null && !EmbeddingModel.same(vectors, entry.target().model());
        return obstacle == null && another ? "model" : obstacle;
    }

    /** The reason for which a candidate cannot serve the request, as in {@code x-bactrian-skipped}; null if it can. */
    private @Nullable String obstacle(Entry entry, ChatRequest request, double floor) {
        Service service = request.protocol().service();
        ProviderProtocol protocol = protocols.of(entry.target().provider()).serving(service);
        if (protocol == null) {
            return service.label();
        }
        for (Feature feature : request.needs()) {
            if (!entry.target().supports(feature)) {
                return feature.label();
            }
        }
        if (entry.target().quality() < floor) {
            return "quality";
        }
        Integer window = entry.target().contextTokens();
        if (window != null && !request.batch() && request.exceeds(window)) {
            return CONTEXT;
        }
        return protocol.unsupported(request);
    }
}
