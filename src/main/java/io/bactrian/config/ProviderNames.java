package io.bactrian.config;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The names that OpenTelemetry's conventions fix for providers ({@code gen_ai.provider.name}), known by the host of the base URL.
 * Stateless.
 */
public final class ProviderNames {
    /** The end of a host, and the name; the more special one comes first. */
    private static final List<List<String>> BY_HOST = List.of(
            List.of(".openai.azure.com", "azure.ai.openai"),
            List.of(".cognitiveservices.azure.com", "azure.ai.openai"),
            List.of(".services.ai.azure.com", "azure.ai.inference"),
            List.of(".inference.ai.azure.com", "azure.ai.inference"),
            List.of("aiplatform.googleapis.com", "gcp.vertex_ai"),
            List.of("generativelanguage.googleapis.com", "gcp.gemini"),
            List.of(".ml.cloud.ibm.com", "ibm.watsonx.ai"),
            List.of(".openai.com", "openai"),
            List.of(".anthropic.com", "anthropic"),
            List.of(".groq.com", "groq"),
            List.of(".mistral.ai", "mistral_ai"),
            List.of(".x.ai", "x_ai"),
            List.of(".deepseek.com", "deepseek"),
            List.of(".cohere.com", "cohere"),
            List.of(".cohere.ai", "cohere"),
            List.of(".perplexity.ai", "perplexity"));

    private ProviderNames() {}

    /** The name that the conventions fix for the provider's host, else the configured one. */
    public static String of(Provider provider) {
        @Nullable String host = provider.baseUrl().getHost();
        String known = host == null ? null : byHost(host.toLowerCase(Locale.ROOT));
        return known == null ? provider.name() : known;
    }

    private static @Nullable String byHost(String host) {
        if (host.startsWith("bedrock") && host.endsWith(".amazonaws.com")) {
            return "aws.bedrock";
        }
        for (List<String> row : BY_HOST) {
            if (host.endsWith(row.getFirst()) || ("." + host).equals(row.getFirst())) {
                return row.getLast();
            }
        }
        return null;
    }
}
