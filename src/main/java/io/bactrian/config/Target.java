package io.bactrian.config;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One model at one provider ({@code bactrian.targets.<name>}). Immutable.
 *
 * @param name the configured name, or {@code provider/model} where it has none
 * @param body JSON values merged into every request
 * @param maxTokens sent when the caller names none and the protocol demands one
 * @param thinks whether the model reasons before it answers
 * @param quality 0..1
 * @param contextTokens the window in tokens, null if unknown
 * @param maxOutputTokens the longest answer in tokens, null if unknown
 * @param supports what it can do
 * @param priceInput US dollars per million tokens, null if unknown
 * @param priceOutput US dollars per million tokens, null if unknown
 * @param service what the model is asked for; {@link Service#CHAT} in the configuration
 */
public record Target(
        String name,
        Provider provider,
        String model,
        Map<String, JsonNode> body,
        int maxTokens,
        boolean thinks,
        double quality,
        @Nullable Integer contextTokens,
        @Nullable Integer maxOutputTokens,
        Set<Feature> supports,
        @Nullable Double priceInput,
        @Nullable Double priceOutput,
        Service service) {
    private static final double MILLION = 1_000_000;

    public Target {
        body = Map.copyOf(body);
        supports = Set.copyOf(supports);
    }

    public Target(
            String name,
            Provider provider,
            String model,
            Map<String, JsonNode> body,
            int maxTokens,
            boolean thinks,
            double quality,
            @Nullable Integer contextTokens,
            @Nullable Integer maxOutputTokens,
            Set<Feature> supports,
            @Nullable Double priceInput,
            @Nullable Double priceOutput) {
        this(
                name,
                provider,
                model,
                body,
                maxTokens,
                thinks,
                quality,
                contextTokens,
                maxOutputTokens,
                supports,
                priceInput,
                priceOutput,
                Service.CHAT);
    }

    /** Whether a price is known. */
    public boolean isPriced() {
        return priceInput != null || priceOutput != null;
    }

    /** The cost of these tokens in US dollars; a price that is unknown counts as 0. */
    public double dollars(long prompt, long completion) {
        return (prompt * orZero(priceInput) + completion * orZero(priceOutput)) / MILLION;
    }

    private static double orZero(@Nullable Double price) {
        return price == null ? 0 : price;
    }

    /** The same target, asked for another service. */
    public Target at(Service other) {
        return service == other
                ? this
                : new Target(
                        name,
                        provider,
                        model,
                        body,
                        maxTokens,
                        thinks,
                        quality,
                        contextTokens,
                        maxOutputTokens,
                        supports,
                        priceInput,
                        priceOutput,
                        other);
    }

    /**
     * What breaker, cooling and health belong to: every name for the same provider and model shares them, for each service. A
     * chat model that is asked for vectors by mistake must not rest for chat. A provider that was changed is another one. Never
     * shown.
     */
    public String key() {
        String chat = provider.identity() + "/" + model;
        return service == Service.CHAT ? chat : chat + "?" + service.label();
    }

    public boolean supports(Feature feature) {
        return supports.contains(feature);
    }
}
