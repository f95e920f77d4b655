package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.testing.Call;
import io.bactrian.testing.Caller;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.ModelReply;
import io.bactrian.testing.RawCaller;
import io.bactrian.testing.Reply;
import io.bactrian.testing.Request;
import io.bactrian.testing.StubProvider;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Several targets at once: the first good answer wins, the others are cancelled. */
final class RaceIT {
    private static final String WORDS = "One two three four five six seven eight nine ten.";
    private static final Duration TOKEN = Duration.ofMillis(10);
    /** Longer than anything else here, so that who waits for it shows. */
    private static final Duration SLOW = Duration.ofSeconds(15);

    private static final String RACE = "race(a, b), c";
    private static final String ALONE = "race(a, b)";
    private static final String BEHIND = "c, race(a, b)";

    @RegisterExtension
    static final GatewayExtension gateway = GatewayExtension.with(
                    "bactrian.defaults.backoff=10ms",
                    "bactrian.defaults.deadline=20s",
                    "bactrian.defaults.idle-timeout=1s",
                    "bactrian.defaults.patience=300ms",
                    "bactrian.defaults.breaker.failures=3")
            .openai("a", "c")
            .anthropic("b")
            .chains(RACE)
            .chains(ALONE)
            .chains(BEHIND);

    private final StubProvider a = gateway.stub("a");
    private final StubProvider b = gateway.stub("b");
    private final StubProvider c = gateway.stub("c");

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void the_quicker_one_answers_and_the_other_is_cancelled(boolean stream) {
        a.answers(says(WORDS).firstTokenAfter(SLOW));
        b.answers(says(WORDS));

        Answer answer = ask(RACE, stream);

        assertThat(answer.content()).isEqualTo(WORDS);
        assertThat(answer.header("x-bactrian-target")).startsWith("b/");
        assertThat(answer.header("x-bactrian-degraded")).isEqualTo("false");
        assertThat(answer.outcomes()).isEqualTo("a=CANCELLED, b=OK");
        assertThat(answer.header("x-bactrian-fallbacks")).isEqualTo("0");
        assertThat(answer.took()).isLessThan(SLOW.dividedBy(2));
        assertClosedSoon(a);
        assertThat(c.calls()).isEmpty();
    }

    /** The least of five: a busy machine delays one or the other, a socket that stays open until the answer ends all. */
    @Test
    void the_losers_socket_is_closed_within_100_ms_of_the_first_word() {
        Duration firstWord = Duration.ofMillis(200);
        List<Duration> closed = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            a.answers(says(WORDS).firstTokenAfter(SLOW));
            b.answers(
                    Reply.text("One two three four.").firstTokenAfter(firstWord).everyToken(Duration.ofMillis(100)));

            ask(ALONE, true);

            assertClosedSoon(a);
            Call lost = a.lastCall();
            closed.add(
                    lost.clientLeftAfter().minus(firstWord).minus(b.lastCall().since(lost)));
        }
        assertThat(Collections.min(closed)).isLessThan(Duration.ofMillis(100));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void an_early_failure_does_not_win(boolean stream) {
        a.answers(Reply.html(), Reply.html(), Reply.html());
        b.answers(says(WORDS).firstTokenAfter(Duration.ofMillis(300)));

        Answer answer = ask(RACE, stream);

        assertThat(answer.content()).isEqualTo(WORDS);
        assertThat(answer.header("x-bactrian-target")).startsWith("b/");
        assertThat(answer.trail()).contains("b/" + gateway.model() + "=OK");
        assertThat(c.calls()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void when_all_of_them_fail_the_next_step_answers(boolean stream) {
        a.answers(busy());
        b.answers(Reply.reset());
        c.answers(says(WORDS));

        Answer answer = ask(RACE, stream);

        assertThat(answer.content()).isEqualTo(WORDS);
        assertThat(answer.header("x-bactrian-target")).startsWith("c/");
        assertThat(answer.header("x-bactrian-fallbacks")).isEqualTo("2");
        assertThat(a.calls()).hasSize(2);
        assertThat(b.calls()).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void when_nobody_is_left_there_is_one_clear_error(boolean stream) {
        a.answers(Reply.error(404, "invalid_request_error", "model_not_found", "No such model."));
        b.answers(Reply.error(529, "overloaded_error", null, "Overloaded", "x-should-retry", "false"));

        Answer answer = ask(ALONE, stream);

        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.error("code")).isEqualTo("all_providers_failed");
        assertThat(answer.json().at("/error/attempts")).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_race_behind_a_target_that_failed_runs_as_well(boolean stream) {
        c.answers(busy());
        a.answers(says(WORDS).firstTokenAfter(SLOW));
        b.answers(says(WORDS));

        Answer answer = ask(BEHIND, stream);

        assertThat(answer.content()).isEqualTo(WORDS);
        assertThat(answer.outcomes()).isEqualTo("c=SERVER_ERROR, c=SERVER_ERROR, a=CANCELLED, b=OK");
        assertThat(answer.header("x-bactrian-fallbacks")).isEqualTo("1");
    }

    @Test
    void a_lost_race_is_no_failure() {
        a.on(call -> says(WORDS).firstTokenAfter(SLOW));
        b.on(call -> says(WORDS));
        for (int i = 0; i < 6; i++) {
            assertThat(ask(ALONE, i % 2 == 0).outcomes()).isEqualTo("a=CANCELLED, b=OK");
        }
        JsonNode target = gateway.status("a/" + gateway.model());
        assertThat(target.path("breaker").asText()).isEqualTo("CLOSED");
        assertThat(target.path("failures")).isEmpty();
    }

    @Test
    void what_the_loser_cost_is_known_too() {
        a.answers(Reply.text(WORDS).everyToken(Duration.ofMillis(150)));
        b.answers(Reply.text(WORDS).firstTokenAfter(Duration.ofMillis(400)));

        Answer answer = ask(ALONE, false);

        assertThat(answer.outcomes()).isEqualTo("a=CANCELLED, b=OK");
        JsonNode lost = gateway.status("a/" + gateway.model());
        assertThat(lost.at("/tokens/completion").asInt()).isPositive();
        assertThat(answer.json().at("/usage/completion_tokens").asInt()).isEqualTo(10);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void one_word_does_not_win_against_a_whole_document(boolean stream) {
        a.answers(says(WORDS).stallAfter(2));
        b.answers(says(WORDS).firstTokenAfter(Duration.ofMillis(300)));

        Answer answer = ask(ALONE, stream);

        assertThat(answer.content()).isEqualTo(WORDS);
        if (stream) {
            assertThat(answer.header("x-bactrian-target")).startsWith("a/");
            assertThat(answer.comments()).anyMatch(comment -> comment.contains("rescued by b/"));
        } else {
            assertThat(answer.header("x-bactrian-target")).startsWith("b/");
        }
    }

    @Test
    void a_winner_that_breaks_off_is_finished_by_the_next_step() {
        a.answers(says(WORDS).cutAfter(4));
        b.answers(says(WORDS).firstTokenAfter(SLOW));
        c.answers(says(WORDS));

        Answer answer = ask(RACE, true);

        assertThat(answer.content()).isEqualTo(WORDS);
        assertThat(answer.done()).isTrue();
        assertThat(answer.outcomes()).isEqualTo("a=STREAM_BROKEN, b=CANCELLED, c=OK");
        assertThat(answer.chunks().stream()
                        .map(chunk -> chunk.path("id").asText())
                        .distinct())
                .hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_mistake_of_the_callers_is_told_when_nobody_took_it(boolean stream) {
        a.answers(Reply.error(400, "invalid_request_error", null, "temperature is too high"));
        b.answers(Reply.error(400, "invalid_request_error", null, "temperature is too high"));

        Answer answer = ask(RACE, stream);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.error("message")).contains("temperature is too high");
        assertThat(c.calls()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void what_one_of_them_refuses_another_may_take(boolean stream) {
        a.answers(Reply.error(400, "invalid_request_error", null, "temperature is too high"));
        b.answers(says(WORDS).firstTokenAfter(Duration.ofMillis(200)));

        assertThat(ask(RACE, stream).content()).isEqualTo(WORDS);
    }

    @Test
    void a_tool_call_wins_when_it_is_whole() {
        a.answers(Reply.toolCall("look_up", "{\"city\":\"Bern\",\"days\":3}")
                .everyToken(TOKEN)
                .cutAfter(2));
        b.answers(Reply.toolCall("look_up", "{\"city\":\"Bern\",\"days\":3}").firstTokenAfter(Duration.ofMillis(300)));

        Answer answer = gateway.ask(Request.of(gateway.chain(ALONE)).stream(true)
                .field("tools", List.of(Map.of("type", "function", "function", Map.of("name", "look_up")))));

        assertThat(answer.done()).isTrue();
        assertThat(answer.header("x-bactrian-target")).startsWith("b/");
        assertThat(answer.text()).contains("Bern").contains("tool_calls");
    }

    @Test
    void a_caller_who_leaves_ends_the_race_for_all() throws Exception {
        a.answers(says(WORDS).firstTokenAfter(SLOW));
        b.answers(says(WORDS).firstTokenAfter(SLOW));
        try (RawCaller caller = gateway.raw(Request.of(gateway.chain(ALONE)).stream(true))) {
            await().until(() -> a.calls().size() == 1 && b.calls().size() == 1);
        }
        await().atMost(Duration.ofSeconds(3))
                .until(() -> a.lastCall().clientLeft() && b.lastCall().clientLeft());
        assertThat(c.calls()).isEmpty();
    }

    @Test
    void without_fallback_only_the_first_is_asked() {
        a.answers(busy());

        Answer answer = gateway.ask(Request.of(gateway.chain(RACE)).header("x-bactrian-fallback", "off"));

        assertThat(answer.status()).isEqualTo(503);
        assertThat(b.calls()).isEmpty();
        assertThat(c.calls()).isEmpty();
    }

    @Test
    void racers_keep_to_the_deadline_together() {
        a.answers(Reply.silence());
        b.answers(Reply.silence());

        Answer answer = gateway.ask(Request.of(gateway.chain(ALONE)).header("x-bactrian-timeout", "700"));

        assertThat(answer.status()).isEqualTo(504);
        assertThat(answer.took()).isBetween(Duration.ofMillis(650), Duration.ofSeconds(5));
        await().atMost(Duration.ofSeconds(3)).until(() -> a.openConnections() == 0 && b.openConnections() == 0);
    }

    @Test
    void callers_of_messages_race_too() {
        a.answers(says(WORDS));
        b.answers(says(WORDS).firstTokenAfter(SLOW));
        for (boolean stream : new boolean[] {true, false}) {
            Answer answer = gateway.ask(Request.of(gateway.chain(ALONE)).by(Caller.MESSAGES).stream(stream));
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.outcomes()).isEqualTo("a=OK, b=CANCELLED");
            b.answers(says(WORDS).firstTokenAfter(SLOW));
            a.answers(says(WORDS));
        }
    }

    @Test
    void many_races_at_once_each_have_one_whole_answer() {
        c.on(call -> says(WORDS));
        a.on(call -> call.number() % 3 == 0
                ? Reply.reset()
                : says(WORDS).firstTokenAfter(Duration.ofMillis(call.number() % 7 * 5)));
        b.on(call -> call.number() % 4 == 0
                ? busy()
                : says(WORDS).firstTokenAfter(Duration.ofMillis(call.number() % 5 * 7)));
        List<Answer> answers = gateway.askAtOnce(100, i -> Request.of(gateway.chain(RACE)).stream(i % 2 == 0));
        assertThat(answers).allSatisfy(answer -> assertThat(answer.content()).isEqualTo(WORDS));
    }

    private static Answer ask(String steps, boolean stream) {
        return gateway.ask(Request.of(gateway.chain(steps)).stream(stream));
    }

    /** Quick, but not so quick that the others would not have been asked yet. */
    private static ModelReply says(String words) {
        return Reply.text(words).firstTokenAfter(Duration.ofMillis(150)).everyToken(TOKEN);
    }

    private static Reply busy() {
        return Reply.error(500, "server_error", null, "An internal error.");
    }

    /** From the first word of the winner to the closing of the loser's socket. */
    private static void assertClosedSoon(StubProvider loser) {
        await().atMost(Duration.ofSeconds(3)).until(() -> loser.lastCall().clientLeft());
    }
}
