package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Broker;
import io.bactrian.testing.Gateway;
import io.bactrian.testing.Ports;
import io.bactrian.testing.Program;
import io.bactrian.testing.StubProvider;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The command {@code --try-queue}. */
final class TryQueueIT {
    /** A start of the program takes a tenth of it on a quiet machine. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private static final Pattern SOME_REPLIES = Pattern.compile("\\] [1-9]\\d* of");

    @Test
    void no_request_is_lost_or_answered_twice_by_a_gateway_that_is_killed_and_started_again() {
        try (StubProvider p = StubProvider.openai()) {
            Program.Setup folder = Program.with(
                    "camel.server.port=0",
                    "bactrian.health.period=0s",
                    "bactrian.queue.port=" + Ports.free(),
                    "bactrian.providers.p.base-url=" + p.baseUrl(),
                    "bactrian.providers.p.keyless=true",
                    "bactrian.chains.default=p/m");
            try (Program tryout = folder.run("--try-queue", "120", "--rate", "60", "--patience", "120")) {
                try (Program killed = folder.run()) {
                    await().atMost(PATIENCE)
                            .until(() -> SOME_REPLIES.matcher(tryout.out()).find() || !tryout.runs());
                    assertThat(killed.runs()).isTrue();
                }
                try (Program again = folder.run()) {
                    await().atMost(PATIENCE).until(() -> !tryout.runs());
                    assertThat(tryout.exitCode()).as(tryout.out() + again.out()).isZero();
                    assertThat(tryout.out())
                            .contains("waiting for the broker at tcp://127.0.0.1:")
                            .contains("120 answered, 0 errors, 0 lost, 0 doubled;")
                            .contains("  p/m  120");
                }
            }
        }
    }

    @Test
    void a_broker_elsewhere_is_found_by_its_url_and_the_chain_is_the_one_named() {
        try (Broker broker = Broker.start();
                StubProvider p = StubProvider.openai();
                Gateway gateway = Gateway.over(
                        Map.of("p", p),
                        "bactrian.queue.enabled=true",
                        "bactrian.queue.broker-url=" + broker.url(),
                        "bactrian.queue.requests=asked");
                Program tryout = Program.with(
                                "bactrian.queue.broker-url=" + broker.url(), "bactrian.queue.requests=asked")
                        .run("--try-queue", "3", "--chain", "p/other")) {
            assertThat(gateway.port()).isPositive();
            assertThat(tryout.exitCode()).as(tryout.out() + tryout.err()).isZero();
            assertThat(tryout.out())
                    .contains("3 answered, 0 errors, 0 lost, 0 doubled;")
                    .contains("p/other  3");
        }
    }

    @Test
    void it_is_a_user_of_the_embedded_broker_by_a_callers_key() {
        int port = Ports.free();
        String[] same = {
            "bactrian.queue.enabled=true", "bactrian.queue.port=" + port, "bactrian.server.keys=team:a+secret&key"
        };
        try (StubProvider p = StubProvider.openai();
                Gateway gateway = Gateway.over(Map.of("p", p), same);
                Program tryout = Program.with(same).run("--try-queue", "3", "--patience", "30")) {
            assertThat(gateway.port()).isPositive();
            assertThat(tryout.exitCode()).as(tryout.out() + tryout.err()).isZero();
            assertThat(tryout.out()).doesNotContain("secret");
        }
    }

    @Test
    void without_a_broker_it_gives_up_and_says_what_was_not_sent() {
        try (Program tryout =
                Program.with("bactrian.queue.port=" + Ports.free()).run("--try-queue", "3", "--patience", "1")) {
            assertThat(tryout.exitCode()).isEqualTo(1);
            assertThat(tryout.out()).contains("3 requests were not sent.");
        }
    }

    @Test
    void a_wrong_option_is_told_with_the_usage() {
        try (Program tryout = Program.with().run("--try-queue", "many")) {
            assertThat(tryout.exitCode()).isEqualTo(2);
            assertThat(tryout.err()).contains("not many").contains("usage: java -jar bactrian.jar --try-queue");
        }
    }

    @Test
    void a_queue_that_is_off_cannot_be_tried() {
        try (Program tryout = Program.with("bactrian.queue.enabled=false").run("--try-queue")) {
            assertThat(tryout.exitCode()).isEqualTo(2);
            assertThat(tryout.err()).contains("bactrian.queue.enabled = false");
        }
    }
}
