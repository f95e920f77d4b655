package io.bactrian.lastresort;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.config.Chain;
import io.bactrian.config.Chain.LastResort;
import io.bactrian.config.Config;
import io.bactrian.config.Feature;
import io.bactrian.config.Target;
import io.bactrian.policy.Candidate;
import io.bactrian.policy.LastResortAnswer;
import io.bactrian.policy.LastResortAnswer.Origin;
import io.bactrian.protocol.CallRecord;
import io.bactrian.protocol.ChatRequest;
import io.bactrian.protocol.Json;
import io.bactrian.protocol.Usage;
import io.bactrian.request.DocumentReply;
import io.bactrian.request.Reply;
import io.bactrian.request.RequestContext;
import java.time.Clock;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The last resorts of a configuration: stores good answers for chains that end with {@code stale}, and finds the answer
 * when no target can give one. Thread-safe.
 */
public final class LastResorts {
    private static final String STALE = "stale";
    private static final String STATIC = "static";

    private final AnswerStore store;
    private final BackgroundWriter background;
    private final Clock clock;

    LastResorts(AnswerStore store, BackgroundWriter background, Clock clock) {
        this.store = store;
        this.background = background;
        this.clock = clock;
    }

    /** True if a chain of the configuration stores answers. */
    static boolean remembers(Config config) {
        return config.chains().values().stream().anyMatch(chain -> stale(chain) != null);
    }

    private static LastResort.@Nullable Stale stale(Chain chain) {
        for (LastResort step : chain.lastResorts()) {
            if (step instanceof LastResort.Stale stale) {
                return stale;
            }
        }
        return null;
    }

    /** The reply for an answer: the given one or, if a stream may have to be stored, one that records it. */
    public Reply through(Reply reply, Chain chain, ChatRequest request) {
        LastResort.Stale stale = stale(chain);
        return stale != null && reply.streams() && RequestKey.fits(request, stale.tools())
                ? new RecordingReply(reply, request.protocol())
                : reply;
    }

    /**
     * Gives the plan of a request the last resorts of its chain.
     *
     * @param floor the lowest quality that the caller accepts
     */
    public void behind(RequestContext context, double floor) {
        if (!context.chain().lastResorts().isEmpty()) {
            context.plan().lastResort(() -> find(context, floor));
        }
    }

    private @Nullable LastResortAnswer find(RequestContext context, double floor) {
        for (LastResort step : context.chain().lastResorts()) {
            LastResortAnswer found =
                    switch (step) {
                        case LastResort.Stale stale -> earlier(context, stale, floor);
                        case LastResort.Static fixed -> floor > 0 ? null : text(context, fixed);
                    };
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    private @Nullable LastResortAnswer earlier(RequestContext context, LastResort.Stale stale, double floor) {
        String key = key(context, stale);
        StoredAnswer stored = key == null ? null : store.find(key);
        if (stored == null
                || stored.quality() < floor
                || !(Json.parse(stored.document()) instanceof ObjectNode document)) {
            return null;
        }
        long age = Math.max(0, clock.millis() - stored.givenAt()) / 1000;
        return new LastResortAnswer(STALE, STALE, stored.quality(), new Origin(stored.target(), age), document);
    }

    private @Nullable LastResortAnswer text(RequestContext context, LastResort.Static fixed) {
        ChatRequest request = context.request();
        // A caller that expects JSON in a schema cannot use a sentence, but can handle an error.
        if (request.needs().contains(Feature.JSON_SCHEMA)) {
            return null;
        }
        String model = request.model() == null || request.model().isBlank()
                ? context.chain().name()
                : request.model();
        ObjectNode answer = request.protocol().staticAnswer(model, fixed.text(), clock.instant());
        return answer == null ? null : new LastResortAnswer(STATIC + ":" + fixed.name(), STATIC, 0, null, answer);
    }

    private static @Nullable String key(RequestContext context, LastResort.Stale stale) {
        return RequestKey.of(context.request(), context.chain().name(), context.caller(), stale.tools());
    }

    /** Stores the answer of a request that has ended, if it is a good one. No request waits for that. */
    public void remember(RequestContext context) {
        LastResort.Stale stale = stale(context.chain());
        Candidate by = context.answeredBy();
        if (stale == null
                || by == null
                || context.problem() != null
                || context.lastResort() != null
                || !wasGood(context.trail().calls())
                || !RequestKey.fits(context.request(), stale.tools())) {
            return;
        }
        Reply reply = context.reply();
        DocumentReply copy = reply instanceof RecordingReply recording ? recording.copy() : null;
        byte[] body = reply.body();
        if (copy == null && (body == null || body.length > StoredAnswer.MAX_BYTES)) {
            return;
        }
        // The queued work must not refer to the context, which holds the caller's connection.
        ChatRequest request = context.request();
        String chain = context.chain().name();
        String caller = context.caller();
        Usage usage = context.usage();
        Target target = by.target();
        long now = clock.millis();
        background.leave(request.body().length + (body == null ? StoredAnswer.MAX_BYTES / 4 : body.length), () -> {
            byte[] document = CacheableAnswer.of(copy, body, request.protocol(), usage);
            String key = document == null ? null : RequestKey.of(request, chain, caller, stale.tools());
            return document == null
                    || key == null
                    || store.keep(key, new StoredAnswer(now, target.name(), target.quality(), document));
        });
    }

    /** True if a call succeeded without a refusal. In a race it need not be the last call of the trail. */
    private static boolean wasGood(List<CallRecord> calls) {
        return calls.stream().anyMatch(call -> call.outcome().equals("OK"));
    }
}
