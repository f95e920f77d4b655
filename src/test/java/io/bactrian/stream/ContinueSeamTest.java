package io.bactrian.stream;

import static io.bactrian.stream.SeamTexts.heard;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ContinueSeamTest {
    private static final String SPOKEN = "A camel that carries the gate";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Sure, here is the rest:\n\n",
                "Sure! Here's the continuation of the text: ",
                "Certainly! Continuing from where I left off:\n",
                "Continuing from where I left off:\n\n",
                "Continuing where the text stopped.\n\n",
                "Continuing:\n",
                "(Continued from where it stopped)\n",
                "**Continuing:**\n\n",
                "I'll continue from exactly where I stopped:\n",
                "Apologies for the interruption. Picking up where we left off:\n",
                "Of course! ",
                "Of course!\n\n",
                "Sure!\n...",
                "...",
                "…",
                "Here is the rest:\n\n…"
            })
    void preamble_is_cut(String preamble) {
        assertThat(twice(SPOKEN, preamble + "is wide.")).isEqualTo(" is wide.");
        assertThat(twice(SPOKEN, preamble + "gateway earns")).isEqualTo("way earns");
        assertThat(twice(SPOKEN, preamble + "carries the gateway earns")).isEqualTo("way earns");
        assertThat(twice(SPOKEN, preamble + SPOKEN + "way earns")).isEqualTo("way earns");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                " and here is the list: a, b",
                " is sure. Of course!\n",
                " I will continue the story: it",
                ". Of course it is:\n",
                " Sure-footed animals: camels",
                " Here is the list of targets:\n- a",
                " Continuing down the road, he saw a sign: STOP",
                " The rest of us: all",
                " OK\n",
                ".. or",
                " \"x\""
            })
    void text_that_only_looks_like_a_preamble_flows(String continuation) {
        assertThat(twice(SPOKEN, continuation)).isEqualTo(continuation);
    }

    @Test
    void exclamation_may_begin_a_sentence_of_the_text() {
        assertThat(twice("Is it wide? ", "Of course! It is.")).isEqualTo("Of course! It is.");
        assertThat(twice("Is it wide? ", "Of course! Here is the rest: It is.")).isEqualTo("It is.");
    }

    @Test
    void announcement_without_an_end_is_text() {
        String text = " Continuing where it left off " + "and on and on ".repeat(30);

        assertThat(twice(SPOKEN, text)).isEqualTo(text);
        assertThat(twice(SPOKEN, " ".repeat(292) + "Continuing: a")).endsWith("Continuing: a");
    }

    @ParameterizedTest
    @CsvSource(
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "'carries the gate',' is wide'",
                "'the gate',' is wide'",
                "'the  gate','way earns'",
                "'gate','way earns'",
                "'A camel that carries the gate','way'"
            })
    void repeated_words_are_cut(String repeated, String rest) {
        assertThat(twice(SPOKEN, repeated + rest)).isEqualTo(rest);
    }

    @Test
    void one_word_is_no_repetition() {
        assertThat(twice("It is what it", "it is")).isEqualTo(" it is");
        assertThat(twice("one by one", "one")).isEqualTo(" one");
        assertThat(twice("a bat", "at night")).isEqualTo(" at night");
        assertThat(twice("seen at", "attics")).isEqualTo(" attics");
        assertThat(twice("the gate ", "gateway earns")).isEqualTo("gateway earns");
        assertThat(twice("see the gate ", "the gateway")).isEqualTo("the gateway");
    }

    @Test
    void words_are_compared_as_in_a_replay() {
        assertThat(twice("Ta no\u0301i Tie\u0302\u0301ng Vie\u0323\u0302t", "Tiếng\u00A0Việt hay"))
                .isEqualTo(" hay");
        assertThat(twice("おはようございます、今日はいい天気ですね", "今日はいい天気ですねと言った")).isEqualTo("と言った");
    }

    @Test
    void longest_repetition_counts() {
        assertThat(twice("so on and on and on and on", "on and on and on ends")).isEqualTo(" ends");
        assertThat(twice("and on and on", "and on and off")).isEqualTo(" and off");
    }

    @Test
    void text_that_starts_over_is_swallowed_however_long() {
        String spoken = "The camel goes and the camel stays. ".repeat(40) + "And the gate";

        assertThat(twice(spoken, spoken + "way earns")).isEqualTo("way earns");
        assertThat(twice(spoken, "Sure, here is the rest:\n" + spoken + "way earns"))
                .isEqualTo("way earns");
        assertThat(twice(spoken, "camel stays. And the gateway earns")).isEqualTo("way earns");
    }

    @Test
    void quotation_mark_is_cut_only_before_a_repetition() {
        assertThat(twice(SPOKEN, "\"carries the gateway earns")).isEqualTo("way earns");
        assertThat(twice(SPOKEN, "Continuing:\n\"gateway earns")).isEqualTo("way earns");
        assertThat(twice(SPOKEN, "\" and left")).isEqualTo("\" and left");
    }

    @Test
    void code_fence_is_cut_only_when_it_is_repeated() {
        String code = "Look:\n```java\nint camel = 1;\nint gate";

        assertThat(twice(code, "```java\nway = 2;")).isEqualTo(" way = 2;");
        assertThat(twice(code, "```java\nint gateway = 2;")).isEqualTo("way = 2;");
        assertThat(twice(code, "```\nint gate = 2;")).isEqualTo(" = 2;");
        assertThat(twice(code + ";\n", "```\nDone")).isEqualTo("```\nDone");
        assertThat(twice(code + " = {", "...other}")).isEqualTo("...other}");
        assertThat(twice("Look:\n", "```java\nint")).isEqualTo("```java\nint");
    }

    @ParameterizedTest
    @CsvSource(
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "'the','camel',' camel'",
                "'the ','camel','camel'",
                "'the ',' camel','camel'",
                "'the',' camel',' camel'",
                "'the',', camel',', camel'",
                "'the.','camel','camel'",
                "'cafe\u0301','au',' au'",
                "'caf','\u0301','\u0301'",
                "'今日','天気','天気'",
                "'','camel','camel'",
                "' ',' camel','camel'"
            })
    void one_space_is_added_between_words(String spoken, String answer, String rest) {
        assertThat(twice(spoken, answer)).isEqualTo(rest);
    }

    @Test
    void nothing_is_held_back_once_it_is_certain() {
        Seam seam = Seam.goOn(SPOKEN);

        assertThat(seam.next(" ")).isEmpty();
        assertThat(seam.joined()).isFalse();
        assertThat(seam.next("w")).isEqualTo(" w");
        assertThat(seam.joined()).isTrue();
        assertThat(seam.next("ide")).isEqualTo("ide");
        assertThat(seam.end()).isEmpty();
    }

    @Test
    void what_is_held_back_at_the_end_flows() {
        assertThat(heard(Seam.goOn(SPOKEN), "the ", "ga")).isEqualTo(" the ga");
        assertThat(heard(Seam.goOn(SPOKEN), "the ", "gate")).isEmpty();
        assertThat(heard(Seam.goOn(SPOKEN), "Sure")).isEqualTo(" Sure");
        assertThat(heard(Seam.goOn(SPOKEN), "Continuing from where I left off:"))
                .isEmpty();
        assertThat(heard(Seam.goOn(SPOKEN))).isEmpty();
    }

    /** The text sent to the caller, the same for an answer in one piece and in the smallest ones. */
    private static String twice(String spoken, String answer) {
        String heard = heard(Seam.goOn(spoken), answer);
        assertThat(heard(Seam.goOn(spoken), SeamTexts.torn(answer, 1))).isEqualTo(heard);
        return heard;
    }
}
