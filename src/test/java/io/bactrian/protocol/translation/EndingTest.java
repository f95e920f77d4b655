package io.bactrian.protocol.translation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Locale;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the reasons of many vendors mean. */
class EndingTest {
    private static final List<String> PREFIXES =
            List.of("", "FinishReason.", "FINISH_REASON_", "stop_reason:", "finish-reason ");

    @ParameterizedTest
    @NullAndEmptySource
    @ValueSource(
            strings = {"null", "NULL", "None", "nil", "undefined", " ", "FINISH_REASON_UNSPECIFIED", "in_progress"})
    void word_in_the_place_of_a_reason_is_none(String word) {
        assertThat(Ending.of(word)).isEqualTo(Ending.NONE);
    }

    @ParameterizedTest
    @CsvSource({
        "STOP, stop STOP eos eos_token EOS end_turn stop_sequence complete COMPLETE completed end_of_turn pause_turn"
                + " done",
        "LENGTH, length MAX_TOKENS max_tokens model_length length_limit max_new_tokens max_output_tokens token_limit "
                + "maxTokens MAX_TOKENS_REACHED incomplete truncated",
        "WINDOW, model_context_window_exceeded context_length_exceeded context_window_full",
        "TOOLS, tool_calls tool_use function_call TOOL_CALL tool_call toolUse functionCall",
        "FILTER, content_filter refusal sensitive SAFETY safety RECITATION PROHIBITED_CONTENT BLOCKLIST SPII"
                + " IMAGE_SAFETY content_filtered guardrail_intervened ERROR_TOXIC contentFilter content_policy_violation"
                + " blocked",
        "OVERLOAD, insufficient_system_resource engine_overloaded overloaded server_busy RESOURCE_EXHAUSTED"
                + " no_capacity",
        "FAILURE, error network_error abort aborted cancelled canceled timeout MALFORMED_FUNCTION_CALL"
                + " malformed_function_call UNEXPECTED_TOOL_CALL TOO_MANY_TOOL_CALLS LANGUAGE OTHER other failed"
                + " internal_error ERROR FinishReason.MALFORMED_FUNCTION_CALL malformed_tool_call"
                + " MISSING_THOUGHT_SIGNATURE upstream_error USER_CANCEL exception model_error interrupted"
                + " MALFORMED_RESPONSE IMAGE_OTHER_ERROR",
        "UNKNOWN, walked_away 完成 max_turns repetition_detected"
    })
    void word_has_its_meaning(Ending meaning, String words) {
        for (String word : words.strip().split(" ")) {
            assertThat(Ending.of(word)).as(word).isEqualTo(meaning);
        }
    }

    @Property
    void neither_case_nor_prefix_changes_the_meaning(@ForAll("known") String word, @ForAll("prefixes") String prefix) {
        assertThat(Ending.of(prefix + word.toUpperCase(Locale.ROOT))).isEqualTo(Ending.of(word));
        assertThat(Ending.of(prefix + word)).isEqualTo(Ending.of(word));
    }

    @Property
    void any_word_has_a_meaning(@ForAll String word) {
        assertThat(Ending.of(word)).isNotNull();
    }

    @Test
    void translation_keeps_what_is_unknown_or_failed_and_names_the_rest() {
        assertThat(FinishReasons.messages("walked_away", false)).isEqualTo("walked_away");
        assertThat(FinishReasons.messages("network_error", false)).isEqualTo("network_error");
        assertThat(FinishReasons.messages("sensitive", false)).isEqualTo("refusal");
        assertThat(FinishReasons.messages("MAX_TOKENS", false)).isEqualTo("max_tokens");
        assertThat(FinishReasons.messages("eos", false)).isEqualTo("end_turn");
        assertThat(FinishReasons.chat("SAFETY", false)).isEqualTo("content_filter");
        assertThat(FinishReasons.chat("walked_away", true)).isEqualTo("tool_calls");
        assertThat(FinishReasons.chat("model_context_window_exceeded", false, false))
                .isEqualTo("model_context_window_exceeded");
    }

    @Provide
    Arbitrary<String> known() {
        return Arbitraries.of(
                "stop",
                "length",
                "tool_calls",
                "content_filter",
                "refusal",
                "end_turn",
                "max_tokens",
                "tool_use",
                "error",
                "abort",
                "sensitive",
                "safety",
                "malformed_function_call",
                "network_error",
                "engine_overloaded",
                "other");
    }

    @Provide
    Arbitrary<String> prefixes() {
        return Arbitraries.of(PREFIXES);
    }
}
