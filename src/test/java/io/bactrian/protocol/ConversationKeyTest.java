package io.bactrian.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.protocol.anthropic.Messages;
import io.bactrian.protocol.openai.ChatCompletions;
import org.junit.jupiter.api.Test;

class ConversationKeyTest {
    private static final String SYSTEM = "{\"role\":\"system\",\"content\":\"Be kind.\"}";
    private static final String USER = "{\"role\":\"user\",\"content\":\"Hi\"}";

    private static ConversationKey chat(String... messages) {
        return ChatCompletions.PROTOCOL
                .read(("{\"model\":\"m\",\"messages\":[" + String.join(",", messages) + "]}").getBytes(UTF_8))
                .conversationKey();
    }

    private static ConversationKey messages(String system, String first, String more) {
        return Messages.PROTOCOL
                .read(("{\"max_tokens\":9,\"mess\\u0061ges\" : [" + first + more + "],\"system\":" + system + "}")
                        .getBytes(UTF_8))
                .conversationKey();
    }

    @Test
    void a_conversation_has_the_beginning_that_it_had_when_it_was_shorter() {
        ConversationKey first = chat(SYSTEM, USER);
        ConversationKey later = chat(SYSTEM, USER, "{\"role\":\"assistant\",\"content\":\"Yes?\"}", USER);

        assertThat(first.goesOn()).isFalse();
        assertThat(later.goesOn()).isTrue();
        assertThat(later.hash()).isEqualTo(first.hash());
    }

    @Test
    void another_first_question_or_instruction_is_another_beginning() {
        long one = chat(SYSTEM, USER).hash();
        assertThat(chat(SYSTEM, USER.replace("Hi", "Ho")).hash()).isNotEqualTo(one);
        assertThat(chat(SYSTEM.replace("kind", "brief"), USER).hash()).isNotEqualTo(one);
        assertThat(chat(USER).hash()).isNotEqualTo(one);
    }

    @Test
    void marks_of_a_cache_that_move_along_make_no_difference() {
        String marked =
                "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"Hi\",\"cache_control\":{\"type\":\"ephemeral\"}}]}";
        String plain = "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"Hi\"}]}";
        String system = "[{\"type\":\"text\",\"text\":\"Be kind.\"}]";

        ConversationKey first = messages(system, marked, "");
        ConversationKey later = messages(system, plain, ",{\"role\":\"assistant\",\"content\":\"Yes?\"}," + marked);

        assertThat(later.hash()).isEqualTo(first.hash());
        assertThat(first.goesOn()).isFalse();
        assertThat(later.goesOn()).isTrue();
    }

    @Test
    void an_image_is_part_of_the_beginning() {
        String image = "{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:a\"}}]}";
        assertThat(chat(image).hash())
                .isNotEqualTo(chat(image.replace("data:a", "data:b")).hash());
    }
}
