package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.anthropic.client.AnthropicClient;
import com.anthropic.client.okhttp.AnthropicOkHttpClient;
import com.anthropic.models.messages.MessageCreateParams;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import io.bactrian.testing.Gateway;
import io.bactrian.testing.StubProvider;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A caller's own limits as the official SDKs of both vendors understand them. */
final class CallerLimitsSdkIT {
    private static final String[] LINES = {
        "camel.server.host=127.0.0.1",
        "bactrian.server.keys=once:key-of-once",
        "bactrian.server.limits.once.requests-per-minute=1",
        "bactrian.server.limits.once.chains=default"
    };

    @Test
    void openai_s_sdk_has_an_exception_for_each() {
        try (StubProvider o = StubProvider.openai();
                Gateway gateway = Gateway.over(Map.of("o", o), LINES)) {
            OpenAIClient client = OpenAIOkHttpClient.builder()
                    .baseUrl(gateway.uri("/v1").toString())
                    .apiKey("key-of-once")
                    .maxRetries(0)
                    .build();
            com.openai.errors.PermissionDeniedException forbidden = catchThrowableOfType(
                    com.openai.errors.PermissionDeniedException.class,
                    () -> client.chat().completions().create(openai("o/other")));
            assertThat(forbidden.code()).contains("model_not_allowed");
            assertThat(forbidden).hasMessageContaining("'once' may ask default only");

            com.openai.errors.RateLimitException tooFast = catchThrowableOfType(
                    com.openai.errors.RateLimitException.class,
                    () -> client.chat().completions().create(openai("default")));
            assertThat(tooFast.code()).contains("rate_limit_exceeded");
            assertThat(tooFast.type()).contains("requests");
            assertThat(tooFast.headers().values("x-ratelimit-remaining-requests"))
                    .containsExactly("0");
            assertThat(tooFast.headers().values("retry-after")).hasSize(1);
            assertThat(o.calls()).isEmpty();
            client.close();
        }
    }

    @Test
    void anthropic_s_sdk_has_an_exception_for_each() {
        try (StubProvider a = StubProvider.anthropic();
                Gateway gateway = Gateway.over(Map.of("a", a), LINES)) {
            AnthropicClient client = AnthropicOkHttpClient.builder()
                    .baseUrl(gateway.uri("").toString())
                    .apiKey("key-of-once")
                    .maxRetries(0)
                    .build();
            com.anthropic.errors.PermissionDeniedException forbidden =
                    catchThrowableOfType(com.anthropic.errors.PermissionDeniedException.class, () -> client.messages()
                            .create(anthropic("a/other")));
            assertThat(forbidden).hasMessageContaining("'once' may ask default only");

            com.anthropic.errors.RateLimitException tooFast =
                    catchThrowableOfType(com.anthropic.errors.RateLimitException.class, () -> client.messages()
                            .create(anthropic("default")));
            assertThat(tooFast).hasMessageContaining("1 requests a minute");
            assertThat(tooFast.headers().values("anthropic-ratelimit-requests-remaining"))
                    .containsExactly("0");
            assertThat(tooFast.headers().values("anthropic-ratelimit-requests-reset"))
                    .singleElement()
                    .satisfies(reset -> assertThat(Instant.parse(reset)).isAfter(Instant.now()));
            assertThat(a.calls()).isEmpty();
            client.close();
        }
    }

    private static ChatCompletionCreateParams openai(String model) {
        return ChatCompletionCreateParams.builder()
                .model(model)
                .addUserMessage("Hi")
                .build();
    }

    private static MessageCreateParams anthropic(String model) {
        return MessageCreateParams.builder()
                .model(model)
                .maxTokens(10)
                .addUserMessage("Hi")
                .build();
    }
}
