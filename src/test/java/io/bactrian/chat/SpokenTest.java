package io.bactrian.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.Test;

final class SpokenTest {
    private static Chunk says(String text) {
        ObjectNode chunk = Json.MAPPER.createObjectNode().put("id", "c1");
        chunk.putArray("choices").addObject().put("index", 0).putObject("delta").put("content", text);
        return Chunk.of(chunk);
    }

    @Test
    void what_was_said_is_kept() {
        Spoken spoken = new Spoken(true);
        spoken.add(says("one"));
        spoken.add(says(" two"));

        assertThat(spoken.text()).isEqualTo("one two");
        assertThat(spoken.isTextOnly()).isTrue();
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
}
