package io.bactrian.metrics;

import io.bactrian.config.GenAiNames;
import io.bactrian.config.Service;
import io.bactrian.policy.FailureClass;
import io.bactrian.trace.Names;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The meters that OpenTelemetry's GenAI conventions name, in the version that is configured. Every meter of a name has the same
 * labels: {@code error.type} is empty for a success. Thread-safe.
 */
record GenAi(MeterRegistry registry, GenAiNames names) {
    static final String PREFIX = "gen_ai.";
    static final String OPERATION = "gen_ai.operation.name";
    static final String PROVIDER = "gen_ai.provider.name";
    static final String MODEL = "gen_ai.request.model";
    static final String TOKEN_TYPE = "gen_ai.token.type";
    static final String MODALITY = "gen_ai.token.modality";
    static final String ERROR = "error.type";

    /** @param error empty for an answer, else the HTTP status of the response */
    Timer request(Service service, String chain, String provider, String error) {
        return timer(
                "gen_ai.server.request.duration",
                "Requests as their callers saw them, from their arrival to the end of the answer",
                tags(service, provider).and("chain", chain, ERROR, error),
                Buckets.DURATION);
    }

    Timer timeToFirstToken(Service service, String chain, String provider) {
        return timer(
                "gen_ai.server.time_to_first_token",
                "Streamed requests, from their arrival until the first content was sent",
                tags(service, provider).and("chain", chain),
                Buckets.FIRST_TOKEN);
    }

    Timer timePerOutputToken(Service service, String chain, String provider) {
        return timer(
                "gen_ai.server.time_per_output_token",
                "Time for each token of a streamed answer after the first",
                tags(service, provider).and("chain", chain),
                Buckets.PER_TOKEN);
    }

    /** @param error the class of the failure; null for a success */
    Timer call(Service service, String provider, String model, @Nullable FailureClass error) {
        boolean inference = isNew() && service != Service.EMBEDDINGS;
        return timer(
                inference ? "gen_ai.client.inference.duration" : "gen_ai.client.operation.duration",
                "Calls to providers until their end, failed and cancelled ones included",
                tags(service, provider).and(MODEL, model, ERROR, error == null ? "" : error.name()),
                Buckets.DURATION);
    }

    Timer timeToFirstChunk(Service service, String provider, String model) {
        return timer(
                isNew() ? "gen_ai.client.inference.time_to_first_chunk" : "gen_ai.client.operation.time_to_first_chunk",
                "Streamed calls to providers until their first content",
                tags(service, provider).and(MODEL, model),
                Buckets.FIRST_TOKEN);
    }

    /** Takes the tokens of a kind that calls to a model have read or written. */
    Tokens tokens(Service service, String provider, String model, boolean input) {
        Tags of = tags(service, provider).and(MODEL, model);
        if (!isNew()) {
            return new Tokens(
                    tokens(
                            "gen_ai.client.token.usage",
                            "Tokens of one call to a provider",
                            of.and(TOKEN_TYPE, input ? "input" : "output")),
                    null);
        }
        String kind = (input ? "input" : "output") + "_tokens";
        String words = input ? "Tokens read" : "Tokens written";
        return new Tokens(
                tokens("gen_ai.client.inference.operation." + kind, words + " by one call to a provider", of),
                Counter.builder("gen_ai.client.inference.usage." + kind)
                        .description(words + " by calls to providers")
                        .tags(of.and(MODALITY, "text"))
                        .register(registry));
    }

    /**
     * The meters of one kind of tokens.
     *
     * @param sum null where the conventions have no counter
     */
    record Tokens(DistributionSummary each, @Nullable Counter sum) {

        void record(long tokens) {
            each.record(tokens);
            if (sum != null) {
                sum.increment(tokens);
            }
        }
    }

    private boolean isNew() {
        return names == GenAiNames.V0_1;
    }

    private static Tags tags(Service service, String provider) {
        return Tags.of(OPERATION, Names.operation(service), PROVIDER, provider);
    }

    private Timer timer(String name, String description, Tags tags, Duration[] buckets) {
        return Timer.builder(name)
                .description(description)
                .tags(tags)
                .serviceLevelObjectives(buckets)
                .register(registry);
    }

    private DistributionSummary tokens(String name, String description, Tags tags) {
        return DistributionSummary.builder(name)
                .description(description)
                .tags(tags)
                .serviceLevelObjectives(Buckets.TOKENS)
                .register(registry);
    }
}
