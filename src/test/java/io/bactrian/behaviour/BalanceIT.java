package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.Reply;
import io.bactrian.testing.Request;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Targets that share the requests by weight. */
final class BalanceIT {
    @RegisterExtension
    static final GatewayExtension gateway = GatewayExtension.with("bactrian.defaults.backoff=1ms")
            .openai("a", "dead")
            .anthropic("b")
            .chains("balance(a*3, b*1)")
            .chains("balance(dead*2, a*1, b*1)")
            .chains("balance(a, b)");

    @Test
    void three_to_one_is_75_percent_over_1000_requests() {
        for (int i = 0; i < 1_000; i++) {
            Answer answer = gateway.ask(Request.of(gateway.chain("balance(a*3, b*1)")).stream(i % 2 == 0));
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.header("x-bactrian-fallbacks")).isEqualTo("0");
        }
        assertThat(gateway.stub("a").calls().size()).isBetween(700, 800);
        assertThat(gateway.stub("b").calls().size()).isBetween(200, 300);
    }

    @Test
    void the_share_of_a_dead_one_goes_to_the_rest() {
        gateway.stub("dead").on(call -> Reply.reset());
        for (int i = 0; i < 200; i++) {
            Answer answer = gateway.ask(
                    Request.of(gateway.chain("balance(dead*2, a*1, b*1)")).saying("Question " + i));
            assertThat(answer.status()).isEqualTo(200);
        }
        assertThat(gateway.stub("a").calls().size()).isBetween(75, 125);
        assertThat(gateway.stub("b").calls().size()).isBetween(75, 125);
        assertThat(gateway.stub("dead").calls().size()).isLessThan(12);
    }

    @Test
    void a_conversation_stays_with_the_target_that_answered_first() {
        for (int talk = 0; talk < 20; talk++) {
            Map<String, String> first = Map.of("role", "user", "content", "Talk " + talk);
            Answer began =
                    gateway.ask(Request.of(gateway.chain("balance(a, b)")).field("messages", List.of(first)));
            String target = began.header("x-bactrian-target");
            for (int turn = 0; turn < 3; turn++) {
                Answer next = gateway.ask(Request.of(gateway.chain("balance(a, b)"))
                        .field(
                                "messages",
                                List.of(
                                        first,
                                        Map.of("role", "assistant", "content", "Yes?"),
                                        Map.of("role", "user", "content", "More " + turn))));
                assertThat(next.header("x-bactrian-target")).isEqualTo(target);
            }
        }
        assertThat(gateway.stub("a").calls()).isNotEmpty();
        assertThat(gateway.stub("b").calls()).isNotEmpty();
    }
}
