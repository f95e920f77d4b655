package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.openai.client.OpenAIClient;
import com.openai.core.http.HttpResponseFor;
import com.openai.errors.NotFoundException;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.models.Model;
import io.bactrian.testing.GatewayExtension;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** OpenAI's own SDK before the simulated providers: the first speaks Anthropic Messages, the others Chat Completions. */
final class DemoSdkIT {
    private static final List<String> PROVIDERS = List.of("anthropic", "openai", "groq");

    @RegisterExtension
    static final GatewayExtension gateway = GatewayExtension.with(
            "bactrian.demo=on", "bactrian.defaults.backoff=20ms", "bactrian.defaults.breaker.failures=1000");

    private static OpenAIClient client;

    @BeforeAll
    static void connect() {
        client = OpenAiSdk.client(gateway.uri("/v1"));
    }

    @AfterAll
    static void stop() {
        client.close();
    }

    @BeforeEach
    void all_are_well() {
        PROVIDERS.forEach(p -> fault(p, "off"));
    }

    @Test
    void pinned_models_answer_stream_and_call_tools() {
        together(Stream.of("anthropic/claude-sonnet-5-5", "openai/gpt-6.1-terra", "groq/openai/gpt-oss-120b")
                .map(model -> () -> answers_streams_and_calls_tools(model, model)));
    }

    @ParameterizedTest
    @CsvSource({"anthropic, openai/gpt-6.1-terra", "anthropic openai, groq/openai/gpt-oss-120b"})
    void the_next_one_answers_streams_and_calls_tools_while_those_before_it_are_down(String down, String answering) {
        for (String provider : down.split(" ")) {
            fault(provider, "503");
        }
        answers_streams_and_calls_tools("default", answering);
    }

    @Test
    void a_conversation_goes_on_at_the_next_provider_with_the_tool_call_of_the_first() {
        ChatCompletion asked =
                client.chat().completions().create(OpenAiSdk.withTool("default").build());
        assertThat(asked.model()).startsWith("claude");

        fault("anthropic", "503");
        ChatCompletion answer = client.chat().completions().create(OpenAiSdk.withResult("default", asked));

        assertThat(answer.model()).startsWith("gpt-6.1");
        assertThat(OpenAiSdk.words(answer)).contains("the tool has answered: \"4 degrees, rain\"");
    }

    @Test
    void all_models_are_listed() {
        assertThat(client.models().list().items())
                .extracting(Model::id)
                .contains("default", "anthropic/claude-sonnet-5-5", "openai/gpt-6.1-terra", "groq/openai/gpt-oss-120b");
        assertThat(client.models().retrieve("default").id()).isEqualTo("default");
    }

    @Test
    void an_unknown_model_is_the_exception_the_sdk_has_for_it() {
        NotFoundException refused = catchThrowableOfType(
                NotFoundException.class, () -> client.chat().completions().create(OpenAiSdk.question("no-such-model")));

        assertThat(refused.code()).contains("model_not_found");
        assertThat(refused.param()).contains("model");
        assertThat(refused).hasMessageContaining("There is: default");
    }

    private static void answers_streams_and_calls_tools(String model, String by) {
        together(Stream.of(
                () -> answers(model, by),
                () -> streams(model),
                () -> calls_a_tool(model),
                () -> streams_a_tool_call(model)));
    }

    private static void together(Stream<Runnable> all) {
        all.map(each -> CompletableFuture.runAsync(each, Thread::startVirtualThread))
                .toList()
                .forEach(CompletableFuture::join);
    }

    private static void answers(String model, String by) {
        try (HttpResponseFor<ChatCompletion> response =
                client.chat().completions().withRawResponse().create(OpenAiSdk.question(model))) {
            assertThat(response.headers().values("x-bactrian-target")).containsExactly(by);
            assertThat(response.headers().values("x-bactrian-demo")).containsExactly("true");
            ChatCompletion answer = response.parse().validate();
            assertThat(OpenAiSdk.words(answer))
                    .startsWith("Hello!")
                    .contains(OpenAiSdk.QUESTION)
                    .endsWith("instead.");
            assertThat(answer.choices().getFirst().finishReason()).isEqualTo(ChatCompletion.Choice.FinishReason.STOP);
            assertThat(answer.usage()).hasValueSatisfying(u -> {
                assertThat(u.promptTokens()).isPositive();
                assertThat(u.completionTokens()).isPositive();
                assertThat(u.totalTokens()).isEqualTo(u.promptTokens() + u.completionTokens());
            });
        }
    }

    private static void streams(String model) {
        ChatCompletion answer = OpenAiSdk.accumulated(client, OpenAiSdk.withUsage(model));

        assertThat(OpenAiSdk.words(answer))
                .startsWith("Hello!")
                .contains(OpenAiSdk.QUESTION)
                .endsWith("instead.");
        assertThat(answer.choices().getFirst().finishReason()).isEqualTo(ChatCompletion.Choice.FinishReason.STOP);
        assertThat(answer.usage())
                .hasValueSatisfying(u -> assertThat(u.completionTokens()).isPositive());
    }

    private static void calls_a_tool(String model) {
        ChatCompletion asked =
                client.chat().completions().create(OpenAiSdk.withTool(model).build());
        assertThat(OpenAiSdk.arguments(asked).path("city").isTextual()).isTrue();

        ChatCompletion answer = client.chat().completions().create(OpenAiSdk.withResult(model, asked));

        assertThat(OpenAiSdk.words(answer)).contains("the tool has answered: \"4 degrees, rain\"");
        assertThat(answer.choices().getFirst().finishReason()).isEqualTo(ChatCompletion.Choice.FinishReason.STOP);
    }

    private static void streams_a_tool_call(String model) {
        ChatCompletion asked =
                OpenAiSdk.accumulated(client, OpenAiSdk.withTool(model).build());
        assertThat(OpenAiSdk.arguments(asked).path("city").isTextual()).isTrue();

        assertThat(OpenAiSdk.words(OpenAiSdk.accumulated(client, OpenAiSdk.withResult(model, asked))))
                .contains("the tool has answered: \"4 degrees, rain\"");
    }

    private static void fault(String provider, String kind) {
        assertThat(gateway.post("/demo/" + provider + "/fault?kind=" + kind, "").status())
                .isEqualTo(200);
    }
}
