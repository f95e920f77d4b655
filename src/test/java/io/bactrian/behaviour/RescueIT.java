package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.testing.Call;
import io.bactrian.testing.Caller;
import io.bactrian.testing.Gateway;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.ModelReply;
import io.bactrian.testing.RawCaller;
import io.bactrian.testing.Reply;
import io.bactrian.testing.StubProvider;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Streams that break off after words were spoken, and are finished by somebody else. */
final class RescueIT {
    private static final String WORDS = "One two three four five six seven eight nine ten.";
    private static final int TOKENS = 10;
    private static final Duration TOKEN = Duration.ofMillis(25);
    private static final String[] LINES = {
        "bactrian.defaults.backoff=10ms",
        "bactrian.defaults.patience=400ms",
        "bactrian.defaults.deadline=20s",
        "bactrian.defaults.idle-timeout=1s"
    };

    private final Map<String, StubProvider> stubs = new LinkedHashMap<>();
    private Gateway gateway;

    @AfterEach
    void stop() {
        if (gateway != null) {
            gateway.close();
        }
        stubs.values().forEach(StubProvider::close);
    }

    private StubProvider stub(String name, String api) {
        StubProvider made = api.equals("anthropic") ? StubProvider.anthropic() : StubProvider.openai();
        stubs.put(name, made);
        return made;
    }

    private void start(String... more) {
        List<String> lines = new ArrayList<>(List.of(LINES));
        lines.addAll(List.of(more));
        gateway = Gateway.over(stubs, lines.toArray(String[]::new));
    }

    private static ModelReply says(String words) {
        return Reply.text(words).everyToken(TOKEN);
    }

    private static ModelReply breaks(String words, int after) {
        return says(words).cutAfter(after);
    }

    /** The target's f declared to go on from the beginning of an answer. */
    private static String[] prefill(String name) {
        return new String[] {
            "bactrian.targets." + name + "t.provider=" + name,
            "bactrian.targets." + name + "t.model=model-" + name,
            "bactrian.targets." + name + "t.supports=prefill",
            "bactrian.chains.default=p/model-p, " + name + "t"
        };
    }

    private static boolean isPrefilled(Call call) {
        return last(call).path("role").asText().equals("assistant");
    }

    private static JsonNode last(Call call) {
        JsonNode messages = call.json().path("messages");
        return messages.path(messages.size() - 1);
    }

    /** The text of a message, of either protocol. */
    private static String text(JsonNode message) {
        JsonNode content = message.path("content");
        return content.isTextual()
                ? content.asText()
                : content.path(0).path("text").asText();
    }

    /** A model that goes on with what is put into its mouth. */
    private static Function<Call, Reply> goesOn(String words, int breakAfter) {
        return call -> {
            String rest = isPrefilled(call) ? words.substring(text(last(call)).length()) : words;
            ModelReply reply = says(rest);
            return breakAfter > 0 ? reply.cutAfter(breakAfter) : reply;
        };
    }

    private static Function<Call, Reply> refusesPrefill(String words) {
        return call -> isPrefilled(call)
                ? Reply.error(
                        400,
                        "invalid_request_error",
                        null,
                        "This model does not support assistant message prefill. The conversation must end with a user"
                                + " message.")
                : says(words);
    }

    private static void whole(Caller caller, Answer answer) {
        assertThat(caller.words(answer)).as(answer.text()).isEqualTo(WORDS);
        assertThat(caller.finishes(answer)).as(answer.text()).hasSize(1);
        assertThat(caller.beginnings(answer)).as(answer.text()).isOne();
        assertThat(caller.ids(answer)).as(answer.text()).hasSize(1);
        assertThat(caller.done(answer)).isTrue();
        assertThat(caller.error(answer).isMissingNode()).isTrue();
    }

    private static void brokenOff(Caller caller, Answer answer, String spoken) {
        assertThat(caller.words(answer)).as(answer.text()).isEqualTo(spoken);
        assertThat(caller.finishes(answer)).isEmpty();
        assertThat(caller.done(answer)).isFalse();
        assertThat(caller.error(answer).path("attempts").isArray())
                .as(answer.text())
                .isTrue();
    }

    static Stream<Arguments> pairs() {
        return Stream.of(Caller.values()).flatMap(caller -> Stream.of("openai", "anthropic")
                .flatMap(p -> Stream.of("openai", "anthropic").map(f -> Arguments.of(caller, p, f))));
    }

    @ParameterizedTest(name = "{0}: {1} then {2}")
    @MethodSource("pairs")
    void another_goes_on_from_what_was_spoken(Caller caller, String first, String second) {
        stub("p", first).answers(breaks(WORDS, 6));
        stub("f", second).on(goesOn(WORDS, 0));
        start(prefill("f"));

        Answer answer = caller.stream(gateway);

        whole(caller, answer);
        assertThat(answer.trail()).containsExactly("p/model-p=STREAM_BROKEN", "ft=OK");
        assertThat(answer.comments()).contains(": bactrian rescued by ft (prefill)");
        assertThat(text(last(stubs.get("f").call(1)))).isEqualTo("One two three four five six");
        // P had not counted yet when it broke off: its pieces count. Anthropic tells the prompt's tokens first.
        int prompt = first.equals("anthropic") ? 40 : 20;
        assertThat(caller.usage(answer)).containsExactly(prompt, TOKENS);
    }

    @ParameterizedTest(name = "{0}: {1} then {2}")
    @MethodSource("pairs")
    void another_that_refuses_to_go_on_is_asked_afresh_at_once(Caller caller, String first, String second) {
        stub("p", first).answers(breaks(WORDS, 6));
        stub("f", second).on(refusesPrefill(WORDS));
        start(prefill("f"));

        Answer answer = caller.stream(gateway);

        whole(caller, answer);
        assertThat(answer.trail()).containsExactly("p/model-p=STREAM_BROKEN", "ft=UNSUPPORTED", "ft=OK");
        assertThat(answer.comments()).contains(": bactrian rescued by ft (replay)");
        assertThat(answer.text()).doesNotContain("prefill.");

        Answer again = caller.stream(gateway);

        whole(caller, again);
        assertThat(again.trail()).as("the refusal is remembered").containsExactly("p/model-p=STREAM_BROKEN", "ft=OK");
    }

    @ParameterizedTest
    @EnumSource(Caller.class)
    void another_that_refuses_to_go_on_is_not_asked_afresh_unless_told_so(Caller caller) {
        stub("p", "openai").answers(breaks(WORDS, 6));
        stub("f", "openai").on(refusesPrefill(WORDS));
        List<String> lines = new ArrayList<>(List.of(prefill("f")));
        lines.add("bactrian.defaults.stream-rescue=prefill");
        start(lines.toArray(String[]::new));

        Answer answer = caller.stream(gateway);

        brokenOff(caller, answer, "One two three four five six");
        assertThat(answer.trail()).containsExactly("p/model-p=STREAM_BROKEN", "ft=UNSUPPORTED");

        Answer again = caller.stream(gateway);

        brokenOff(caller, again, "One two three four five six");
        assertThat(again.trail()).containsExactly("p/model-p=STREAM_BROKEN");
    }

    @ParameterizedTest
    @EnumSource(Caller.class)
    void another_that_refuses_something_else_goes_on_all_the_same(Caller caller) {
        stub("p", "openai").answers(breaks(WORDS, 6));
        stub("f", "openai")
                .on(call -> call.json().has("stream_options")
                        ? Reply.error(400, "invalid_request_error", null, "Unrecognized argument: stream_options")
                        : goesOn(WORDS, 0).apply(call));
        start(prefill("f"));

        Answer answer = caller.stream(gateway);

        whole(caller, answer);
        assertThat(answer.trail()).containsExactly("p/model-p=STREAM_BROKEN", "ft=UNSUPPORTED", "ft=OK");
        assertThat(answer.comments()).contains(": bactrian rescued by ft (prefill)");
    }

    @ParameterizedTest(name = "{0}: {1} then {2}")
    @MethodSource("pairs")
    void what_another_repeats_is_swallowed(Caller caller, String first, String second) {
        stub("p", first).answers(breaks(WORDS, 6));
        stub("f", second).answers(says(WORDS.replace("One two", "One  two")));
        start();

        Answer answer = caller.stream(gateway);

        whole(caller, answer);
        assertThat(answer.comments()).contains(": bactrian rescued by f/model-f (replay)");
        assertThat(stubs.get("f").calls()).hasSize(1);
    }

    @ParameterizedTest(name = "{0}: {1} then {2}")
    @MethodSource("pairs")
    void another_answer_is_never_glued_on(Caller caller, String first, String second) {
        stub("p", first).answers(breaks(WORDS, 6));
        stub("f", second).answers(says("One two three, and then something else."));
        start();

        Answer answer = caller.stream(gateway);

        brokenOff(caller, answer, "One two three four five six");
        assertThat(answer.trail())
                .containsExactly("p/model-p=STREAM_BROKEN", "f/model-f=UNSUPPORTED", "p/model-p=STREAM_BROKEN");
    }

    @ParameterizedTest(name = "{0}: {1} then {2}")
    @MethodSource("pairs")
    void an_answer_that_differs_leads_to_the_next(Caller caller, String first, String second) {
        stub("p", first).answers(breaks(WORDS, 6));
        stub("f", second).answers(says("Something else."));
        stub("g", first).answers(says(WORDS));
        start();

        Answer answer = caller.stream(gateway);

        whole(caller, answer);
        assertThat(answer.trail()).containsExactly("p/model-p=STREAM_BROKEN", "f/model-f=UNSUPPORTED", "g/model-g=OK");
    }

    @ParameterizedTest(name = "{0}: {1} then {2}")
    @MethodSource("pairs")
    void several_breaks_in_one_stream_are_mended(Caller caller, String first, String second) {
        stub("p", first).answers(breaks(WORDS, 3));
        stub("f", second).on(goesOn(WORDS, 3));
        stub("g", second).answers(breaks(WORDS, 8));
        stub("h", first).answers(says(WORDS));
        start(prefill("f"));
        gateway.close();
        start(List.of(
                        "bactrian.targets.ft.provider=f",
                        "bactrian.targets.ft.model=model-f",
                        "bactrian.targets.ft.supports=prefill",
                        "bactrian.chains.default=p/model-p, ft, g/model-g, h/model-h")
                .toArray(String[]::new));

        Answer answer = caller.stream(gateway);

        whole(caller, answer);
        assertThat(answer.outcomes()).isEqualTo("p=STREAM_BROKEN, ft=STREAM_BROKEN, g=STREAM_BROKEN, h=OK");
    }

    @ParameterizedTest
    @EnumSource(Caller.class)
    void who_broke_off_is_asked_again_where_nobody_else_is_left(Caller caller) {
        stub("p", "openai").answers(breaks(WORDS, 6), says(WORDS));
        start();

        Answer answer = caller.stream(gateway);

        whole(caller, answer);
        assertThat(answer.outcomes()).isEqualTo("p=STREAM_BROKEN, p=OK");
    }

    @ParameterizedTest(name = "{0}: {1} then {2}")
    @MethodSource("pairs")
    void silence_and_errors_in_mid_stream_are_mended_as_well(Caller caller, String first, String second) {
        String error = first.equals("openai")
                ? "{\"error\":{\"message\":\"busy\",\"type\":\"service_unavailable_error\",\"code\":\"server_is_overloaded\"}}"
                : "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}";
        stub("p", first)
                .answers(
                        says(WORDS).stallAfter(4),
                        says(WORDS).errorEventAfter(4, error),
                        says(WORDS).resetAfter(4));
        stub("f", second).answers(says(WORDS));
        start();

        for (String type : List.of("TIMEOUT", "OVERLOADED", "STREAM_BROKEN")) {
            Answer answer = caller.stream(gateway);

            whole(caller, answer);
            assertThat(answer.outcomes()).isEqualTo("p=" + type + ", f=OK");
        }
        await().atMost(Duration.ofSeconds(2))
                .untilAsserted(
                        () -> assertThat(stubs.get("p").openConnections()).isZero());
    }

    @ParameterizedTest(name = "{0}: {1} then {2}")
    @MethodSource("pairs")
    void a_tool_call_that_breaks_after_words_is_made_by_another(Caller caller, String first, String second) {
        stub("p", first)
                .answers(says("Let me see.")
                        .tool("look", "{\"where\":\"in the first house\"}")
                        .cutAfter(5));
        stub("f", second).answers(says("Let me see.").tool("look", "{\"where\":\"in the second house\"}"));
        start();

        Answer answer = caller.stream(gateway);

        assertThat(caller.words(answer)).as(answer.text()).isEqualTo("Let me see.");
        assertThat(answer.text())
                .contains("second")
                .doesNotContain("first")
                .containsOnlyOnce(caller == Caller.CHAT ? "\"name\":\"look\"" : "\"type\":\"tool_use\"");
        assertThat(caller.finishes(answer)).containsExactly(caller == Caller.CHAT ? "tool_calls" : "tool_use");
        assertThat(caller.done(answer)).isTrue();
    }

    @ParameterizedTest
    @EnumSource(Caller.class)
    void all_that_break_off_end_in_an_error(Caller caller) {
        stub("p", "openai").answers(breaks(WORDS, 4));
        stub("f", "anthropic").answers(breaks(WORDS, 6));
        start();

        Answer answer = caller.stream(gateway);

        assertThat(WORDS).startsWith(caller.words(answer));
        brokenOff(caller, answer, "One two three four five six");
        assertThat(caller.error(answer).path("message").asText()).contains("broke off");
    }

    @ParameterizedTest
    @EnumSource(Caller.class)
    void nothing_is_finished_where_that_is_off(Caller caller) {
        stub("p", "openai").answers(breaks(WORDS, 4));
        stub("f", "openai").answers(says(WORDS));
        start("bactrian.defaults.stream-rescue=off");

        brokenOff(caller, caller.stream(gateway), "One two three four");
        assertThat(stubs.get("f").calls()).isEmpty();
    }

    @Test
    void several_answers_at_once_are_not_finished() {
        stub("p", "openai").answers(breaks(WORDS, 4));
        stub("f", "openai").answers(says(WORDS));
        start();

        Answer answer = gateway.post("/v1/chat/completions", Caller.CHAT.body("default", true, "{\"n\":2}"));

        assertThat(answer.done()).isFalse();
        assertThat(stubs.get("f").calls()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Caller.class)
    void a_refusal_in_mid_stream_is_no_reason_to_ask_another_unless_told_so(Caller caller) {
        String refusal =
                "{\"error\":{\"message\":\"no\",\"type\":\"invalid_request_error\",\"code\":\"content_filter\"}}";
        stub("p", "openai").answers(says(WORDS).errorEventAfter(4, refusal));
        stub("f", "openai").answers(says(WORDS));
        start("bactrian.chains-options.lax.content-policy=next", "bactrian.chains.lax=p/model-p, f/model-f");

        brokenOff(caller, caller.stream(gateway), "One two three four");
        assertThat(stubs.get("f").calls()).isEmpty();

        whole(caller, gateway.post(caller.path(), caller.body("lax", true, "{}")));
    }

    @ParameterizedTest
    @EnumSource(Caller.class)
    void a_model_may_be_told_to_go_on(Caller caller) {
        stub("p", "openai").answers(breaks(WORDS, 6));
        stub("f", "anthropic").answers(says("Sure, here is the rest:\n\nfive six seven eight nine ten."));
        start("bactrian.defaults.stream-rescue=continue");

        Answer answer = caller.stream(gateway);

        whole(caller, answer);
        assertThat(answer.comments()).contains(": bactrian rescued by f/model-f (continue)");
        assertThat(text(last(stubs.get("f").call(1)))).contains("Go on");
    }

    @Test
    void to_be_told_to_go_on_comes_after_everybody_was_asked_afresh() {
        stub("p", "openai").answers(breaks(WORDS, 6));
        stub("f", "openai")
                .on(call ->
                        text(last(call)).contains("Go on") ? says("seven eight nine ten.") : says("Something else."));
        stub("g", "openai").answers(says("Another one."));
        start("bactrian.defaults.stream-rescue=replay, continue");

        Answer answer = Caller.CHAT.stream(gateway);

        whole(Caller.CHAT, answer);
        assertThat(answer.outcomes()).isEqualTo("p=STREAM_BROKEN, f=UNSUPPORTED, g=UNSUPPORTED, p=STREAM_BROKEN, f=OK");
    }

    @Test
    void a_caller_that_leaves_in_the_middle_of_a_rescue_ends_it() throws Exception {
        stub("p", "openai").answers(breaks(WORDS, 4));
        stub("f", "openai").answers(says(WORDS).stallAfter(7));
        stub("g", "openai").answers(says(WORDS));
        start("bactrian.defaults.idle-timeout=20s");

        try (RawCaller caller = RawCaller.ask(gateway, Caller.CHAT.body("default", true, "{}"))) {
            caller.readUntil("seven");
        }

        await().atMost(Duration.ofSeconds(1))
                .untilAsserted(
                        () -> assertThat(stubs.get("f").lastCall().clientLeft()).isTrue());
        assertThat(stubs.get("g").calls()).isEmpty();
    }

    @Test
    void a_rescue_ends_at_the_deadline() {
        stub("p", "openai").answers(breaks(WORDS, 4));
        stub("f", "openai").answers(says(WORDS).stallAfter(6));
        start("bactrian.defaults.idle-timeout=20s");

        Answer answer = Caller.CHAT.stream(gateway, "x-bactrian-timeout", "1500");

        brokenOff(Caller.CHAT, answer, "One two three four five six");
        assertThat(answer.took()).isBetween(Duration.ofMillis(1400), Duration.ofMillis(2500));
    }

    @ParameterizedTest
    @EnumSource(Caller.class)
    void half_an_answer_is_not_kept_waiting_for_a_breaker(Caller caller) {
        stub("p", "openai").answers(breaks(WORDS, 4));
        start("bactrian.defaults.breaker.failures=1");

        Answer answer = caller.stream(gateway);

        brokenOff(caller, answer, "One two three four");
        assertThat(answer.took()).isLessThan(Duration.ofSeconds(3));
    }

    @Test
    void a_rescue_has_the_rest_of_the_tokens() {
        stub("p", "openai").answers(breaks(WORDS, 6));
        stub("f", "openai").on(goesOn(WORDS, 0));
        start(prefill("f"));

        Answer answer = gateway.post("/v1/chat/completions", Caller.CHAT.body("default", true, "{\"max_tokens\":50}"));

        whole(Caller.CHAT, answer);
        assertThat(stubs.get("f").call(1).json().path("max_tokens").asInt()).isEqualTo(44);
    }

    @Test
    void a_rescue_starts_at_once() {
        stub("p", "openai").answers(breaks(WORDS, 6));
        stub("f", "openai").answers(says(WORDS));
        start("bactrian.defaults.breaker.failures=100");
        Caller.CHAT.stream(gateway);

        List<Duration> asked = new ArrayList<>();
        for (int i = 2; i <= 6; i++) {
            Caller.CHAT.stream(gateway);
            asked.add(stubs.get("f").call(i).since(stubs.get("p").call(i)));
        }

        // The stub pauses after each of its six words, then closes; how busy the machine was is none of the gateway's.
        assertThat(Collections.min(asked)).isLessThan(TOKEN.multipliedBy(6).plusMillis(50));
    }

    @ParameterizedTest
    @EnumSource(Caller.class)
    void documents_are_whole_whatever_breaks(Caller caller) {
        stub("p", "anthropic").answers(breaks(WORDS, 6));
        stub("f", "openai").answers(breaks(WORDS, 3));
        stub("g", "anthropic").answers(says(WORDS));
        start();

        Answer answer = caller.document(gateway);

        assertThat(answer.status()).isEqualTo(200);
        assertThat(caller.words(answer)).isEqualTo(WORDS);
        assertThat(answer.outcomes()).isEqualTo("p=STREAM_BROKEN, f=STREAM_BROKEN, g=OK");
    }
}
