package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.RawCaller;
import io.bactrian.testing.Reply;
import io.bactrian.testing.Request;
import io.bactrian.testing.Scene;
import io.bactrian.testing.StubProvider;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What happens while those who should answer are only away for a while. */
final class WaitingIT {
    private static final String WORDS = "Back again.";
    private static Scene scene;
    private static int chains;

    private final String chain = "w" + chains++;
    private final StubProvider a = scene.stub("a");
    private final StubProvider b = scene.stub("b");

    @BeforeAll
    static void start() {
        scene = Scene.with(
                "bactrian.defaults.backoff=10ms",
                "bactrian.defaults.deadline=20s",
                "bactrian.defaults.patience=100ms",
                "bactrian.defaults.max-attempts=1",
                "bactrian.defaults.first-token-timeout=500ms",
                "bactrian.defaults.breaker.open-for=10s",
                "bactrian.defaults.max-waiting=20");
        for (int i = 0; i < 20; i++) {
            scene.and("bactrian.targets.best-w" + i + ".provider=a");
            scene.and("bactrian.targets.best-w" + i + ".model=m" + i);
            scene.and("bactrian.targets.worse-w" + i + ".provider=b");
            scene.and("bactrian.targets.worse-w" + i + ".model=m" + i);
            scene.and("bactrian.targets.worse-w" + i + ".quality=0.5");
            scene.and("bactrian.chains.w" + i + "=best-w" + i);
            scene.and("bactrian.chains.pair-w" + i + "=best-w" + i + ", worse-w" + i);
            scene.and("bactrian.chains.graded-w" + i + "=best-w" + i + ", worse-w" + i);
            scene.and("bactrian.chains-options.graded-w" + i + ".wait-for-quality=3s");
            scene.and("bactrian.chains.hasty-w" + i + "=best-w" + i + ", worse-w" + i);
            scene.and("bactrian.chains-options.hasty-w" + i + ".max-attempts=2");
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

    private static Reply limited(int seconds) {
        return Reply.error(429, "rate_limit_error", null, "Slow down", "retry-after", Integer.toString(seconds));
    }

    /** Makes the first target of the chain cool for a while. */
    private void cool(int seconds) {
        a.answers(limited(seconds), Reply.text(WORDS));
        assertThat(scene.ask(Request.of(chain)).status()).isEqualTo(429);
        a.forget();
    }

    private CompletableFuture<Answer> asks(Request ask) {
        return CompletableFuture.supplyAsync(
                () -> scene.gateway().post("/v1/chat/completions", ask.body(), ask.headers()),
                task -> Thread.ofVirtual().start(task));
    }

    @Test
    void those_who_wait_are_served_in_the_order_in_which_they_came() {
        cool(2);
        List<CompletableFuture<Answer>> answers = new ArrayList<>();
        for (int i = 0; i < 15; i++) {
            int before = i;
            answers.add(asks(Request.of(chain)
                    .field("messages", List.of(Map.of("role", "user", "content", Integer.toString(i))))));
            await().pollInterval(Duration.ofMillis(2))
                    .until(() -> scene.gateway()
                                    .get("/status")
                                    .json()
                                    .at("/requests/waiting")
                                    .asInt()
                            > before);
        }
        answers.forEach(answer -> assertThat(answer.join().content()).isEqualTo(WORDS));
        List<String> served = a.calls().stream()
                .map(call -> call.json().at("/messages/0/content").asText())
                .toList();
        // They set out in turn (WaitingLineTest); the last metres to the provider are a matter of threads.
        int moved = 0;
        for (int i = 0; i < served.size(); i++) {
            moved += Math.abs(Integer.parseInt(served.get(i)) - i);
        }
        assertThat((double) moved / served.size()).as("%s", served).isLessThan(3);
    }

    @Test
    void more_than_may_wait_are_told_at_once_when_to_come_back() {
        cool(3);
        List<CompletableFuture<Answer>> waiting = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            waiting.add(asks(Request.of(chain)));
        }
        await().until(() ->
                scene.gateway().get("/status").json().at("/requests/waiting").asInt() == 20);

        Answer refused = asks(Request.of(chain)).join();

        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.took()).isLessThan(Duration.ofSeconds(1));
        assertThat(Integer.parseInt(refused.header("retry-after"))).isBetween(1, 3);
        waiting.forEach(answer -> assertThat(answer.join().content()).isEqualTo(WORDS));
    }

    private void operator(String target, String what) {
        assertThat(scene.gateway()
                        .post("/admin/targets/" + target + "/" + what, "")
                        .status())
                .isEqualTo(200);
    }

    private List<CompletableFuture<Answer>> waitFor(String name, int many) {
        List<CompletableFuture<Answer>> waiting = new ArrayList<>();
        for (int i = 0; i < many; i++) {
            waiting.add(CompletableFuture.supplyAsync(
                    () -> scene.gateway()
                            .post("/v1/chat/completions", Request.of(name).body()),
                    task -> Thread.ofVirtual().start(task)));
        }
        await().until(() ->
                scene.gateway().get("/status").json().at("/requests/waiting").asInt() == many);
        return waiting;
    }

    private static void assertAllAnsweredSoon(List<CompletableFuture<Answer>> waiting) {
        await().atMost(Duration.ofSeconds(3)).until(() -> waiting.stream().allMatch(CompletableFuture::isDone));
        assertThat(waiting)
                .allSatisfy(answer -> assertThat(answer.join().status()).isEqualTo(200));
    }

    @Test
    void all_who_wait_set_out_when_the_operator_closes_the_breaker() {
        operator("best-" + chain, "open");
        List<CompletableFuture<Answer>> waiting = waitFor(chain, 15);

        operator("best-" + chain, "close");

        assertAllAnsweredSoon(waiting);
        assertThat(a.calls()).hasSize(15);
    }

    @Test
    void who_waits_for_one_sees_that_another_is_back_earlier() {
        operator("best-" + chain, "open");
        operator("worse-" + chain, "open");
        List<CompletableFuture<Answer>> waiting = waitFor("pair-" + chain, 15);

        operator("worse-" + chain, "close");

        assertAllAnsweredSoon(waiting);
        assertThat(b.calls()).hasSize(15);
        assertThat(a.calls()).isEmpty();
    }

    @Test
    void one_that_returns_behind_the_deadline_is_not_waited_for() {
        cool(60);

        Answer refused = scene.ask(Request.of(chain).header("x-bactrian-timeout", "5s"));

        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.took()).isLessThan(Duration.ofSeconds(1));
        assertThat(Integer.parseInt(refused.header("retry-after"))).isBetween(55, 60);
        assertThat(refused.header("x-should-retry")).isEqualTo("false");
    }

    @Test
    void who_leaves_gives_its_place_to_the_next() {
        cool(2);
        try (RawCaller first = RawCaller.ask(scene.gateway(), Request.of(chain).body())) {
            await().until(() -> scene.gateway()
                            .get("/status")
                            .json()
                            .at("/requests/waiting")
                            .asInt()
                    == 1);
        }
        CompletableFuture<Answer> second = asks(Request.of(chain));
        assertThat(second.join().content()).isEqualTo(WORDS);
        assertThat(a.calls()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_better_target_that_is_back_soon_is_waited_for(boolean stream) {
        cool(2);

        Answer answer = scene.ask(Request.of("graded-" + chain).stream(stream));

        assertThat(answer.header("x-bactrian-target")).isEqualTo("best-" + chain);
        assertThat(answer.header("x-bactrian-degraded")).isEqualTo("false");
        assertThat(answer.took()).isBetween(Duration.ofMillis(1_000), Duration.ofSeconds(4));
        assertThat(b.calls()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void one_that_is_away_for_longer_is_not(boolean stream) {
        cool(10);

        Answer answer = scene.ask(Request.of("graded-" + chain).stream(stream));

        assertThat(answer.header("x-bactrian-target")).isEqualTo("worse-" + chain);
        assertThat(answer.header("x-bactrian-degraded")).isEqualTo("quality");
        assertThat(answer.header("x-bactrian-quality")).isEqualTo("0.5");
        assertThat(answer.header("x-bactrian-skipped")).isEqualTo("best-" + chain + "=COOLING");
        assertThat(answer.took()).isLessThan(Duration.ofSeconds(2));
    }

    @Test
    void a_silent_last_candidate_gives_way_when_another_is_back() {
        a.answers(limited(2), Reply.text(WORDS));
        b.answers(Reply.headersOnly());

        Answer answer = scene.ask(Request.of("hasty-" + chain).stream(true));

        assertThat(answer.content()).isEqualTo(WORDS);
        assertThat(answer.attempts())
                .isEqualTo("best-%s=RATE_LIMITED, worse-%s=TIMEOUT, best-%s=OK".formatted(chain, chain, chain));
        assertThat(answer.took()).isBetween(Duration.ofMillis(1_900), Duration.ofSeconds(5));
    }

    @Test
    void a_silent_last_candidate_has_the_deadline_while_nobody_is_back() {
        a.answers(limited(60));
        b.answers(Reply.headersOnly());

        Answer answer = scene.ask(Request.of("hasty-" + chain).stream(true).header("x-bactrian-timeout", "2500"));

        assertThat(answer.status()).isEqualTo(504);
        assertThat(answer.took()).isBetween(Duration.ofMillis(2_400), Duration.ofSeconds(4));
    }

    @Test
    void without_the_option_the_worse_one_answers_at_once() {
        cool(2);

        Answer answer = scene.ask(Request.of("hasty-" + chain));

        assertThat(answer.header("x-bactrian-target")).isEqualTo("worse-" + chain);
        assertThat(answer.took()).isLessThan(Duration.ofSeconds(1));
    }

    @Test
    void a_floor_forbids_the_worse_one() {
        cool(60);

        Answer answer = scene.ask(Request.of("hasty-" + chain)
                .header("x-bactrian-min-quality", "0.8")
                .header("x-bactrian-timeout", "2s"));

        assertThat(answer.status()).isEqualTo(429);
        assertThat(answer.header("x-bactrian-skipped")).contains("worse-" + chain + "=quality");
        assertThat(b.calls()).isEmpty();
    }

    @Test
    void nobody_is_good_enough() {
        Answer answer = scene.ask(Request.of("worse-" + chain).header("x-bactrian-min-quality", "0.8"));

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.error("code")).isEqualTo("no_eligible_target");
        assertThat(answer.error("message")).contains("worse-" + chain + "=quality");
    }
}
