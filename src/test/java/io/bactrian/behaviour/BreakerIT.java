package io.bactrian.behaviour;

import static io.bactrian.testing.AnswerAssertions.assertWhole;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Call;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.Mode;
import io.bactrian.testing.Reply;
import io.bactrian.testing.Request;
import io.bactrian.testing.Scene;
import io.bactrian.testing.StubProvider;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** When a target is left alone after failures, and how it comes back. One call for each request: {@code max-attempts=1}. */
final class BreakerIT {
    private static final Reply BROKEN = Reply.status(500, "oops");

    private static Scene scene(String... lines) {
        return Scene.with("bactrian.defaults.max-attempts=1", "bactrian.defaults.breaker.open-for=600ms")
                .and(lines);
    }

    private static Answer ask(Scene scene, boolean stream) {
        return scene.ask(Request.of("default").stream(stream));
    }

    private static String breaker(Scene scene) {
        return scene.gateway().get("/status").json().at("/targets/0/breaker").asText();
    }

    private static void open(Scene scene) {
        scene.stub("p").answers(BROKEN);
        IntStream.range(0, 5).forEach(i -> ask(scene, false));
        assertThat(breaker(scene)).isEqualTo("OPEN");
        scene.stub("p").forget();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void four_failures_and_a_success_leave_it_closed_five_in_a_row_open_it(boolean stream) {
        try (Scene scene = scene().openai("p", "f").start()) {
            StubProvider p = scene.stub("p");
            p.on(call -> call.number() == 5 ? Reply.text("well") : BROKEN);

            for (int i = 1; i <= 9; i++) {
                assertThat(ask(scene, stream).outcomes()).isEqualTo(i == 5 ? "p=OK" : "p=SERVER_ERROR, f=OK");
            }
            assertThat(breaker(scene)).isEqualTo("CLOSED");
            assertThat(ask(scene, stream).outcomes()).isEqualTo("p=SERVER_ERROR, f=OK");
            assertThat(breaker(scene)).isEqualTo("OPEN");

            Answer after = ask(scene, stream);

            assertThat(after.outcomes()).isEqualTo("f=OK");
            assertThat(after.header("x-bactrian-skipped")).isEqualTo("p/model-p=CIRCUIT_OPEN");
            assertThat(after.header("x-bactrian-fallbacks")).isEqualTo("1");
        }
    }

    @Test
    void one_trial_after_the_open_time_a_failed_one_doubles_it_and_a_good_one_closes() {
        try (Scene scene = scene().openai("p", "f").start()) {
            open(scene);
            long opened = System.nanoTime();
            StubProvider p = scene.stub("p");

            await().pollInterval(Duration.ofMillis(20))
                    .until(() -> ask(scene, false).outcomes().startsWith("p="));
            long firstTrial = System.nanoTime();
            assertThat(Duration.ofNanos(firstTrial - opened))
                    .isBetween(Duration.ofMillis(500), Duration.ofMillis(1100));
            assertThat(p.calls()).hasSize(1);

            p.answers(Reply.text("well again"));
            await().pollInterval(Duration.ofMillis(20))
                    .until(() -> ask(scene, false).outcomes().startsWith("p="));
            assertThat(Duration.ofNanos(System.nanoTime() - firstTrial))
                    .isBetween(Duration.ofMillis(1100), Duration.ofMillis(1900));
            assertThat(p.calls()).hasSize(2);
            assertThat(breaker(scene)).isEqualTo("CLOSED");
            assertThat(ask(scene, false).outcomes()).isEqualTo("p=OK");

            // Closed for good: the next time it opens for the first time again.
            open(scene);
            long again = System.nanoTime();
            await().pollInterval(Duration.ofMillis(20))
                    .until(() -> ask(scene, false).outcomes().startsWith("p="));
            assertThat(Duration.ofNanos(System.nanoTime() - again)).isLessThan(Duration.ofMillis(1100));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "OPENAI_TOO_FAST",
        "OPENAI_MISTAKE",
        "OPENAI_TOO_LONG",
        "OPENAI_POLICY",
        "OPENAI_PARAMETER",
        "OPENAI_NO_MODEL",
        "OPENAI_BAD_KEY",
        "OPENAI_NO_MONEY"
    })
    void what_says_nothing_of_the_targets_health_is_not_counted(ProviderError trouble) {
        try (Scene scene = scene("bactrian.defaults.breaker.failures=1", "bactrian.defaults.patience=1ms")
                .openai("p", "f")
                .start()) {
            scene.stub("p").answers(trouble.reply());

            ask(scene, false);
            ask(scene, true);

            assertThat(breaker(scene)).isEqualTo("CLOSED");
        }
    }

    @Test
    void a_caller_in_a_hurry_says_nothing_of_the_targets_health() {
        try (Scene scene =
                scene("bactrian.defaults.breaker.failures=1").openai("p").start()) {
            scene.stub("p").answers(Reply.silence());

            Answer answer = scene.ask(Request.of("default").header("x-bactrian-timeout", "200ms"));

            assertThat(answer.outcomes()).isEqualTo("p=TIMEOUT");
            assertThat(breaker(scene)).isEqualTo("CLOSED");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"OPENAI_STREAM", "OPENAI_DOCUMENT", "ANTHROPIC_STREAM", "ANTHROPIC_DOCUMENT"})
    void what_counts_opens_it_in_every_form(Mode mode) {
        // The reset comes first: on a connection that was kept it would be the keep-alive race.
        List<Reply> forms = List.of(
                Reply.reset(),
                Reply.status(503, "{}"),
                Reply.html(),
                Reply.silence(),
                Reply.text("a b").endAfter(0),
                Reply.text("a b")
                        .errorEventAfter(
                                0, (mode.openai() ? ProviderError.OPENAI_BUSY : ProviderError.ANTHROPIC_BUSY).json()));
        Scene scene = scene("bactrian.defaults.breaker.failures=6", "bactrian.defaults.first-token-timeout=200ms");
        try (scene) {
            (mode.openai() ? scene.openai("p") : scene.anthropic("p"))
                    .openai("f")
                    .start();
            for (Reply form : forms) {
                assertThat(breaker(scene)).isEqualTo("CLOSED");
                scene.stub("p").answers(form);
                assertWhole(ask(scene, mode.stream()), mode.stream(), "Hello from the stub.");
            }
            assertThat(breaker(scene)).isEqualTo("OPEN");
        }
    }

    @Test
    void every_name_of_a_model_shares_one_breaker() {
        try (Scene scene = scene(
                        "bactrian.targets.other.provider=p",
                        "bactrian.targets.other.model=model-p",
                        "bactrian.chains.named=other, f/model-f")
                .openai("p", "f")
                .start()) {
            open(scene);

            assertThat(scene.ask(Request.of("named")).outcomes()).isEqualTo("f=OK");
            assertThat(scene.ask(Request.of("p/model-p").header("x-bactrian-timeout", "100ms"))
                            .status())
                    .isEqualTo(503);
            assertThat(scene.stub("p").calls()).isEmpty();
        }
    }

    @Test
    void all_open_is_a_503_at_once_with_the_time_of_the_earliest_return() {
        try (Scene scene = scene(
                        "bactrian.defaults.breaker.failures=1",
                        "bactrian.defaults.breaker.open-for=20s",
                        "bactrian.targets.f.provider=f",
                        "bactrian.targets.f.model=model-f",
                        "bactrian.targets.f.breaker.open-for=8s",
                        "bactrian.chains.both=p/model-p, f",
                        "bactrian.chains-options.both.deadline=3s")
                .openai("p", "f")
                .start()) {
            scene.stub("p").answers(BROKEN);
            scene.stub("f").answers(BROKEN);
            scene.ask(Request.of("both"));

            Answer answer = scene.ask(Request.of("both"));

            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.took()).isLessThan(Duration.ofSeconds(1));
            assertThat(Integer.parseInt(answer.header("retry-after"))).isBetween(7, 8);
            assertThat(answer.header("x-bactrian-skipped")).isEqualTo("p/model-p=CIRCUIT_OPEN, f=CIRCUIT_OPEN");
            assertThat(answer.error("message")).contains("p/model-p=CIRCUIT_OPEN");
            assertThat(answer.outcomes()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void earliest_of_all_open_is_waited_for_within_the_deadline(boolean stream) {
        try (Scene scene = scene(
                        "bactrian.defaults.breaker.failures=1",
                        "bactrian.defaults.breaker.open-for=20s",
                        "bactrian.targets.f.provider=f",
                        "bactrian.targets.f.model=model-f",
                        "bactrian.targets.f.breaker.open-for=700ms",
                        "bactrian.chains.both=p/model-p, f",
                        "bactrian.chains-options.both.deadline=5s")
                .openai("p", "f")
                .start()) {
            scene.stub("p").answers(BROKEN);
            scene.stub("f").answers(BROKEN, Reply.text("back again"));
            Answer first = scene.ask(Request.of("both").stream(stream));
            assertThat(first.status()).isEqualTo(503);

            Answer second = scene.ask(Request.of("both").stream(stream));

            assertWhole(second, stream, "back again");
            assertThat(second.outcomes()).isEqualTo("f=OK");
            assertThat(second.took()).isBetween(Duration.ofMillis(400), Duration.ofMillis(1500));
        }
    }

    @Test
    void one_trial_at_a_time_and_who_waits_for_it_is_served_after_it() throws Exception {
        try (Scene scene = scene("bactrian.defaults.breaker.failures=1", "bactrian.defaults.breaker.open-for=300ms")
                .openai("p")
                .start()) {
            StubProvider p = scene.stub("p");
            p.on(call -> call.number() == 1
                    ? BROKEN
                    : call.number() == 2
                            ? Reply.text("slow trial").delayed(Duration.ofSeconds(2))
                            : Reply.text("served"));
            ask(scene, false);

            List<Answer> answers = together(30, () -> scene.gateway().ask());

            assertThat(answers).allSatisfy(a -> assertThat(a.status()).isEqualTo(200));
            assertThat(p.calls()).hasSize(31);
            Call trial = p.call(2);
            assertThat(p.calls().subList(2, 31))
                    .allSatisfy(c -> assertThat(c.since(trial)).isGreaterThan(Duration.ofMillis(1900)));
        }
    }

    @Test
    void provider_that_is_down_for_a_while_costs_few_calls_and_no_request() {
        try (Scene scene =
                scene("bactrian.defaults.breaker.open-for=1s").openai("p", "f").start()) {
            StubProvider p = scene.stub("p").answers(BROKEN);
            long until = System.nanoTime() + Duration.ofSeconds(6).toNanos();
            int requests = 0;
            // A request each 100 ms instead of each 4 s, an open time of 1 s instead of 60.
            while (System.nanoTime() < until) {
                requests++;
                assertThat(ask(scene, requests % 2 == 0).content()).isEqualTo("Hello from the stub.");
                long next = System.nanoTime() + Duration.ofMillis(100).toNanos();
                await().pollInterval(Duration.ofMillis(10)).until(() -> System.nanoTime() > next);
            }

            assertThat(p.calls()).hasSizeBetween(6, 9).hasSizeLessThan(requests);
            p.answers(Reply.text("P is well"));
            await().atMost(Duration.ofSeconds(9))
                    .pollInterval(Duration.ofMillis(50))
                    .until(() -> ask(scene, false).content().equals("P is well"));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void nobody_is_lost_while_a_provider_dies_under_two_hundred(boolean stream) throws Exception {
        try (Scene scene = scene("bactrian.defaults.breaker.open-for=60s", "bactrian.defaults.max-attempts=3")
                .openai("p", "f")
                .start()) {
            StubProvider p = scene.stub("p").answers(Reply.text("a b").firstTokenAfter(Duration.ofMillis(30)));
            StubProvider f = scene.stub("f");
            Callable<Answer> one =
                    () -> stream ? scene.gateway().stream() : scene.gateway().ask();

            try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
                List<Future<Answer>> asked = new ArrayList<>();
                for (int i = 0; i < 200; i++) {
                    asked.add(callers.submit(one));
                    if (i == 100) {
                        await().until(() -> p.calls().size() > 20);
                        p.on(call -> Reply.reset());
                    }
                }
                List<Answer> answers = new ArrayList<>();
                for (Future<Answer> future : asked) {
                    answers.add(future.get());
                }

                assertThat(answers).allSatisfy(a -> assertThat(a.status()).isEqualTo(200));
                assertThat(answers.stream().map(Answer::content).collect(Collectors.toSet()))
                        .containsOnly("a b", "Hello from the stub.");
                List<String> told =
                        answers.stream().flatMap(a -> a.trail().stream()).toList();
                assertThat(told.stream().filter(e -> e.startsWith("p/")))
                        .hasSize(p.calls().size());
                assertThat(told.stream().filter(e -> e.startsWith("f/")))
                        .hasSize(f.calls().size());
            }
            assertThat(breaker(scene)).isEqualTo("OPEN");
            p.forget();
            List<Answer> later = together(200, one);
            assertThat(later).allSatisfy(a -> assertThat(a.content()).isEqualTo("Hello from the stub."));
            assertThat(p.calls()).isEmpty();
        }
    }

    @Test
    void open_target_of_two_hundred_gets_one_trial() throws Exception {
        try (Scene scene = scene().openai("p", "f").start()) {
            open(scene);
            StubProvider p = scene.stub("p").answers(Reply.silence());
            await().pollDelay(Duration.ofMillis(700)).until(() -> true);

            try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
                List<Future<Answer>> asked = IntStream.range(0, 200)
                        .mapToObj(i -> callers.submit(() -> scene.gateway().ask("x-bactrian-timeout", "5s")))
                        .toList();
                await().until(() -> asked.stream().filter(Future::isDone).count() == 199);
                assertThat(p.calls()).hasSize(1);
                p.die();
            }
        }
    }

    private static List<Answer> together(int count, Callable<Answer> one) throws Exception {
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Answer> answers = new ArrayList<>();
            for (Future<Answer> future : callers.invokeAll(
                    IntStream.range(0, count).mapToObj(i -> one).toList())) {
                answers.add(future.get());
            }
            return answers;
        }
    }
}
