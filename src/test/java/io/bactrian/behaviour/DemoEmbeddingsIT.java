package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.openai.client.OpenAIClient;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.SseException;
import com.openai.models.completions.Completion;
import com.openai.models.completions.CompletionChoice;
import com.openai.models.completions.CompletionCreateParams;
import com.openai.models.embeddings.CreateEmbeddingResponse;
import com.openai.models.embeddings.Embedding;
import com.openai.models.embeddings.EmbeddingCreateParams;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.GatewayExtension;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** OpenAI's own SDK asks the simulated providers for embeddings and legacy completions. */
final class DemoEmbeddingsIT {
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

    @AfterEach
    void heal() {
        List.of("openai", "groq").forEach(provider -> fault(provider, "off"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"default", "embeddings", "text-embedding-3-small", "text-embedding-ada-002", "groq/bge-m3"})
    void embeddings_work_out_of_the_box(String model) {
        CreateEmbeddingResponse answer = client.embeddings()
                .create(EmbeddingCreateParams.builder()
                        .model(model)
                        .inputOfArrayOfStrings(
                                List.of("a cat sat on the mat", "the cat on a mat", "interest rates rise"))
                        .build());

        List<List<Float>> vectors =
                answer.data().stream().map(Embedding::embedding).toList();
        assertThat(vectors).hasSize(3).allSatisfy(vector -> assertThat(vector).hasSize(1536));
        assertThat(product(vectors.get(0), vectors.get(0))).isBetween(0.999, 1.001);
        assertThat(product(vectors.get(0), vectors.get(1)))
                .isGreaterThan(product(vectors.get(0), vectors.get(2)) + 0.3);
        assertThat(answer.usage().promptTokens()).isPositive();
    }

    @Test
    void the_other_provider_has_the_same_vectors() {
        EmbeddingCreateParams params = EmbeddingCreateParams.builder()
                .model("text-embedding-3-small")
                .input("Hello")
                .dimensions(64)
                .build();
        List<Float> first = client.embeddings().create(params).data().getFirst().embedding();

        fault("openai", "503");
        List<Float> second =
                client.embeddings().create(params).data().getFirst().embedding();

        assertThat(first).hasSize(64).isEqualTo(second);
    }

    @ParameterizedTest
    @ValueSource(strings = {"429", "500", "garbage", "reset", "cut"})
    void a_fault_is_not_seen(String kind) {
        fault("openai", kind);

        Answer answer =
                gateway.post("/v1/embeddings", "{\"model\":\"default\",\"input\":[\"a\",\"b\"],\"dimensions\":8}");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().path("data")).hasSize(2);
        assertThat(answer.header("x-bactrian-demo")).isEqualTo("true");
        assertThat(answer.trail()).last().isEqualTo("groq/text-embedding-3-small=OK");
    }

    @Test
    void what_the_provider_refuses_is_the_exception_the_sdk_has_for_it() {
        BadRequestException refused = catchThrowableOfType(BadRequestException.class, () -> client.embeddings()
                .create(EmbeddingCreateParams.builder()
                        .model("default")
                        .input("Hello")
                        .dimensions(99_999)
                        .build()));

        assertThat(refused).hasMessageContaining("dimensions");
    }

    @Test
    void a_completion_is_the_same_as_document_and_stream() {
        CompletionCreateParams params = CompletionCreateParams.builder()
                .model("default")
                .prompt("def add(a, b):")
                .build();

        String document =
                client.completions().create(params).choices().getFirst().text();
        List<Completion> chunks = new ArrayList<>();
        try (StreamResponse<Completion> stream = client.completions().createStreaming(params)) {
            stream.stream().forEach(chunks::add);
        }

        assertThat(document).contains("def add(a, b):");
        assertThat(text(chunks)).isEqualTo(document);
        assertThat(chunks.getLast().choices().getFirst().finishReason()).isEqualTo(CompletionChoice.FinishReason.STOP);
    }

    @Test
    void a_completion_that_breaks_off_is_an_exception() {
        fault("openai", "cut&after=5");
        List<Completion> chunks = new ArrayList<>();

        SseException broken = catchThrowableOfType(SseException.class, () -> {
            try (StreamResponse<Completion> stream = client.completions()
                    .createStreaming(CompletionCreateParams.builder()
                            .model("default")
                            .prompt("Once upon a time")
                            .build())) {
                stream.stream().forEach(chunks::add);
            }
        });

        assertThat(broken.code()).contains("stream_broken");
        assertThat(text(chunks)).isEqualTo(" … and so it goes");
    }

    private static String text(List<Completion> chunks) {
        return chunks.stream()
                .flatMap(chunk -> chunk.choices().stream())
                .map(CompletionChoice::text)
                .collect(Collectors.joining());
    }

    private static double product(List<Float> a, List<Float> b) {
        double sum = 0;
        for (int i = 0; i < a.size(); i++) {
            sum += a.get(i) * b.get(i);
        }
        return sum;
    }

    private static void fault(String provider, String kind) {
        assertThat(gateway.post("/demo/" + provider + "/fault?kind=" + kind, "").status())
                .isEqualTo(200);
    }
}
