package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Caller;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.Reply;
import io.bactrian.testing.Request;
import io.bactrian.testing.StubProvider;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Several targets at once keep to the limits of the whole request, however quick they are. */
final class RaceLimitsIT {
    private static final String WORDS = "One two three four five.";
    private static final String RACE = "race(a, b, c)";
    private static final String HEDGE = "hedge(a, b)";

    @RegisterExtension
    static final GatewayExtension gateway = GatewayExtension.with(
                    "bactrian.defaults.backoff=10ms",
                    "bactrian.defaults.deadline=10s",
                    "bactrian.defaults.breaker.failures=100000",
                    "bactrian.defaults.hedge-delay=5s",
                    "bactrian.defaults.hedge-share=1")
            .openai("a", "c")
            .anthropic("b")
            .chains(RACE)
            .chains(RACE, "max-total-attempts=1")
            .chains(RACE, "max-total-attempts=2")
            .chains(RACE, "max-total-attempts=4")
            .chains(HEDGE, "max-total-attempts=2");

    private final StubProvider a = gateway.stub("a");
    private final StubProvider b = gateway.stub("b");
    private final StubProvider c = gateway.stub("c");

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void no_more_are_asked_at_once_than_calls_are_left(boolean stream) {
        a.answers(Reply.text(WORDS).firstTokenAfter(Duration.ofMillis(200)));
        assertThat(ask(stream, 1).outcomes()).isEqualTo("a=OK");

        gateway.reset();
        a.answers(busy());
        b.answers(Reply.text(WORDS).firstTokenAfter(Duration.ofMillis(200)));
        assertThat(ask(stream, 2).outcomes()).isEqualTo("a=SERVER_ERROR, b=OK");
    }

    @Test
    void those_who_are_asked_again_at_once_share_the_calls_that_are_left() {
        for (int i = 0; i < 20; i++) {
            gateway.reset();
            a.on(call -> busy().delayed(Duration.ofMillis(50)));
            b.on(call -> busy().delayed(Duration.ofMillis(50)));
            c.on(call -> busy().delayed(Duration.ofMillis(50)));

            assertThat(ask(false, 4).status()).isEqualTo(503);

            assertThat(calls()).isEqualTo(4);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_call_is_kept_back_for_the_second_of_a_hedge(boolean stream) {
        a.on(call -> busy());

        Answer answer = gateway.ask(Request.of(gateway.chain(HEDGE, "max-total-attempts=2")).stream(stream));

        assertThat(answer.outcomes()).isEqualTo("a=SERVER_ERROR, b=OK");
    }

    @Test
    void answers_that_come_at_the_same_moment_are_one_answer_and_every_call_is_told() {
        gateway.stubs().forEach(stub -> stub.on(call -> Reply.text(WORDS)));
        for (int round = 0; round < 3; round++) {
            List<Answer> answers = gateway.askAtOnce(
                    200, i -> Request.of(gateway.chain(RACE)).by(Caller.values()[i / 2 % 2]).stream(i % 2 == 0));
            assertThat(answers).allSatisfy(answer -> assertThat(answer.status()).isEqualTo(200));
            assertThat(answers).allSatisfy(answer -> assertThat(answer.text().split("three", -1))
                    .as(answer.text())
                    .hasSize(2));
            await().atMost(Duration.ofSeconds(5)).until(() -> gateway.inFlight() == 0);
        }
    }

    private static Reply busy() {
        return Reply.error(500, "server_error", null, "An internal error.");
    }

    private static Answer ask(boolean stream, int totalAttempts) {
        return gateway.ask(Request.of(gateway.chain(RACE, "max-total-attempts=" + totalAttempts)).stream(stream));
    }

    private long calls() {
        return gateway.stubs().mapToLong(stub -> stub.calls().size()).sum();
    }
}
