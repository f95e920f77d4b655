package io.bactrian.behaviour;

import static io.bactrian.testing.AnswerAssertions.assertWhole;
import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.Call;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.Reply;
import io.bactrian.testing.Request;
import io.bactrian.testing.StubProvider;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Several keys of one provider: used in turn, and one that is refused rests. */
final class KeysIT {
    private static final String FIRST = "sk-first-1234567890abcdef";
    private static final String SECOND = "sk-second-1234567890abcdef";

    /** Less than the wait before another try. */
    private static final Duration AT_ONCE = Duration.ofSeconds(4);

    /** A key that is refused rests, so every test has a provider of its own. */
    private static final List<String> OPENAI = List.of("o1", "o2", "o3", "o4", "o5", "o6");

    private static final List<String> ANTHROPIC = List.of("a1", "a2", "a3");

    @RegisterExtension
    static final GatewayExtension gateway = GatewayExtension.with(
                    "bactrian.defaults.backoff=10s", "bactrian.defaults.breaker.failures=1")
            .openai(OPENAI.toArray(String[]::new))
            .anthropic(ANTHROPIC.toArray(String[]::new))
            .openai("f")
            .and(Stream.of(OPENAI, ANTHROPIC)
                    .flatMap(List::stream)
                    .map("bactrian.providers.%1$s.keyless=false\nbactrian.providers.%1$s.api-key="::formatted)
                    .map(lines -> lines + FIRST + ", " + SECOND)
                    .toArray(String[]::new));

    private static int openai;
    private static int anthropic;

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
        String name = provider(api);
        StubProvider p = gateway.stub(name).on(call -> only(SECOND, call, trouble));
        Request request = Request.of(name + "/model-" + name).fallbacks("f/model-f").stream(stream);

        List<Answer> answers =
                IntStream.range(0, 4).mapToObj(i -> gateway.ask(request)).toList();

        assertThat(answers).allSatisfy(a -> assertWhole(a, stream, "the right key"));
        assertThat(answers).allSatisfy(a -> assertThat(a.took()).isLessThan(AT_ONCE));
        // In turn: the bad one is met once, by the first or by the second request.
        assertThat(p.calls().stream().filter(c -> key(c).equals(FIRST))).hasSize(1);
        assertThat(answers.stream().map(Answer::outcomes))
                .containsOnlyOnce("%1$s=%2$s, %1$s=OK".formatted(name, trouble.meaning()))
                .contains(name + "=OK");
        assertThat(gateway.stub("f").calls()).isEmpty();
        assertThat(gateway.status(name + "/model-" + name).path("breaker").asText())
                .isEqualTo("CLOSED");
    }

    @ParameterizedTest
    @CsvSource({"openai, OPENAI_BAD_KEY", "openai, OPENAI_NO_MONEY", "anthropic, ANTHROPIC_BAD_KEY"})
    void next_target_answers_when_both_keys_are_dead(String api, ProviderError trouble) {
        String name = provider(api);
        gateway.stub(name).answers(trouble.reply());
        Request request = Request.of(name + "/model-" + name).fallbacks("f/model-f");

        Answer first = gateway.ask(request);
        Answer second = gateway.ask(request);
        Answer otherModel = gateway.ask(Request.of(name + "/other"));

        assertThat(first.outcomes()).isEqualTo("%1$s=%2$s, %1$s=%2$s, f=OK".formatted(name, trouble.meaning()));
        assertThat(first.took()).isLessThan(AT_ONCE);
        assertThat(gateway.stub(name).calls().stream().map(KeysIT::key)).containsExactlyInAnyOrder(FIRST, SECOND);
        assertThat(second.outcomes()).isEqualTo("f=OK");
        assertThat(second.header("x-bactrian-skipped")).isEqualTo(name + "/model-" + name + "=COOLING");
        assertThat(otherModel.status()).isEqualTo(503);
        assertThat(otherModel.outcomes()).isEmpty();
        assertThat(first.text() + second.text() + otherModel.text()).doesNotContain("sk-first", "sk-second");
        assertThat(gateway.status(name + "/model-" + name).path("breaker").asText())
                .isEqualTo("CLOSED");
    }

    @Test
    void keys_take_turns_while_both_are_well() {
        String name = provider("openai");
        Request request = gateway.along(name);
        IntStream.range(0, 4).forEach(i -> gateway.ask(request));

        List<String> used = gateway.stub(name).calls().stream().map(KeysIT::key).toList();
        assertThat(Set.copyOf(used)).containsExactlyInAnyOrder(FIRST, SECOND);
        assertThat(used.get(0)).isEqualTo(used.get(2)).isNotEqualTo(used.get(1));
    }

    private static String provider(String api) {
        return api.equals("openai") ? OPENAI.get(openai++) : ANTHROPIC.get(anthropic++);
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
}
