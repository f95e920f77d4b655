package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Caller;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.ModelReply;
import io.bactrian.testing.Reply;
import io.bactrian.testing.Request;
import io.bactrian.testing.StubProvider;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Streams that break off after words were spoken, and are finished by another target, whichever protocols are spoken. */
final class RescueIT {
    private static final String WORDS = "One two three four five six seven eight nine ten.";
    private static final int TOKENS = 10;
    private static final String IMPATIENT = "idle-timeout=600ms";

    @RegisterExtension
    static final GatewayExtension gateway = configured(GatewayExtension.with(
            "bactrian.defaults.backoff=10ms", "bactrian.defaults.patience=400ms", "bactrian.defaults.deadline=20s"));

    @ParameterizedTest(name = "{0}: {1} then {2}")
    @MethodSource("io.bactrian.testing.Caller#threes")
    void another_goes_on_from_what_was_spoken(Caller caller, String first, String second) {
        gateway.stub("p-" + first).answers(breaks(WORDS, 6));
        gateway.stub("f-" + second).on(Prefills.goesOn(RescueIT::says, WORDS));

        Answer answer = ask(caller, gateway.chain(broken(first, able(second))));

        assertWhole(caller, answer, WORDS);
        assertThat(answer.trail()).containsExactly(p(first) + "=STREAM_BROKEN", gateway.target(able(second)) + "=OK");
        assertThat(answer.comments()).contains(": bactrian rescued by " + gateway.target(able(second)) + " (prefill)");
        assertThat(Prefills.lastText(gateway.stub("f-" + second).call(1))).isEqualTo("One two three four five six");
        // P had not counted yet when it broke off: its pieces count. Anthropic tells the prompt's tokens first.
        int prompt = first.equals("anthropic") ? 40 : 20;
        assertThat(caller.usage(answer)).containsExactly(prompt, TOKENS);
    }

    @ParameterizedTest(name = "{0}: {1} then {2}")
    @MethodSource("io.bactrian.testing.Caller#threes")
    void another_that_refuses_to_go_on_is_asked_afresh_at_once(Caller caller, String first, String second) {
        gateway.stub("p-" + first).answers(breaks(WORDS, 6));
        gateway.stub("f-" + second).on(Prefills.refuses(says(WORDS)));
        String chain = gateway.chain(broken(first, able(second)));

        Answer answer = ask(caller, chain);

        String able = gateway.target(able(second));
        assertWhole(caller, answer, WORDS);
        assertThat(answer.trail()).containsExactly(p(first) + "=STREAM_BROKEN", able + "=UNSUPPORTED", able + "=OK");
        assertThat(answer.comments()).contains(": bactrian rescued by " + able + " (replay)");
        assertThat(answer.text()).doesNotContain("prefill.");

        Answer again = ask(caller, chain);

        assertWhole(caller, again, WORDS);
        assertThat(again.trail())
                .as("the refusal is remembered")
                .containsExactly(p(first) + "=STREAM_BROKEN", able + "=OK");
    }

    @ParameterizedTest(name = "{0}: {1} then {2}")
    @MethodSource("io.bactrian.testing.Caller#threes")
    void what_another_repeats_is_swallowed(Caller caller, String first, String second) {
        gateway.stub("p-" + first).answers(breaks(WORDS, 6));
        gateway.stub("f-" + second).answers(says(WORDS.replace("One two", "One  two")));

        Answer answer = ask(caller, gateway.along("p-" + first, "f-" + second));

        assertWhole(caller, answer, WORDS);
        assertThat(answer.comments()).anySatisfy(comment -> assertThat(comment)
                .matches(": bactrian rescued by f-" + second + "/\\S+ \\(replay\\)"));
        assertThat(gateway.stub("f-" + second).calls()).hasSize(1);
    }

    @ParameterizedTest(name = "{0}: {1} then {2}")
    @MethodSource("io.bactrian.testing.Caller#threes")
    void another_answer_is_never_glued_on(Caller caller, String first, String second) {
        gateway.stub("p-" + first).answers(breaks(WORDS, 6));
        gateway.stub("f-" + second).answers(says("One two three, and then something else."));

        Answer answer = ask(caller, gateway.along("p-" + first, "f-" + second));

        caller.assertBrokenOffAfter(answer, "One two three four five six");
        assertThat(answer.outcomes())
                .isEqualTo("p-%1$s=STREAM_BROKEN, f-%2$s=UNSUPPORTED, p-%1$s=STREAM_BROKEN".formatted(first, second));
    }

    @ParameterizedTest(name = "{0}: {1} then {2}")
    @MethodSource("io.bactrian.testing.Caller#threes")
    void an_answer_that_differs_leads_to_the_next(Caller caller, String first, String second) {
        gateway.stub("p-" + first).answers(breaks(WORDS, 6));
        gateway.stub("f-" + second).answers(says("Something else."));
        gateway.stub("g-" + first).answers(says(WORDS));

        Answer answer = ask(caller, gateway.along("p-" + first, "f-" + second, "g-" + first));

        assertWhole(caller, answer, WORDS);
        assertThat(answer.outcomes())
                .isEqualTo("p-%1$s=STREAM_BROKEN, f-%2$s=UNSUPPORTED, g-%1$s=OK".formatted(first, second));
    }

    @ParameterizedTest(name = "{0}: {1} then {2}")
    @MethodSource("io.bactrian.testing.Caller#threes")
    void several_breaks_in_one_stream_are_mended(Caller caller, String first, String second) {
        gateway.stub("p-" + first).answers(breaks(WORDS, 3));
        gateway.stub("f-" + second).on(Prefills.goesOn(rest -> says(rest).cutAfter(3), WORDS));
        gateway.stub("g-" + second).answers(breaks(WORDS, 8));
        gateway.stub("h-" + first).answers(says(WORDS));

        Answer answer = ask(caller, gateway.chain(broken(first, able(second)) + ", g-" + second + ", h-" + first));

        assertWhole(caller, answer, WORDS);
        assertThat(answer.outcomes())
                .isEqualTo("p-%1$s=STREAM_BROKEN, %3$s=STREAM_BROKEN, g-%2$s=STREAM_BROKEN, h-%1$s=OK"
                        .formatted(first, second, gateway.target(able(second))));
    }

    @ParameterizedTest(name = "{0}: {1} and {2} in turn")
    @MethodSource("io.bactrian.testing.Caller#threes")
    void several_rescues_make_one_well_formed_answer(Caller caller, String first, String second) {
        gateway.stub("p-" + first).answers(breaks(WORDS, 2));
        gateway.stub("f-" + second).answers(breaks(WORDS, 5));
        gateway.stub("g-" + first).answers(breaks(WORDS, 8));
        gateway.stub("h-" + second).answers(says(WORDS));

        Answer answer = ask(caller, gateway.along("p-" + first, "f-" + second, "g-" + first, "h-" + second));

        assertWhole(caller, answer, WORDS);
        assertThat(answer.outcomes())
                .isEqualTo("p-%1$s=STREAM_BROKEN, f-%2$s=STREAM_BROKEN, g-%1$s=STREAM_BROKEN, h-%2$s=OK"
                        .formatted(first, second));
    }

    @ParameterizedTest(name = "{0}: {1} then {2}")
    @MethodSource("io.bactrian.testing.Caller#threes")
    void silence_and_errors_in_mid_stream_are_mended_as_well(Caller caller, String first, String second) {
        String error = first.equals("openai")
                ? "{\"error\":{\"message\":\"busy\",\"type\":\"service_unavailable_error\",\"code\":\"server_is_overloaded\"}}"
                : "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}";
        StubProvider p = gateway.stub("p-" + first)
                .answers(
                        says(WORDS).stallAfter(4),
                        says(WORDS).errorEventAfter(4, error),
                        says(WORDS).resetAfter(4));
        gateway.stub("f-" + second).answers(says(WORDS));
        String chain = gateway.chain(broken(first, "f-" + second), IMPATIENT);

        for (String type : List.of("TIMEOUT", "OVERLOADED", "STREAM_BROKEN")) {
            Answer answer = ask(caller, chain);

            assertWhole(caller, answer, WORDS);
            assertThat(answer.outcomes()).isEqualTo("p-%s=%s, f-%s=OK".formatted(first, type, second));
        }
        await().until(() -> p.call(1).clientLeft());
    }

    @ParameterizedTest(name = "{0}: {1} then {2}")
    @MethodSource("io.bactrian.testing.Caller#threes")
    void a_tool_call_that_breaks_after_words_is_made_by_another(Caller caller, String first, String second) {
        gateway.stub("p-" + first)
                .answers(says("Let me see.")
                        .tool("look", "{\"where\":\"in the first house\"}")
                        .cutAfter(5));
        gateway.stub("f-" + second).answers(says("Let me see.").tool("look", "{\"where\":\"in the second house\"}"));

        Answer answer = ask(caller, gateway.along("p-" + first, "f-" + second));

        assertWhole(caller, answer, "Let me see.");
        assertThat(answer.text())
                .contains("second")
                .doesNotContain("first")
                .containsOnlyOnce(caller == Caller.CHAT ? "\"name\":\"look\"" : "\"type\":\"tool_use\"");
        assertThat(caller.finishes(answer)).containsExactly(caller == Caller.CHAT ? "tool_calls" : "tool_use");
    }

    @ParameterizedTest(name = "{0}: {1} then {2}")
    @MethodSource("io.bactrian.testing.Caller#threes")
    void a_rescuer_may_answer_with_a_whole_document(Caller caller, String first, String second) {
        gateway.stub("p-" + first).answers(breaks(WORDS, 6));
        gateway.stub("f-" + second).answers(document(second, WORDS));

        Answer answer = ask(caller, gateway.along("p-" + first, "f-" + second));

        assertWhole(caller, answer, WORDS);
        assertThat(answer.outcomes()).isEqualTo("p-%s=STREAM_BROKEN, f-%s=OK".formatted(first, second));
    }

    @ParameterizedTest(name = "{0}: {1} then {2}")
    @MethodSource("io.bactrian.testing.Caller#threes")
    void after_the_last_word_only_the_end_is_missing(Caller caller, String first, String second) {
        gateway.stub("p-" + first).answers(breaks(WORDS, 10), says(WORDS).withoutFinish());
        gateway.stub("f-" + second).answers(says(WORDS));
        for (int i = 0; i < 2; i++) {
            Answer answer = ask(caller, gateway.along("p-" + first, "f-" + second));

            assertWhole(caller, answer, WORDS);
            assertThat(answer.outcomes()).isEqualTo("p-%s=STREAM_BROKEN, f-%s=OK".formatted(first, second));
        }
    }

    @ParameterizedTest(name = "{0}: {1} then {2}")
    @MethodSource("io.bactrian.testing.Caller#threes")
    void a_rescuer_may_call_a_tool_or_come_to_its_limit(Caller caller, String first, String second) {
        String seven = "One two three four five six seven";
        gateway.stub("p-" + first).answers(breaks(WORDS, 6));
        gateway.stub("f-" + second)
                .answers(
                        says(WORDS).tool("look", "{\"where\":\"in the house\"}").tool("listen", "{}"),
                        says(seven).finish("length"));

        Answer tools = ask(caller, gateway.along("p-" + first, "f-" + second));
        Answer limit = ask(caller, gateway.along("p-" + first, "f-" + second));

        assertWhole(caller, tools, WORDS);
        assertThat(caller.finishes(tools)).containsExactly(caller == Caller.CHAT ? "tool_calls" : "tool_use");
        assertThat(tools.text()).containsOnlyOnce("\"name\":\"look\"").containsOnlyOnce("\"name\":\"listen\"");
        assertWhole(caller, limit, seven);
        assertThat(caller.finishes(limit)).containsExactly(caller == Caller.CHAT ? "length" : "max_tokens");
    }

    private static Answer ask(Caller caller, String chain) {
        return ask(caller, Request.of(chain));
    }

    private static Answer ask(Caller caller, Request request) {
        return gateway.ask(request.by(caller).stream(true));
    }

    private static void assertWhole(Caller caller, Answer answer, String words) {
        assertThat(caller.words(answer)).as(answer.text()).isEqualTo(words);
        caller.assertWellFormed(answer);
    }

    private static ModelReply says(String words) {
        return Reply.text(words).everyToken(Duration.ofMillis(15));
    }

    private static ModelReply breaks(String words, int after) {
        return says(words).cutAfter(after);
    }

    private static String broken(String first, String next) {
        return "p-" + first + ", " + next;
    }

    /** A target that is declared to go on from the beginning of an answer. */
    private static String able(String api) {
        return "able-" + api;
    }

    private static String p(String api) {
        return "p-" + api + "/" + gateway.model();
    }

    private static Reply document(String api, String words) {
        String text = "\"" + words + "\"";
        return Reply.status(
                200,
                api.equals("openai")
                        ? "{\"id\":\"c1\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,"
                                + "\"message\":{\"role\":\"assistant\",\"content\":" + text
                                + "},\"finish_reason\":\"stop\"}],"
                                + "\"usage\":{\"prompt_tokens\":20,\"completion_tokens\":10,\"total_tokens\":30}}"
                        : "{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"m\",\"content\":[{\"type\":\"text\","
                                + "\"text\":" + text + "}],\"stop_reason\":\"end_turn\",\"stop_sequence\":null,"
                                + "\"usage\":{\"input_tokens\":20,\"output_tokens\":10}}");
    }

    private static GatewayExtension configured(GatewayExtension extension) {
        for (String api : List.of("openai", "anthropic")) {
            String[] names = {"p-" + api, "f-" + api, "g-" + api, "h-" + api};
            (api.equals("openai") ? extension.openai(names) : extension.anthropic(names))
                    .targets(able(api), "f-" + api, "supports=prefill");
        }
        for (String first : List.of("openai", "anthropic")) {
            for (String second : List.of("openai", "anthropic")) {
                extension
                        .chains(broken(first, able(second)))
                        .chains(broken(first, able(second)) + ", g-" + second + ", h-" + first)
                        .chains(broken(first, "f-" + second), IMPATIENT);
            }
        }
        return extension;
    }
}
