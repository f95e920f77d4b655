package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.routing.ExchangeProperties;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.Reply;
import io.bactrian.testing.Request;
import io.bactrian.testing.StubProvider;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.Handler;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is no answer never leaves with the status of one, whatever ends the route of a request. */
final class OnlyAnswersIT {
    private static final StubProvider BAD = StubProvider.openai();
    private static final StubProvider GOOD = StubProvider.openai();
    private static final String SECRET = "the words of the caller";
    private static OwnRoutes routes;

    @ParameterizedTest
    @CsvSource({"never, false", "never, true", "never-together, false", "f/never, true"})
    void a_breaker_that_permits_nothing_though_it_is_said_to_be_closed_ends_in_an_error(String model, boolean stream) {
        for (CircuitBreaker breaker : routes.context().getRegistry().findByType(CircuitBreaker.class)) {
            if (breaker.getName().endsWith("/never")) {
                breaker.transitionToForcedOpenState();
            }
        }
        Answer answer = ask(model, stream);

        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.error("code")).isEqualTo("all_providers_failed");
    }

    @ParameterizedTest
    @ValueSource(strings = {"StackOverflowError", "OutOfMemoryError", "NoClassDefFoundError", "IllegalStateException"})
    void an_error_on_the_way_to_the_next_target_is_an_error(String kind) {
        isAnError(ask("decide-" + kind, false));
        isAnError(ask("decide-" + kind, true));
        isAnError(ask("decide-" + kind + "-race", false));
    }

    @ParameterizedTest
    @ValueSource(strings = {"chat", "next", "endpoint"})
    void an_error_beside_the_call_is_an_error(String place) {
        isAnError(ask(place + "-StackOverflowError", false));
    }

    @ParameterizedTest
    @ValueSource(strings = {"chat", "next", "decide", "endpoint"})
    void a_step_that_stops_the_route_leaves_no_request_as_its_answer(String place) {
        boolean answered = place.equals("chat") || place.equals("endpoint");
        Answer answer = ask(place + "-stop", false);
        if (answered) {
            assertThat(answer.text()).doesNotContain(SECRET);
            assertThat(answer.status() == 500 || answer.content().equals("fine"))
                    .isTrue();
        } else {
            isAnError(answer);
        }
    }

    @Test
    void a_step_that_clears_the_body_takes_nothing_from_the_answer() {
        Answer answer = ask("chat-clear", false);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.content()).isEqualTo("fine");
    }

    @ParameterizedTest
    @ValueSource(strings = {"decide-StackOverflowError", "decide-stop", "next-stop", "chat-IllegalStateException"})
    void a_message_gets_an_exception_and_no_answer(String chain) {
        Exchange end = routes.send("direct:chat", exchange -> {
            exchange.getMessage().setBody(SECRET);
            exchange.getMessage().setHeader("BactrianChain", chain);
        });

        assertThat(end.getException()).isNotNull();
        assertThat(end.getMessage().getHeader("BactrianStatus")).isNotEqualTo(200);
    }

    private static void isAnError(Answer answer) {
        assertThat(answer.status()).isBetween(500, 503);
        assertThat(answer.text()).doesNotContain(SECRET).contains("\"error\"");
    }

    private static Answer ask(String model, boolean stream) {
        return routes.gateway().ask(Request.of(model).stream(stream).saying(SECRET));
    }

    /** Fails at a place as the name of the chain says. */
    private static void fail(String place, Exchange exchange) {
        String[] name = ExchangeProperties.context(exchange).chain().name().split("-");
        if (!name[0].equals(place)) {
            return;
        }
        switch (name[1]) {
            case "stop" -> exchange.setRouteStop(true);
            case "clear" -> exchange.getMessage().setBody(null);
            case "StackOverflowError" -> throw new StackOverflowError();
            case "OutOfMemoryError" -> throw new OutOfMemoryError("a test");
            case "NoClassDefFoundError" -> throw new NoClassDefFoundError("a test");
            default -> throw new IllegalStateException("a test");
        }
    }

    private static String step(String place, int indent) {
        return """
            - bean:
                id: fault-at-%1$s
                beanType: io.bactrian.behaviour.OnlyAnswersIT$FaultAt%1$s
            """.formatted(place).indent(indent);
    }

    /** A fault where a decision was made. */
    public static final class FaultAtDecide {
        @Handler
        public void handle(Exchange exchange) {
            fail("decide", exchange);
        }
    }

    /** A fault before the way of a decision. */
    public static final class FaultAtNext {
        @Handler
        public void handle(Exchange exchange) {
            fail("next", exchange);
        }
    }

    /** A fault after the answer. */
    public static final class FaultAtChat {
        @Handler
        public void handle(Exchange exchange) {
            fail("chat", exchange);
        }
    }

    /** A fault before the response. */
    public static final class FaultAtEndpoint {
        @Handler
        public void handle(Exchange exchange) {
            fail("endpoint", exchange);
        }
    }

    @BeforeAll
    static void start() throws IOException {
        BAD.answers(Reply.error(500, "server_error", null, "broken"));
        GOOD.answers(Reply.text("fine"));
        List<String> lines = new ArrayList<>(List.of(
                "bactrian.defaults.breaker.failures=1000",
                "bactrian.defaults.max-attempts=1",
                "bactrian.chains.never=f/never",
                "bactrian.chains.never-together=race(f/never, p/never)"));
        for (String kind : List.of(
                "StackOverflowError", "OutOfMemoryError", "NoClassDefFoundError", "IllegalStateException", "stop")) {
            lines.add("bactrian.chains.decide-" + kind + "=p/m, f/m");
            lines.add("bactrian.chains.decide-" + kind + "-race=race(p/m, p/n)");
            lines.add("bactrian.chains.chat-" + kind + "=f/m");
            lines.add("bactrian.chains.next-" + kind + "=f/m");
            lines.add("bactrian.chains.endpoint-" + kind + "=f/m");
        }
        lines.add("bactrian.chains.chat-clear=f/m");
        String target = LiveGateway.route("target.camel.yaml");
        String chat = LiveGateway.route("chat.camel.yaml");
        String endpoint = LiveGateway.route("chat-completions.camel.yaml");
        routes = OwnRoutes.with(BAD, GOOD, lines.toArray(String[]::new))
                .file(
                        "target.camel.yaml",
                        before(target, "                  - to:\n                      id: next\n", step("Decide", 18)))
                .file(
                        "chat.camel.yaml",
                        before(
                                before(chat, "        - choice:\n            id: next-choice\n", step("Next", 8)),
                                "        # One log line, the counts,",
                                step("Chat", 8)))
                .file(
                        "chat-completions.camel.yaml",
                        before(
                                endpoint,
                                "        - process:\n            id: chat-completions-render\n",
                                step("Endpoint", 8)))
                .start();
    }

    private static String before(String text, String place, String step) {
        assertThat(text).contains(place);
        return text.replace(place, step + place);
    }

    @AfterAll
    static void stop() {
        routes.close();
        BAD.close();
        GOOD.close();
    }
}
