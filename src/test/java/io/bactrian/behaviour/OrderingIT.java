package io.bactrian.behaviour;

import static io.bactrian.testing.AnswerAssertions.assertWhole;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.Mode;
import io.bactrian.testing.Reply;
import io.bactrian.testing.Request;
import io.bactrian.testing.StubProvider;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Chains whose steps are sorted for each request. */
final class OrderingIT {
    private static final Duration SLOW = Duration.ofMillis(150);

    private static final String FASTEST = "order=fastest";
    private static final String ON = "upstream-streaming=on";
    private static final String OFF = "upstream-streaming=off";
    private static final String PRICED = "best, middling, cheap";

    @RegisterExtension
    static final GatewayExtension gateway = GatewayExtension.with(
                    "bactrian.defaults.backoff=50ms", "bactrian.defaults.breaker.failures=100")
            .openai("p", "f", "g")
            .anthropic("a")
            .pool(15)
            .targets("best", "p", "price-input=3", "price-output=15")
            .targets("cheap", "f", "quality=0.7", "price-input=0.1", "price-output=0.3")
            .targets("middling", "g", "quality=0.6", "price-input=1", "price-output=1")
            .targets("dear", "p", "price-input=9", "price-output=9")
            .targets("fair", "f", "price-input=2", "price-output=2")
            .targets("gift", "g", "price-input=0", "price-output=0")
            .chains("p, f", FASTEST, ON)
            .chains("p, f", FASTEST, OFF)
            .chains("a, f", FASTEST, ON)
            .chains("p, f", FASTEST, "first-token-timeout=300ms")
            .chains("p, f", FASTEST)
            .chains(PRICED, "order=cheapest")
            .chains(PRICED)
            .chains("dear, fair", "order=cheapest")
            .chains("p, f", "order=least-busy");

    private final StubProvider p = gateway.stub("p");
    private final StubProvider f = gateway.stub("f");

    @ParameterizedTest
    @EnumSource(names = {"OPENAI_STREAM", "OPENAI_DOCUMENT_ALL_THE_WAY", "ANTHROPIC_STREAM", "ANTHROPIC_DOCUMENT"})
    void fastest_goes_to_the_quicker_target_and_back_only_after_a_clear_change(Mode mode) {
        String name = mode.openai() ? "p" : "a";
        String chain = gateway.chain(name + ", f", FASTEST, mode.upstreamStreams() ? ON : OFF);
        gateway.stub(name).answers(after(SLOW));
        f.answers(after(Duration.ZERO));

        // Each is learned with three calls, in the order written.
        assertThat(ask(chain, mode.stream(), 6))
                .containsExactly(name + "=OK", name + "=OK", name + "=OK", "f=OK", "f=OK", "f=OK");
        Answer answer = gateway.ask(Request.of(chain).stream(mode.stream()));
        assertWhole(answer, mode.stream(), "Hello from the stub.");
        assertThat(answer.outcomes()).isEqualTo("f=OK");
        assertThat(answer.header("x-bactrian-fallbacks")).isEqualTo("0");
        assertThat(answer.header("x-bactrian-skipped")).isEmpty();

        // Not clearly slower than the other.
        f.answers(after(SLOW.plusMillis(15)));
        assertThat(ask(chain, mode.stream(), 5)).containsOnly("f=OK");

        f.answers(after(SLOW.multipliedBy(2)));
        assertThat(ask(chain, mode.stream(), 13)).endsWith(name + "=OK", name + "=OK");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void target_that_times_out_is_slow(boolean stream) {
        String chain = gateway.chain("p, f", FASTEST, "first-token-timeout=300ms");
        p.answers(Reply.silence());
        f.answers(after(Duration.ofMillis(100)));

        assertThat(ask(chain, stream, 8))
                .startsWith("p=TIMEOUT, f=OK", "p=TIMEOUT, f=OK", "p=TIMEOUT, f=OK")
                .endsWith("f=OK", "f=OK", "f=OK", "f=OK", "f=OK");
        assertThat(gateway.status("p/" + gateway.model())
                        .at("/firstTokenMs/stream/p50")
                        .asInt())
                .isBetween(300, 3000);
    }

    @ParameterizedTest
    @EnumSource(names = {"OPENAI_STREAM", "ANTHROPIC_DOCUMENT"})
    void failure_of_the_quickest_leads_to_the_next_and_the_labels_tell_it(Mode mode) {
        String chain = gateway.chain("p, f", FASTEST);
        p.answers(after(SLOW));
        ask(chain, mode.stream(), 7);
        f.answers(Reply.status(404, "{\"error\":{\"message\":\"gone\"}}"));

        Answer answer = gateway.ask(Request.of(chain).stream(mode.stream()));

        assertThat(answer.outcomes()).isEqualTo("f=MODEL_UNAVAILABLE, p=OK");
        assertThat(answer.header("x-bactrian-fallbacks")).isEqualTo("1");
        assertThat(answer.header("x-bactrian-degraded")).isEqualTo("false");
    }

    @Test
    void cheapest_comes_first_and_is_not_degraded_unless_a_better_one_before_it_failed() {
        Answer cheapest = gateway.ask(Request.of(gateway.chain(PRICED, "order=cheapest")));
        Answer written = gateway.ask(Request.of(gateway.chain(PRICED)));
        f.answers(ProviderError.OPENAI_NO_MODEL.reply());
        Answer next = gateway.ask(Request.of(gateway.chain(PRICED, "order=cheapest")));

        assertThat(cheapest.trail()).containsExactly(gateway.target("cheap") + "=OK");
        assertThat(cheapest.header("x-bactrian-degraded")).isEqualTo("false");
        assertThat(cheapest.header("x-bactrian-quality")).isEqualTo("0.7");
        assertThat(written.trail()).containsExactly(gateway.target("best") + "=OK");
        assertThat(next.trail())
                .containsExactly(gateway.target("cheap") + "=MODEL_UNAVAILABLE", gateway.target("middling") + "=OK");
        assertThat(next.header("x-bactrian-degraded")).isEqualTo("quality");
    }

    @Test
    void what_the_caller_adds_stays_behind_in_the_callers_order() {
        p.answers(ProviderError.OPENAI_NO_MODEL.reply());
        f.answers(ProviderError.OPENAI_NO_MODEL.reply());

        Answer answer = gateway.ask(
                Request.of(gateway.chain("dear, fair", "order=cheapest")).fallbacks(gateway.target("gift")));

        assertThat(answer.trail())
                .containsExactly(
                        gateway.target("fair") + "=MODEL_UNAVAILABLE",
                        gateway.target("dear") + "=MODEL_UNAVAILABLE",
                        gateway.target("gift") + "=OK");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void least_busy_spreads_slow_calls_and_goes_by_the_order_written_when_all_are_idle(boolean stream)
            throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        p.answers(Reply.text("slowly").heldUntil(release));
        f.answers(Reply.text("slowly").heldUntil(release));
        Request request = Request.of(gateway.chain("p, f", "order=least-busy")).stream(stream);

        List<CompletableFuture<Answer>> asked = IntStream.rangeClosed(1, 8)
                .mapToObj(n -> {
                    CompletableFuture<Answer> answer = gateway.askInBackground(request);
                    await().until(() -> p.calls().size() + f.calls().size() == n);
                    return answer;
                })
                .toList();
        int busyP = underWay("p");
        int busyF = underWay("f");
        release.countDown();
        for (CompletableFuture<Answer> answer : asked) {
            assertWhole(answer.get(20, TimeUnit.SECONDS), stream, "slowly");
        }

        assertThat(List.of(p.calls().size(), f.calls().size())).containsExactly(5, 3);
        assertThat(List.of(busyP, busyF)).containsExactly(5, 3);
        await().untilAsserted(() ->
                assertThat(gateway.status().findValuesAsText("underWay")).containsOnly("0"));
        assertThat(gateway.ask(request).outcomes()).isEqualTo("p=OK");
    }

    private static int underWay(String provider) {
        return gateway.status(provider + "/" + gateway.model()).path("underWay").asInt();
    }

    private static Reply after(Duration time) {
        return Reply.text("Hello from the stub.").firstTokenAfter(time);
    }

    private static List<String> ask(String chain, boolean stream, int times) {
        return IntStream.range(0, times)
                .mapToObj(i -> gateway.ask(Request.of(chain).stream(stream)).outcomes())
                .toList();
    }
}
