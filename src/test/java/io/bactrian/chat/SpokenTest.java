package io.bactrian.chat;

import static io.bactrian.chat.Chunks.delta;
import static io.bactrian.chat.Chunks.finish;
import static io.bactrian.chat.Chunks.json;
import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.protocol.AnswerChunk;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SpokenTest {
    private final Spoken spoken = new Spoken(true);

    @Test
    void text_is_gathered_and_the_first_chunk_kept() {
        spoken.add(AnswerChunk.of(delta("{'role':'assistant','content':''}")));
        spoken.add(AnswerChunk.of(delta("{'content':'One '}")));
        spoken.add(AnswerChunk.of(json("{'id':'c2','choices':[{'index':0,'delta':{'content':'two'}}]}")));
        spoken.add(AnswerChunk.of(finish("stop")));

        assertThat(spoken.text()).isEqualTo("One two");
        assertThat(spoken.isTextOnly()).isTrue();
        assertThat(spoken.head("id")).hasToString("\"c1\"");
        assertThat(spoken.head("system_fingerprint")).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"reasoning", "reasoning_content"})
    void thoughts_are_none_of_the_text_and_hinder_nobody(String field) {
        spoken.add(AnswerChunk.of(delta("{'" + field + "':'hm'}")));
        spoken.add(AnswerChunk.of(delta("{'content':'One'}")));

        assertThat(spoken.text()).isEqualTo("One");
        assertThat(spoken.isTextOnly()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'refusal':'no'}",
                "{'audio':{'data':'x'}}",
                "{'function_call':{'name':'f'}}",
                "{'content':[{'type':'image'}]}",
                "{'tool_calls':[{'index':0,'id':'a','function':{'name':'f','arguments':''}}]}"
            })
    void nobody_goes_on_from_anything_else(String other) {
        spoken.add(AnswerChunk.of(delta("{'content':'One'}")));
        spoken.add(AnswerChunk.of(delta(other)));

        assertThat(spoken.isTextOnly()).isFalse();
    }

    @Test
    void what_was_taken_back_is_forgotten() {
        spoken.add(AnswerChunk.of(delta("{'content':'One','refusal':'no'}")));

        spoken.clear();

        assertThat(spoken.text()).isEmpty();
        assertThat(spoken.isTextOnly()).isTrue();
        assertThat(spoken.head("id")).isNull();
    }

    @Test
    void an_answer_longer_than_any_model_gives_is_neither_kept_nor_gone_on_from() {
        Spoken spoken = new Spoken(true);
        spoken.add(says("x".repeat(1 << 20)));
        assertThat(spoken.isTextOnly()).isTrue();

        spoken.add(says("x"));

        assertThat(spoken.isTextOnly()).isFalse();
        assertThat(spoken.text()).isEmpty();
    }

    @Test
    void nothing_is_kept_where_nobody_may_go_on() {
        Spoken spoken = new Spoken(false);
        spoken.add(says("one"));

        assertThat(spoken.isTextOnly()).isFalse();
        assertThat(spoken.text()).isEmpty();

        spoken.clear();
        assertThat(spoken.isTextOnly()).isFalse();
    }

    private static AnswerChunk says(String text) {
        return AnswerChunk.of(delta("{'content':'" + text + "'}"));
    }
}
