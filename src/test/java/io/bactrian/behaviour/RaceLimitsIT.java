package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Gateway.Answer;
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

/** Several targets at once keep to the limits of the whole request, however quick they are. */
final class RaceLimitsIT {
    private static final String WORDS = "One two three four five.";
    private static Scene scene;

    private final StubProvider a = scene.stub("a");
    private final StubProvider b = scene.stub("b");
    private final StubProvider c = scene.stub("c");

    @BeforeAll
    static void start() {
        scene = Scene.with(
                        "bactrian.defaults.backoff=10ms",
                        "bactrian.defaults.deadline=10s",
                        "bactrian.defaults.breaker.failures=100000",
                        "bactrian.defaults.hedge-delay=5s",
                        "bactrian.defaults.hedge-share=1",
                        "bactrian.chains.one=race(a/m1, b/m1, c/m1)",
                        "bactrian.chains-options.one.max-total-attempts=1",
                        "bactrian.chains.two=race(a/m2, b/m2, c/m2)",
                        "bactrian.chains-options.two.max-total-attempts=2",
                        "bactrian.chains.five=race(a/m5, b/m5, c/m5)",
                        "bactrian.chains-options.five.max-total-attempts=4",
                        "bactrian.chains.hedged=hedge(a/h, b/h)",
                        "bactrian.chains-options.hedged.max-total-attempts=2",
                        "bactrian.chains.quick=race(a/q, b/q, c/q)")
                .openai("a", "c")
                .anthropic("b")
                .start();
    }

    @AfterAll
    static void stop() {
        scene.close();
    }

    @BeforeEach
    void wellAgain() {
        scene.reset();
    }

    private static Reply busy() {
        return Reply.error(500, "server_error", null, "An internal error.");
    }

    private long calls() {
        return scene.stubs().mapToLong(stub -> stub.calls().size()).sum();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void no_more_are_asked_at_once_than_calls_are_left(boolean stream) {
        a.answers(Reply.text(WORDS).firstTokenAfter(Duration.ofMillis(200)));
        assertThat(scene.ask(Request.of("one").stream(stream)).outcomes()).isEqualTo("a=OK");

        scene.reset();
        a.answers(busy());
        b.answers(Reply.text(WORDS).firstTokenAfter(Duration.ofMillis(200)));
        assertThat(scene.ask(Request.of("two").stream(stream)).outcomes()).isEqualTo("a=SERVER_ERROR, b=OK");
    }

    @Test
    void those_who_are_asked_again_at_once_share_the_calls_that_are_left() {
        for (int i = 0; i < 20; i++) {
            scene.reset();
            a.on(call -> busy().delayed(Duration.ofMillis(50)));
            b.on(call -> busy().delayed(Duration.ofMillis(50)));
            c.on(call -> busy().delayed(Duration.ofMillis(50)));

            assertThat(scene.ask(Request.of("five")).status()).isEqualTo(503);

            assertThat(calls()).isEqualTo(4);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_call_is_kept_back_for_the_second_of_a_hedge(boolean stream) {
        a.on(call -> busy());

        Answer answer = scene.ask(Request.of("hedged").stream(stream));

        assertThat(answer.outcomes()).isEqualTo("a=SERVER_ERROR, b=OK");
    }

    @Test
    void answers_that_come_at_the_same_moment_are_one_answer_and_every_call_is_told() {
        scene.stubs().forEach(stub -> stub.on(call -> Reply.text(WORDS)));
        for (int round = 0; round < 3; round++) {
            List<Answer> answers = IntStream.range(0, 200)
                    .mapToObj(i -> CompletableFuture.supplyAsync(
                            () -> i % 4 < 2
                                    ? scene.gateway()
                                            .post(
                                                    "/v1/chat/completions",
                                                    Request.of("quick").stream(i % 2 == 0)
                                                            .body())
                                    : scene.gateway()
                                            .post(
                                                    "/v1/messages",
                                                    "{\"model\":\"quick\",\"max_tokens\":100,\"stream\":" + (i % 2 == 0)
                                                            + ",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}"),
                            task -> Thread.ofVirtual().start(task)))
                    .toList()
                    .stream()
                    .map(CompletableFuture::join)
                    .toList();
            assertThat(answers).allSatisfy(answer -> assertThat(answer.status()).isEqualTo(200));
            assertThat(answers).allSatisfy(answer -> assertThat(answer.text().split("three", -1))
                    .as(answer.text())
                    .hasSize(2));
            long told =
                    answers.stream().mapToLong(answer -> answer.trail().size()).sum();
            assertThat(calls()).isEqualTo(told);
            await().atMost(Duration.ofSeconds(2))
                    .until(() -> scene.gateway()
                                    .get("/status")
                                    .json()
                                    .path("inFlight")
                                    .asInt()
                            == 0);
            scene.stubs().forEach(StubProvider::forget);
        }
    }
}
