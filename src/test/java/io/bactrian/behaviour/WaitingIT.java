package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.RawCaller;
import io.bactrian.testing.Reply;
import io.bactrian.testing.Request;
import io.bactrian.testing.StubProvider;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Waits for targets that are away for a while. */
@ResourceLock("the log of operators")
final class WaitingIT {
    private static final String WORDS = "Back again.";
    private static final String BEST = "best";
    private static final String PAIR = "best, worse";
    private static final String GRADED = "wait-for-quality=3s";
    private static final String SHORTLY = "max-wait=3s";
    private static final String NOT_AT_ALL = "max-wait=0s";
    private static final String HASTY = "max-attempts=2";

    @RegisterExtension
    static final GatewayExtension gateway = GatewayExtension.with(
                    "bactrian.defaults.backoff=10ms",
                    "bactrian.defaults.deadline=20s",
                    "bactrian.defaults.patience=100ms",
                    "bactrian.defaults.max-attempts=1",
                    "bactrian.defaults.first-token-timeout=500ms",
                    "bactrian.defaults.breaker.open-for=10s",
                    "bactrian.defaults.max-waiting=20")
            .openai("a")
            .anthropic("b")
            .targets("best", "a")
            .targets("worse", "b", "quality=0.5")
            .chains(BEST)
            .chains(BEST, SHORTLY)
            .chains(BEST, NOT_AT_ALL)
            .chains(PAIR)
            .chains(PAIR, GRADED)
            .chains(PAIR, HASTY);

    private final StubProvider a = gateway.stub("a");
    private final StubProvider b = gateway.stub("b");

    @Test
    void those_who_wait_are_served_in_the_order_in_which_they_came() {
        cool(2);
        List<CompletableFuture<Answer>> answers = new ArrayList<>();
        for (int i = 0; i < 15; i++) {
            int before = i;
            answers.add(gateway.askInBackground(Request.of(gateway.chain(BEST)).saying(Integer.toString(i))));
            await().pollInterval(Duration.ofMillis(2)).until(() -> waiting() > before);
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
        cool(15);
        List<CompletableFuture<Answer>> waiting = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            waiting.add(gateway.askInBackground(Request.of(gateway.chain(BEST))));
        }
        await().until(() -> waiting() == 20);

        Answer refused = gateway.ask(Request.of(gateway.chain(BEST)));

        assertThat(refused.status()).isEqualTo(429);
        assertThat(waiting()).as("none of the others was served first").isEqualTo(20);
        assertThat(Integer.parseInt(refused.header("retry-after"))).isBetween(5, 15);
        operator(gateway.target("best"), "close");
        waiting.forEach(answer -> assertThat(answer.join().content()).isEqualTo(WORDS));
    }

    private static int waiting() {
        return gateway.status().at("/requests/waiting").asInt();
    }

    private static void operator(String target, String action) {
        assertThat(gateway.post("/admin/targets/" + target + "/" + action, "").status())
                .isEqualTo(200);
    }

    private static List<CompletableFuture<Answer>> waitFor(String steps, int many) {
        List<CompletableFuture<Answer>> waiting = new ArrayList<>();
        for (int i = 0; i < many; i++) {
            waiting.add(gateway.askInBackground(Request.of(gateway.chain(steps))));
        }
        await().until(() -> waiting() == many);
        return waiting;
    }

    private static void assertAllAnsweredSoon(List<CompletableFuture<Answer>> waiting) {
        await().atMost(Duration.ofSeconds(5)).until(() -> waiting.stream().allMatch(CompletableFuture::isDone));
        assertThat(waiting)
                .allSatisfy(answer -> assertThat(answer.join().status()).isEqualTo(200));
    }

    @Test
    void all_who_wait_set_out_when_the_operator_closes_the_breaker() {
        operator(gateway.target("best"), "open");
        List<CompletableFuture<Answer>> waiting = waitFor(BEST, 15);

        operator(gateway.target("best"), "close");

        assertAllAnsweredSoon(waiting);
        assertThat(a.calls()).hasSize(15);
    }

    @Test
    void who_waits_for_one_sees_that_another_is_back_earlier() {
        operator(gateway.target("best"), "open");
        operator(gateway.target("worse"), "open");
        List<CompletableFuture<Answer>> waiting = waitFor(PAIR, 15);

        operator(gateway.target("worse"), "close");

        assertAllAnsweredSoon(waiting);
        assertThat(b.calls()).hasSize(15);
        assertThat(a.calls()).isEmpty();
    }

    @Test
    void one_that_returns_behind_the_deadline_is_not_waited_for() {
        cool(60);

        Answer refused = gateway.ask(Request.of(gateway.chain(BEST)).header("x-bactrian-timeout", "5s"));

        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.took()).isLessThan(Duration.ofSeconds(4));
        assertThat(Integer.parseInt(refused.header("retry-after"))).isBetween(50, 60);
        assertThat(refused.header("x-should-retry")).isEqualTo("false");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void one_that_returns_later_than_a_request_may_wait_is_not_waited_for(boolean stream) {
        cool(12);
        operator(gateway.target("worse"), "open");

        Answer limited = gateway.ask(Request.of(gateway.chain(BEST, SHORTLY)).stream(stream));
        Answer open =
                gateway.ask(Request.of(gateway.target("worse")).stream(stream).header("x-bactrian-timeout", "1s"));

        assertThat(limited.status()).isEqualTo(429);
        assertThat(limited.took()).isLessThan(Duration.ofMillis(2_500));
        assertThat(Integer.parseInt(limited.header("retry-after"))).isBetween(5, 12);
        assertThat(open.status()).isEqualTo(503);
        assertThat(Integer.parseInt(open.header("retry-after"))).isBetween(5, 11);
        assertThat(open.header("x-should-retry")).isEqualTo("true");
    }

    @Test
    void one_that_returns_in_time_is_waited_for() {
        cool(1);

        Answer answer = gateway.ask(Request.of(gateway.chain(BEST, SHORTLY)));

        assertThat(answer.content()).isEqualTo(WORDS);
    }

    @Test
    void without_any_wait_the_error_comes_at_once() {
        cool(1);

        Answer refused = gateway.ask(Request.of(gateway.chain(BEST, NOT_AT_ALL)));

        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.header("retry-after")).isEqualTo("1");
        assertThat(refused.outcomes()).isEmpty();
    }

    @Test
    void who_leaves_gives_its_place_to_the_next() {
        cool(1);
        try (RawCaller first = gateway.raw(Request.of(gateway.chain(BEST)))) {
            await().until(() -> waiting() == 1);
        }
        CompletableFuture<Answer> second = gateway.askInBackground(Request.of(gateway.chain(BEST)));
        assertThat(second.join().content()).isEqualTo(WORDS);
        assertThat(a.calls()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_better_target_that_is_back_soon_is_waited_for(boolean stream) {
        cool(1);

        Answer answer = gateway.ask(Request.of(gateway.chain(PAIR, GRADED)).stream(stream));

        assertThat(answer.header("x-bactrian-target")).isEqualTo(gateway.target("best"));
        assertThat(answer.header("x-bactrian-degraded")).isEqualTo("false");
        assertThat(answer.took()).isBetween(Duration.ofMillis(200), Duration.ofSeconds(4));
        assertThat(b.calls()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void one_that_is_away_for_longer_is_not(boolean stream) {
        cool(10);

        Answer answer = gateway.ask(Request.of(gateway.chain(PAIR, GRADED)).stream(stream));

        assertThat(answer.header("x-bactrian-target")).isEqualTo(gateway.target("worse"));
        assertThat(answer.header("x-bactrian-degraded")).isEqualTo("quality");
        assertThat(answer.header("x-bactrian-quality")).isEqualTo("0.5");
        assertThat(answer.header("x-bactrian-skipped")).isEqualTo(gateway.target("best") + "=COOLING");
        assertThat(answer.took()).isLessThan(Duration.ofSeconds(5));
    }

    @Test
    void a_silent_last_candidate_gives_way_when_another_is_back() {
        a.answers(limited(1), Reply.text(WORDS));
        b.answers(Reply.headersOnly());

        Answer answer = gateway.ask(Request.of(gateway.chain(PAIR, HASTY)).stream(true));

        assertThat(answer.content()).isEqualTo(WORDS);
        assertThat(answer.attempts())
                .isEqualTo("%1$s=RATE_LIMITED, %2$s=TIMEOUT, %1$s=OK"
                        .formatted(gateway.target("best"), gateway.target("worse")));
        assertThat(answer.took()).isBetween(Duration.ofMillis(900), Duration.ofSeconds(5));
    }

    @Test
    void a_silent_last_candidate_has_the_deadline_while_nobody_is_back() {
        a.answers(limited(60));
        b.answers(Reply.headersOnly());

        Answer answer =
                gateway.ask(Request.of(gateway.chain(PAIR, HASTY)).stream(true).header("x-bactrian-timeout", "1500"));

        assertThat(answer.status()).isEqualTo(504);
        assertThat(answer.took()).isBetween(Duration.ofMillis(1_400), Duration.ofSeconds(5));
    }

    @Test
    void without_the_option_the_worse_one_answers_at_once() {
        cool(10);

        Answer answer = gateway.ask(Request.of(gateway.chain(PAIR, HASTY)));

        assertThat(answer.header("x-bactrian-target")).isEqualTo(gateway.target("worse"));
        assertThat(answer.took()).isLessThan(Duration.ofSeconds(5));
    }

    @Test
    void a_floor_forbids_the_worse_one() {
        cool(60);

        Answer answer = gateway.ask(Request.of(gateway.chain(PAIR, HASTY))
                .header("x-bactrian-min-quality", "0.8")
                .header("x-bactrian-timeout", "2s"));

        assertThat(answer.status()).isEqualTo(429);
        assertThat(answer.header("x-bactrian-skipped")).contains(gateway.target("worse") + "=quality");
        assertThat(b.calls()).isEmpty();
    }

    @Test
    void nobody_is_good_enough() {
        Answer answer = gateway.ask(Request.of(gateway.target("worse")).header("x-bactrian-min-quality", "0.8"));

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.error("code")).isEqualTo("no_eligible_target");
        assertThat(answer.error("message")).contains(gateway.target("worse") + "=quality");
    }

    private static Reply limited(int seconds) {
        return Reply.error(429, "rate_limit_error", null, "Slow down", "retry-after", Integer.toString(seconds));
    }

    /** Makes the first target of the chain cool for a while. */
    private void cool(int seconds) {
        a.answers(limited(seconds), Reply.text(WORDS));
        assertThat(gateway.ask(Request.of(gateway.chain(BEST))).status()).isEqualTo(429);
        a.forget();
    }
}
