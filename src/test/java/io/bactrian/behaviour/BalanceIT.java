package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.Reply;
import io.bactrian.testing.Request;
import io.bactrian.testing.Scene;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Targets that share the requests by weight. */
final class BalanceIT {
    private static Scene scene;

    @BeforeAll
    static void start() {
        scene = Scene.with(
                        "bactrian.defaults.backoff=1ms",
                        "bactrian.chains.by-weight=balance(a/m*3, b/m*1)",
                        "bactrian.chains.one-dead=balance(dead/m*2, a/n*1, b/n*1)",
                        "bactrian.chains.talks=balance(a/t, b/t)")
                .openai("a", "dead")
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

    @Test
    void three_to_one_is_75_percent_over_1000_requests() {
        for (int i = 0; i < 1_000; i++) {
            Answer answer = scene.gateway()
                    .post(
                            "/v1/chat/completions",
                            Request.of("by-weight").stream(i % 2 == 0).body());
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.header("x-bactrian-fallbacks")).isEqualTo("0");
        }
        assertThat(scene.stub("a").calls().size()).isBetween(700, 800);
        assertThat(scene.stub("b").calls().size()).isBetween(200, 300);
    }

    @Test
    void the_share_of_a_dead_one_goes_to_the_rest() {
        scene.stub("dead").on(call -> Reply.reset());
        for (int i = 0; i < 200; i++) {
            Answer answer = scene.gateway()
                    .post(
                            "/v1/chat/completions",
                            Request.of("one-dead")
                                    .field("messages", List.of(Map.of("role", "user", "content", "Question " + i)))
                                    .body());
            assertThat(answer.status()).isEqualTo(200);
        }
        assertThat(scene.stub("a").calls().size()).isBetween(75, 125);
        assertThat(scene.stub("b").calls().size()).isBetween(75, 125);
        assertThat(scene.stub("dead").calls().size()).isLessThan(12);
    }

    @Test
    void a_conversation_stays_with_the_target_that_answered_first() {
        for (int talk = 0; talk < 20; talk++) {
            Map<String, String> first = Map.of("role", "user", "content", "Talk " + talk);
            Answer began = scene.ask(Request.of("talks").field("messages", List.of(first)));
            String target = began.header("x-bactrian-target");
            for (int turn = 0; turn < 3; turn++) {
                Answer next = scene.ask(Request.of("talks")
                        .field(
                                "messages",
                                List.of(
                                        first,
                                        Map.of("role", "assistant", "content", "Yes?"),
                                        Map.of("role", "user", "content", "More " + turn))));
                assertThat(next.header("x-bactrian-target")).isEqualTo(target);
            }
        }
        assertThat(scene.stub("a").calls()).isNotEmpty();
        assertThat(scene.stub("b").calls()).isNotEmpty();
    }
}
