package io.bactrian.lastresort;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.protocol.AnswerChunk;
import io.bactrian.protocol.CallerProtocol;
import io.bactrian.protocol.Json;
import io.bactrian.protocol.anthropic.Messages;
import io.bactrian.protocol.openai.ChatCompletions;
import io.bactrian.request.DocumentReply;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class RecordingReplyTest {
    private final DocumentReply caller = new DocumentReply(ChatCompletions.PROTOCOL, "");
    private final RecordingReply recording = new RecordingReply(caller, ChatCompletions.PROTOCOL);

    private static AnswerChunk chunk(CallerProtocol protocol, String json) {
        return Objects.requireNonNull(protocol.chunk(json.replace('\'', '"').getBytes(UTF_8)));
    }

    private static AnswerChunk words(String text) {
        return chunk(ChatCompletions.PROTOCOL, "{'id':'c','choices':[{'index':0,'delta':{'content':'" + text + "'}}]}");
    }

    private void finish() {
        recording.chunk(chunk(
                ChatCompletions.PROTOCOL, "{'id':'c','choices':[{'index':0,'delta':{},'finish_reason':'stop'}]}"));
        recording.complete();
    }

    private static String copied(RecordingReply recording) {
        DocumentReply copy = Objects.requireNonNull(recording.copy());
        copy.complete();
        return text(copy);
    }

    private static String text(DocumentReply reply) {
        JsonNode document = Objects.requireNonNull(Json.parse(Objects.requireNonNull(reply.body())));
        return document.at("/choices/0/message/content").asText();
    }

    @Test
    void what_the_caller_gets_is_written_down() {
        recording.chunk(words("One "));
        recording.chunk(words("two."));
        finish();

        assertThat(copied(recording)).isEqualTo("One two.");
        assertThat(text(caller)).isEqualTo("One two.");
    }

    @Test
    void what_is_taken_back_is_crossed_out() {
        recording.chunk(words("Wrong"));
        recording.retract();
        recording.chunk(words("Right."));
        finish();

        assertThat(copied(recording)).isEqualTo("Right.");
    }

    @Test
    void an_answer_that_is_too_long_reaches_the_caller_but_no_copy() {
        String page = "x".repeat(100_000);
        for (int i = 0; i < 11; i++) {
            recording.chunk(words(page));
        }
        finish();

        assertThat(recording.copy()).isNull();
        assertThat(text(caller)).hasSize(1_100_000);
    }

    @Test
    void an_answer_of_short_words_is_not_too_long_for_its_frames() {
        for (int i = 0; i < 20_000; i++) {
            recording.chunk(words("word "));
        }
        finish();

        assertThat(copied(recording)).hasSize(100_000);
    }

    @Test
    void of_an_answer_in_two_forms_there_is_no_copy() {
        RecordingReply messages = new RecordingReply(new DocumentReply(Messages.PROTOCOL, ""), Messages.PROTOCOL);
        messages.chunk(chunk(Messages.PROTOCOL, "{'type':'message_start','message':{'id':'m','content':[]}}"));
        assertThat(messages.copy()).isNotNull();

        messages.chunk(words("and on"));
        assertThat(messages.copy()).isNull();
    }
}
