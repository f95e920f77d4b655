package io.bactrian.lastresort;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.protocol.CallerProtocol;
import io.bactrian.protocol.Json;
import io.bactrian.protocol.Usage;
import io.bactrian.protocol.anthropic.Messages;
import io.bactrian.protocol.openai.ChatCompletions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CacheableAnswerTest {

    private static byte[] of(CallerProtocol protocol, String json, Usage usage) {
        return CacheableAnswer.of(null, json.replace('\'', '"').getBytes(UTF_8), protocol, usage);
    }

    private static String chat(String finish, String message) {
        return "{'choices':[{'index':0,'message':{'content':'Hi'" + message + "},'finish_reason':'" + finish
                + "'}],'usage':{'prompt_tokens':1,'completion_tokens':2}}";
    }

    private static String message(String reason) {
        return "{'type':'message','content':[{'type':'text','text':'Hi'}],'stop_reason':'" + reason + "'}";
    }

    @ParameterizedTest
    @CsvSource({"stop, true", "length, true", "tool_calls, true", "content_filter, false", "error, false"})
    void an_answer_that_ended_well_is_good(String finish, boolean good) {
        assertThat(of(ChatCompletions.PROTOCOL, chat(finish, ""), null) != null).isEqualTo(good);
    }

    @ParameterizedTest
    @CsvSource({"end_turn, true", "max_tokens, true", "stop_sequence, true", "refusal, false"})
    void a_message_that_ended_well_is_good(String reason, boolean good) {
        assertThat(of(Messages.PROTOCOL, message(reason), null) != null).isEqualTo(good);
    }

    @Test
    void a_refusal_that_calls_itself_a_good_end_is_none() {
        assertThat(of(ChatCompletions.PROTOCOL, chat("stop", ",'refusal':'No.'"), null))
                .isNull();
        assertThat(of(ChatCompletions.PROTOCOL, chat("stop", ",'refusal':null"), null))
                .isNotNull();
    }

    @Test
    void what_is_no_document_is_no_answer() {
        assertThat(of(ChatCompletions.PROTOCOL, "[]", null)).isNull();
        assertThat(of(ChatCompletions.PROTOCOL, "{", null)).isNull();
    }

    @Test
    void the_usage_is_added_where_it_is_missing_and_nothing_else_is_changed() {
        String whole = chat("stop", "").replace('\'', '"');
        assertThat(of(ChatCompletions.PROTOCOL, whole, new Usage(7, 8))).isEqualTo(whole.getBytes(UTF_8));

        byte[] filled = of(ChatCompletions.PROTOCOL, chat("stop", "").replace("usage", "other"), new Usage(7, 8));
        assertThat(Json.parse(filled).path("usage").toString())
                .isEqualTo("{\"prompt_tokens\":7,\"completion_tokens\":8,\"total_tokens\":15}");
    }

    @Test
    void a_document_of_more_than_a_megabyte_is_not_kept() {
        String words = "x".repeat(StoredAnswer.MAX_BYTES);
        assertThat(of(Messages.PROTOCOL, message("end_turn").replace("Hi", words), null))
                .isNull();
    }
}
