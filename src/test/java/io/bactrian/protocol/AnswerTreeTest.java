package io.bactrian.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.bactrian.policy.CallFailed;
import io.bactrian.policy.FailureClass;
import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The tree of a provider's document has as many parts as an answer may need, and not as many as fit into its bytes. */
class AnswerTreeTest {
    @ParameterizedTest
    @ValueSource(strings = {"[]", "{}", "[[1]]", "{\"type\":\"text\",\"text\":\"x\"}"})
    void more_objects_and_lists_than_any_answer_has_are_refused(String part) {
        byte[] json = choice("\"message\":{\"content\":" + list(part, 60_000) + "}");
        assertThatExceptionOfType(CallFailed.class)
                .isThrownBy(() -> Json.answer(json))
                .satisfies(e -> assertThat(e.failure().type()).isEqualTo(FailureClass.INVALID_RESPONSE));
    }

    @Test
    void a_long_answer_may_have_log_probabilities_for_each_of_its_tokens() {
        String one = "{\"token\":\"a\",\"logprob\":-0.1,\"bytes\":[97],\"top_logprobs\":[]}";
        assertThat(Json.answer(choice("\"logprobs\":{\"content\":" + list(one, 60_000) + "}")))
                .isNotNull();
    }

    @Test
    void many_calls_and_long_lists_of_numbers_are_read() {
        assertThat(Json.answer(
                        choice("\"message\":{\"tool_calls\":" + list("{\"function\":{\"name\":\"f\"}}", 5_000) + "}")))
                .isNotNull();
        assertThat(Json.answer(choice("\"numbers\":" + list("0.5", 500_000)))).isNotNull();
    }

    private static byte[] choice(String field) {
        return ("{\"choices\":[{\"index\":0," + field + "}]}").getBytes(UTF_8);
    }

    private static String list(String item, int count) {
        return "[" + String.join(",", Collections.nCopies(count, item)) + "]";
    }
}
