package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.api.AllProvidersFailedException;
import io.bactrian.protocol.Json;
import io.bactrian.protocol.RequestRejected;
import io.bactrian.testing.Reply;
import io.bactrian.testing.StubProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Errors of {@code direct:chat} in the routes that call it: caught, handled and tried again as in any Camel route. */
final class OwnRouteErrorsIT {
    private static final Path FILES = Path.of("src/test/resources/own-routes");
    private static final Reply BROKEN = Reply.error(500, "server_error", null, "broken");
    private static final StubProvider P = StubProvider.openai();
    private static final StubProvider F = StubProvider.openai();
    private static OwnRoutes routes;

    @ParameterizedTest
    @ValueSource(strings = {"default", "together", "p/alone"})
    void a_do_catch_catches(String chain) {
        Exchange end = ask("direct:try", chain, "Hi");

        assertThat(end.getException()).isNull();
        assertThat(header(end, "caught")).startsWith("503 SERVER_ERROR ").contains("broken");
        assertThat(header(end, "went-on")).isNull();
        assertThat(header(end, "finally")).isEqualTo("reached");
        assertThat(header(end, "afterwards")).isEqualTo("reached");
        isTheErrorDocument(end, 503, "all_providers_failed");
    }

    @ParameterizedTest
    @CsvSource({"default, fine", "together, fine", "resort, Sorry"})
    void a_do_try_goes_on_after_an_answer_that_took_a_fallback(String chain, String words) {
        F.answers(Reply.text("fine"));
        Exchange end = ask("direct:try", chain, "Hi");

        assertThat(header(end, "caught")).isNull();
        assertThat(header(end, "went-on")).isEqualTo("yes");
        assertThat(body(end)).contains(words);
    }

    @ParameterizedTest
    @ValueSource(strings = {"default", "together"})
    void an_error_may_be_caught_and_the_next_request_asked_there(String chain) {
        P.on(call -> call.text().contains("Apologise") ? Reply.text("I am sorry") : BROKEN);
        Exchange end = ask("direct:catch-and-ask", chain, "Hi");

        assertThat(end.getException()).isNull();
        assertThat(body(end)).contains("I am sorry");
        assertThat(header(end, "still-caught")).contains("broken");
        assertThat(header(end, "caught-again")).isNull();
        assertThat(end.getMessage().getHeader("BactrianStatus")).isEqualTo(200);
    }

    @Test
    void an_error_inside_a_do_catch_is_not_caught_by_its_neighbours() {
        Exchange end = ask("direct:catch-and-ask", "default", "Hi");
        assertThat(end.getException()).isInstanceOf(AllProvidersFailedException.class);
        assertThat(header(end, "caught-again")).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"default", "together"})
    void on_exception_handles(String chain) {
        Exchange end = ask("direct:handled", chain, "Hi");

        assertThat(end.getException()).isNull();
        assertThat(header(end, "handled")).isEqualTo("503 SERVER_ERROR");
        assertThat(header(end, "went-on")).isNull();
        isTheErrorDocument(end, 503, "all_providers_failed");
    }

    @ParameterizedTest
    @ValueSource(strings = {"default", "together"})
    void on_exception_continues(String chain) {
        Exchange end = ask("direct:continued", chain, "Hi");
        assertThat(end.getException()).isNull();
        assertThat(header(end, "went-on")).isEqualTo("yes");
    }

    @ParameterizedTest
    @ValueSource(strings = {"default", "together"})
    void a_redelivery_asks_again(String chain) {
        Exchange end = ask("direct:again", chain, "Hi");
        int once = ask("direct:handled", chain, "Hi")
                .getMessage()
                .getHeader("BactrianAttempts", String.class)
                .split(", ")
                .length;

        assertThat(end.getException()).isInstanceOf(AllProvidersFailedException.class);
        assertThat(P.calls().size() + F.calls().size()).isEqualTo(4 * once);
        assertThat(P.calls()).allMatch(call -> call.text().contains("Hi"));
    }

    @Test
    void a_redelivery_goes_on_when_it_is_answered() {
        F.on(call -> F.calls().size() < 4 ? BROKEN : Reply.text("at last"));
        Exchange end = ask("direct:again", "default", "Hi");

        assertThat(end.getException()).isNull();
        assertThat(body(end)).contains("at last");
        assertThat(header(end, "went-on")).isEqualTo("yes");
        assertThat(header(end, "mine")).isEqualTo("kept");
    }

    @Test
    void a_dead_letter_channel_gets_what_was_asked() throws IOException {
        Exchange end = routes.send("direct:dead-letter", exchange -> {
            exchange.getMessage().setBody("Hi");
            exchange.getMessage().setHeader("CamelFileName", "one.txt");
        });

        assertThat(end.getException()).isNull();
        assertThat(routes.directory().resolve("dead/one.txt")).hasContent("Hi");
        assertThat(end.getProperty(ExchangePropertyKey.EXCEPTION_CAUGHT))
                .isInstanceOf(AllProvidersFailedException.class);
    }

    @Test
    void a_circuit_breaker_of_the_calling_route_falls_back() {
        Exchange end = ask("direct:own-breaker", "default", "Hi");
        assertThat(end.getException()).isNull();
        assertThat(header(end, "fell-back")).contains("broken");
    }

    @Test
    void an_endpoint_of_a_user_answers_with_the_status_and_the_error_document() {
        var answer = routes.gateway().post("/ask", "{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}");
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.error("code")).isEqualTo("all_providers_failed");

        P.answers(Reply.text("fine"));
        answer = routes.gateway().post("/ask", "Hi");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.content()).isEqualTo("fine");
        assertThat(answer.header("content-type")).isEqualTo("application/json");
    }

    @Test
    void what_is_not_caught_reaches_the_sender_with_all_there_is_to_know() {
        Exchange end = ask("direct:plain", "default", "Hi");

        assertThat(end.getException()).isInstanceOfSatisfying(AllProvidersFailedException.class, e -> {
            assertThat(e.status()).isEqualTo(503);
            assertThat(e.failureClass()).isEqualTo("SERVER_ERROR");
            assertThat(e.attempts()).hasSize(P.calls().size() + F.calls().size());
        });
        isTheErrorDocument(end, 503, "all_providers_failed");
        assertThat(header(end, "mine")).isEqualTo("kept");
    }

    static Stream<List<Object>> rejected() {
        return Stream.of(
                List.of("BactrianChain", "no-such-chain", "Hi", 404, "model_not_found"),
                List.of("BactrianTimeout", "soon", "Hi", 400, "BactrianTimeout"),
                List.of("BactrianMinQuality", "11", "Hi", 400, "BactrianMinQuality"),
                List.of("mine", "kept", "", 400, "empty"),
                List.of("mine", "kept", "{\"model\":\"default\"}", 400, "messages"),
                List.of("mine", "kept", "{\"model\":", 400, "JSON"),
                List.of("mine", "kept", new byte[] {(byte) 0xC3, 0x28}, 400, "UTF-8"));
    }

    @ParameterizedTest
    @MethodSource("rejected")
    void a_request_that_is_rejected_says_so_in_the_exception_and_in_the_body(List<Object> request) {
        String name = (String) request.get(0);
        int status = (int) request.get(3);
        String words = (String) request.get(4);

        Exchange end = routes.send("direct:plain", exchange -> {
            exchange.getMessage().setBody(request.get(2));
            exchange.getMessage().setHeader("mine", "kept");
            exchange.getMessage().setHeader("BactrianTarget", "of an earlier request");
            exchange.getMessage().setHeader(name, request.get(1));
        });

        assertThat(end.getException()).isInstanceOfSatisfying(RequestRejected.class, e -> assertThat(e.status())
                .isEqualTo(status));
        isTheErrorDocument(end, status, words);
        assertThat(header(end, "mine")).isEqualTo("kept");
        assertThat(header(end, "BactrianTarget")).isNull();
        assertThat(P.calls()).isEmpty();

        end = routes.send("direct:try", exchange -> {
            exchange.getMessage().setBody(request.get(2));
            exchange.getMessage().setHeader(name, request.get(1));
        });
        assertThat(end.getException()).isNull();
        assertThat(header(end, "caught")).startsWith("rejected " + status);
        assertThat(header(end, "afterwards")).isEqualTo("reached");
    }

    private static void isTheErrorDocument(Exchange end, int status, String words) {
        assertThat(end.getMessage().getHeader("BactrianStatus")).isEqualTo(status);
        assertThat(header(end, "Content-Type")).isEqualTo("application/json");
        assertThat(end.getMessage().getBody()).isInstanceOf(byte[].class);
        assertThat(Json.parse(end.getMessage().getBody(byte[].class))
                        .path("error")
                        .toString())
                .contains(words);
    }

    private static Exchange ask(String endpoint, String chain, String body) {
        return routes.send(endpoint, exchange -> {
            exchange.getMessage().setBody(body);
            exchange.getMessage().setHeader("BactrianChain", chain);
            exchange.getMessage().setHeader("mine", "kept");
        });
    }

    private static String header(Exchange exchange, String name) {
        return exchange.getMessage().getHeader(name, String.class);
    }

    private static String body(Exchange exchange) {
        return exchange.getMessage().getBody(String.class);
    }

    @BeforeAll
    static void start() throws IOException {
        routes = OwnRoutes.with(
                P,
                F,
                "bactrian.defaults.breaker.failures=1000",
                "bactrian.defaults.backoff=1ms",
                "bactrian.chains.together=race(p/m, f/m)",
                "bactrian.chains.resort=p/m, static:sorry",
                "bactrian.static.sorry=Sorry");
        try (Stream<Path> files = Files.list(FILES)) {
            for (Path file : files.toList()) {
                routes.file(file.getFileName().toString(), Files.readString(file));
            }
        }
        routes.start();
    }

    @AfterAll
    static void stop() {
        routes.close();
        P.close();
        F.close();
    }

    @BeforeEach
    void fresh() {
        P.answers(BROKEN);
        F.answers(BROKEN);
        P.forget();
        F.forget();
    }
}
