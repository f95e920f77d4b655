package io.bactrian.stream;

import static io.bactrian.stream.SeamTexts.heard;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SeamReplayTest {

    @Test
    void what_was_spoken_is_swallowed_and_the_rest_flows() {
        Seam seam = Seam.replay("The gateway");

        assertThat(seam.next("The ")).isEmpty();
        assertThat(seam.next("gate")).isEmpty();
        assertThat(seam.joined()).isFalse();
        assertThat(seam.next("way earns")).isEqualTo(" earns");
        assertThat(seam.joined()).isTrue();
        assertThat(seam.next(" trust.")).isEqualTo(" trust.");
        assertThat(seam.end()).isEmpty();
    }

    @Test
    void answer_that_ends_where_the_stream_broke_has_no_rest() {
        assertThat(heard(Seam.replay("The gateway. "), "The gate", "way.")).isEmpty();
        assertThat(heard(Seam.replay("The gateway."), "The gateway.", "\n")).isEqualTo("\n");
    }

    @Test
    void first_other_character_differs_at_once() {
        Seam seam = Seam.replay("The gateway");
        seam.next("The g");

        assertThatExceptionOfType(Seam.Differs.class)
                .isThrownBy(() -> seam.next("o"))
                .withMessage("the answer differs from the text already sent")
                .satisfies(differs -> assertThat(differs.getStackTrace()).isEmpty());
    }

    @Test
    void shorter_answer_differs_at_its_end() {
        Seam seam = Seam.replay("The gateway");
        seam.next("The gate");

        assertThatExceptionOfType(Seam.Differs.class).isThrownBy(seam::end);
    }

    @ParameterizedTest
    @ValueSource(strings = {"cafe au", "cafe", "cafe\u0323 ", "cafe\u0301\u0301 "})
    void other_marks_differ(String answer) {
        assertThatExceptionOfType(Seam.Differs.class).isThrownBy(() -> heard(Seam.replay("café au lait"), answer));
    }

    @Test
    void white_space_of_the_repeated_part_may_be_another() {
        assertThat(heard(Seam.replay("The\u00A0gate  way\n\nearns"), " The ga", "te way", " earns trust"))
                .isEqualTo(" trust");
        assertThat(heard(Seam.replay("一 二"), "一二三")).isEqualTo("三");
    }

    @ParameterizedTest
    @CsvSource(
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "'a ','a b','b'",
                "'a. ','a.b','b'",
                "'a ','a  b',' b'",
                "'a ','a\n\nb','b'",
                "'a\n','a\n\nb','\nb'",
                "'a\n\n','a\nb','b'",
                "'a\u00A0','a b','b'",
                "'a','a  b','  b'",
                "'a','ab','b'",
                "' ','b','b'",
                "' ',' b','b'",
                "'',' b',' b'"
            })
    void white_space_at_the_seam_is_neither_lost_nor_doubled(String spoken, String answer, String rest) {
        assertThat(heard(Seam.replay(spoken), answer)).isEqualTo(rest);
        assertThat(heard(Seam.replay(spoken), SeamTexts.torn(answer, 1))).isEqualTo(rest);
    }

    @Test
    void white_space_that_would_tear_a_word_makes_another_answer() {
        assertThatExceptionOfType(Seam.Differs.class).isThrownBy(() -> heard(Seam.replay("the gate "), "the gateway"));
        assertThat(heard(Seam.replay("the gate"), "the gateway")).isEqualTo("way");
    }

    @Test
    void white_space_at_the_seam_waits_for_what_follows() {
        Seam seam = Seam.replay("a\n");

        assertThat(seam.next("a ")).isEmpty();
        assertThat(seam.next(" ")).isEmpty();
        assertThat(seam.joined()).isFalse();
        assertThat(seam.end()).isEmpty();
        assertThat(seam.joined()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "cafe, café, \u0301",
        "cafe, cafe\u0301, \u0301",
        "e\u0302, ệ, \u0323",
        "e\u0302, e\u0323\u0302, \u0323",
        "e\u0323, e\u0302\u0323, \u0302",
        "하, 한, \u11AB",
        "\u1112, 한, \u1161\u11AB",
        "❤, ❤\uFE0F, \uFE0F",
    })
    void mark_that_was_lost_flows_alone(String spoken, String answer, String mark) {
        assertThat(heard(Seam.replay(spoken), answer)).isEqualTo(mark);
        assertThat(heard(Seam.replay(spoken), answer, "!")).isEqualTo(mark + "!");
        assertThat(heard(Seam.replay(spoken), SeamTexts.torn(answer, 1))).isEqualTo(mark);
    }

    @Test
    void mark_is_not_lost_before_white_space() {
        assertThatExceptionOfType(Seam.Differs.class).isThrownBy(() -> heard(Seam.replay("cafe "), "café x"));
    }

    @Test
    void half_a_surrogate_pair_is_completed() {
        assertThat(heard(Seam.replay("a\uD83D"), "a\uD83D\uDC2A!")).isEqualTo("\uDC2A!");
        assertThat(heard(Seam.replay("a\uD83D"), "a\uD83D", "\uDC2A", "!")).isEqualTo("\uDC2A!");
        assertThatExceptionOfType(Seam.Differs.class).isThrownBy(() -> heard(Seam.replay("a\uD83D"), "ab"));
        assertThatExceptionOfType(Seam.Differs.class).isThrownBy(() -> heard(Seam.replay("a\uDC2A"), "a\uD83D\uDC2A"));
    }

    @Test
    void empty_pieces_change_nothing() {
        assertThat(heard(Seam.replay("ab"), "", "a", "", "bc", "")).isEqualTo("c");
        assertThat(heard(Seam.replay(""), "", "a")).isEqualTo("a");
        assertThat(heard(Seam.replay(""))).isEmpty();
    }

    @Test
    @Timeout(value = 20, unit = TimeUnit.SECONDS)
    void long_texts_take_time_in_proportion() {
        String text = "Tie\u0302\u0301ng Vie\u0323\u0302t, 한국어, 🐪 and plain words. ".repeat(20_000);
        String marks = "a" + "\u0301\u0323".repeat(100_000);

        assertThat(heard(Seam.replay(text), SeamTexts.torn(text + "x", 1))).isEqualTo("x");
        assertThat(heard(Seam.prefill(text), SeamTexts.torn(text + "x", 3))).isEqualTo("x");
        assertThat(heard(Seam.replay(marks), SeamTexts.torn(marks + "x", 1))).isEqualTo("x");
    }
}
