package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Call;
import io.bactrian.testing.Caller;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.Reply;
import io.bactrian.testing.Request;
import io.bactrian.testing.StubProvider;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Streams and the limits of time: what stalls, lives on without content, never ends, or has to wait. */
final class StreamTimesIT {
    private static final String F_SAYS = "F has the answer";
    /** Longer than any limit here, so that who waits for it shows. */
    private static final Duration LONG = Duration.ofSeconds(4);

    @RegisterExtension
    static final GatewayExtension gateway = configured(GatewayExtension.with(
            "bactrian.defaults.backoff=10ms",
            "bactrian.defaults.patience=400ms",
            "bactrian.defaults.deadline=30s",
            "bactrian.defaults.stream-rescue=off",
            "bactrian.defaults.breaker.failures=100"));

    @BeforeEach
    void f_is_well() {
        gateway.stub("f").answers(Reply.text(F_SAYS));
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("io.bactrian.testing.Caller#pairs")
    void a_stall_ends_at_the_idle_limit_and_frees_everything(Caller caller, String api) {
        StubProvider p = gateway.stub("idle-" + api)
                .answers(
                        Reply.text("one two three").stallAfter(2),
                        Reply.text("one two three").stallAfter(2),
                        Reply.text("well again"));

        Answer stream = gateway.ask(gateway.along("idle-" + api, "f").by(caller).stream(true));
        Answer document = gateway.ask(gateway.along("idle-" + api, "f").by(caller));

        assertThat(caller.words(stream)).isEqualTo("one two");
        assertThat(stream.took()).isBetween(Duration.ofMillis(300), LONG);
        caller.assertBrokenOff(stream, "idle-" + api, "TIMEOUT");
        assertThat(document.outcomes()).isEqualTo("idle-" + api + "=TIMEOUT, f=OK");
        assertThat(document.attempts()).isEqualTo(String.join(", ", document.trail()));
        assertThat(caller.words(document)).isEqualTo(F_SAYS);
        await().until(() -> p.calls().stream().allMatch(Call::clientLeft));
        await().until(() -> gateway.inFlight() == 0);
        Answer again = gateway.ask(gateway.along("idle-" + api, "f").by(caller).stream(true));
        assertThat(caller.words(again)).isEqualTo("well again");
        caller.assertWellFormed(again);
    }

    @Test
    void a_stall_with_heartbeats_ends_at_the_deadline() {
        gateway.stub("beating")
                .answers(Reply.text("one two three").stallAfter(2).pinging(Duration.ofMillis(50)));

        Answer stream = gateway.ask(gateway.along("beating", "f").stream(true).header("x-bactrian-timeout", "2s"));

        assertThat(stream.took()).as("the idle limit is 800 ms").isBetween(Duration.ofMillis(1900), LONG);
        Caller.CHAT.assertBrokenOff(stream, "beating", "TIMEOUT");
    }

    @ParameterizedTest
    @ValueSource(strings = {"openai", "anthropic"})
    void a_slow_second_event_is_the_business_of_the_idle_limit(String api) {
        gateway.stub("start-" + api).answers(Reply.text("one two").everyToken(Duration.ofMillis(600)));

        Answer answer = gateway.ask(gateway.along("start-" + api, "f").stream(true));

        assertThat(answer.content()).isEqualTo("one two");
        assertThat(answer.outcomes()).isEqualTo("start-" + api + "=OK");
        assertThat(gateway.stub("f").calls()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"openai", "anthropic"})
    void signs_of_life_are_no_first_content(String api) {
        StubProvider p = gateway.stub("start-" + api)
                .answers(
                        Reply.text("late").firstTokenAfter(LONG.multipliedBy(2)).pinging(Duration.ofMillis(50)));

        Answer answer = gateway.ask(gateway.along("start-" + api, "f").stream(true));

        assertThat(answer.content()).isEqualTo(F_SAYS);
        assertThat(answer.outcomes()).isEqualTo("start-" + api + "=TIMEOUT, f=OK");
        assertThat(answer.attempts()).isEqualTo(String.join(", ", answer.trail()));
        assertThat(answer.took()).isLessThan(LONG);
        await().until(() -> p.call(1).clientLeft());
    }

    @Test
    void thinking_counts_as_work() {
        HandWrittenStream stream = new HandWrittenStream("anthropic");
        String start = stream.sse(
                List.of(
                        HandWrittenStream.message(),
                        "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}}"));
        String thought = stream.sse(
                "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"thinking_delta\",\"thinking\":\"hm\"}}");
        String end = stream.sse(List.of(
                "{\"type\":\"content_block_stop\",\"index\":0}",
                "{\"type\":\"content_block_start\",\"index\":1,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}",
                "{\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"text_delta\",\"text\":\"Found\"}}",
                "{\"type\":\"content_block_stop\",\"index\":1}",
                "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":9}}",
                "{\"type\":\"message_stop\"}"));
        gateway.stub("thinking")
                .answers(HandWrittenStream.paced(
                        Duration.ofMillis(450), start, thought, thought, thought, thought, end));

        Answer answer = gateway.ask(gateway.along("thinking", "f").stream(true));

        assertThat(answer.content()).isEqualTo("Found");
        assertThat(answer.outcomes()).isEqualTo("thinking=OK");
        assertThat(answer.took()).as("longer than both limits").isGreaterThan(Duration.ofSeconds(2));
        assertThat(answer.text()).doesNotContain("\"hm\"");
    }

    @Test
    void an_endless_stream_ends_at_the_deadline() {
        Reply endless =
                Reply.text("on and on ").everyToken(Duration.ofMillis(5)).endless();
        gateway.stub("p-openai").answers(endless);
        gateway.stub("p-anthropic").answers(endless);

        Pair.atOnce(pair -> {
            Request request =
                    gateway.along(pair.provider("p"), "f").by(pair.caller()).header("x-bactrian-timeout", "800");
            Answer stream = gateway.gateway().ask(request.stream(true));
            Answer document = gateway.gateway().ask(request.stream(false));

            assertThat(stream.took()).isBetween(Duration.ofMillis(700), LONG);
            pair.caller().assertBrokenOff(stream, pair.provider("p"), "TIMEOUT");
            assertThat(document.took()).isBetween(Duration.ofMillis(700), LONG);
            assertThat(document.status()).isEqualTo(504);
            assertThat(pair.caller().error(document).path("message").asText()).isNotBlank();
        });
        for (Pair pair : Pair.all()) {
            await().until(() ->
                    gateway.stub(pair.provider("p")).calls().stream().allMatch(Call::clientLeft));
        }
    }

    @Test
    void the_only_target_that_is_rate_limited_is_waited_for() {
        Set<String> limited = ConcurrentHashMap.newKeySet();
        for (String api : List.of("openai", "anthropic")) {
            gateway.stub("p-" + api).on(call -> {
                boolean never = call.model().equals("never");
                return never || limited.add(call.model())
                        ? Reply.error(
                                429,
                                "rate_limit_error",
                                "rate_limit_exceeded",
                                "slower",
                                "retry-after",
                                never ? "90" : "1")
                        : Reply.text("at last");
            });
        }

        Pair.atOnce(pair -> {
            Caller caller = pair.caller();
            for (boolean stream : new boolean[] {true, false}) {
                Answer answer = gateway.gateway().ask(gateway.along(pair.provider("p")).by(caller).stream(stream));

                assertThat(answer.status()).as(answer.text()).isEqualTo(200);
                assertThat(caller.words(answer)).isEqualTo("at last");
                assertThat(answer.outcomes()).isEqualTo("%1$s=RATE_LIMITED, %1$s=OK".formatted(pair.provider("p")));
                assertThat(answer.attempts()).isEqualTo(String.join(", ", answer.trail()));
                assertThat(answer.took()).isBetween(Duration.ofMillis(950), LONG);
            }
            Answer tooLate = gateway.gateway().ask(Request.of(pair.provider("p") + "/never").by(caller).stream(true));
            assertThat(tooLate.status()).isEqualTo(429);
            assertThat(Integer.parseInt(tooLate.header("retry-after"))).isBetween(80, 90);
            assertThat(caller.error(tooLate).path("type").asText()).isEqualTo("rate_limit_error");
        });
    }

    private static GatewayExtension configured(GatewayExtension extension) {
        return extension
                .openai("p-openai", "idle-openai", "start-openai", "beating", "f")
                .anthropic("p-anthropic", "idle-anthropic", "start-anthropic", "thinking")
                .and("""
                    bactrian.providers.idle-openai.idle-timeout=300ms
                    bactrian.providers.idle-anthropic.idle-timeout=300ms
                    bactrian.providers.beating.idle-timeout=800ms
                    bactrian.providers.start-openai.first-token-timeout=400ms
                    bactrian.providers.start-anthropic.first-token-timeout=400ms
                    bactrian.providers.thinking.first-token-timeout=1s
                    bactrian.providers.thinking.idle-timeout=1s\
                    """);
    }
}
