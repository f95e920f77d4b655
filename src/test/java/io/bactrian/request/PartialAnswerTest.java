package io.bactrian.request;

import static io.bactrian.testing.Chunks.delta;
import static io.bactrian.testing.Chunks.finish;
import static io.bactrian.testing.Chunks.json;
import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.protocol.AnswerChunk;
import io.bactrian.protocol.openai.ChatChunk;
import io.bactrian.protocol.openai.ContinuedChunk;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PartialAnswerTest {
    private final PartialAnswer partial = new PartialAnswer(true);

    @Test
    void text_is_gathered_and_the_first_chunk_kept() {
        partial.add(ChatChunk.of(delta("{'role':'assistant','content':''}")));
        partial.add(ChatChunk.of(delta("{'content':'One '}")));
        partial.add(ChatChunk.of(json("{'id':'c2','choices':[{'index':0,'delta':{'content':'two'}}]}")));
        partial.add(ChatChunk.of(finish("stop")));

        assertThat(partial.text()).isEqualTo("One two");
        assertThat(partial.isTextOnly()).isTrue();
        assertThat(ContinuedChunk.after(partial.first()).id()).hasToString("\"c1\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"reasoning", "reasoning_content"})
    void reasoning_is_no_part_of_the_text_and_prevents_no_rescue(String field) {
        partial.add(ChatChunk.of(delta("{'" + field + "':'hm'}")));
        partial.add(ChatChunk.of(delta("{'content':'One'}")));

        assertThat(partial.text()).isEqualTo("One");
        assertThat(partial.isTextOnly()).isTrue();
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
    void no_target_can_continue_other_content(String other) {
        partial.add(ChatChunk.of(delta("{'content':'One'}")));
        partial.add(ChatChunk.of(delta(other)));

        assertThat(partial.isTextOnly()).isFalse();
    }

    @Test
    void what_was_taken_back_is_forgotten() {
        partial.add(ChatChunk.of(delta("{'content':'One','refusal':'no'}")));

        partial.clear();

        assertThat(partial.text()).isEmpty();
        assertThat(partial.isTextOnly()).isTrue();
        assertThat(partial.first()).isNull();
    }

    @Test
    void an_answer_longer_than_any_model_gives_is_neither_kept_nor_continued() {
        PartialAnswer partial = new PartialAnswer(true);
        partial.add(says("x".repeat(1 << 20)));
        assertThat(partial.isTextOnly()).isTrue();

        partial.add(says("x"));

        assertThat(partial.isTextOnly()).isFalse();
        assertThat(partial.text()).isEmpty();
    }

    @Test
    void nothing_is_kept_where_no_target_may_continue() {
        PartialAnswer partial = new PartialAnswer(false);
        partial.add(says("one"));

        assertThat(partial.isTextOnly()).isFalse();
        assertThat(partial.text()).isEmpty();

        partial.clear();
        assertThat(partial.isTextOnly()).isFalse();
    }

    private static AnswerChunk says(String text) {
        return ChatChunk.of(delta("{'content':'" + text + "'}"));
    }
}
