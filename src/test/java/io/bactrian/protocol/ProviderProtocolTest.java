package io.bactrian.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.protocol.anthropic.Messages;
import io.bactrian.protocol.anthropic.MessagesProvider;
import io.bactrian.protocol.openai.ChatCompletions;
import io.bactrian.protocol.openai.ChatProvider;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ProviderProtocolTest {
    private static final CallerProtocols CALLERS =
            new CallerProtocols(List.of(ChatCompletions.PROTOCOL, Messages.PROTOCOL));

    private final ProviderProtocol anthropic = new MessagesProvider(Clock.systemUTC());

    @ParameterizedTest
    @CsvSource({"json_schema, true", "json_object, true", "text, false"})
    void a_translated_answer_is_checked_only_if_its_request_asks_for_json(String type, boolean checked) {
        ChatRequest request = ChatCompletions.PROTOCOL.read("""
            {"messages":[{"role":"user","content":"Hi"}],
             "response_format":{"type":"%s","json_schema":{"name":"n","schema":{"type":"object"}}}}\
            """.formatted(type).getBytes(UTF_8));

        assertThat(anthropic.check(request) != null).isEqualTo(checked);
        assertThat(new ChatProvider().check(request)).isNull();
    }

    @Test
    void the_count_of_tokens_is_one_stateless_object() {
        assertThat(anthropic.tokenCounter()).isNotNull().isSameAs(anthropic.tokenCounter());
        assertThat(new ChatProvider().tokenCounter()).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "/v1/chat/completions, chat-completions",
        "/v1/messages, messages",
        "/v1/messages/count_tokens, messages",
        "/v1/messagesque, chat-completions",
        "/status, chat-completions"
    })
    void an_error_has_the_format_of_the_nearest_endpoint(String path, String protocol) {
        assertThat(CALLERS.of(path).name()).isEqualTo(protocol);
    }
}
