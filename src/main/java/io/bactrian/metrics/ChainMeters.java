package io.bactrian.metrics;

import io.bactrian.config.Service;
import io.bactrian.request.RequestContext.HedgeResult;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The meters of the requests to one chain, or of all those to models that only callers name. Thread-safe. */
final class ChainMeters {
    private final MeterRegistry registry;
    private final GenAi genAi;
    private final String chain;
    private final Map<String, Map<Outcome, Counter>> requests = new ConcurrentHashMap<>();
    private final Map<Service, Map<String, Answers>> answers = new ConcurrentHashMap<>();
    private final Map<Service, Map<Integer, Timer>> errors = new ConcurrentHashMap<>();
    private final Map<Fallbacks.Step, Counter> fallbacks = new ConcurrentHashMap<>();
    private final Map<String, Counter> degraded = new ConcurrentHashMap<>();
    private final Map<String, Counter> lastResorts = new ConcurrentHashMap<>();
    private final Map<HedgeResult, Counter> hedges = new ConcurrentHashMap<>();

    ChainMeters(MeterRegistry registry, GenAi genAi, String chain) {
        this.registry = registry;
        this.genAi = genAi;
        this.chain = chain;
    }

    /** The ways in which requests end. */
    enum Outcome {
        ANSWERED,
        /** The mistake is the caller's. */
        REFUSED,
        FAILED,
        /** The caller left. */
        CANCELLED;

        String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** The times of the answers of one provider. */
    final class Answers {
        final Timer duration;
        final Lazy<Timer> firstToken;
        final Lazy<Timer> perToken;

        private Answers(Service service, String provider) {
            duration = genAi.request(service, chain, provider, "");
            firstToken = new Lazy<>(() -> genAi.timeToFirstToken(service, chain, provider));
            perToken = new Lazy<>(() -> genAi.timePerOutputToken(service, chain, provider));
        }
    }

    void request(String door, Outcome outcome) {
        Map<Outcome, Counter> ofDoor = requests.get(door);
        if (ofDoor == null) {
            ofDoor = requests.computeIfAbsent(door, d -> new ConcurrentHashMap<>());
        }
        Counter counter = ofDoor.get(outcome);
        if (counter == null) {
            counter = ofDoor.computeIfAbsent(outcome, o -> Counter.builder("bactrian.requests")
                    .description("Requests by outcome")
                    .tags("chain", chain, "door", door, "outcome", o.label())
                    .register(registry));
        }
        counter.increment();
    }

    /** @param provider who answered, as the conventions name it; empty for a last resort */
    Answers answers(Service service, String provider) {
        Map<String, Answers> ofService = answers.get(service);
        if (ofService == null) {
            ofService = answers.computeIfAbsent(service, s -> new ConcurrentHashMap<>());
        }
        Answers of = ofService.get(provider);
        return of == null ? ofService.computeIfAbsent(provider, p -> new Answers(service, p)) : of;
    }

    /** @param status the HTTP status of the response, 400 to 599 */
    Timer error(Service service, int status) {
        return errors.computeIfAbsent(service, s -> new ConcurrentHashMap<>())
                .computeIfAbsent(status, s -> genAi.request(service, chain, "", Integer.toString(s)));
    }

    void fallback(Fallbacks.Step step) {
        fallbacks
                .computeIfAbsent(step, s -> Counter.builder("bactrian.fallbacks")
                        .description("Steps from a candidate that failed or was passed over to the next one asked")
                        .tags("chain", chain, "from", s.from(), "to", s.to(), "class", s.type())
                        .register(registry))
                .increment();
    }

    void degraded(String reason) {
        degraded.computeIfAbsent(reason, r -> Counter.builder("bactrian.degraded")
                        .description("Answers labelled as degraded")
                        .tags("chain", chain, "reason", r)
                        .register(registry))
                .increment();
    }

    /** @param kind {@code stale} or {@code static} */
    void lastResort(String kind) {
        lastResorts
                .computeIfAbsent(kind, k -> Counter.builder("bactrian.last.resorts")
                        .description("Requests answered by an earlier answer or a fixed text, because no target could")
                        .tags("chain", chain, "kind", k)
                        .register(registry))
                .increment();
    }

    void hedge(HedgeResult result) {
        hedges.computeIfAbsent(result, r -> Counter.builder("bactrian.hedges")
                        .description("Second calls beside slow ones")
                        .tags("chain", chain, "result", r.name().toLowerCase(Locale.ROOT))
                        .register(registry))
                .increment();
    }
}
