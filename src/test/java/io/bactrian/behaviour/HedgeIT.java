package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.ModelReply;
import io.bactrian.testing.Reply;
import io.bactrian.testing.Request;
import io.bactrian.testing.Scene;
import io.bactrian.testing.StubProvider;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A second target that starts when the first one is slow, for a share of the requests. */
final class HedgeIT {
    private static final String WORDS = "One two three four five six seven eight nine ten.";
    private static final Duration DELAY = Duration.ofMillis(300);
    private static Scene scene;
    private static int chains;

    private final String chain = "h" + chains++;
    private final StubProvider a = scene.stub("a");
    private final StubProvider b = scene.stub("b");

    @BeforeAll
    static void start() {
        scene = Scene.with(
                "bactrian.defaults.backoff=10ms",
                "bactrian.defaults.deadline=20s",
                "bactrian.defaults.hedge-delay=300ms",
                "bactrian.defaults.hedge-share=1");
        for (int i = 0; i < 30; i++) {
            scene.and("bactrian.chains.h" + i + "=hedge(a/m" + i + ", b/m" + i + ")");
            scene.and("bactrian.chains.tenth-h" + i + "=hedge(a/m" + i + ", b/m" + i + ")");
            scene.and("bactrian.chains-options.tenth-h" + i + ".hedge-share=0.1");
            scene.and("bactrian.chains-options.tenth-h" + i + ".hedge-delay=30ms");
            scene.and("bactrian.chains.usual-h" + i + "=hedge(a/m" + i + ", b/m" + i + ")");
            scene.and("bactrian.chains-options.usual-h" + i + ".hedge-delay=p95");
        }
        scene.openai("a").anthropic("b").start();
    }

    @AfterAll
    static void stop() {
        scene.close();
    }

    @BeforeEach
    void wellAgain() {
        scene.reset();
    }

    private Answer ask(String name, boolean stream) {
        return scene.ask(Request.of(name).stream(stream));
    }

    private static ModelReply slow() {
        return Reply.text(WORDS).firstTokenAfter(Duration.ofSeconds(5));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void the_second_does_not_start_while_the_first_is_quick(boolean stream) {
        for (int i = 0; i < 5; i++) {
            assertThat(ask(chain, stream).attempts()).startsWith("a/").endsWith("=OK");
        }
        assertThat(b.calls()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void the_second_answers_when_the_first_is_slow(boolean stream) {
        a.answers(slow());
        b.answers(Reply.text(WORDS));

        Answer answer = ask(chain, stream);

        assertThat(answer.content()).isEqualTo(WORDS);
        assertThat(answer.outcomes()).isEqualTo("a=CANCELLED, b=OK");
        assertThat(b.lastCall().since(a.lastCall())).isBetween(DELAY.minusMillis(30), DELAY.plusMillis(500));
        await().atMost(Duration.ofSeconds(1)).until(() -> a.lastCall().clientLeft());
    }

    @Test
    void the_first_may_still_win() {
        a.answers(Reply.text(WORDS).firstTokenAfter(DELAY.plusMillis(200)));
        b.answers(slow());

        Answer answer = ask(chain, true);

        assertThat(answer.outcomes()).isEqualTo("a=OK, b=CANCELLED");
        await().atMost(Duration.ofSeconds(1)).until(() -> b.lastCall().clientLeft());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_long_answer_that_has_begun_is_not_slow(boolean stream) {
        a.answers(Reply.text(WORDS).everyToken(Duration.ofMillis(80)));

        assertThat(ask(chain, stream).content()).isEqualTo(WORDS);
        assertThat(b.calls()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void when_the_first_fails_the_second_starts_at_once(boolean stream) {
        a.answers(Reply.error(429, "rate_limit_error", null, "Slow down", "retry-after", "60"));
        b.answers(Reply.text(WORDS));

        Answer answer = ask(chain, stream);

        assertThat(answer.outcomes()).isEqualTo("a=RATE_LIMITED, b=OK");
        assertThat(b.lastCall().since(a.lastCall())).isLessThan(DELAY);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void no_more_than_its_share_is_hedged_although_everything_is_slow(boolean stream) {
        String tenth = "tenth-" + chain;
        a.on(call -> Reply.text(WORDS).firstTokenAfter(Duration.ofMillis(200)));
        b.on(call -> Reply.text(WORDS).firstTokenAfter(Duration.ofMillis(200)));
        List<Answer> answers = IntStream.range(0, 100)
                .mapToObj(i -> CompletableFuture.supplyAsync(
                        () -> scene.gateway()
                                .post(
                                        "/v1/chat/completions",
                                        Request.of(tenth).stream(stream).body()),
                        task -> Thread.ofVirtual().start(task)))
                .toList()
                .stream()
                .map(CompletableFuture::join)
                .toList();

        assertThat(answers).allSatisfy(answer -> assertThat(answer.content()).isEqualTo(WORDS));
        assertThat(b.calls()).hasSizeBetween(5, 10);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void usually_the_95th_percentile_of_the_first_is_waited_for(boolean stream) {
        String usual = "usual-" + chain;
        a.on(call -> Reply.text(WORDS).firstTokenAfter(Duration.ofMillis(100)));
        for (int i = 0; i < 25; i++) {
            ask(usual, stream);
        }
        assertThat(b.calls()).hasSizeLessThan(3);
        scene.reset();
        a.answers(slow());

        Answer answer = ask(usual, stream);

        assertThat(answer.outcomes()).isEqualTo("a=CANCELLED, b=OK");
        assertThat(b.lastCall().since(a.lastCall())).isBetween(Duration.ofMillis(90), Duration.ofMillis(900));
    }
}
