package io.bactrian.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.testing.Gateway.Answer;

/** Assertions about answers in Chat Completions. Stateless. */
public final class AnswerAssertions {
    private AnswerAssertions() {}

    /** These words with one finish reason and usage, and for a stream with its end and without an error. */
    public static void assertWhole(Answer answer, boolean stream, String words) {
        assertThat(answer.content()).isEqualTo(words);
        assertThat(answer.brokenOff()).isFalse();
        if (stream) {
            assertThat(answer.header("content-type")).startsWith("text/event-stream");
            assertThat(answer.data().stream().filter("[DONE]"::equals)).hasSize(1);
            assertThat(answer.data().getLast()).isEqualTo("[DONE]");
            assertThat(answer.chunks().stream()
                            .map(c -> c.at("/choices/0/finish_reason"))
                            .filter(JsonNode::isTextual))
                    .hasSize(1);
            assertThat(answer.chunks().stream().filter(c -> c.has("error"))).isEmpty();
            assertThat(answer.chunks().getLast().at("/usage/completion_tokens").asInt())
                    .isPositive();
        } else {
            assertThat(answer.json().at("/choices/0/finish_reason").asText()).isEqualTo("stop");
            assertThat(answer.json().at("/usage/completion_tokens").asInt()).isPositive();
        }
    }
}
