package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Caller;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.ModelReply;
import io.bactrian.testing.RawCaller;
import io.bactrian.testing.Reply;
import io.bactrian.testing.Request;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Streams that are held back until they are whole, {@code stream-commit=complete}, for callers and providers of both protocols. */
final class HeldBackStreamsIT {
    private static final String F_SAYS = "F has the answer";

    @RegisterExtension
    static final GatewayExtension gateway = GatewayExtension.with(
                    "bactrian.defaults.stream-commit=complete",
                    "bactrian.defaults.max-attempts=1",
                    "bactrian.defaults.backoff=10ms",
                    "bactrian.defaults.deadline=60s",
                    "bactrian.defaults.breaker.failures=100",
                    "bactrian.providers.stalling-openai.idle-timeout=300ms",
                    "bactrian.providers.stalling-anthropic.idle-timeout=300ms")
            .openai("p-openai", "stalling-openai", "f-openai")
            .anthropic("p-anthropic", "stalling-anthropic", "f-anthropic");

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("io.bactrian.testing.Caller#pairs")
    void nothing_is_seen_of_what_breaks_while_it_is_held_back(Caller caller, String api) {
        ModelReply reply = Reply.text("one two three").model("model-of-p");
        Map<Reply, String> breaks = new LinkedHashMap<>();
        for (int token = 1; token <= 3; token++) {
            breaks.put(reply.cutAfter(token), "STREAM_BROKEN");
            breaks.put(reply.endAfter(token), "STREAM_BROKEN");
            breaks.put(reply.resetAfter(token), "STREAM_BROKEN");
            breaks.put(reply.errorEventAfter(token, overloaded(api)), "OVERLOADED");
        }
        breaks.put(reply.stallAfter(2), "TIMEOUT");
        breaks.put(reply.withoutFinish(), "STREAM_BROKEN");
        breaks.put(reply.withoutFinish().withoutDone(), "STREAM_BROKEN");
        String p = "stalling-" + api;
        String f = "f-" + other(api);
        gateway.stub(p).answers(breaks.keySet().toArray(Reply[]::new));
        gateway.stub(f).answers(Reply.text(F_SAYS));

        for (String type : breaks.values()) {
            String model = gateway.freshModel();
            Answer answer = gateway.ask(Request.of(p + "/" + model).fallbacks(f + "/" + model).by(caller).stream(true));

            String trail = "%s/%s=%s, %s/%s=OK".formatted(p, model, type, f, model);
            assertThat(caller.words(answer)).as(answer.text()).isEqualTo(F_SAYS);
            caller.assertWellFormed(answer);
            assertThat(answer.comments()).containsExactly(": bactrian attempts " + trail);
            assertThat(answer.attempts()).isEqualTo(trail);
            assertThat(answer.header("x-bactrian-target")).isEqualTo(f + "/" + model);
            assertThat(answer.text()).doesNotContain("model-of-p");
            assertThat(caller.usage(answer)).containsExactly(20, 4);
        }
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("io.bactrian.testing.Caller#pairs")
    void tool_calls_are_held_back_as_well(Caller caller, String api) {
        ModelReply first = says("Let me see.").tool("look", "{\"where\":\"in the first house\"}");
        gateway.stub("p-" + api).answers(first.cutAfter(5));
        gateway.stub("f-" + other(api))
                .answers(says("I will look.").tool("look", "{\"where\":\"in the second house\"}"));

        Answer answer = gateway.ask(gateway.along("p-" + api, "f-" + other(api)).by(caller).stream(true));

        assertThat(caller.words(answer)).as(answer.text()).isEqualTo("I will look.");
        caller.assertWellFormed(answer);
        assertThat(answer.text()).contains("second").doesNotContain("first", "Let me");
        assertThat(caller.finishes(answer)).containsExactly(caller == Caller.CHAT ? "tool_calls" : "tool_use");
    }

    @Test
    void a_comment_keeps_the_line_alive_while_an_answer_is_held_back() {
        Duration broken = Duration.ofSeconds(7);
        for (String api : new String[] {"openai", "anthropic"}) {
            gateway.stub("p-" + api)
                    .answers(Reply.text("one two").everyToken(broken).cutAfter(1));
            gateway.stub("f-" + api).answers(Reply.text(F_SAYS));
        }

        Pair.atOnce(pair -> {
            long asked = System.nanoTime();
            try (RawCaller raw =
                    gateway.raw(gateway.along(pair.provider("p"), pair.provider("f")).by(pair.caller()).stream(true))) {
                String head = raw.readUntil(": keep-alive\n");
                assertThat(Duration.ofNanos(System.nanoTime() - asked)).isBetween(Duration.ofMillis(4900), broken);
                assertThat(head)
                        .contains("HTTP/1.1 200", "text/event-stream", "x-request-id", "x-bactrian-fallbacks: 0")
                        .doesNotContain("x-bactrian-target", "x-bactrian-attempts", "one");
                String all = raw.readUntil(pair.end());
                assertThat(all)
                        .containsPattern(
                                ": bactrian attempts p-%1$s/\\S+=STREAM_BROKEN, f-%1$s/\\S+=OK".formatted(pair.api()))
                        .contains("answer")
                        .doesNotContain("one");
            }
        });
    }

    @Test
    void more_than_can_be_held_back_is_an_error() {
        for (Pair pair : Pair.all()) {
            NumberedFlood flood = new NumberedFlood(pair.api(), 64 << 10, 200L << 20);
            gateway.stub(pair.provider("p")).answers(flood);

            Answer answer = gateway.ask(gateway.along(pair.provider("p")).by(pair.caller()).stream(true));

            assertThat(flood.sent().get()).isBetween(60L << 20, 100L << 20);
            // On a slow machine a comment has kept the line alive meanwhile, and the error comes as an event.
            boolean begun = answer.comments().contains(": keep-alive");
            assertThat(answer.status()).isEqualTo(begun ? 200 : pair.caller() == Caller.CHAT ? 503 : 529);
            assertThat(pair.caller().error(answer).path("message").asText()).contains("more than 64 MB");
        }
    }

    @Test
    void a_long_answer_that_was_held_back_waits_for_a_slow_caller() {
        long length = 8L << 20;
        NumberedFlood openai = new NumberedFlood("openai", 100, length);
        NumberedFlood anthropic = new NumberedFlood("anthropic", 100, length);
        gateway.stub("p-openai").answers(openai);
        gateway.stub("p-anthropic").answers(anthropic);

        Pair.atOnce(pair -> {
            try (RawCaller raw =
                    gateway.raw(gateway.along(pair.provider("p"), pair.provider("f")).by(pair.caller()).stream(true))) {
                // The rest of a stream would not be waited for so long.
                await().atMost(Duration.ofSeconds(40))
                        .pollDelay(Duration.ofSeconds(4))
                        .until(() -> openai.sent().get() + anthropic.sent().get() >= 4 * length);

                String answer = raw.readUntil(pair.end());
                NumberedFlood.assertInOrder(answer);
                assertThat(answer.substring(answer.length() - 2000))
                        .containsPattern("(completion|output)_tokens\":4\\b");
            }
        });
        assertThat(gateway.stub("f-openai").calls()).isEmpty();
        assertThat(gateway.stub("f-anthropic").calls()).isEmpty();
    }

    @Test
    void a_whole_answer_is_whole_though_the_deadline_passes_before_it_is_read() {
        gateway.stub("p-openai").answers(new NumberedFlood("openai", 200, 8L << 20));
        gateway.stub("p-anthropic").answers(new NumberedFlood("anthropic", 200, 8L << 20));

        Pair.atOnce(pair -> {
            Request request = gateway.along(pair.provider("p"), pair.provider("f")).by(pair.caller()).stream(true)
                    .header("x-bactrian-timeout", "5s");
            try (RawCaller raw = gateway.raw(request)) {
                await().atMost(Duration.ofSeconds(20))
                        .pollDelay(Duration.ofMillis(5500))
                        .until(() -> gateway.inFlight() == 0);

                String answer = raw.readUntil(pair.end());
                NumberedFlood.assertInOrder(answer);
                assertThat(answer)
                        .containsPattern(": bactrian attempts %s/\\S+=OK".formatted(pair.provider("p")))
                        .doesNotContain("f-" + pair.api());
            }
        });
    }

    private static ModelReply says(String words) {
        return Reply.text(words).everyToken(Duration.ofMillis(5));
    }

    private static String other(String api) {
        return api.equals("openai") ? "anthropic" : "openai";
    }

    private static String overloaded(String api) {
        return api.equals("openai")
                ? "{\"error\":{\"message\":\"busy\",\"type\":\"service_unavailable_error\",\"code\":\"server_is_overloaded\"}}"
                : "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}";
    }
}
