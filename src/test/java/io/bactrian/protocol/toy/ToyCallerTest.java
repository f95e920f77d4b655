package io.bactrian.protocol.toy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.protocol.ChatRequest;
import io.bactrian.protocol.RequestRejected;
import org.junit.jupiter.api.Test;

/** What the gateway reads in a request of the toy protocol. */
final class ToyCallerTest {
    private static ChatRequest read(String body) {
        return ToyCaller.PROTOCOL.read(body.replace('\'', '"').getBytes(UTF_8));
    }

    @Test
    void a_conversation_is_recognized_by_its_first_question() {
        ChatRequest first = read("{'ask':'Hi'}");
        ChatRequest later = read("{'turns':[{'asked':'Hi','said':'Hello'}],'ask':'And?'}");

        assertThat(later.conversationKey().hash())
                .isEqualTo(first.conversationKey().hash());
        assertThat(first.conversationKey().goesOn()).isFalse();
        assertThat(later.conversationKey().goesOn()).isTrue();
        assertThat(read("{'ask':'Ho'}").conversationKey().hash())
                .isNotEqualTo(first.conversationKey().hash());
    }

    @Test
    void only_the_prompt_counts_as_tokens() {
        assertThat(read("{'note':'one two three','turns':[{'asked':'one two three'}],'ask':'four'}")
                        .minTokens())
                .isEqualTo(4);
    }

    @Test
    void a_request_without_a_question_is_rejected() {
        assertThatThrownBy(() -> read("{'ask':1}")).isInstanceOf(RequestRejected.class);
    }
}
