package io.bactrian.routing;

import io.bactrian.config.Api;
import io.bactrian.config.Chain;
import io.bactrian.config.Chain.Entry;
import io.bactrian.config.Config;
import io.bactrian.config.Feature;
import io.bactrian.health.DrillFault;
import io.bactrian.lastresort.LastResorts;
import io.bactrian.policy.Plan;
import io.bactrian.protocol.CallerProtocol;
import io.bactrian.protocol.ChatRequest;
import io.bactrian.protocol.ConversationKey;
import io.bactrian.protocol.Ids;
import io.bactrian.protocol.Json;
import io.bactrian.protocol.ProviderProtocol;
import io.bactrian.protocol.RequestRejected;
import io.bactrian.request.DocumentReply;
import io.bactrian.request.Reply;
import io.bactrian.request.RequestContext;
import io.bactrian.selection.Balance;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.camel.Message;
import org.jspecify.annotations.Nullable;

/** Makes a conversation of a request: finds its chain, its deadline, and who can serve it. Thread-safe. */
public final class RequestPlanner {
    private final Config config;
    private final Map<Api, ProviderProtocol> wires;
    private final ChainSorter sorter;
    private final Balance balance;
    private final LastResorts lastResorts;
    private final Clock clock;
    private final Map<String, CallerScope> reaches;
    private final CallerScope everything;

    public RequestPlanner(
            Config config,
            Map<Api, ProviderProtocol> wires,
            ChainSorter sorter,
            Balance balance,
            LastResorts lastResorts,
            Clock clock) {
        this.balance = balance;
        this.lastResorts = lastResorts;
        this.config = config;
        this.wires = Map.copyOf(wires);
        this.sorter = sorter;
        this.clock = clock;
        this.everything = new CallerScope(config, "");
        this.reaches = config.server().keys().values().stream()
                .collect(Collectors.toUnmodifiableMap(name -> name, name -> new CallerScope(config, name)));
    }

    /**
     * What a caller may say beside the request.
     *
     * @param timeout null for the chain's deadline
     * @param minQuality null for the chain's
     * @param fallback false if only the first candidate may answer
     * @param chain the chain, where it is not the request's model; null for that
     * @param drills how targets are to fail for this request, by their {@link io.bactrian.config.Target#key}
     */
    public record RequestOptions(
            @Nullable Duration timeout,
            @Nullable Double minQuality,
            boolean fallback,
            @Nullable String chain,
            Map<String, DrillFault> drills) {}

    /**
     * A conversation about to set out.
     *
     * @param caller the name of the caller's key; empty where callers have none
     * @throws RequestRejected if there is no such model, or a wish cannot be granted
     */
    public RequestContext plan(String id, String caller, ChatRequest request, RequestOptions options, Reply reply) {
        long now = clock.millis();
        CallerScope reach = reach(caller);
        Chain written = reach.chain(options.chain() == null ? request.model() : options.chain());
        double floor = options.minQuality() == null ? written.limits().minQuality() : options.minQuality();
        Chain sorted = sorter.sort(written, request, reply.streams(), c -> obstacle(c, request, floor) == null, now);
        Chain chain = plus(balanced(sorted, caller, request), reach, request.fallbacks());
        Duration wished = options.timeout();
        Duration deadline = chain.limits().deadline();
        boolean shortened = wished != null && wished.compareTo(deadline) < 0;
        long deadlineAt = now + (shortened && wished != null ? wished : deadline).toMillis();
        Plan plan = Plan.of(chain, options.fallback(), now, deadlineAt, c -> obstacle(c, request, floor));
        Reply through = lastResorts.through(reply, chain, request);
        RequestContext made = new RequestContext(id, request, chain, plan, through, now, shortened, config.demo());
        made.from(caller);
        made.drill(options.drills());
        lastResorts.behind(made, floor);
        return made;
    }

    /** What a caller may ask, by the name of its key. */
    public CallerScope reach(String caller) {
        return reaches.getOrDefault(caller, everything);
    }

    /** A conversation from a message that somebody's route sent to {@code direct:chat}. */
    RequestContext fromMessage(Message message) {
        String quality = text(message.getHeader(MessageHeaders.MIN_QUALITY));
        RequestOptions options = new RequestOptions(
                HeaderValues.timeout(MessageHeaders.TIMEOUT, text(message.getHeader(MessageHeaders.TIMEOUT))),
                HeaderValues.quality(MessageHeaders.MIN_QUALITY, quality),
                true,
                text(message.getHeader(MessageHeaders.CHAIN)),
                Map.of());
        ChatRequest request = ChatRequest.parse(bytes(message.getBody()));
        String id = "req_" + Ids.random();
        return plan(id, "", request, options, new DocumentReply(CallerProtocol.CHAT, id));
    }

    private static @Nullable String text(@Nullable Object header) {
        return header == null ? null : header.toString();
    }

    private static byte[] bytes(@Nullable Object body) {
        try {
            return switch (body) {
                case null -> throw RequestRejected.invalid(null, "The message has no body.");
                case byte[] bytes -> bytes;
                case InputStream in -> in.readAllBytes();
                case String text ->
                    text.stripLeading().startsWith("{")
                            ? text.getBytes(StandardCharsets.UTF_8)
                            : Json.bytes(Map.of("messages", List.of(Map.of("role", "user", "content", text))));
                default -> Json.bytes(body);
            };
        } catch (IOException e) {
            throw RequestRejected.invalid(null, "The message body cannot be read.");
        }
    }

    private Chain balanced(Chain chain, String caller, ChatRequest request) {
        if (!Balance.concerns(chain)) {
            return chain;
        }
        ConversationKey beginning = request.conversationKey();
        return balance.arrange(chain, 31 * beginning.hash() + caller.hashCode(), beginning.goesOn());
    }

    /** What the caller asks for beside the chain comes last, in the caller's order. */
    private static Chain plus(Chain chain, CallerScope reach, List<String> fallbacks) {
        if (fallbacks.isEmpty()) {
            return chain;
        }
        List<Entry> known = new ArrayList<>(chain.candidates());
        List<Entry> more = new ArrayList<>();
        for (String fallback : fallbacks) {
            Entry entry = reach.fallback(fallback);
            if (known.stream()
                    .noneMatch(c -> c.target().key().equals(entry.target().key()))) {
                known.add(entry);
                more.add(entry);
            }
        }
        return chain.plus(more);
    }

    private @Nullable String obstacle(Entry entry, ChatRequest request, double floor) {
        for (Feature feature : request.needs()) {
            if (!entry.target().supports(feature)) {
                return feature.label();
            }
        }
        if (entry.target().quality() < floor) {
            return "quality";
        }
        Integer window = entry.target().contextTokens();
        if (window != null && request.exceeds(window)) {
            return "context";
        }
        ProviderProtocol providerProtocol = wires.get(entry.target().provider().api());
        return providerProtocol == null ? "protocol" : providerProtocol.unsupported(request);
    }
}
