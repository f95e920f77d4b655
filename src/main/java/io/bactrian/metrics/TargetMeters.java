package io.bactrian.metrics;

import io.bactrian.config.ProviderNames;
import io.bactrian.config.Service;
import io.bactrian.config.Target;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import io.bactrian.protocol.Usage;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The meters of one target, or of all models at a provider that only callers name. Thread-safe. */
public final class TargetMeters {
    private static final String OK = "OK";
    private static final int MOST_REASONS = 40;

    private final MeterRegistry registry;
    private final GenAi genAi;
    private final String target;
    private final String provider;
    private final String model;
    private final Map<Service, ModelMeters> models = new ConcurrentHashMap<>();
    private final Map<String, Counter> attempts = new ConcurrentHashMap<>();
    private final Map<String, Counter> skipped = new ConcurrentHashMap<>();
    private final Map<String, Counter> drills = new ConcurrentHashMap<>();
    private final Map<String, Counter> probes = new ConcurrentHashMap<>();
    private final Map<String, Counter> costs = new ConcurrentHashMap<>();
    private final Lazy<Counter> malformed;
    private final Lazy<Timer> probeDuration;
    private final RecentDurations durations = new RecentDurations();
    private final LongAdder prompt = new LongAdder();
    private final LongAdder completion = new LongAdder();
    private volatile Meters.@Nullable LastFailure lastFailure;

    /**
     * The meters under these labels.
     *
     * @param provider as the conventions name it
     */
    TargetMeters(MeterRegistry registry, GenAi genAi, String target, String provider, String model) {
        this.registry = registry;
        this.genAi = genAi;
        this.target = target;
        this.provider = provider;
        this.model = model;
        this.malformed = new Lazy<>(() -> Counter.builder("bactrian.malformed.events")
                .description("Events of providers' streams that were not JSON and were skipped")
                .tags("target", target)
                .register(registry));
        this.probeDuration = new Lazy<>(() -> Timer.builder("bactrian.probe.duration")
                .description("Probes of the health monitor")
                .tags("target", target)
                .serviceLevelObjectives(Buckets.DURATION)
                .register(registry));
    }

    /** Goes on with the counts of the target as it was before a reload, whose labels are the same but for its model. */
    void goOnFrom(TargetMeters before) {
        attempts.putAll(before.attempts);
        skipped.putAll(before.skipped);
        drills.putAll(before.drills);
        probes.putAll(before.probes);
        costs.putAll(before.costs);
        prompt.add(before.prompt.sum());
        completion.add(before.completion.sum());
        lastFailure = before.lastFailure;
    }

    /** True if these are the meters under the labels that the target has in a new configuration. */
    boolean fits(GenAi changed, Target configured) {
        return genAi.equals(changed)
                && target.equals(configured.name())
                && provider.equals(ProviderNames.of(configured.provider()))
                && model.equals(configured.model());
    }

    /** The provider as the conventions name it. */
    String provider() {
        return provider;
    }

    private static Counter of(Map<String, Counter> counters, String key, Function<String, Counter> create) {
        Counter counter = counters.get(key);
        return counter == null ? counters.computeIfAbsent(key, create) : counter;
    }

    private ModelMeters model(Service service) {
        ModelMeters meters = models.get(service);
        return meters == null
                ? models.computeIfAbsent(service, s -> new ModelMeters(genAi, s, provider, model))
                : meters;
    }

    private Counter attempts(String type) {
        return of(attempts, type, t -> Counter.builder("bactrian.attempts")
                .description("Calls to providers by their outcome: OK, or the class of the failure")
                .tags("target", target, "class", t)
                .register(registry));
    }

    void answered(Service service, long millis, long now) {
        attempts(OK).increment();
        model(service).answered(millis);
        durations.add(millis, now);
    }

    void failed(Service service, Failure failure, long millis, long now) {
        attempts(failure.type().name()).increment();
        model(service).failed(failure.type(), millis);
        if (failure.type() != FailureClass.CANCELLED) {
            lastFailure = new Meters.LastFailure(failure, now);
        }
    }

    void firstToken(Service service, long millis) {
        model(service).firstChunk(millis);
    }

    void spent(Service service, Usage usage) {
        prompt.add(usage.prompt());
        completion.add(usage.completion());
        model(service).spent(usage);
    }

    /** @param call what became of the call: answered, failed, cancelled or probe */
    void cost(String call, double dollars) {
        of(costs, call, c -> Counter.builder("bactrian.cost")
                        .description("Cost of calls to providers, where prices are configured")
                        .baseUnit("dollars")
                        .tags("target", target, "call", c)
                        .register(registry))
                .increment(dollars);
    }

    /** @param reason as in {@code x-bactrian-skipped} */
    void skipped(String reason) {
        String known = skipped.containsKey(reason) || skipped.size() < MOST_REASONS ? reason : Meters.OTHER;
        of(skipped, known, r -> Counter.builder("bactrian.skipped")
                        .description("Requests that passed the target over without a call")
                        .tags("target", target, "reason", r)
                        .register(registry))
                .increment();
    }

    void drilled(String fault) {
        of(drills, fault, f -> Counter.builder("bactrian.drills")
                        .description("Calls that a drill failed in place of the provider")
                        .tags("target", target, "fault", f)
                        .register(registry))
                .increment();
    }

    void malformed() {
        malformed.get().increment();
    }

    void probed(String result, long millis) {
        probeDuration.get().record(millis, TimeUnit.MILLISECONDS);
        of(probes, result, r -> Counter.builder("bactrian.probes")
                        .description("Probes of the health monitor by their outcome: OK, or the class of the failure")
                        .tags("target", target, "result", r)
                        .register(registry))
                .increment();
    }

    /** The number of calls that answered. */
    public long answers() {
        Counter ok = attempts.get(OK);
        return ok == null ? 0 : (long) ok.count();
    }

    /** The number of failed calls by class, without the cancelled ones. */
    public Map<FailureClass, Long> failures() {
        Map<FailureClass, Long> failures = new EnumMap<>(FailureClass.class);
        attempts.forEach((type, counter) -> {
            if (!type.equals(OK) && !type.equals(FailureClass.CANCELLED.name())) {
                failures.put(FailureClass.valueOf(type), (long) counter.count());
            }
        });
        return failures;
    }

    /** The durations of the recent calls that answered, until the whole answer. */
    public RecentDurations durations() {
        return durations;
    }

    /** The tokens of all calls, whatever their outcome. */
    public Usage tokens() {
        return new Usage(prompt.sum(), completion.sum());
    }

    /** The cost of all calls in US dollars; 0 if prices are unknown. */
    public double dollars() {
        return costs.values().stream().mapToDouble(Counter::count).sum();
    }

    /** The last failure; null if there was none. */
    public Meters.@Nullable LastFailure lastFailure() {
        return lastFailure;
    }
}
