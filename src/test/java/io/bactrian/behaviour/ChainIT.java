package io.bactrian.behaviour;

import static io.bactrian.testing.AnswerAssertions.assertWhole;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.Mode;
import io.bactrian.testing.Reply;
import io.bactrian.testing.Request;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Chains: which targets are asked, in which order, and what the answer says of it. */
final class ChainIT {
    private static final Reply BUSY = Reply.error(503, "server_error", "overloaded", "busy");

    @RegisterExtension
    static final GatewayExtension gateway = GatewayExtension.with(
                    "bactrian.defaults.backoff=20ms",
                    "bactrian.defaults.breaker.failures=50",
                    "bactrian.chains.four=a/m-a, b/m-b, c/m-c, f/m-f",
                    "bactrian.chains.two=a/m-ab, b/m-ab",
                    "bactrian.chains.back=b/m-ab, a/m-ab",
                    "bactrian.chains.twice=a/m-2, a/m-2, f/m-2, a/m-2",
                    "bactrian.targets.small.provider=f",
                    "bactrian.targets.small.model=m-small",
                    "bactrian.targets.small.quality=0.4",
                    "bactrian.targets.big.provider=a",
                    "bactrian.targets.big.model=m-big",
                    "bactrian.chains.graded=big, small",
                    "bactrian.aliases=gpt-*: graded")
            .modes(0)
            .openai("a", "b", "c", "f")
            .anthropic("g");

    @ParameterizedTest
    @EnumSource
    void fallback_answers_when_the_first_always_fails(Mode mode) {
        gateway.stub(mode.p()).answers(BUSY);
        gateway.stub("f").answers(Reply.text("F has the answer").model("model-of-f"));

        Answer answer = gateway.ask(gateway.along(mode.p(), "f").stream(mode.stream()));

        assertThat(answer.status()).isEqualTo(200);
        assertWhole(answer, mode.stream(), "F has the answer");
        assertThat(model(answer)).isEqualTo("model-of-f");
        assertThat(answer.outcomes()).isEqualTo("%1$s=OVERLOADED, %1$s=OVERLOADED, f=OK".formatted(mode.p()));
        assertThat(answer.attempts()).isEqualTo(String.join(", ", answer.trail()));
        assertThat(answer.header("x-bactrian-fallbacks")).isEqualTo("1");
        assertThat(answer.header("x-bactrian-target")).startsWith("f/");
    }

    @ParameterizedTest
    @EnumSource
    void fallback_is_not_asked_while_the_first_is_well(Mode mode) {
        Answer answer = gateway.ask(gateway.along(mode.p(), "f").stream(mode.stream()));

        assertWhole(answer, mode.stream(), "Hello from the stub.");
        assertThat(answer.outcomes()).isEqualTo(mode.p() + "=OK");
        assertThat(answer.header("x-bactrian-fallbacks")).isEqualTo("0");
        assertThat(answer.header("x-bactrian-degraded")).isEqualTo("false");
        assertThat(gateway.stub("f").calls()).isEmpty();
        assertThat(gateway.stub(mode.p()).call(1).wantsStream()).isEqualTo(mode.upstreamStreams());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void fourth_answers_when_three_fail_each_in_its_turn(boolean stream) {
        gateway.stub("a").answers(Reply.error(504, "server_error", "timeout", "too slow"));
        gateway.stub("b").answers(Reply.status(500, "oops"));
        gateway.stub("c").answers(Reply.html());

        Answer answer = gateway.ask(Request.of("four").stream(stream));

        assertWhole(answer, stream, "Hello from the stub.");
        assertThat(answer.outcomes())
                .isEqualTo(
                        "a=TIMEOUT, b=SERVER_ERROR, b=SERVER_ERROR, c=INVALID_RESPONSE," + " c=INVALID_RESPONSE, f=OK");
        assertThat(answer.header("x-bactrian-fallbacks")).isEqualTo("3");
    }

    @Test
    void chains_that_name_each_others_targets_try_each_once() {
        gateway.stub("a").answers(Reply.error(422, "server_error", "tool_use_failed", "bad output"));
        gateway.stub("b").answers(Reply.silence());

        Answer there = gateway.ask(Request.of("two").header("x-bactrian-timeout", "300"));
        Answer back = gateway.ask(Request.of("back").header("x-bactrian-timeout", "300"));

        assertThat(there.outcomes()).isEqualTo("a=INVALID_RESPONSE, a=INVALID_RESPONSE, b=TIMEOUT");
        assertThat(back.outcomes()).isEqualTo("b=TIMEOUT");
        assertThat(back.status()).isEqualTo(504);
    }

    @Test
    void target_named_more_than_once_is_tried_once() {
        gateway.stub("a").answers(Reply.error(504, "server_error", "timeout", "too slow"));
        gateway.stub("f").answers(Reply.error(504, "server_error", "timeout", "too slow"));

        Answer named = gateway.ask(Request.of("twice"));
        Answer added = gateway.ask(Request.of("a/m-3").fallbacks("a/m-3", "f/m-3", "a/m-3", "f/m-3"));

        assertThat(named.outcomes()).isEqualTo("a=TIMEOUT, f=TIMEOUT");
        assertThat(added.outcomes()).isEqualTo("a=TIMEOUT, f=TIMEOUT");
        assertThat(named.status()).isEqualTo(503);
    }

    @ParameterizedTest
    @EnumSource
    void no_fallback_where_the_caller_wants_none(Mode mode) {
        gateway.stub(mode.p()).answers(BUSY);

        Answer answer =
                gateway.ask(gateway.along(mode.p(), "f").stream(mode.stream()).header("x-bactrian-fallback", "off"));

        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.header("content-type")).startsWith("application/json");
        assertThat(answer.error("message")).contains("busy");
        assertThat(answer.json().at("/error/attempts/0/class").asText()).isEqualTo("OVERLOADED");
        assertThat(answer.json().at("/error/attempts/0/status").asInt()).isEqualTo(503);
        assertThat(gateway.stub("f").calls()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void a_broken_stream_is_not_answered_by_another_where_the_caller_wants_no_fallback(Mode mode) {
        gateway.stub(mode.p()).answers(Reply.text("one two three four").cutAfter(0));

        Answer answer =
                gateway.ask(gateway.along(mode.p(), "f").stream(mode.stream()).header("x-bactrian-fallback", "off"));

        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.outcomes()).isEqualTo("%1$s=INVALID_RESPONSE, %1$s=INVALID_RESPONSE".formatted(mode.p()));
        assertThat(gateway.stub("f").calls()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(names = {"OPENAI_STREAM", "ANTHROPIC_STREAM"})
    void stream_that_breaks_after_words_ends_in_an_error_where_the_caller_wants_no_fallback(Mode mode) {
        gateway.stub(mode.p()).answers(Reply.text("one two three four").cutAfter(2));

        Answer answer = gateway.ask(gateway.along(mode.p(), "f").stream(true).header("x-bactrian-fallback", "off"));

        assertThat(answer.content()).isEqualTo("one two");
        assertThat(answer.done()).isFalse();
        assertThat(answer.chunks().getLast().at("/error/code").asText()).isEqualTo("stream_broken");
        assertThat(answer.outcomes()).isEqualTo(mode.p() + "=STREAM_BROKEN");
        assertThat(gateway.stub("f").calls()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void first_cause_and_whole_trail_are_told_when_all_fail(Mode mode) {
        String page = "<html><body>nginx<pre>at com.example.Secret.java:42</pre></body></html>";
        gateway.stub(mode.p())
                .answers(Reply.error(
                        500, "server_error", null, "Key sk-live-abcdefghijklmnop1234 of org-Abcdefgh12345 broke"));
        gateway.stub("f").answers(Reply.status(502, page, "content-type", "text/html"));

        Answer answer = gateway.ask(gateway.along(mode.p(), "f").stream(mode.stream()));

        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.header("content-type")).startsWith("application/json");
        assertThat(answer.error("code")).isEqualTo("all_providers_failed");
        assertThat(answer.error("type")).isEqualTo("service_unavailable_error");
        assertThat(answer.error("message")).contains(mode.p() + "/", "500", "server error");
        assertThat(answer.text()).doesNotContain("sk-live", "org-Abc", "<html", "nginx", "java:42", "io.bactrian");
        assertThat(answer.header("x-should-retry")).isEqualTo("false");
        JsonNode attempts = answer.json().at("/error/attempts");
        assertThat(attempts).hasSize(4);
        assertThat(attempts.get(0).path("target").asText()).startsWith(mode.p());
        assertThat(attempts.get(3).path("status").asInt()).isEqualTo(502);
        assertThat(attempts)
                .allSatisfy(a -> assertThat(a.path("ms").isIntegralNumber()).isTrue());
        assertThat(answer.outcomes())
                .isEqualTo("%1$s=SERVER_ERROR, %1$s=SERVER_ERROR, f=SERVER_ERROR, f=SERVER_ERROR".formatted(mode.p()));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void callers_own_fallbacks_are_tried_in_their_order(boolean stream) {
        List.of("a", "g", "c")
                .forEach(name -> gateway.stub(name).answers(Reply.error(504, "timeout_error", "timeout", "slow")));

        Answer answer =
                gateway.ask(Request.of("a/m-own").fallbacks("g/m-own", "c/m-own", "small", "b/m-own").stream(stream));

        assertThat(answer.trail()).containsExactly("a/m-own=TIMEOUT", "g/m-own=TIMEOUT", "c/m-own=TIMEOUT", "small=OK");
        assertThat(answer.header("x-bactrian-target")).isEqualTo("small");
        assertThat(answer.header("x-bactrian-fallbacks")).isEqualTo("3");
        assertThat(gateway.stub("b").calls()).isEmpty();
        assertThat(gateway.stub("f").lastCall().model()).isEqualTo("m-small");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void fallback_that_does_not_exist_is_a_400_that_lists_what_does(boolean stream) {
        Answer answer = gateway.ask(Request.of("a/m").fallbacks("nowhere/m").stream(stream));

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.error("param")).isEqualTo("fallbacks");
        assertThat(answer.error("message")).contains("nowhere/m", "four", "small");
        assertThat(gateway.stub("a").calls()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"nothing", "nowhere/m", "small/m"})
    void unknown_model_is_a_404_that_lists_what_exists(String model) {
        Answer answer = gateway.ask(Request.of(model));

        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.error("code")).isEqualTo("model_not_found");
        assertThat(answer.error("message")).contains(model, "default", "four", "small", "big");
    }

    @Test
    void provider_and_model_written_out_need_no_configuration() {
        Answer answer = gateway.ask(Request.of("f/org/model:free"));

        assertThat(answer.trail()).containsExactly("f/org/model:free=OK");
        assertThat(answer.header("x-bactrian-target")).isEqualTo("f/org/model:free");
        assertThat(gateway.stub("f").lastCall().model()).isEqualTo("org/model:free");
    }

    @Test
    void alias_stands_for_its_chain() {
        Answer answer = gateway.ask(Request.of("gpt-4o-mini"));

        assertThat(answer.trail()).containsExactly("big=OK");
        assertThat(gateway.stub("a").lastCall().model()).isEqualTo("m-big");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void worse_answer_is_labelled(boolean stream) {
        gateway.stub("a").answers(Reply.error(504, "server_error", "timeout", "slow"));

        Answer answer = gateway.ask(Request.of("graded").stream(stream));

        assertThat(answer.outcomes()).isEqualTo("big=TIMEOUT, small=OK");
        assertThat(answer.header("x-bactrian-degraded")).isEqualTo("quality");
        assertThat(answer.header("x-bactrian-quality")).isEqualTo("0.4");
    }

    @Test
    void targets_below_the_wished_quality_are_not_asked() {
        gateway.stub("a").answers(Reply.error(504, "server_error", "timeout", "slow"));

        Answer failed = gateway.ask(Request.of("graded").header("x-bactrian-min-quality", "0.5"));
        Answer nobody = gateway.ask(Request.of("small").header("x-bactrian-min-quality", "0.5"));
        Answer fine = gateway.ask(Request.of("small").header("x-bactrian-min-quality", "0.4"));
        Answer nonsense = gateway.ask(Request.of("small").header("x-bactrian-min-quality", "good"));

        assertThat(failed.outcomes()).isEqualTo("big=TIMEOUT");
        assertThat(failed.header("x-bactrian-skipped")).isEqualTo("small=quality");
        assertThat(nobody.status()).isEqualTo(400);
        assertThat(nobody.error("message")).contains("small=quality");
        assertThat(fine.trail()).containsExactly("small=OK");
        assertThat(nonsense.status()).isEqualTo(400);
        assertThat(nonsense.error("message")).contains("x-bactrian-min-quality");
    }

    private static String model(Answer answer) {
        return answer.header("content-type").startsWith("text/event-stream")
                ? answer.chunks().getFirst().path("model").asText()
                : answer.json().path("model").asText();
    }
}
