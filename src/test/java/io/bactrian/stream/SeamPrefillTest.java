package io.bactrian.stream;

import static io.bactrian.stream.SeamTexts.heard;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SeamPrefillTest {

    @Test
    void text_to_go_on_from_has_no_white_space_nor_half_a_character_at_its_end() {
        assertThat(Seam.prefix("The gateway \u00A0\n")).isEqualTo("The gateway");
        assertThat(Seam.prefix("The \uD83D")).isEqualTo("The");
        assertThat(Seam.prefix("The 🐪")).isEqualTo("The 🐪");
        assertThat(Seam.prefix(" \n")).isEmpty();
    }

    @Test
    void server_that_starts_over_and_says_something_else_gives_another_answer() {
        String spoken = "A gateway earns trust on the day its provider misbehaves, and";

        assertThatExceptionOfType(Seam.Differs.class).isThrownBy(() -> Seam.prefill(spoken)
                .next("A gateway earns trust on the day its provider misbehaves. Not before."));
        assertThat(Seam.prefill(spoken).next("A gateway that")).isEqualTo("A gateway that");
    }

    @Test
    void continuation_flows_at_once() {
        Seam seam = Seam.prefill("The gateway");

        assertThat(seam.joined()).isFalse();
        assertThat(seam.next(" ")).isEmpty();
        assertThat(seam.next("e")).isEqualTo(" e");
        assertThat(seam.joined()).isTrue();
        assertThat(seam.next("arns")).isEqualTo("arns");
        assertThat(seam.end()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "'The gateway ',' earns','earns'",
                "'The gateway ','earns','earns'",
                "'The gateway ','  earns',' earns'",
                "'The gateway\n\n',' earns','earns'",
                "'The gate','way earns','way earns'",
                "'The gateway','  earns','  earns'",
                "'cafe','\u0301 au','\u0301 au'",
            })
    void white_space_that_the_model_was_not_given_is_not_doubled(String spoken, String answer, String rest) {
        assertThat(heard(Seam.prefill(spoken), answer)).isEqualTo(rest);
        assertThat(heard(Seam.prefill(spoken), SeamTexts.torn(answer, 1))).isEqualTo(rest);
    }

    @Test
    void half_a_surrogate_pair_that_the_model_was_not_given_is_not_doubled() {
        assertThat(heard(Seam.prefill("The \uD83D"), " ", "🐪", "!")).isEqualTo("\uDC2A!");
        assertThat(heard(Seam.prefill("The\uD83D"), "🐪!")).isEqualTo("\uDC2A!");
    }

    @Test
    void server_that_starts_over_gives_no_doubled_word() {
        assertThat(heard(Seam.prefill("The gate"), "The ", "gate", "way earns", " trust"))
                .isEqualTo("way earns trust");
        assertThat(heard(Seam.prefill("The gate "), "The gate earns")).isEqualTo("earns");
        assertThat(heard(Seam.prefill("The gate"), "The gate")).isEmpty();
    }

    @Test
    void beginning_that_only_looks_like_starting_over_flows() {
        Seam seam = Seam.prefill("The cat sat. ");

        assertThat(seam.next("The ")).isEmpty();
        assertThat(seam.next("dog ran.")).isEqualTo("The dog ran.");
        assertThat(heard(Seam.prefill("The cat sat. "), "The", " cat")).isEqualTo("The cat");
    }

    @Test
    void all_flows_after_nothing() {
        assertThat(heard(Seam.prefill(""), " a")).isEqualTo(" a");
        assertThat(heard(Seam.prefill(" "), " a")).isEqualTo("a");
        assertThat(heard(Seam.prefill("a"))).isEmpty();
    }
}
