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
        @Nullable Double priceOutput) {

    public Target {
        body = Map.copyOf(body);
        supports = Set.copyOf(supports);
    }

    /**
     * What breaker, cooling and health belong to: every name for the same provider and model shares them. A provider that was
     * changed is another one. Never shown.
     */
    public String key() {
        return provider.identity() + "/" + model;
    }

    public boolean supports(Feature feature) {
        return supports.contains(feature);
    }
}
