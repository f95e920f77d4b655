package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.anthropic.client.AnthropicClient;
import com.anthropic.client.okhttp.AnthropicOkHttpClient;
import com.anthropic.models.messages.MessageCreateParams;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import io.bactrian.testing.GatewayExtension;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A caller's own limits as the official SDKs of both vendors understand them. */
final class CallerLimitsSdkIT {
    @RegisterExtension
    static final GatewayExtension gateway = GatewayExtension.with(
                    "camel.server.host=127.0.0.1",
                    "bactrian.server.keys=openai:key-of-openai, anthropic:key-of-anthropic",
                    "bactrian.server.limits.openai.requests-per-minute=1",
                    "bactrian.server.limits.openai.chains=default",
                    "bactrian.server.limits.anthropic.requests-per-minute=1",
                    "bactrian.server.limits.anthropic.chains=default")
            .openai("o")
            .anthropic("a");

    @Test
    void openai_s_sdk_has_an_exception_for_each() {
        OpenAIClient client = OpenAIOkHttpClient.builder()
                .baseUrl(gateway.uri("/v1").toString())
                .apiKey("key-of-openai")
                .maxRetries(0)
                .build();
        com.openai.errors.PermissionDeniedException forbidden = catchThrowableOfType(
                com.openai.errors.PermissionDeniedException.class,
                () -> client.chat().completions().create(openai("o/other")));
        assertThat(forbidden.code()).contains("model_not_allowed");
        assertThat(forbidden).hasMessageContaining("'openai' may ask default only");

        com.openai.errors.RateLimitException tooFast = catchThrowableOfType(
                com.openai.errors.RateLimitException.class,
                () -> client.chat().completions().create(openai("default")));
        assertThat(tooFast.code()).contains("rate_limit_exceeded");
        assertThat(tooFast.type()).contains("requests");
        assertThat(tooFast.headers().values("x-ratelimit-remaining-requests")).containsExactly("0");
        assertThat(tooFast.headers().values("retry-after")).hasSize(1);
        assertThat(gateway.stub("o").calls()).isEmpty();
        client.close();
    }

    @Test
    void anthropic_s_sdk_has_an_exception_for_each() {
        AnthropicClient client = AnthropicOkHttpClient.builder()
                .baseUrl(gateway.uri("").toString())
                .apiKey("key-of-anthropic")
                .maxRetries(0)
                .build();
        com.anthropic.errors.PermissionDeniedException forbidden =
                catchThrowableOfType(com.anthropic.errors.PermissionDeniedException.class, () -> client.messages()
                        .create(anthropic("a/other")));
        assertThat(forbidden).hasMessageContaining("'anthropic' may ask default only");

        com.anthropic.errors.RateLimitException tooFast =
                catchThrowableOfType(com.anthropic.errors.RateLimitException.class, () -> client.messages()
                        .create(anthropic("default")));
        assertThat(tooFast).hasMessageContaining("1 requests a minute");
        assertThat(tooFast.headers().values("anthropic-ratelimit-requests-remaining"))
                .containsExactly("0");
        assertThat(tooFast.headers().values("anthropic-ratelimit-requests-reset"))
                .singleElement()
                .satisfies(reset -> assertThat(Instant.parse(reset)).isAfter(Instant.now()));
        assertThat(gateway.stub("a").calls()).isEmpty();
        client.close();
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
