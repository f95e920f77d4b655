package io.bactrian.issues;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.Reply;
import io.bactrian.testing.StubProvider;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.junit.jupiter.api.Test;

/**
 * With {@code disableStreamCache} camel-http reads what is left of a body when the exchange that called is done; for a call
 * inside a circuit breaker that is before the step after the breaker. Hence the answer is read inside.
 */
final class ConsumedStreamsTest {
    private static final Processor READ = x -> x.getMessage().setBody(text(x));

    @Test
    void after_the_breaker_a_streamed_body_is_empty() throws Exception {
        assertThat(asked(x -> {}, READ)).isEmpty();
    }

    @Test
    void inside_the_breaker_it_is_whole() throws Exception {
        assertThat(asked(READ, x -> {})).contains("Hello", "[DONE]");
    }

    private static String asked(Processor inside, Processor after) throws Exception {
        try (StubProvider stub = StubProvider.openai().answers(Reply.text("Hello"));
                PlainCamel camel = PlainCamel.with(routes -> routes.from("direct:in")
                        .streamCache("false")
                        .circuitBreaker()
                        .to(stub.baseUrl() + "/chat/completions?httpMethod=POST&disableStreamCache=true")
                        .process(inside)
                        .onFallback()
                        .setBody()
                        .constant("the fallback")
                        .end()
                        .process(after))) {
            return camel.template().requestBody("direct:in", "{\"stream\":true}", String.class);
        }
    }

    private static String text(Exchange exchange) {
        try (InputStream in = (InputStream) exchange.getMessage().getBody()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "";
        }
    }
}
