package io.bactrian.behaviour;

import static io.bactrian.testing.AnswerAssertions.assertWhole;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.testing.Call;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.Mode;
import io.bactrian.testing.ModelReply;
import io.bactrian.testing.Reply;
import io.bactrian.testing.Request;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Keys that are limited rest before and after a provider says so, each for the model that it was limited for. */
final class KeyPoolIT {
    private static final String FIRST = "sk-first-1234567890abcdef";
    private static final String SECOND = "sk-second-1234567890abcdef";
    /** Less than the wait before another try. */
    private static final Duration AT_ONCE = Duration.ofSeconds(4);

    private static final String BOTH = FIRST + ", " + SECOND;

    @RegisterExtension
    static final GatewayExtension gateway = GatewayExtension.with("bactrian.defaults.backoff=10s")
            .modes(0)
            .openai("one", "two", "f")
            .and(keys(BOTH, "openai", "openai-plain", "anthropic", "anthropic-plain", "two"));

    @ParameterizedTest
    @EnumSource(Mode.class)
    void limited_key_gives_way_to_the_other_at_once_on_the_same_target_and_rests(Mode mode) {
        AtomicReference<@Nullable String> limited = new AtomicReference<>();
        gateway.stub(mode.p())
                .on(call -> limited.compareAndSet(null, key(call)) || key(call).equals(limited.get())
                        ? tooFast(mode, "retry-after", "60")
                        : Reply.text("the other key"));
        Request ask = gateway.along(mode.p(), "f").stream(mode.stream());

        List<Answer> answers =
                IntStream.range(0, 3).mapToObj(i -> gateway.ask(ask)).toList();

        assertThat(answers).allSatisfy(a -> assertWhole(a, mode.stream(), "the other key"));
        assertThat(answers.stream().map(Answer::outcomes))
                .containsExactly("%1$s=RATE_LIMITED, %1$s=OK".formatted(mode.p()), mode.p() + "=OK", mode.p() + "=OK");
        assertThat(answers).allSatisfy(a -> {
            assertThat(a.took()).isLessThan(AT_ONCE);
            assertThat(a.header("x-bactrian-fallbacks")).isEqualTo("0");
            assertThat(a.header("x-bactrian-skipped")).isEmpty();
        });
        assertThat(gateway.stub("f").calls()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void next_target_answers_when_every_key_is_limited_and_other_models_of_the_provider_go_on(Mode mode) {
        gateway.stub(mode.p()).answers(tooFast(mode, "retry-after", "60"));
        Request ask = gateway.along(mode.p(), "f").stream(mode.stream());

        Answer first = gateway.ask(ask);
        assertThat(keysUsed(mode)).containsExactlyInAnyOrder(FIRST, SECOND);
        gateway.stub(mode.p()).answers(Reply.text("well again"));
        Answer second = gateway.ask(ask);
        Answer otherModel = gateway.ask(gateway.along(mode.p(), "f").stream(mode.stream()));

        assertThat(first.outcomes()).isEqualTo("%1$s=RATE_LIMITED, %1$s=RATE_LIMITED, f=OK".formatted(mode.p()));
        assertThat(first.took()).isLessThan(AT_ONCE);
        assertThat(second.outcomes()).isEqualTo("f=OK");
        assertThat(second.header("x-bactrian-skipped"))
                .startsWith(mode.p() + "/")
                .endsWith("=COOLING");
        assertThat(otherModel.outcomes()).isEqualTo(mode.p() + "=OK");
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void key_that_has_nothing_left_is_not_asked_again(Mode mode) {
        AtomicReference<@Nullable String> empty = new AtomicReference<>();
        gateway.stub(mode.p()).on(call -> {
            if (key(call).equals(empty.get())) {
                return tooFast(mode, "retry-after", "60");
            }
            return left(mode, "still well", empty.compareAndSet(null, key(call)) ? 0 : 50, Duration.ofMinutes(1));
        });
        Request ask = gateway.along(mode.p(), "f").stream(mode.stream());

        List<Answer> answers =
                IntStream.range(0, 4).mapToObj(i -> gateway.ask(ask)).toList();

        assertThat(answers).allSatisfy(a -> assertWhole(a, mode.stream(), "still well"));
        assertThat(answers.stream().map(Answer::outcomes)).containsOnly(mode.p() + "=OK");
        assertThat(keysUsed(mode).stream().filter(k -> k.equals(empty.get()))).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void next_target_is_asked_before_a_provider_without_anything_left_has_to_refuse(Mode mode) {
        gateway.stub(mode.p()).on(call -> left(mode, "last words", 0, Duration.ofMinutes(1)));
        Request ask = gateway.along(mode.p(), "f").stream(mode.stream());

        List<Answer> answers =
                IntStream.range(0, 4).mapToObj(i -> gateway.ask(ask)).toList();

        assertThat(answers.stream().map(Answer::outcomes))
                .containsExactly(mode.p() + "=OK", mode.p() + "=OK", "f=OK", "f=OK");
        assertThat(keysUsed(mode)).containsExactlyInAnyOrder(FIRST, SECOND);
        assertThat(answers.getLast().header("x-bactrian-skipped")).endsWith("=COOLING");
        assertThat(answers.getLast().header("x-bactrian-fallbacks")).isEqualTo("1");
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void key_that_has_little_left_is_spared_while_the_other_has_more(Mode mode) {
        AtomicReference<@Nullable String> low = new AtomicReference<>();
        gateway.stub(mode.p()).on(call -> {
            low.compareAndSet(null, key(call));
            return left(mode, "fine", key(call).equals(low.get()) ? 5 : 50, Duration.ofMinutes(1));
        });
        Request ask = gateway.along(mode.p()).stream(mode.stream());

        IntStream.range(0, 4).forEach(i -> gateway.ask(ask));

        assertThat(keysUsed(mode).stream().filter(k -> k.equals(low.get()))).hasSize(1);
        assertThat(keysUsed(mode)).hasSize(4);
    }

    @Test
    void failed_answer_tells_what_is_left_as_well() {
        gateway.stub("one")
                .answers(
                        ProviderError.OPENAI_MISTAKE.reply(
                                "x-ratelimit-remaining-tokens", "0", "x-ratelimit-reset-tokens", "1m0s"),
                        Reply.text("not to be asked"));
        Request ask = gateway.along("one", "f");

        assertThat(gateway.ask(ask).outcomes()).isEqualTo("one=INVALID_REQUEST, f=OK");
        assertThat(gateway.ask(ask).outcomes()).isEqualTo("f=OK");
    }

    @Test
    void only_target_with_a_single_key_is_waited_for_until_its_reset() {
        gateway.stub("one").on(call -> left(Mode.OPENAI_DOCUMENT, "again", 0, Duration.ofMillis(1_200)));
        Request ask = gateway.along("one");

        Answer first = gateway.ask(ask);
        Answer second = gateway.ask(ask);

        assertThat(first.outcomes()).isEqualTo("one=OK");
        assertThat(second.outcomes()).isEqualTo("one=OK");
        assertThat(second.took()).isBetween(Duration.ofMillis(900), Duration.ofSeconds(5));
    }

    @Test
    void only_target_that_is_not_back_before_the_deadline_is_told_of_as_limited() {
        gateway.stub("one").on(call -> left(Mode.OPENAI_DOCUMENT, "again", 0, Duration.ofSeconds(20)));
        Request ask = gateway.along("one").header("x-bactrian-timeout", "2s");
        gateway.ask(ask);

        Answer second = gateway.ask(ask);

        assertThat(second.status()).isEqualTo(429);
        assertThat(Integer.parseInt(second.header("retry-after"))).isBetween(15, 20);
        assertThat(gateway.stub("one").calls()).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource(names = {"OPENAI_STREAM", "ANTHROPIC_DOCUMENT_ALL_THE_WAY"})
    void garbage_in_the_headers_keeps_nobody_from_answering(Mode mode) {
        gateway.stub(mode.p())
                .answers(Reply.text("fine")
                        .headers(
                                "x-ratelimit-remaining-requests", "0",
                                "x-ratelimit-reset-requests", "tomorrow",
                                "anthropic-ratelimit-tokens-remaining", "-7",
                                "anthropic-ratelimit-tokens-reset", "2026-13-45T99:00:00Z"));
        Request ask = gateway.along(mode.p(), "f").stream(mode.stream());

        IntStream.range(0, 4)
                .forEach(i -> assertThat(gateway.ask(ask).outcomes()).isEqualTo(mode.p() + "=OK"));
    }

    @Test
    void what_rests_is_told_on_the_status_page_and_no_key_is() {
        gateway.stub("two").on(call -> left(Mode.OPENAI_DOCUMENT, "last words", 0, Duration.ofMinutes(1)));

        gateway.ask(Request.of("two/model-two").fallbacks("f/model-f"));
        JsonNode one = gateway.status("two/model-two");
        gateway.ask(Request.of("two/model-two").fallbacks("f/model-f"));
        JsonNode both = gateway.status("two/model-two");

        assertThat(one.at("/available").asBoolean()).isTrue();
        assertThat(one.at("/keys").toString()).isEqualTo("{\"all\":2,\"resting\":1}");
        assertThat(both.at("/available").asBoolean()).isFalse();
        assertThat(both.at("/keys/resting").asInt()).isEqualTo(2);
        assertThat(both.at("/coolingFrom").asText()).isEqualTo("RATE_LIMITED");
        assertThat(Instant.parse(both.at("/coolingUntil").asText()))
                .isBetween(Instant.now().plusSeconds(45), Instant.now().plusSeconds(61));
        assertThat(both.toString()).doesNotContain("sk-");
    }

    private static String[] keys(String keys, String... providers) {
        return Stream.of(providers)
                .flatMap(p -> Stream.of(
                        "bactrian.providers." + p + ".keyless=false", "bactrian.providers." + p + ".api-key=" + keys))
                .toArray(String[]::new);
    }

    private static String key(Call call) {
        String bearer = call.header("authorization");
        return bearer == null
                ? Objects.requireNonNullElse(call.header("x-api-key"), "")
                : bearer.substring("Bearer ".length());
    }

    private static Reply tooFast(Mode mode, String... headers) {
        return (mode.openai() ? ProviderError.OPENAI_TOO_FAST : ProviderError.ANTHROPIC_TOO_FAST).reply(headers);
    }

    /** An answer after which so many requests of sixty are left, until a reset. */
    private static Reply left(Mode mode, String words, int requests, Duration reset) {
        ModelReply reply = Reply.text(words);
        return mode.openai()
                ? reply.headers(
                        "x-ratelimit-limit-requests",
                        "60",
                        "x-ratelimit-remaining-requests",
                        String.valueOf(requests),
                        "x-ratelimit-reset-requests",
                        reset.toMillis() + "ms")
                : reply.headers(
                        "anthropic-ratelimit-requests-limit", "60",
                        "anthropic-ratelimit-requests-remaining", String.valueOf(requests),
                        "anthropic-ratelimit-requests-reset",
                                Instant.now().plus(reset).toString());
    }

    private List<String> keysUsed(Mode mode) {
        return gateway.stub(mode.p()).calls().stream().map(KeyPoolIT::key).toList();
    }
}
