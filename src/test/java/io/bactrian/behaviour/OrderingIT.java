package io.bactrian.behaviour;

import static io.bactrian.testing.AnswerAssertions.assertWhole;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.Mode;
import io.bactrian.testing.Reply;
import io.bactrian.testing.Request;
import io.bactrian.testing.Scene;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Chains whose steps are sorted for each request. */
final class OrderingIT {
    private static final Duration SLOW = Duration.ofMillis(150);

    private static Reply after(Duration time) {
        return Reply.text("Hello from the stub.").firstTokenAfter(time);
    }

    private static Scene fastest(Mode mode) {
        Scene scene = Scene.with(
                "bactrian.chains-options.default.order=fastest",
                "bactrian.defaults.upstream-streaming=" + (mode.upstreamStreams() ? "on" : "off"));
        return (mode.openai() ? scene.openai("p") : scene.anthropic("p"))
                .openai("f")
                .start();
    }

    private static List<String> ask(Scene scene, Mode mode, int times) {
        return IntStream.range(0, times)
                .mapToObj(i ->
                        scene.ask(Request.of("default").stream(mode.stream())).outcomes())
                .toList();
    }

    @ParameterizedTest
    @EnumSource(names = {"OPENAI_STREAM", "OPENAI_DOCUMENT_ALL_THE_WAY", "ANTHROPIC_STREAM", "ANTHROPIC_DOCUMENT"})
    void fastest_goes_to_the_quicker_target_and_back_only_after_a_clear_change(Mode mode) {
        try (Scene scene = fastest(mode)) {
            scene.stub("p").answers(after(SLOW));
            scene.stub("f").answers(after(Duration.ZERO));

            // Each is learned with three calls, in the order written.
            assertThat(ask(scene, mode, 6)).containsExactly("p=OK", "p=OK", "p=OK", "f=OK", "f=OK", "f=OK");
            Answer answer = scene.ask(Request.of("default").stream(mode.stream()));
            assertWhole(answer, mode.stream(), "Hello from the stub.");
            assertThat(answer.outcomes()).isEqualTo("f=OK");
            assertThat(answer.header("x-bactrian-fallbacks")).isEqualTo("0");
            assertThat(answer.header("x-bactrian-skipped")).isEmpty();

            // Not clearly slower than the other.
            scene.stub("f").answers(after(SLOW.plusMillis(15)));
            assertThat(ask(scene, mode, 5)).containsOnly("f=OK");

            scene.stub("f").answers(after(SLOW.multipliedBy(2)));
            assertThat(ask(scene, mode, 13)).endsWith("p=OK", "p=OK");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void target_that_times_out_is_slow(boolean stream) {
        try (Scene scene = Scene.with(
                        "bactrian.chains-options.default.order=fastest",
                        "bactrian.defaults.first-token-timeout=300ms",
                        "bactrian.defaults.breaker.failures=100")
                .openai("p", "f")
                .start()) {
            scene.stub("p").answers(Reply.silence());
            scene.stub("f").answers(after(Duration.ofMillis(100)));

            List<String> outcomes = IntStream.range(0, 8)
                    .mapToObj(
                            i -> scene.ask(Request.of("default").stream(stream)).outcomes())
                    .toList();

            assertThat(outcomes)
                    .startsWith("p=TIMEOUT, f=OK", "p=TIMEOUT, f=OK", "p=TIMEOUT, f=OK")
                    .endsWith("f=OK", "f=OK", "f=OK", "f=OK", "f=OK");
            JsonNode p = scene.gateway().get("/status").json().at("/targets/0");
            assertThat(p.at("/firstTokenMs/stream/p50").asInt()).isBetween(300, 900);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"OPENAI_STREAM", "ANTHROPIC_DOCUMENT"})
    void failure_of_the_quickest_leads_to_the_next_and_the_labels_tell_it(Mode mode) {
        try (Scene scene = Scene.with(
                        "bactrian.chains.default=good/m, quick/m",
                        "bactrian.chains-options.default.order=fastest",
                        "bactrian.defaults.backoff=50ms")
                .openai("good", "quick")
                .start()) {
            scene.stub("good").answers(after(SLOW));
            ask(scene, mode, 7);
            scene.stub("quick").answers(Reply.status(404, "{\"error\":{\"message\":\"gone\"}}"));

            Answer answer = scene.ask(Request.of("default").stream(mode.stream()));

            assertThat(answer.outcomes()).isEqualTo("quick=MODEL_UNAVAILABLE, good=OK");
            assertThat(answer.header("x-bactrian-fallbacks")).isEqualTo("1");
            assertThat(answer.header("x-bactrian-degraded")).isEqualTo("false");
        }
    }

    @Test
    void cheapest_comes_first_and_is_not_degraded_unless_a_better_one_before_it_failed() {
        try (Scene scene = Scene.with(
                        "bactrian.targets.best.provider=p",
                        "bactrian.targets.best.model=m",
                        "bactrian.targets.best.price-input=3",
                        "bactrian.targets.best.price-output=15",
                        "bactrian.targets.cheap.provider=f",
                        "bactrian.targets.cheap.model=m",
                        "bactrian.targets.cheap.quality=0.7",
                        "bactrian.targets.cheap.price-input=0.1",
                        "bactrian.targets.cheap.price-output=0.3",
                        "bactrian.targets.middling.provider=g",
                        "bactrian.targets.middling.model=m",
                        "bactrian.targets.middling.quality=0.6",
                        "bactrian.targets.middling.price-input=1",
                        "bactrian.targets.middling.price-output=1",
                        "bactrian.chains.default=best, middling, cheap",
                        "bactrian.chains-options.default.order=cheapest",
                        "bactrian.chains.written=best, middling, cheap")
                .openai("p", "f", "g")
                .start()) {
            Answer cheapest = scene.ask(Request.of("default"));
            Answer written = scene.ask(Request.of("written"));
            scene.stub("f").answers(ProviderError.OPENAI_NO_MODEL.reply());
            Answer next = scene.ask(Request.of("default"));

            assertThat(cheapest.outcomes()).isEqualTo("cheap=OK");
            assertThat(cheapest.header("x-bactrian-degraded")).isEqualTo("false");
            assertThat(cheapest.header("x-bactrian-quality")).isEqualTo("0.7");
            assertThat(written.outcomes()).isEqualTo("best=OK");
            assertThat(next.outcomes()).isEqualTo("cheap=MODEL_UNAVAILABLE, middling=OK");
            assertThat(next.header("x-bactrian-degraded")).isEqualTo("quality");
        }
    }

    @Test
    void what_the_caller_adds_stays_behind_in_the_callers_order() {
        try (Scene scene = Scene.with(
                        "bactrian.targets.dear.provider=p",
                        "bactrian.targets.dear.model=m",
                        "bactrian.targets.dear.price-input=9",
                        "bactrian.targets.dear.price-output=9",
                        "bactrian.targets.cheap.provider=f",
                        "bactrian.targets.cheap.model=m",
                        "bactrian.targets.cheap.price-input=2",
                        "bactrian.targets.cheap.price-output=2",
                        "bactrian.targets.gift.provider=g",
                        "bactrian.targets.gift.model=m",
                        "bactrian.targets.gift.price-input=0",
                        "bactrian.targets.gift.price-output=0",
                        "bactrian.chains.default=dear, cheap",
                        "bactrian.chains-options.default.order=cheapest")
                .openai("p", "f", "g")
                .start()) {
            scene.stub("p").answers(ProviderError.OPENAI_NO_MODEL.reply());
            scene.stub("f").answers(ProviderError.OPENAI_NO_MODEL.reply());

            assertThat(scene.ask(Request.of("default").fallbacks("gift")).outcomes())
                    .isEqualTo("cheap=MODEL_UNAVAILABLE, dear=MODEL_UNAVAILABLE, gift=OK");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void least_busy_spreads_slow_calls_and_goes_by_the_order_written_when_all_are_idle(boolean stream)
            throws Exception {
        try (Scene scene = Scene.with("bactrian.chains-options.default.order=least-busy")
                .openai("p", "f")
                .start()) {
            CountDownLatch release = new CountDownLatch(1);
            Reply slow = x -> {
                try {
                    release.await(20, TimeUnit.SECONDS);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                return Reply.text("slowly").send(x);
            };
            scene.stub("p").answers(slow);
            scene.stub("f").answers(slow);

            List<CompletableFuture<Answer>> asked = IntStream.rangeClosed(1, 8)
                    .mapToObj(n -> {
                        CompletableFuture<Answer> answer = CompletableFuture.supplyAsync(
                                () -> scene.gateway()
                                        .post(
                                                "/v1/chat/completions",
                                                Request.of("default").stream(stream)
                                                        .body()),
                                task -> Thread.ofVirtual().start(task));
                        await().until(() -> calls(scene, "p") + calls(scene, "f") == n);
                        return answer;
                    })
                    .toList();
            JsonNode busy = scene.gateway().get("/status").json();
            release.countDown();
            for (CompletableFuture<Answer> answer : asked) {
                assertWhole(answer.get(20, TimeUnit.SECONDS), stream, "slowly");
            }

            assertThat(List.of(calls(scene, "p"), calls(scene, "f"))).containsExactly(5, 3);
            assertThat(busy.at("/targets/0/underWay").asInt()).isEqualTo(5);
            assertThat(busy.at("/targets/1/underWay").asInt()).isEqualTo(3);
            await().untilAsserted(() -> assertThat(
                            scene.gateway().get("/status").json().findValuesAsText("underWay"))
                    .containsOnly("0"));
            assertThat(scene.ask(Request.of("default").stream(stream)).outcomes())
                    .isEqualTo("p=OK");
        }
    }

    private static int calls(Scene scene, String stub) {
        return scene.stub(stub).calls().size();
    }
}
