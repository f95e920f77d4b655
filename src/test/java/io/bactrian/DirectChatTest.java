package io.bactrian;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.routing.AllProvidersFailedException;
import io.bactrian.testing.Gateway;
import io.bactrian.testing.Reply;
import io.bactrian.testing.StubProvider;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.Test;

/** What other people's routes get from {@code direct:chat}. */
final class DirectChatTest {

    @Test
    void plain_text_is_answered_with_a_document_and_labels() throws Exception {
        try (StubProvider stub = StubProvider.openai().answers(Reply.text("fine"));
                Gateway gateway = Gateway.over(Map.of("p", stub));
                ProducerTemplate template = gateway.context().createProducerTemplate()) {

            Exchange answer =
                    template.request("direct:chat", e -> e.getMessage().setBody("How are you?"));

            assertThat(answer.getException()).isNull();
            assertThat(text(answer)).contains("fine");
            assertThat(answer.getMessage().getHeader("BactrianTarget")).isEqualTo("p/model-p");
            assertThat(answer.getMessage().getHeader("BactrianStatus")).isEqualTo(200);
        }
    }

    @Test
    void a_route_may_ask_more_than_once() throws Exception {
        try (StubProvider stub = StubProvider.openai().answers(Reply.text("one"), Reply.text("two"));
                Gateway gateway = Gateway.over(Map.of("p", stub));
                ProducerTemplate template = gateway.context().createProducerTemplate()) {
            gateway.context().addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    from("direct:twice")
                            .to("direct:chat")
                            .setBody(constant("And then?"))
                            .to("direct:chat");
                }
            });

            Exchange answer =
                    template.request("direct:twice", e -> e.getMessage().setBody("First?"));

            assertThat(answer.getException()).isNull();
            assertThat(text(answer)).contains("two");
            assertThat(answer.getMessage().getHeader("BactrianAttempts")).isEqualTo("p/model-p=OK");
            assertThat(stub.calls()).hasSize(2);
        }
    }

    @Test
    void nobody_answering_is_an_exception_with_the_error_document_beside_it() throws Exception {
        try (StubProvider stub =
                        StubProvider.openai().answers(Reply.error(404, "invalid_request_error", null, "gone"));
                Gateway gateway = Gateway.over(Map.of("p", stub));
                ProducerTemplate template = gateway.context().createProducerTemplate()) {

            Exchange answer =
                    template.request("direct:chat", e -> e.getMessage().setBody("Hi"));

            assertThat(answer.getException()).isInstanceOfSatisfying(AllProvidersFailedException.class, e -> {
                assertThat(e.status()).isEqualTo(404);
                assertThat(e.attempts()).hasSize(1);
            });
            assertThat(text(answer)).contains("model_not_found");
        }
    }

    private static String text(Exchange exchange) {
        return new String(exchange.getMessage().getBody(byte[].class), StandardCharsets.UTF_8);
    }
}
