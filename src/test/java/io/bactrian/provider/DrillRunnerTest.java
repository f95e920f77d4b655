package io.bactrian.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.config.Chain;
import io.bactrian.config.Target;
import io.bactrian.health.DrillFault;
import io.bactrian.health.Drills;
import io.bactrian.policy.CallFailed;
import io.bactrian.policy.Candidate;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import io.bactrian.policy.Plan;
import io.bactrian.protocol.openai.ChatCompletions;
import io.bactrian.protocol.openai.ChatProvider;
import io.bactrian.provider.failure.Classifier;
import io.bactrian.request.DocumentReply;
import io.bactrian.request.RequestContext;
import io.bactrian.testing.TestChains;
import io.bactrian.testing.TestLimits;
import io.bactrian.testing.TestRequests;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class DrillRunnerTest {
    private static final Clock clock = Clock.systemUTC();
    private static final Watchdog watchdog = new Watchdog(clock);

    private final Classifier classifier = new Classifier(clock);
    private final Drills drills = new Drills();
    private final DrillRunner drillRunner = new DrillRunner(drills, clock);
    private final Target target = TestChains.target("a");
    private final Chain chain = TestChains.chain(TestLimits.defaults(), target);
    private final Plan plan = TestChains.plan(chain, clock.millis() + 60_000);
    private final Candidate candidate = plan.candidates().getFirst();
    private final RequestContext context = context(Map.of());
    private final Attempt attempt = new Attempt(
            context, candidate, TestRequests.call(target), new ChatProvider(), classifier, true, watchdog, clock);

    private RequestContext context(Map<String, DrillFault> ordered) {
        return TestRequests.planned(
                ChatCompletions.PROTOCOL.read(
                        "{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}".getBytes(StandardCharsets.UTF_8)),
                chain,
                plan,
                new DocumentReply(ChatCompletions.PROTOCOL, "req_1"),
                clock.millis(),
                false,
                ordered);
    }

    @AfterAll
    static void stop() {
        watchdog.close();
    }

    private CallFailed play(String fault, boolean forAll) {
        return drillRunner.fail(new DrillRunner.Drill(DrillFault.of(fault), forAll), attempt);
    }

    @Test
    void a_status_means_what_it_means_when_a_provider_says_it() {
        assertThat(IntStream.range(400, 600).boxed()).allSatisfy(status -> {
            Failure played = play(status.toString(), true).failure();
            Failure real = classifier.classify(status, name -> null, new byte[0]);

            assertThat(played.type()).isEqualTo(status == 499 ? FailureClass.SERVER_ERROR : real.type());
            assertThat(played.status()).isEqualTo(status);
            assertThat(played.counts()).isEqualTo(status == 499 || real.counts());
        });
    }

    @ParameterizedTest
    @CsvSource({
        "429, RATE_LIMITED",
        "401, AUTHENTICATION",
        "402, QUOTA_EXHAUSTED",
        "404, MODEL_UNAVAILABLE",
        "400, INVALID_REQUEST",
        "503, OVERLOADED",
        "529, OVERLOADED",
        "500, SERVER_ERROR",
        "504, TIMEOUT",
        "reset, NETWORK",
        "refused, NETWORK",
        "garbage, INVALID_RESPONSE"
    })
    void faults_have_their_classes_and_nothing_is_learned_from_them(String fault, FailureClass type) {
        CallFailed one = play(fault, false);
        assertThat(one.failure().type()).isEqualTo(type);
        assertThat(one.failure().reason()).startsWith("drill: ");
        assertThat(one.drill()).isTrue();
        assertThat(one.counts()).isFalse();
        assertThat(one.staleConnection()).isFalse();

        CallFailed all = play(fault, true);
        assertThat(all.drill()).isTrue();
        assertThat(all.counts()).isEqualTo(all.failure().counts());
    }

    @Test
    void a_broken_connection_may_be_tried_again_and_a_refused_one_not() {
        assertThat(play("reset", false).failure().code()).isEqualTo(Failure.RESET);
        assertThat(play("refused", false).failure().code()).isNotEqualTo(Failure.RESET);
    }

    @Test
    void silence_lasts_until_the_limit_of_the_call() {
        attempt.expect(Duration.ofMillis(200), "first token");
        long start = System.nanoTime();
        CallFailed failed = play("timeout", true);

        assertThat(Duration.ofNanos(System.nanoTime() - start))
                .isBetween(Duration.ofMillis(150), Duration.ofSeconds(2));
        assertThat(failed.failure().type()).isEqualTo(FailureClass.TIMEOUT);
        assertThat(failed.failure().reason()).contains("no first token");
        assertThat(failed.counts()).isTrue();
        assertThat(failed.drill()).isTrue();
    }

    @Test
    void silence_ends_when_the_caller_leaves() throws Exception {
        attempt.expect(Duration.ofSeconds(30), "answer");
        CompletableFuture<CallFailed> silent = new CompletableFuture<>();
        Thread playing = Thread.startVirtualThread(() -> silent.complete(play("timeout", true)));
        await().until(() -> playing.getState() == Thread.State.WAITING);
        context.cancel();

        await().atMost(Duration.ofSeconds(2)).until(silent::isDone);
        assertThat(silent.get().failure().type()).isEqualTo(FailureClass.CANCELLED);
        assertThat(silent.get().counts()).isFalse();
    }

    @Test
    void a_request_s_own_drill_comes_before_the_operator_s() {
        long now = clock.millis();
        assertThat(drillRunner.of(context, target, now)).isNull();

        drills.begin(target, DrillFault.of("503"), now + 60_000, now);
        assertThat(drillRunner.of(context, target, now)).isEqualTo(new DrillRunner.Drill(DrillFault.of("503"), true));

        RequestContext own = context(Map.of(target.key(), DrillFault.of("429")));
        assertThat(drillRunner.of(own, target, now)).isEqualTo(new DrillRunner.Drill(DrillFault.of("429"), false));
        assertThat(drillRunner.of(own, TestChains.target("b"), now)).isNull();
    }
}
