package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.Caller;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.Reply;
import io.bactrian.testing.StubProvider;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Options of a request and headers of its answer, alike for callers of both protocols. */
final class MessagesOptionsIT {
    @RegisterExtension
    static final GatewayExtension gateway = GatewayExtension.with(
                    "bactrian.defaults.max-attempts=1",
                    "bactrian.defaults.breaker.failures=1000",
                    "bactrian.targets.weak.provider=o",
                    "bactrian.targets.weak.model=weak",
                    "bactrian.targets.weak.quality=0.4",
                    "bactrian.targets.weak.supports=-images",
                    "bactrian.targets.weak.body.seed=7",
                    "bactrian.providers.o.headers.x-of-o=yes",
                    "bactrian.chains.weak-last=a/strong, weak",
                    "bactrian.chains.weak-first=weak, a/strong")
            .anthropic("a")
            .openai("o");

    private final StubProvider a = gateway.stub("a");
    private final StubProvider o = gateway.stub("o");

    @ParameterizedTest
    @EnumSource
    void who_answered_and_who_did_not_is_told_at_both_endpoints(Caller caller) {
        String model = gateway.freshModel();
        a.answers(Reply.status(500, "oops"));

        Answer added = gateway.ask(
                caller, "a/" + model, false, "{\"fallbacks\":[\"o/" + model + "\"]}", "x-request-id", "mine-" + model);
        assertThat(added.status()).isEqualTo(200);
        assertThat(caller.words(added)).isEqualTo("Hello from the stub.");
        assertThat(added.attempts()).isEqualTo("a/" + model + "=SERVER_ERROR, o/" + model + "=OK");
        assertThat(added.header("x-bactrian-target")).isEqualTo("o/" + model);
        assertThat(added.header("x-bactrian-fallbacks")).isEqualTo("1");
        assertThat(added.header("x-bactrian-degraded")).isEqualTo("false");
        assertThat(added.header("x-bactrian-quality")).isEqualTo("1.0");
        assertThat(added.header("x-request-id")).isEqualTo("mine-" + model);

        Answer worse = gateway.ask(caller, "weak-last", true, "{}");
        assertThat(worse.header("x-bactrian-degraded")).isEqualTo("quality");
        assertThat(worse.header("x-bactrian-quality")).isEqualTo("0.4");
        assertThat(caller.words(worse)).isEqualTo("Hello from the stub.");
    }

    @ParameterizedTest
    @MethodSource("io.bactrian.testing.Caller#ways")
    void what_a_caller_wishes_is_granted_at_both_endpoints(Caller caller, boolean stream) {
        Answer floor = gateway.ask(caller, "weak-first", stream, "{}", "x-bactrian-min-quality", "0.5");
        assertThat(floor.attempts()).isEqualTo("a/strong=OK");
        assertThat(floor.header("x-bactrian-skipped")).isEqualTo("weak=quality");
        assertThat(floor.header("x-bactrian-degraded")).isEqualTo("false");
        Answer nobody = gateway.ask(caller, "weak", stream, "{}", "x-bactrian-min-quality", "0.5");
        assertThat(nobody.status()).isEqualTo(400);
        assertThat(nobody.error("message")).contains("weak=quality");
        a.forget();

        o.answers(Reply.status(500, "oops"));
        Answer alone = gateway.ask(caller, "weak-first", stream, "{}", "x-bactrian-fallback", "off");
        assertThat(alone.attempts()).isEqualTo("weak=SERVER_ERROR");
        assertThat(alone.status()).isEqualTo(caller == Caller.CHAT ? 503 : 529);
        assertThat(alone.error("message")).contains("weak failed with status 500");
        assertThat(a.calls()).isEmpty();

        a.answers(Reply.silence());
        Answer late = gateway.ask(caller, "a/slow" + stream, stream, "{}", "x-bactrian-timeout", "300");
        assertThat(late.status()).isEqualTo(504);
        assertThat(late.attempts()).isEqualTo("a/slow" + stream + "=TIMEOUT");
        assertThat(late.took()).isLessThan(Duration.ofSeconds(3));

        Answer nonsense = gateway.ask(caller, "a/x", false, "{}", "x-bactrian-timeout", "soon");
        assertThat(nonsense.status()).isEqualTo(400);
        assertThat(nonsense.error("message")).contains("x-bactrian-timeout");
    }

    @ParameterizedTest
    @MethodSource("io.bactrian.testing.Caller#ways")
    void fallbacks_of_a_request_are_tried_in_their_order_at_both_endpoints(Caller caller, boolean stream) {
        String model = gateway.freshModel();
        a.answers(Reply.status(500, "oops"));
        o.on(call -> call.json().path("model").asText().equals("last")
                ? Reply.text("Hello from the stub.")
                : Reply.status(404, "{}"));
        String fallbacks = "{\"fallbacks\":[\"o/%s\",\"a/%s\",\"o/last\"]}".formatted(model, model);

        Answer answer = gateway.ask(caller, "a/" + model, stream, fallbacks);
        assertThat(answer.attempts())
                .isEqualTo("a/%s=SERVER_ERROR, o/%s=MODEL_UNAVAILABLE, o/last=OK".formatted(model, model));
        assertThat(caller.words(answer)).isEqualTo("Hello from the stub.");
        assertThat(Stream.concat(a.calls().stream(), o.calls().stream()))
                .allSatisfy(call -> assertThat(call.json().has("fallbacks")).isFalse());

        for (String nothing : List.of("nowhere/m", "weak-last", "")) {
            Answer unknown = gateway.ask(caller, "a/" + model, stream, "{\"fallbacks\":[\"" + nothing + "\"]}");
            assertThat(unknown.status()).as(unknown.text()).isEqualTo(400);
            assertThat(unknown.error("message")).contains("'" + nothing + "'", "There is: default", "weak");
        }
    }

    @ParameterizedTest
    @MethodSource("io.bactrian.testing.Caller#ways")
    void each_target_gets_its_own_options_at_both_endpoints(Caller caller, boolean stream) {
        o.answers(Reply.status(500, "oops"));
        Answer answer = gateway.ask(caller, "weak-first", stream, "{\"top_p\":0.5}");

        assertThat(answer.attempts()).isEqualTo("weak=SERVER_ERROR, a/strong=OK");
        assertThat(o.lastCall().header("x-of-o")).isEqualTo("yes");
        assertThat(o.lastCall().json().path("seed").asInt()).isEqualTo(7);
        assertThat(o.lastCall().json().path("top_p").asDouble()).isEqualTo(0.5);
        assertThat(a.lastCall().header("x-of-o")).isNull();
        assertThat(a.lastCall().json().has("seed")).isFalse();
        assertThat(a.lastCall().json().path("model").asText()).isEqualTo("strong");
    }

    @Test
    void a_target_that_takes_no_images_is_passed_over() {
        Answer answer = gateway.post("/v1/messages", MessagesSamples.request("weak-first"));

        assertThat(answer.header("x-bactrian-skipped")).isEqualTo("weak=images");
        assertThat(answer.header("x-bactrian-target")).isEqualTo("a/strong");
        assertThat(o.calls()).isEmpty();
    }
}
