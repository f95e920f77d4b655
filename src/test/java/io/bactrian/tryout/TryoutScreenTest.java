package io.bactrian.tryout;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TryoutScreenTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);

    @Test
    void a_line_says_what_is_not_as_it_should_be() {
        assertThat(TryoutScreen.line(new TryoutTally.Count(100, 50, 49, 1, 2), 100, "waiting"))
                .isEqualTo("[###############---------------] 50 of 100, 1 error, 2 doubled, waiting");
    }

    @Test
    void a_line_says_how_many_are_sent_until_all_are() {
        assertThat(TryoutScreen.line(new TryoutTally.Count(60, 0, 0, 0, 0), 100, null))
                .isEqualTo("[------------------------------] 0 of 100, 60 sent");
    }

    @Test
    void a_terminal_has_one_line_which_is_written_over() {
        TryoutScreen screen = new TryoutScreen(out, true);
        screen.progress(new TryoutTally.Count(2, 1, 1, 0, 0), 2, "away", 1);
        screen.progress(new TryoutTally.Count(2, 2, 2, 0, 0), 2, null, 2);
        screen.say(List.of("done"));

        assertThat(bytes.toString(StandardCharsets.UTF_8))
                .isEqualTo("\r[###############---------------] 1 of 2, away"
                        + "\r[##############################] 2 of 2      " + System.lineSeparator() + "done"
                        + System.lineSeparator());
    }

    @Test
    void a_file_gets_a_line_a_second() {
        TryoutScreen screen = new TryoutScreen(out, false);
        screen.progress(new TryoutTally.Count(4, 1, 1, 0, 0), 4, null, 1);
        screen.progress(new TryoutTally.Count(4, 2, 2, 0, 0), 4, null, 2);
        screen.progress(new TryoutTally.Count(4, 3, 3, 0, 0), 4, null, 1_000_000_002L);

        assertThat(bytes.toString(StandardCharsets.UTF_8))
                .contains("1 of 4")
                .contains("3 of 4")
                .doesNotContain("2 of 4");
    }
}
