package io.bactrian.alert;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.alert.AlertMessage.State;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The decisions of the book, on a clock of the test's own. */
final class AlertBookTest {
    private static final Duration HOLD = Duration.ofMinutes(1);
    private static final Duration REPEAT = Duration.ofHours(1);
    private static final Condition DOWN = Condition.of(AlertKind.TARGET_DOWN, "a/m", "a/m is down.");
    private static final Condition OTHER = Condition.of(AlertKind.TARGET_DOWN, "b/m", "b/m is down.");
    private static final Condition BREAKER = Condition.of(AlertKind.BREAKER_OPEN, "a/m", "The breaker of a/m is open.");

    private final AlertBook book = new AlertBook();
    private long now = 1_800_000_000_000L;

    @Test
    void a_lasting_condition_opens_one_alert() {
        List<AlertMessage> messages = hold(60, DOWN);

        assertThat(messages).hasSize(1);
        assertThat(messages.getFirst().state()).isEqualTo(State.OPEN);
        assertThat(messages.getFirst().alert().key()).isEqualTo("target/a/m");
        assertThat(messages.getFirst().alert().severity()).isEqualTo(Severity.WARNING);
        assertThat(book.open()).singleElement().extracting(Alert::times).isEqualTo(1);
    }

    @Test
    void a_condition_that_is_gone_before_its_time_opens_none() {
        assertThat(hold(2, DOWN)).isEmpty();
        assertThat(hold(120)).isEmpty();
        assertThat(book.open()).isEmpty();
        assertThat(book.resolved()).isEmpty();
    }

    @Test
    void an_alert_is_resolved_after_the_hold_and_not_before() {
        hold(10, DOWN);

        assertThat(hold(59)).isEmpty();
        List<AlertMessage> messages = hold(10);
        assertThat(messages).singleElement().returns(State.RESOLVED, AlertMessage::state);
        assertThat(messages.getFirst().alert().text()).startsWith("a/m is up again. It lasted ");
        assertThat(book.open()).isEmpty();
        assertThat(book.resolved()).singleElement().extracting(Alert::key).isEqualTo("target/a/m");
    }

    @Test
    void a_target_that_was_removed_is_not_said_to_be_up_again() {
        hold(10, DOWN);

        book.evaluate(List.of(), HOLD, REPEAT, now += 1_000);
        now += 9_000;
        for (int i = 0; i < 7; i++) {
            book.evaluate(List.of(), (kind, subject) -> false, HOLD, REPEAT, now += 9_000);
        }

        assertThat(book.resolved())
                .singleElement()
                .extracting(Alert::text)
                .asString()
                .startsWith("a/m is no longer configured. It lasted ");
    }

    @Test
    void ten_minutes_of_flapping_are_one_open_and_one_resolved() {
        List<AlertMessage> messages = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            messages.addAll(hold(10, DOWN));
            messages.addAll(hold(10));
        }
        messages.addAll(hold(1_200));

        assertThat(messages).extracting(AlertMessage::state).containsExactly(State.OPEN, State.RESOLVED);
    }

    @Test
    void an_alert_that_opens_again_soon_is_the_same_one() {
        AlertMessage first = hold(10, DOWN).getFirst();
        hold(61);
        hold(200);

        List<AlertMessage> again = hold(10, DOWN);

        assertThat(again).singleElement().returns(State.UPDATE, AlertMessage::state);
        assertThat(again.getFirst().alert().id()).isEqualTo(first.alert().id());
        assertThat(again.getFirst().alert().times()).isEqualTo(2);
        assertThat(again.getFirst().alert().text())
                .isEqualTo("a/m is down. It is open again, for the 2nd time in 4 min.");
    }

    @Test
    void an_alert_that_opens_again_much_later_is_another_one() {
        AlertMessage first = hold(10, DOWN).getFirst();
        hold(61);
        hold(700);

        List<AlertMessage> again = hold(10, DOWN);

        assertThat(again).singleElement().returns(State.OPEN, AlertMessage::state);
        assertThat(again.getFirst().alert().id()).isNotEqualTo(first.alert().id());
    }

    @Test
    void each_reopening_doubles_the_hold() {
        hold(10, DOWN);
        hold(30);
        hold(10, DOWN);

        assertThat(hold(119)).isEmpty();
        assertThat(hold(3)).hasSize(1);
    }

    @Test
    void reminders_come_after_an_hour_and_then_after_twice_as_long() {
        hold(3_500, DOWN);

        assertThat(hold(200, DOWN)).singleElement().returns(State.UPDATE, AlertMessage::state);
        assertThat(hold(7_000, DOWN)).isEmpty();
        assertThat(hold(300, DOWN))
                .singleElement()
                .extracting(message -> message.alert().text())
                .isEqualTo("a/m is down. It has been open for 3 h.");
        assertThat(hold(14_000, DOWN)).isEmpty();
    }

    @Test
    void an_alert_that_says_less_is_silent_but_visible() {
        Condition chain = Condition.of(AlertKind.CHAIN_DOWN, "default", "No target of chain default can answer.")
                .silencing(Set.of("target/a/m", "target/b/m"));

        List<AlertMessage> messages = hold(60, chain, DOWN, OTHER);

        assertThat(messages).singleElement().returns(AlertKind.CHAIN_DOWN, AlertMessage::kind);
        assertThat(book.open())
                .extracting(Alert::key, Alert::inhibitedBy)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("chain/default", null),
                        org.assertj.core.groups.Tuple.tuple("target/a/m", "chain/default"),
                        org.assertj.core.groups.Tuple.tuple("target/b/m", "chain/default"));
    }

    @Test
    void what_was_silent_is_told_when_the_greater_alert_is_over() {
        Condition chain = Condition.of(AlertKind.CHAIN_DOWN, "default", "No target of chain default can answer.")
                .silencing(Set.of("target/a/m"));
        hold(60, chain, DOWN);

        List<AlertMessage> messages = hold(120, DOWN);

        assertThat(messages)
                .extracting(AlertMessage::kind, AlertMessage::state)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(AlertKind.CHAIN_DOWN, State.RESOLVED),
                        org.assertj.core.groups.Tuple.tuple(AlertKind.TARGET_DOWN, State.OPEN));
    }

    @Test
    void what_was_silent_until_only_its_aftermath_is_left_is_not_told_and_silences_nothing() {
        Condition provider = Condition.of(AlertKind.PROVIDER_DOWN, "a", "2 targets of provider a are down.")
                .silencing(Set.of("target/b/m"));
        Condition chain = Condition.of(AlertKind.CHAIN_DOWN, "default", "No target of chain default can answer.")
                .silencing(Set.of("provider/a", "target/b/m"));
        hold(60, chain, provider, OTHER);

        List<AlertMessage> messages = hold(120, provider.onlyKeeps(true), OTHER);

        assertThat(messages)
                .extracting(AlertMessage::kind, AlertMessage::state)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(AlertKind.CHAIN_DOWN, State.RESOLVED),
                        org.assertj.core.groups.Tuple.tuple(AlertKind.TARGET_DOWN, State.OPEN));
    }

    @Test
    void what_was_never_told_is_resolved_in_silence() {
        Condition down = DOWN.silencing(Set.of(BREAKER.key()));

        assertThat(hold(30, down, BREAKER)).extracting(AlertMessage::kind).containsExactly(AlertKind.TARGET_DOWN);
        assertThat(hold(120)).extracting(AlertMessage::kind).containsExactly(AlertKind.TARGET_DOWN);
    }

    @Test
    void a_weak_condition_keeps_an_alert_open_and_opens_none() {
        Condition weak = DOWN.onlyKeeps(true);

        assertThat(hold(600, weak)).isEmpty();
        assertThat(hold(10, DOWN)).hasSize(1);
        assertThat(hold(600, weak)).isEmpty();
        assertThat(hold(70)).hasSize(1);
    }

    @Test
    void a_clock_that_jumps_neither_opens_nor_resolves_anything() {
        hold(10, DOWN);
        hold(10);

        now += Duration.ofDays(3).toMillis();
        assertThat(hold(5)).isEmpty();
        now -= Duration.ofDays(9).toMillis();
        assertThat(hold(5)).isEmpty();
        assertThat(hold(60)).singleElement().returns(State.RESOLVED, AlertMessage::state);
    }

    @Test
    void a_drill_is_marked() {
        List<AlertMessage> messages = hold(10, DOWN.inDrill(true));

        assertThat(messages).singleElement().returns(true, AlertMessage::drill);
        assertThat(messages.getFirst().alert().text()).startsWith("Drill: ");
        assertThat(hold(90).getFirst().alert().text()).startsWith("Drill: ");
    }

    @Test
    void a_drill_that_turns_into_an_outage_is_told_as_one_and_resolved_as_one() {
        hold(10, DOWN.inDrill(true));

        assertThat(hold(10, DOWN))
                .singleElement()
                .returns(State.OPEN, AlertMessage::state)
                .returns(false, AlertMessage::drill);
        assertThat(hold(10, DOWN.inDrill(true))).isEmpty();
        assertThat(hold(90))
                .singleElement()
                .returns(State.RESOLVED, AlertMessage::state)
                .returns(false, AlertMessage::drill);
    }

    @Test
    void what_was_silent_and_ends_with_the_greater_alert_is_not_told_after_its_end() {
        Condition chain = Condition.of(AlertKind.CHAIN_DOWN, "default", "No target of chain default can answer.")
                .silencing(Set.of("target/a/m", "target/b/m"));
        hold(60, chain, DOWN, OTHER);
        hold(1, chain, OTHER);

        assertThat(hold(120)).singleElement().returns(AlertKind.CHAIN_DOWN, AlertMessage::kind);
        assertThat(book.open()).isEmpty();
    }

    @Test
    void a_target_that_recovers_before_the_others_of_its_provider_is_not_told_as_down() {
        Condition provider = Condition.of(AlertKind.PROVIDER_DOWN, "a", "2 targets of provider a are down.");
        hold(60, provider.silencing(Set.of("target/a/m", "target/b/m")), DOWN, OTHER);
        List<AlertMessage> messages =
                hold(10, provider.silencing(Set.of("target/b/m")).onlyKeeps(true), OTHER);

        messages.addAll(hold(120));

        assertThat(messages).singleElement().returns(State.RESOLVED, AlertMessage::state);
    }

    @Test
    void the_most_urgent_message_comes_first() {
        Condition key = Condition.of(AlertKind.KEY_REFUSED, "a/1", "The key is refused.");

        book.evaluate(List.of(BREAKER, key), HOLD, REPEAT, now);

        assertThat(book.open()).extracting(Alert::severity).containsExactly(Severity.ERROR, Severity.WARNING);
    }

    @Test
    void listeners_hear_every_message_and_one_that_fails_stops_nothing() {
        List<String> heard = new ArrayList<>();
        book.listen(message -> {
            throw new IllegalStateException("a listener's own fault");
        });
        book.listen(message -> heard.add(message.state() + " " + message.alert().key()));

        hold(10, DOWN);
        hold(70);

        assertThat(heard).containsExactly("OPEN target/a/m", "RESOLVED target/a/m");
    }

    /** Lets the conditions hold for some seconds. */
    private List<AlertMessage> hold(int seconds, Condition... conditions) {
        List<AlertMessage> messages = new ArrayList<>();
        for (int i = 0; i < seconds; i++) {
            now += 1_000;
            messages.addAll(book.evaluate(Arrays.asList(conditions), HOLD, REPEAT, now));
        }
        return messages;
    }
}
