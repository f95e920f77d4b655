package io.bactrian.metrics;

import io.bactrian.config.Service;
import io.bactrian.policy.FailureClass;
import io.bactrian.protocol.Usage;
import io.micrometer.core.instrument.Timer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** The conventions' meters of the calls to one model at one provider, for one service. Thread-safe. */
final class ModelMeters {
    private final GenAi genAi;
    private final Service service;
    private final String provider;
    private final String model;
    private final Timer answered;
    private final Map<FailureClass, Timer> failed = new ConcurrentHashMap<>();
    private final Lazy<Timer> firstChunk;
    private final Lazy<GenAi.Tokens> input;
    private final Lazy<GenAi.Tokens> output;

    ModelMeters(GenAi genAi, Service service, String provider, String model) {
        this.genAi = genAi;
        this.service = service;
        this.provider = provider;
        this.model = model;
        this.answered = genAi.call(service, provider, model, null);
        this.firstChunk = new Lazy<>(() -> genAi.timeToFirstChunk(service, provider, model));
        this.input = new Lazy<>(() -> genAi.tokens(service, provider, model, true));
        this.output = new Lazy<>(() -> genAi.tokens(service, provider, model, false));
    }

    void answered(long millis) {
        answered.record(millis, TimeUnit.MILLISECONDS);
    }

    void failed(FailureClass type, long millis) {
        failed.computeIfAbsent(type, t -> genAi.call(service, provider, model, t))
                .record(millis, TimeUnit.MILLISECONDS);
    }

    void firstChunk(long millis) {
        firstChunk.get().record(millis, TimeUnit.MILLISECONDS);
    }

    void spent(Usage usage) {
        // Of a call that broke off before its provider counted them they are unknown, and no zero among the others.
        if (usage.prompt() > 0) {
            input.get().record(usage.prompt());
        }
        if (service != Service.EMBEDDINGS) {
            output.get().record(usage.completion());
        }
    }
}
