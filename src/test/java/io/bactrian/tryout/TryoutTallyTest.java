package io.bactrian.tryout;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class TryoutTallyTest {
    private final TryoutTally tally = new TryoutTally();

    @Test
    void a_request_without_a_reply_is_open() {
        tally.sent();
        tally.sent();
        tally.reply("a", "m1", 200, "p/m");

        assertThat(tally.count()).isEqualTo(new TryoutTally.Count(2, 1, 1, 0, 0));
        assertThat(tally.count().open()).isEqualTo(1);
    }

    @Test
    void a_second_reply_is_doubled_once() {
        tally.sent();
        tally.reply("a", "m1", 200, "p/m");
        tally.reply("a", "m2", 200, "p/m");
        tally.reply("a", "m3", 200, "p/m");

        assertThat(tally.count()).isEqualTo(new TryoutTally.Count(1, 1, 1, 0, 1));
    }

    @Test
    void a_reply_that_the_broker_delivers_again_is_one_reply() {
        tally.sent();
        tally.reply("a", "m1", 200, "p/m");
        tally.reply("a", "m1", 200, "p/m");

        assertThat(tally.count().doubled()).isZero();
    }

    @Test
    void a_request_that_may_be_at_the_broker_twice_may_have_two_replies() {
        tally.perhapsSent("a");
        tally.sent();
        tally.reply("a", "m1", 200, "p/m");
        tally.reply("a", "m2", 200, "p/m");
        assertThat(tally.count().doubled()).isZero();

        tally.reply("a", "m3", 200, "p/m");
        assertThat(tally.count().doubled()).isEqualTo(1);
    }

    @Test
    void replies_with_a_status_of_an_error_are_errors() {
        tally.sent();
        tally.reply("a", "m1", 503, null);

        assertThat(tally.count().errors()).isEqualTo(1);
        assertThat(tally.targets()).containsExactly("  no target  1");
    }

    @Test
    void the_busiest_target_comes_first() {
        tally.reply("a", "m1", 200, "small");
        tally.reply("b", "m2", 200, "large-one");
        tally.reply("c", "m3", 200, "large-one");

        assertThat(tally.targets()).containsExactly("  large-one  2", "  small      1");
    }
}
