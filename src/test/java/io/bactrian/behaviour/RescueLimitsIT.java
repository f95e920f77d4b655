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
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Streams that break off after words were spoken: which target is asked, what for, until when, and when none is. */
final class RescueLimitsIT {
    private static final String WORDS = "One two three four five six seven eight nine ten.";
    private static final Duration TOKEN = Duration.ofMillis(15);
    private static final String PF = "p-openai, f-openai";

    @RegisterExtension
    static final GatewayExtension gateway = configured(GatewayExtension.with(
            "bactrian.defaults.backoff=10ms", "bactrian.defaults.patience=400ms", "bactrian.defaults.deadline=20s"));

    @ParameterizedTest
    @EnumSource(Caller.class)
    void another_that_refuses_to_go_on_is_not_asked_afresh_unless_told_so(Caller caller) {
        gateway.stub("p-openai").answers(breaks(WORDS, 6));
        gateway.stub("f-openai").on(Prefills.refuses(says(WORDS)));
        Request request = Request.of(gateway.chain("p-openai, able", "stream-rescue=prefill"));

        Answer answer = ask(caller, request);

        caller.assertBrokenOffAfter(answer, "One two three four five six");
        assertThat(answer.trail()).containsExactly(p() + "=STREAM_BROKEN", gateway.target("able") + "=UNSUPPORTED");

        Answer again = ask(caller, request);

        caller.assertBrokenOffAfter(again, "One two three four five six");
        assertThat(again.trail()).containsExactly(p() + "=STREAM_BROKEN");
    }

    @ParameterizedTest
    @EnumSource(Caller.class)
    void another_that_refuses_something_else_goes_on_all_the_same(Caller caller) {
        gateway.stub("p-openai").answers(breaks(WORDS, 6));
        gateway.stub("f-openai")
                .on(call -> call.json().has("stream_options")
                        ? Reply.error(400, "invalid_request_error", null, "Unrecognized argument: stream_options")
                        : Prefills.goesOn(RescueLimitsIT::says, WORDS).apply(call));

        Answer answer = ask(caller, Request.of(gateway.chain("p-openai, able")));

        String able = gateway.target("able");
        assertWhole(caller, answer, WORDS);
        assertThat(answer.trail()).containsExactly(p() + "=STREAM_BROKEN", able + "=UNSUPPORTED", able + "=OK");
        assertThat(answer.comments()).contains(": bactrian rescued by " + able + " (prefill)");
    }

    @ParameterizedTest
    @EnumSource(Caller.class)
    void who_broke_off_is_asked_again_where_nobody_else_is_left(Caller caller) {
        gateway.stub("p-openai").answers(breaks(WORDS, 6), says(WORDS));

        Answer answer = ask(caller, gateway.along("p-openai"));

        assertWhole(caller, answer, WORDS);
        assertThat(answer.outcomes()).isEqualTo("p-openai=STREAM_BROKEN, p-openai=OK");
    }

    @ParameterizedTest
    @EnumSource(Caller.class)
    void all_that_break_off_end_in_an_error(Caller caller) {
        gateway.stub("p-openai").answers(breaks(WORDS, 4));
        gateway.stub("f-anthropic").answers(breaks(WORDS, 6));

        Answer answer = ask(caller, gateway.along("p-openai", "f-anthropic"));

        assertThat(WORDS).startsWith(caller.words(answer));
        caller.assertBrokenOffAfter(answer, "One two three four five six");
        assertThat(caller.error(answer).path("message").asText()).contains("broke off");
    }

    @ParameterizedTest
    @EnumSource(Caller.class)
    void nothing_is_finished_where_that_is_off(Caller caller) {
        gateway.stub("p-openai").answers(breaks(WORDS, 4));
        gateway.stub("f-openai").answers(says(WORDS));

        Answer answer = ask(caller, Request.of(gateway.chain(PF, "stream-rescue=off")));

        caller.assertBrokenOffAfter(answer, "One two three four");
        assertThat(gateway.stub("f-openai").calls()).isEmpty();
    }

    @Test
    void several_answers_at_once_are_not_finished() {
        gateway.stub("p-openai").answers(breaks(WORDS, 4));
        gateway.stub("f-openai").answers(says(WORDS));

        Answer answer =
                gateway.ask(gateway.along("p-openai", "f-openai").stream(true).field("n", 2));

        assertThat(answer.done()).isFalse();
        assertThat(gateway.stub("f-openai").calls()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Caller.class)
    void a_refusal_in_mid_stream_is_no_reason_to_ask_another_unless_told_so(Caller caller) {
        String refusal =
                "{\"error\":{\"message\":\"no\",\"type\":\"invalid_request_error\",\"code\":\"content_filter\"}}";
        gateway.stub("p-openai").answers(says(WORDS).errorEventAfter(4, refusal));
        gateway.stub("f-openai").answers(says(WORDS));

        caller.assertBrokenOffAfter(ask(caller, gateway.along("p-openai", "f-openai")), "One two three four");
        assertThat(gateway.stub("f-openai").calls()).isEmpty();

        assertWhole(caller, ask(caller, Request.of(gateway.chain(PF, "content-policy=next"))), WORDS);
    }

    @ParameterizedTest
    @EnumSource(Caller.class)
    void a_model_may_be_told_to_go_on(Caller caller) {
        gateway.stub("p-openai").answers(breaks(WORDS, 6));
        gateway.stub("f-anthropic").answers(says("Sure, here is the rest:\n\nfive six seven eight nine ten."));

        Answer answer = ask(caller, Request.of(gateway.chain("p-openai, f-anthropic", "stream-rescue=continue")));

        assertWhole(caller, answer, WORDS);
        assertThat(answer.comments()).contains(": bactrian rescued by f-anthropic/" + gateway.model() + " (continue)");
        assertThat(Prefills.lastText(gateway.stub("f-anthropic").call(1))).contains("Go on");
    }

    @Test
    void to_be_told_to_go_on_comes_after_everybody_was_asked_afresh() {
        gateway.stub("p-openai").answers(breaks(WORDS, 6));
        gateway.stub("f-openai")
                .on(call -> Prefills.lastText(call).contains("Go on")
                        ? says("seven eight nine ten.")
                        : says("Something else."));
        gateway.stub("g-openai").answers(says("Another one."));

        Answer answer =
                ask(Caller.CHAT, Request.of(gateway.chain(PF + ", g-openai", "stream-rescue=replay, continue")));

        assertWhole(Caller.CHAT, answer, WORDS);
        assertThat(answer.outcomes())
                .isEqualTo("p-openai=STREAM_BROKEN, f-openai=UNSUPPORTED, g-openai=UNSUPPORTED,"
                        + " p-openai=STREAM_BROKEN, f-openai=OK");
    }

    @Test
    void a_caller_that_leaves_in_the_middle_of_a_rescue_ends_it() {
        gateway.stub("p-openai").answers(breaks(WORDS, 4));
        gateway.stub("f-openai").answers(says(WORDS).stallAfter(7));
        gateway.stub("g-openai").answers(says(WORDS));

        try (RawCaller caller = gateway.raw(gateway.along("p-openai", "f-openai", "g-openai").stream(true))) {
            caller.readUntil("seven");
        }

        await().untilAsserted(() ->
                assertThat(gateway.stub("f-openai").lastCall().clientLeft()).isTrue());
        assertThat(gateway.stub("g-openai").calls()).isEmpty();
    }

    @Test
    void a_rescue_ends_at_the_deadline() {
        gateway.stub("p-openai").answers(breaks(WORDS, 4));
        gateway.stub("f-openai").answers(says(WORDS).stallAfter(6));

        Answer answer = ask(Caller.CHAT, gateway.along("p-openai", "f-openai").header("x-bactrian-timeout", "1500"));

        Caller.CHAT.assertBrokenOffAfter(answer, "One two three four five six");
        assertThat(answer.took()).isBetween(Duration.ofMillis(1400), Duration.ofSeconds(10));
    }

    @ParameterizedTest
    @EnumSource(Caller.class)
    void half_an_answer_is_not_kept_waiting_for_a_breaker(Caller caller) {
        gateway.stub("p-openai").answers(breaks(WORDS, 4));

        Answer answer = ask(caller, Request.of(gateway.chain("once")));

        caller.assertBrokenOffAfter(answer, "One two three four");
        assertThat(answer.took()).as("the breaker is open for a minute").isLessThan(Duration.ofSeconds(10));
    }

    @Test
    void a_rescue_has_the_rest_of_the_tokens() {
        gateway.stub("p-openai").answers(breaks(WORDS, 6));
        gateway.stub("f-openai").on(Prefills.goesOn(RescueLimitsIT::says, WORDS));

        Answer answer =
                ask(Caller.CHAT, Request.of(gateway.chain("p-openai, able")).field("max_tokens", 50));

        assertWhole(Caller.CHAT, answer, WORDS);
        assertThat(gateway.stub("f-openai").call(1).json().path("max_tokens").asInt())
                .isEqualTo(44);
    }

    @Test
    void a_rescue_starts_at_once() {
        gateway.stub("p-openai").answers(breaks(WORDS, 6));
        gateway.stub("f-openai").answers(says(WORDS));
        ask(Caller.CHAT, gateway.along("p-openai", "f-openai"));

        List<Duration> asked = new ArrayList<>();
        for (int i = 2; i <= 6; i++) {
            ask(Caller.CHAT, gateway.along("p-openai", "f-openai"));
            asked.add(gateway.stub("f-openai")
                    .call(i)
                    .since(gateway.stub("p-openai").call(i)));
        }

        // The stub pauses after each of its six words, then closes; how busy the machine was is none of the gateway's.
        assertThat(Collections.min(asked)).isLessThan(TOKEN.multipliedBy(6).plusMillis(50));
    }

    @ParameterizedTest
    @EnumSource(Caller.class)
    void documents_are_whole_whatever_breaks(Caller caller) {
        gateway.stub("p-anthropic").answers(breaks(WORDS, 6));
        gateway.stub("f-openai").answers(breaks(WORDS, 3));
        gateway.stub("g-anthropic").answers(says(WORDS));

        Answer answer = gateway.ask(
                gateway.along("p-anthropic", "f-openai", "g-anthropic").by(caller));

        assertThat(answer.status()).isEqualTo(200);
        assertThat(caller.words(answer)).isEqualTo(WORDS);
        assertThat(answer.outcomes()).isEqualTo("p-anthropic=STREAM_BROKEN, f-openai=STREAM_BROKEN, g-anthropic=OK");
    }

    @ParameterizedTest
    @EnumSource(Caller.class)
    void an_answer_that_broke_off_after_its_thoughts_is_given_by_another(Caller caller) {
        String thoughts = new HandWrittenStream("openai")
                .sse(List.of(
                        HandWrittenStream.chunk("{\"role\":\"assistant\",\"content\":\"\"}", "null"),
                        HandWrittenStream.chunk("{\"reasoning_content\":\"let me think\"}", "null"),
                        HandWrittenStream.chunk("{\"reasoning_content\":\" more\"}", "null")));
        for (String second : List.of("openai", "anthropic")) {
            gateway.stub("p-openai").answers(HandWrittenStream.paced(Duration.ofMillis(100), thoughts));
            gateway.stub("f-" + second).answers(says(WORDS));

            Answer answer = ask(caller, Request.of(gateway.chain("p-openai, f-" + second, "max-attempts=1")));

            assertWhole(caller, answer, WORDS);
            assertThat(answer.outcomes()).isEqualTo("p-openai=STREAM_BROKEN, f-" + second + "=OK");
        }
    }

    @ParameterizedTest(name = "{0}, then {1}")
    @MethodSource("io.bactrian.testing.Caller#pairs")
    void a_thought_is_never_followed_by_the_words_of_another_before_it_is_signed(Caller caller, String second) {
        List<String> thoughts = List.of(
                HandWrittenStream.message(),
                "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}}",
                "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"thinking_delta\",\"thinking\":\"hm\"}}",
                "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"signature_delta\",\"signature\":\"sig\"}}",
                "{\"type\":\"content_block_stop\",\"index\":0}",
                "{\"type\":\"content_block_start\",\"index\":1,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}");
        HandWrittenStream stream = new HandWrittenStream("anthropic");
        gateway.stub("f-" + second).answers(says(WORDS));
        for (int events = 2; events <= thoughts.size(); events++) {
            gateway.stub("p-anthropic")
                    .answers(HandWrittenStream.paced(Duration.ofMillis(50), stream.sse(thoughts.subList(0, events))));
            gateway.stub("f-" + second).forget();

            Answer answer = ask(caller, Request.of(gateway.chain("p-anthropic, f-" + second, "max-attempts=1")));

            boolean shown = caller == Caller.MESSAGES && events > 2;
            boolean signed = events > 4;
            if (shown && !signed) {
                caller.assertBrokenOff(answer, "p-anthropic", "STREAM_BROKEN");
                assertThat(caller.words(answer)).isEmpty();
                assertThat(gateway.stub("f-" + second).calls()).isEmpty();
            } else {
                assertWhole(caller, answer, WORDS);
                assertThat(answer.text().contains("\"hm\"")).isEqualTo(shown);
                assertThat(answer.text().contains("\"sig\"")).isEqualTo(shown);
            }
        }
    }

    private static Answer ask(Caller caller, Request request) {
        return gateway.ask(request.by(caller).stream(true));
    }

    private static void assertWhole(Caller caller, Answer answer, String words) {
        assertThat(caller.words(answer)).as(answer.text()).isEqualTo(words);
        caller.assertWellFormed(answer);
    }

    private static ModelReply says(String words) {
        return Reply.text(words).everyToken(TOKEN);
    }

    private static ModelReply breaks(String words, int after) {
        return says(words).cutAfter(after);
    }

    private static String p() {
        return "p-openai/" + gateway.model();
    }

    private static GatewayExtension configured(GatewayExtension extension) {
        return extension
                .openai("p-openai", "f-openai", "g-openai")
                .anthropic("p-anthropic", "f-anthropic", "g-anthropic")
                .pool(25)
                .targets("able", "f-openai", "supports=prefill")
                .targets("once", "p-openai", "breaker.failures=1")
                .chains("once")
                .chains("p-openai, able")
                .chains("p-openai, able", "stream-rescue=prefill")
                .chains(PF, "stream-rescue=off")
                .chains(PF, "content-policy=next")
                .chains(PF + ", g-openai", "stream-rescue=replay, continue")
                .chains("p-openai, f-anthropic", "stream-rescue=continue")
                .chains("p-openai, f-openai", "max-attempts=1")
                .chains("p-openai, f-anthropic", "max-attempts=1")
                .chains("p-anthropic, f-openai", "max-attempts=1")
                .chains("p-anthropic, f-anthropic", "max-attempts=1");
    }
}
