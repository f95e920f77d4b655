package io.bactrian.behaviour;

import static io.bactrian.testing.AnswerAssertions.assertWhole;
import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.Call;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.Reply;
import io.bactrian.testing.Request;
import io.bactrian.testing.Scene;
import io.bactrian.testing.StubProvider;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Several keys of one provider: used in turn, and one that is refused rests. */
final class KeysIT {
    private static final String FIRST = "sk-first-1234567890abcdef";
    private static final String SECOND = "sk-second-1234567890abcdef";

    private static Scene scene(String api) {
        Scene scene = Scene.with(
                "bactrian.providers.p.keyless=false",
                "bactrian.providers.p.api-key=" + FIRST + ", " + SECOND,
                "bactrian.defaults.backoff=2s",
                "bactrian.defaults.breaker.failures=1");
        return (api.equals("openai") ? scene.openai("p") : scene.anthropic("p"))
                .openai("f")
                .start();
    }

    private static String key(Call call) {
        String bearer = call.header("authorization");
        return bearer == null
                ? Objects.requireNonNullElse(call.header("x-api-key"), "")
                : bearer.substring("Bearer ".length());
    }

    private static Reply only(String good, Call call, ProviderError trouble) {
        return key(call).equals(good) ? Reply.text("the right key") : trouble.reply();
    }

    @ParameterizedTest
    @CsvSource({
        "openai, OPENAI_BAD_KEY, false",
        "openai, OPENAI_BAD_KEY, true",
        "openai, OPENAI_NO_MONEY, true",
        "anthropic, ANTHROPIC_BAD_KEY, false",
        "anthropic, ANTHROPIC_NO_MONEY, true"
    })
    void second_key_is_used_at_once_when_the_first_is_refused_and_the_first_rests(
            String api, ProviderError trouble, boolean stream) {
        try (Scene scene = scene(api)) {
            StubProvider p = scene.stub("p").on(call -> only(SECOND, call, trouble));
            Request ask = Request.of("default").stream(stream);

            List<Answer> answers =
                    IntStream.range(0, 4).mapToObj(i -> scene.ask(ask)).toList();

            assertThat(answers).allSatisfy(a -> assertWhole(a, stream, "the right key"));
            assertThat(answers).allSatisfy(a -> assertThat(a.took()).isLessThan(Duration.ofSeconds(2)));
            // In turn: the bad one is met once, by the first or by the second request.
            assertThat(p.calls().stream().filter(c -> key(c).equals(FIRST))).hasSize(1);
            assertThat(answers.stream().map(Answer::outcomes))
                    .containsOnlyOnce("p=%s, p=OK".formatted(trouble.meaning()))
                    .contains("p=OK");
            assertThat(scene.stub("f").calls()).isEmpty();
            assertThat(scene.gateway()
                            .get("/status")
                            .json()
                            .at("/targets/0/breaker")
                            .asText())
                    .isEqualTo("CLOSED");
        }
    }

    @ParameterizedTest
    @CsvSource({"openai, OPENAI_BAD_KEY", "openai, OPENAI_NO_MONEY", "anthropic, ANTHROPIC_BAD_KEY"})
    void next_target_answers_when_both_keys_are_dead(String api, ProviderError trouble) {
        try (Scene scene = scene(api)) {
            scene.stub("p").answers(trouble.reply());

            Answer first = scene.ask(Request.of("default"));
            Answer second = scene.ask(Request.of("default"));
            Answer otherModel = scene.ask(Request.of("p/other"));

            assertThat(first.outcomes()).isEqualTo("p=%1$s, p=%1$s, f=OK".formatted(trouble.meaning()));
            assertThat(first.took()).isLessThan(Duration.ofSeconds(2));
            assertThat(scene.stub("p").calls().stream().map(KeysIT::key)).containsExactlyInAnyOrder(FIRST, SECOND);
            assertThat(second.outcomes()).isEqualTo("f=OK");
            assertThat(second.header("x-bactrian-skipped")).isEqualTo("p/model-p=COOLING");
            assertThat(otherModel.status()).isEqualTo(503);
            assertThat(otherModel.outcomes()).isEmpty();
            assertThat(first.text() + second.text() + otherModel.text()).doesNotContain("sk-first", "sk-second");
            assertThat(scene.gateway()
                            .get("/status")
                            .json()
                            .at("/targets/0/breaker")
                            .asText())
                    .isEqualTo("CLOSED");
        }
    }

    @Test
    void keys_take_turns_while_both_are_well() {
        try (Scene scene = scene("openai")) {
            IntStream.range(0, 4).forEach(i -> scene.ask(Request.of("default")));

            List<String> used =
                    scene.stub("p").calls().stream().map(KeysIT::key).toList();
            assertThat(Set.copyOf(used)).containsExactlyInAnyOrder(FIRST, SECOND);
            assertThat(used.get(0)).isEqualTo(used.get(2)).isNotEqualTo(used.get(1));
        }
    }
}
