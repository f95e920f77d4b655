package io.bactrian.protocol.anthropic;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.policy.CallFailed;
import io.bactrian.protocol.AnswerChunk;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Events of a Messages stream for a caller of Messages. */
class NativeEventsTest {
    private static final String START =
            "{'type':'message_start','message':{'content':[],'usage':{'input_tokens':11,'output_tokens':7}}}";
    private static final String TEXT =
            "{'type':'content_block_start','index':0,'content_block':{'type':'text','text':'a'}}";
    private static final String TEXT_END = "{'type':'content_block_stop','index':0}";
    private static final String STOP = "{'type':'message_stop'}";

    private final NativeEvents events = new NativeEvents();
    private final List<AnswerChunk> out = new ArrayList<>();

    @Test
    void ordinary_end_passes_as_it_is() {
        String end = end("'end_turn'", "{'output_tokens':9}");

        feed(START, TEXT, TEXT_END, end, STOP);

        assertThat(out).hasSize(5);
        assertThat(new String(out.get(3).json(), UTF_8)).isEqualTo(end.replace('\'', '"'));
        assertThat(events.ended()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ping\\n\\nevent: message_stop",
                "ping\\rdata: {}",
                "\\r\\n",
                "\\ud83d",
                "\\ud83d ping",
                "ping\\ude00",
                "\\ude00\\ud83d"
            })
    void type_that_cannot_be_the_name_of_an_event_is_none(String type) {
        assertThat(events.read(("{\"type\":\"" + type + "\"}").getBytes(UTF_8))).isNull();
    }

    @Test
    void type_of_any_letters_is_an_event() {
        assertThat(events.read("{\"type\":\"ping \\ud83d\\ude00 \u00fc\"}".getBytes(UTF_8)))
                .isNotNull();
    }

    @Test
    void blocks_after_a_stop_reason_pass_and_the_last_reason_counts() {
        feed(
                START,
                end("'tool_use'", "{'output_tokens':9}"),
                TEXT,
                TEXT_END,
                end("'end_turn'", "{'output_tokens':12}"),
                STOP);

        assertThat(out.stream().map(AnswerChunk::type))
                .containsExactly(
                        "message_start",
                        "message_delta",
                        "content_block_start",
                        "content_block_stop",
                        "message_delta",
                        "message_stop");
        assertThat(out.get(4).tree().at("/delta/stop_reason").asText()).isEqualTo("end_turn");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'type':'content_block_delta','index':1,'delta':{'type':'input_json_delta','partial_json':'[1]'}}",
                "{'type':'content_block_start','index':1,'content_block':{'type':'tool_use','id':'t','input':{}}}",
            })
    void unusable_call_is_an_invalid_response(String event) {
        feed(START, TEXT, TEXT_END);

        assertThatThrownBy(() -> feed(event, end("'tool_use'", "{'output_tokens':9}")))
                .isInstanceOf(CallFailed.class)
                .hasMessageStartingWith("INVALID_RESPONSE");
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "''", "'null'"})
    void end_without_a_reason_waits_for_one_and_keeps_it_afterwards(String none) {
        feed(START, end(none, "{'output_tokens':9}"));
        assertThat(out).hasSize(1);

        feed(end("'end_turn'", "{}"), end(none, "{'output_tokens':12}"), STOP);

        JsonNode last = out.get(out.size() - 2).tree();
        assertThat(last.at("/delta/stop_reason").asText()).isEqualTo("end_turn");
        assertThat(last.at("/usage/output_tokens").asInt()).isEqualTo(12);
    }

    @ParameterizedTest
    @CsvSource({
        "stop, end_turn",
        "length, max_tokens",
        "tool_calls, tool_use",
        "sensitive, refusal",
        "SAFETY, refusal",
        "pause_turn, pause_turn",
        "network_error, network_error",
        "walked_away, walked_away"
    })
    void word_of_another_vendor_becomes_that_of_the_protocol(String word, String reason) {
        feed(START);
        if (reason.equals("tool_use")) {
            feed("{'type':'content_block_start','index':0,'content_block':{'type':'tool_use','id':'t','name':'w'}}");
        }
        feed(end("'" + word + "'", "{'output_tokens':9}"));

        assertThat(out.getLast().choices().getFirst().finish()).isEqualTo(reason);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{'output_tokens':0}", "{'input_tokens':0,'output_tokens':0}"})
    void zeros_do_not_take_the_place_of_figures(String usage) {
        feed(START, TEXT, end("'end_turn'", usage), STOP);

        assertThat(out.get(2).tree().at("/usage/output_tokens").asInt()).isEqualTo(7);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'type':'message_start','message':{'content':[],'usage':null}}",
                "{'type':'message_start','message':{'content':[]}}",
                "{'type':'message_start','message':{'id':'m','type':'message','content':[],'usage':{}}}",
                "{'type':'message_start'}"
            })
    void beginning_has_every_field_that_libraries_need(String start) {
        feed(start);

        JsonNode message = out.getFirst().tree().path("message");
        assertThat(message.path("id").asText()).isNotEmpty();
        assertThat(message.path("role").asText()).isEqualTo("assistant");
        assertThat(message.path("model").isTextual()).isTrue();
        assertThat(message.at("/usage/input_tokens").isNumber()).isTrue();
        assertThat(message.at("/usage/output_tokens").isNumber()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ",'usage':null", ",'usage':{}"})
    void end_has_every_field_that_libraries_need(String usage) {
        feed(START, TEXT, TEXT_END, "{'type':'message_delta','delta':{'stop_reason':'end_turn'}" + usage + "}", STOP);

        assertThat(out.get(3).tree().at("/usage/output_tokens").asInt()).isEqualTo(7);
    }

    @Test
    void call_is_half_as_long_as_its_input_is_open() {
        feed(
                START,
                "{'type':'content_block_start','index':0,'content_block':{'type':'tool_use','id':'t','name':'w','input':{}}}");
        assertThat(events.hasHalfCall()).isFalse();

        feed("{'type':'content_block_delta','index':0,'delta':{'type':'input_json_delta','partial_json':'{1'}}");
        feed(end("'tool_use'", "{'output_tokens':9}"));
        assertThat(events.hasHalfCall()).isTrue();

        feed(end("'max_tokens'", "{'output_tokens':9}"));
        assertThat(events.hasHalfCall()).isFalse();
    }

    @Test
    void end_of_the_message_without_a_reason_is_none() {
        feed(START, TEXT, STOP);

        assertThat(out).hasSize(2);
        assertThat(events.ended()).isFalse();
    }

    private void feed(String... data) {
        for (String event : data) {
            out.addAll(events.chunks(
                    Objects.requireNonNull(events.read(event.replace('\'', '"').getBytes(UTF_8)))));
        }
    }

    private static String end(String reason, String usage) {
        return "{'type':'message_delta','delta':{'stop_reason':" + reason + ",'stop_sequence':null},'usage':" + usage
                + "}";
    }
}
