package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.ModelReply;
import io.bactrian.testing.Reply;
import io.bactrian.testing.Request;
import io.bactrian.testing.StubProvider;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A second target that starts when the first one is slow, for a share of the requests. */
final class HedgeIT {
    private static final String WORDS = "One two three four five six seven eight nine ten.";
    /** So long that the limits below, which are shares of it, leave a busy machine time. */
    private static final Duration DELAY = Duration.ofSeconds(1);

    private static final String HEDGE = "hedge(a, b)";
    /** Longer than anything else here, so that who waits for it shows. */
    private static final Duration SLOW = Duration.ofSeconds(15);

    @RegisterExtension
    static final GatewayExtension gateway = GatewayExtension.with(
                    "bactrian.defaults.backoff=10ms",
                    "bactrian.defaults.deadline=20s",
                    "bactrian.defaults.hedge-delay=1s",
                    "bactrian.defaults.hedge-share=1")
            .openai("a")
            .anthropic("b")
            .chains(HEDGE)
            .chains(HEDGE, "hedge-delay=10s")
            .chains(HEDGE, "hedge-delay=p95")
            .chains(HEDGE, "hedge-delay=30ms", "hedge-share=0.1");

    private final StubProvider a = gateway.stub("a");
    private final StubProvider b = gateway.stub("b");

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void the_second_does_not_start_while_the_first_is_quick(boolean stream) {
        for (int i = 0; i < 5; i++) {
            assertThat(ask(stream, "hedge-delay=10s").attempts())
                    .startsWith("a/")
                    .endsWith("=OK");
        }
        assertThat(b.calls()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void the_second_answers_when_the_first_is_slow(boolean stream) {
        a.answers(slow());
        b.answers(Reply.text(WORDS));

        Answer answer = ask(stream);

        assertThat(answer.content()).isEqualTo(WORDS);
        assertThat(answer.outcomes()).isEqualTo("a=CANCELLED, b=OK");
        assertThat(b.lastCall().since(a.lastCall()))
                .isBetween(
                        DELAY.multipliedBy(9).dividedBy(10),
                        DELAY.multipliedBy(5).dividedBy(2));
        await().atMost(Duration.ofSeconds(1)).until(() -> a.lastCall().clientLeft());
    }

    @Test
    void the_first_may_still_win() {
        a.answers(Reply.text(WORDS).firstTokenAfter(DELAY.multipliedBy(5).dividedBy(3)));
        b.answers(slow());

        Answer answer = ask(true);

        assertThat(answer.outcomes()).isEqualTo("a=OK, b=CANCELLED");
        await().atMost(Duration.ofSeconds(1)).until(() -> b.lastCall().clientLeft());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_long_answer_that_has_begun_is_not_slow(boolean stream) {
        a.answers(Reply.text(WORDS).everyToken(DELAY.dividedBy(4)));

        assertThat(ask(stream).content()).isEqualTo(WORDS);
        assertThat(b.calls()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void when_the_first_fails_the_second_starts_at_once(boolean stream) {
        a.answers(Reply.error(429, "rate_limit_error", null, "Slow down", "retry-after", "60"));
        b.answers(Reply.text(WORDS));

        Answer answer = ask(stream);

        assertThat(answer.outcomes()).isEqualTo("a=RATE_LIMITED, b=OK");
        assertThat(b.lastCall().since(a.lastCall())).isLessThan(DELAY);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void no_more_than_its_share_is_hedged_although_everything_is_slow(boolean stream) {
        a.on(call -> Reply.text(WORDS).firstTokenAfter(Duration.ofMillis(200)));
        b.on(call -> Reply.text(WORDS).firstTokenAfter(Duration.ofMillis(200)));
        String tenth = gateway.chain(HEDGE, "hedge-delay=30ms", "hedge-share=0.1");

        List<Answer> answers = gateway.askAtOnce(100, i -> Request.of(tenth).stream(stream));

        assertThat(answers).allSatisfy(answer -> assertThat(answer.content()).isEqualTo(WORDS));
        assertThat(b.calls()).hasSizeBetween(5, 10);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void usually_the_95th_percentile_of_the_first_is_waited_for(boolean stream) {
        Duration rare = Duration.ofMillis(800);
        // Two of the 25 are that slow, which is their 95th percentile; a hiccup of the machine is shorter.
        a.on(call -> Reply.text(WORDS).firstTokenAfter(a.calls().size() % 9 == 8 ? rare : Duration.ofMillis(50)));
        for (int i = 0; i < 25; i++) {
            ask(stream, "hedge-delay=p95");
        }
        assertThat(b.calls()).hasSizeLessThan(3);
        gateway.reset();
        a.answers(slow());

        Answer answer = ask(stream, "hedge-delay=p95");

        assertThat(answer.outcomes()).isEqualTo("a=CANCELLED, b=OK");
        assertThat(b.lastCall().since(a.lastCall()))
                .isBetween(rare.multipliedBy(9).dividedBy(10), rare.multipliedBy(9));
    }

    private static Answer ask(boolean stream, String... options) {
        return gateway.ask(Request.of(gateway.chain(HEDGE, options)).stream(stream));
    }

    private static ModelReply slow() {
        return Reply.text(WORDS).firstTokenAfter(SLOW);
    }
}
