package io.bactrian;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.api.AllProvidersFailedException;
import io.bactrian.protocol.Json;
import io.bactrian.testing.Gateway;
import io.bactrian.testing.Reply;
import io.bactrian.testing.StubProvider;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What other people's routes get from {@code direct:chat}. */
final class DirectChatTest {
    private static final Reply BROKEN = Reply.error(500, "server_error", null, "broken");
    private static final String REQUEST = "{\"messages\":[{\"role\":\"user\",\"content\":\"How are you?\"}]}";

    @TempDir
    private static Path folder;

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

    /** Each as its owner would have it in a message. */
    static Stream<Object> bodies() throws IOException {
        byte[] marked = ("\uFEFF" + REQUEST).getBytes(StandardCharsets.UTF_8);
        return Stream.of(
                "How are you?",
                REQUEST,
                "  \n" + REQUEST,
                "How are you?".getBytes(StandardCharsets.UTF_8),
                REQUEST.getBytes(StandardCharsets.UTF_8),
                marked,
                "\uFEFFHow are you?".getBytes(StandardCharsets.UTF_8),
                new ByteArrayInputStream(REQUEST.getBytes(StandardCharsets.UTF_8)),
                new StringReader("How are you?"),
                ByteBuffer.wrap(REQUEST.getBytes(StandardCharsets.UTF_8)),
                Files.writeString(folder.resolve("text"), "How are you?").toFile(),
                Files.writeString(folder.resolve("request.json"), REQUEST).toFile(),
                Files.write(folder.resolve("marked.json"), marked),
                Json.parse(REQUEST.getBytes(StandardCharsets.UTF_8)),
                Map.of("messages", List.of(Map.of("role", "user", "content", "How are you?"))),
                new Request(List.of(new Message("user", "How are you?"))));
    }

    /** A request as a class of a user. */
    record Request(List<Message> messages) {}

    record Message(String role, String content) {}

    @ParameterizedTest
    @MethodSource("bodies")
    void a_body_is_anything_that_camel_can_turn_into_bytes(Object body) throws Exception {
        try (StubProvider stub = StubProvider.openai();
                Gateway gateway = Gateway.over(Map.of("p", stub));
                ProducerTemplate template = gateway.context().createProducerTemplate()) {
            Exchange answer =
                    template.request("direct:chat", e -> e.getMessage().setBody(body));

            assertThat(answer.getException()).isNull();
            JsonNode message = stub.lastCall().json().path("messages").path(0);
            assertThat(message.path("role").asText()).isEqualTo("user");
            assertThat(message.path("content").asText()).isEqualTo("How are you?");
        }
    }

    @Test
    void a_body_may_be_in_another_charset_and_the_answer_is_in_utf_8() throws Exception {
        try (StubProvider stub = StubProvider.openai().answers(Reply.text("Grüße"));
                Gateway gateway = Gateway.over(Map.of("p", stub));
                ProducerTemplate template = gateway.context().createProducerTemplate()) {
            Exchange answer = template.request("direct:chat", e -> {
                e.setProperty("CamelCharsetName", "iso-8859-1");
                e.getMessage().setBody("Schöne Grüße".getBytes(StandardCharsets.ISO_8859_1));
            });

            assertThat(stub.lastCall().text()).contains("Schöne Grüße");
            assertThat(answer.getMessage().getBody(String.class)).contains("Grüße");
            assertThat(answer.getMessage().getBody(JsonNode.class).toString()).contains("Grüße");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "default  | f/model-f    | p/model-p=SERVER_ERROR, f/model-f=OK | 1 | false  | 200",
                "together | f/model-f    | p/model-p=SERVER_ERROR, f/model-f=OK | 1 | false  | 200",
                "resort   | static:sorry | p/model-p=SERVER_ERROR               | 1 | static | 200",
                "broken   | -            | p/model-p=SERVER_ERROR               | 1 | -      | 503"
            })
    void the_headers_of_the_caller_stay_and_those_of_the_outcome_are_added(
            String chain, String target, String attempts, int fallbacks, String degraded, int status) throws Exception {
        try (StubProvider p = StubProvider.openai().answers(BROKEN);
                StubProvider f =
                        StubProvider.openai().answers(Reply.text("fine").delayed(Duration.ofMillis(300)));
                Gateway gateway = Gateway.over(
                        inOrder(p, f),
                        "bactrian.defaults.max-attempts=1",
                        "bactrian.chains.together=race(p/model-p, f/model-f)",
                        "bactrian.chains.resort=p/model-p, static:sorry",
                        "bactrian.static.sorry=Sorry",
                        "bactrian.chains.broken=p/model-p");
                ProducerTemplate template = gateway.context().createProducerTemplate()) {
            Instant when = Instant.EPOCH;
            List<Integer> numbers = List.of(1, 2);

            Exchange answer = template.request("direct:chat", e -> {
                e.getMessage().setBody("Hi");
                e.getMessage().setHeader("BactrianChain", chain);
                e.getMessage().setHeader("BactrianSkipped", "of an earlier request");
                e.getMessage().setHeader("when", when);
                e.getMessage().setHeader("numbers", numbers);
                e.getMessage().setHeader("Accept", "mine");
                e.getMessage().setHeader("content-type", "text/plain");
                e.getMessage().setHeader("CamelFileName", "question.txt");
            });

            assertThat(answer.getMessage().getHeaders())
                    .containsEntry("BactrianChain", chain)
                    .containsEntry("when", when)
                    .containsEntry("numbers", numbers)
                    .containsEntry("Accept", "mine")
                    .containsEntry("Content-Type", "application/json")
                    .containsEntry("CamelFileName", "question.txt")
                    .containsEntry("BactrianAttempts", attempts)
                    .containsEntry("BactrianFallbacks", fallbacks)
                    .containsEntry("BactrianStatus", status)
                    .doesNotContainKeys("BactrianSkipped", "Authorization", "CamelHttpResponseCode");
            assertThat(answer.getMessage().getHeader("BactrianTarget")).isEqualTo(target);
            assertThat(answer.getMessage().getHeader("BactrianDegraded")).isEqualTo(degraded);
        }
    }

    @Test
    void a_second_request_of_a_route_has_headers_of_its_own() throws Exception {
        try (StubProvider p = StubProvider.openai();
                StubProvider f = StubProvider.openai();
                Gateway gateway = Gateway.over(
                        inOrder(p, f),
                        "bactrian.providers.p.keyless=true",
                        "bactrian.targets.small.provider=p",
                        "bactrian.targets.small.model=s",
                        "bactrian.targets.small.quality=0.2",
                        "bactrian.chains.mixed=small, f/model-f");
                ProducerTemplate template = gateway.context().createProducerTemplate()) {
            gateway.context().addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    from("direct:twice")
                            .to("direct:chat")
                            .setProperty("skipped", header("BactrianSkipped"))
                            .setProperty("target", header("BactrianTarget"))
                            .removeHeader("BactrianMinQuality")
                            .setBody(constant("And then?"))
                            .to("direct:chat");
                }
            });

            Exchange answer = template.request("direct:twice", e -> {
                e.getMessage().setBody("First?");
                e.getMessage().setHeader("BactrianChain", "mixed");
                e.getMessage().setHeader("BactrianMinQuality", 0.5);
            });

            assertThat(answer.getProperty("skipped")).isEqualTo("small=quality");
            assertThat(answer.getProperty("target")).isEqualTo("f/model-f");
            assertThat(answer.getMessage().getHeaders())
                    .doesNotContainKey("BactrianSkipped")
                    .containsEntry("BactrianTarget", "small")
                    .containsEntry("BactrianAttempts", "small=OK");
        }
    }

    @ParameterizedTest
    @CsvSource({"p/model-p, auto", "p/model-p, off", "default, auto", "default, off", "together, auto", "broken, auto"})
    void no_trace_of_the_calls_is_left_on_the_exchange(String chain, String upstreamStreaming) throws Exception {
        try (StubProvider p = StubProvider.openai().answers(chain.startsWith("p/") ? Reply.text("fine") : BROKEN);
                StubProvider f = StubProvider.openai().answers(Reply.text("fine"));
                Gateway gateway = Gateway.over(
                        inOrder(p, f),
                        "bactrian.defaults.backoff=1ms",
                        "bactrian.defaults.upstream-streaming=" + upstreamStreaming,
                        "bactrian.chains.together=race(p/model-p, f/model-f)",
                        "bactrian.chains.broken=p/model-p");
                ProducerTemplate template = gateway.context().createProducerTemplate()) {

            Exchange answer = template.request("direct:chat", e -> {
                e.setProperty("mine", 1);
                e.setProperty("CamelExceptionCaught", new IllegalStateException("of the caller"));
                e.getMessage().setBody("Hi");
                e.getMessage().setHeader("BactrianChain", chain);
            });

            Map<String, Object> all = new HashMap<>(answer.getAllProperties());
            assertThat(all.remove("CamelExceptionCaught")).asString().contains("of the caller");
            assertThat(all.keySet()).containsExactlyInAnyOrder("mine", "CamelToEndpoint", "bactrianRequestContext");
        }
    }

    private static Map<String, StubProvider> inOrder(StubProvider p, StubProvider f) {
        Map<String, StubProvider> providers = new LinkedHashMap<>();
        providers.put("p", p);
        providers.put("f", f);
        return providers;
    }

    private static String text(Exchange exchange) {
        return new String(exchange.getMessage().getBody(byte[].class), StandardCharsets.UTF_8);
    }
}
