package io.bactrian.trace;

import io.bactrian.config.Provider;
import java.util.Locale;
import java.util.Map;

/** The values of {@code gen_ai.provider.name}: vendors by the host of a provider's base URL. Stateless. */
final class Vendors {
    private static final Map<String, String> BY_DOMAIN = Map.ofEntries(
            Map.entry("openai.com", "openai"),
            Map.entry("openai.azure.com", "azure.ai.openai"),
            Map.entry("inference.ai.azure.com", "azure.ai.inference"),
            Map.entry("anthropic.com", "anthropic"),
            Map.entry("amazonaws.com", "aws.bedrock"),
            Map.entry("generativelanguage.googleapis.com", "gcp.gemini"),
            Map.entry("aiplatform.googleapis.com", "gcp.vertex_ai"),
            Map.entry("groq.com", "groq"),
            Map.entry("mistral.ai", "mistral_ai"),
            Map.entry("deepseek.com", "deepseek"),
            Map.entry("x.ai", "x_ai"),
            Map.entry("cohere.com", "cohere"),
            Map.entry("cohere.ai", "cohere"),
            Map.entry("perplexity.ai", "perplexity"));

    private Vendors() {}

    /** The vendor at a provider's address; the provider's configured name where it is none of those that have one. */
    static String name(Provider provider) {
        String host = provider.baseUrl().getHost();
        String domain = host == null ? "" : host.toLowerCase(Locale.ROOT);
        while (!domain.isEmpty()) {
            String vendor = BY_DOMAIN.get(domain);
            if (vendor != null) {
                return vendor;
            }
            domain = domain.substring(domain.indexOf('.') < 0 ? domain.length() : domain.indexOf('.') + 1);
        }
        return provider.name();
    }
}
