package io.bactrian.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.TestChains;
import java.net.URI;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ProviderNamesTest {

    @ParameterizedTest
    @CsvSource({
        "https://api.openai.com/v1, openai",
        "https://EU.API.OpenAI.com/v1, openai",
        "https://api.anthropic.com/v1, anthropic",
        "https://api.groq.com/openai/v1, groq",
        "https://mine.openai.azure.com/openai/v1, azure.ai.openai",
        "https://bedrock-runtime.us-east-1.amazonaws.com/openai/v1, aws.bedrock",
        "https://generativelanguage.googleapis.com/v1beta/openai, gcp.gemini",
        "https://europe-west1-aiplatform.googleapis.com/v1, gcp.vertex_ai",
        "https://api.mistral.ai/v1, mistral_ai",
        "https://api.x.ai/v1, x_ai",
        "https://api.deepseek.com, deepseek",
        "https://notopenai.com/v1, mine",
        "https://openai.com.example.org/v1, mine",
        "https://api.netflix.ai/v1, mine",
        "http://localhost:11434/v1, mine",
        "http://[::1]:8000/v1, mine"
    })
    void the_host_says_which_vendor_it_is(String baseUrl, String name) {
        Provider any = TestChains.provider("mine");
        Provider provider = new Provider(
                "mine",
                any.api(),
                URI.create(baseUrl),
                any.keys(),
                any.keyless(),
                any.auth(),
                any.headers(),
                any.query(),
                any.maxConnections(),
                null);

        assertThat(ProviderNames.of(provider)).isEqualTo(name);
    }
}
