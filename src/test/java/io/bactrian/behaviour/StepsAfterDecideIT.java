package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.Reply;
import io.bactrian.testing.StubProvider;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.ConsumerTemplate;
import org.apache.camel.Exchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Steps that a user put between {@code decide} and {@code next}, and what they find on the exchange. */
final class StepsAfterDecideIT {
    private static final Reply EMPTY =
            Reply.error(429, "insufficient_quota", "insufficient_quota", "You exceeded your current quota");
    private static final Reply BROKEN = Reply.error(500, "server_error", null, "broken");
    private static final int MILLIS = 20_000;

    private static final String TELL_QUOTA = """
        - filter:
            id: is-quota
            expression:
              simple:
                expression: "${exchangeProperty.BactrianFailureClass} == 'QUOTA_EXHAUSTED'"
            steps:
              - wireTap:
                  id: tell-quota
                  uri: seda:quota
        """;
    private static final String TELL_ALL = """
        - wireTap:
            id: tell-all
            uri: seda:all
        """;

    private final Map<String, StubProvider> providers = new LinkedHashMap<>();

    @BeforeEach
    void start() {
        for (String name : List.of("p", "f", "g")) {
            providers.put(name, StubProvider.openai().answers(Reply.text("from " + name)));
        }
    }

    @AfterEach
    void stop() {
        providers.values().forEach(StubProvider::close);
    }

    @ParameterizedTest
    @CsvSource({"true", "false"})
    void a_failure_of_a_class_is_told_and_the_request_is_answered_by_the_fallback(boolean overHttp) throws Exception {
        stub("p").answers(EMPTY);
        try (OwnRoutes routes = with(TELL_QUOTA);
                ConsumerTemplate taps = routes.context().createConsumerTemplate()) {
            if (overHttp) {
                Answer answer = routes.gateway().ask();
                assertThat(answer.content()).isEqualTo("from f");
                assertThat(answer.attempts()).isEqualTo("p/m=QUOTA_EXHAUSTED, f/m=OK");
            } else {
                Exchange answer = routes.send("direct:chat", "Hi");
                assertThat(answer.getMessage().getBody(String.class)).contains("from f");
                assertThat(answer.getMessage().getHeader("BactrianAttempts")).isEqualTo("p/m=QUOTA_EXHAUSTED, f/m=OK");
                assertThat(answer.getProperty("BactrianFailureClass")).isNull();
            }

            Exchange told = taps.receive("seda:quota", MILLIS);
            assertThat(told.getProperty("BactrianFailureClass")).isEqualTo("QUOTA_EXHAUSTED");
            assertThat(told.getProperty("BactrianTarget")).isEqualTo("p/m");
            assertThat(told.getProperty("BactrianDecision")).isEqualTo("target");
            assertThat(told.getProperty("BactrianRoute")).isEqualTo("target-f-m");
            assertThat(told.getMessage().getBody(String.class)).contains("Hi");
            assertThat(taps.receive("seda:quota", 300)).isNull();
        }
    }

    @Test
    void a_failure_of_another_class_is_not_told() throws Exception {
        stub("p").answers(BROKEN);
        try (OwnRoutes routes = with(TELL_QUOTA);
                ConsumerTemplate taps = routes.context().createConsumerTemplate()) {
            assertThat(routes.gateway().ask().content()).isEqualTo("from f");
            assertThat(taps.receive("seda:quota", 300)).isNull();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "p/m, f/m            | target      | from f",
                "p/m, race(f/m, g/m) | race        | from ",
                "p/m, static:sorry   | last-resort | Sorry",
                "p/m                 | exhausted   | all_providers_failed"
            })
    void the_decision_has_a_name(String chain, String decision, String words) throws Exception {
        stub("p").answers(BROKEN);
        try (OwnRoutes routes = with(TELL_ALL, "bactrian.chains.default=" + chain);
                ConsumerTemplate taps = routes.context().createConsumerTemplate()) {
            assertThat(routes.gateway().ask().text()).contains(words);
            assertThat(taps.receive("seda:all", MILLIS).getProperty("BactrianDecision"))
                    .isEqualTo(decision);
        }
    }

    @Test
    void in_a_race_each_failed_attempt_is_told_and_the_end_is_answered() throws Exception {
        stub("p").answers(EMPTY);
        stub("f").answers(Reply.text("from f").delayed(Duration.ofMillis(500)));
        String run = "            ref: bactrian-race\n";
        String tapped = run + "        - wireTap:\n            id: race-tell\n            uri: seda:raced\n";
        assertThat(LiveGateway.route("chat.camel.yaml")).contains(run);
        try (OwnRoutes routes = prepared(TELL_ALL, "bactrian.chains.default=race(p/m, f/m), g/m")
                        .file(
                                "chat.camel.yaml",
                                LiveGateway.route("chat.camel.yaml").replace(run, tapped))
                        .start();
                ConsumerTemplate taps = routes.context().createConsumerTemplate()) {
            assertThat(routes.gateway().ask().content()).isEqualTo("from f");

            Exchange told = taps.receive("seda:all", MILLIS);
            assertThat(told.getProperty("BactrianFailureClass")).isEqualTo("QUOTA_EXHAUSTED");
            assertThat(told.getProperty("BactrianTarget")).isEqualTo("p/m");
            assertThat(told.getMessage().getBody()).isNull();
            assertThat(taps.receive("seda:raced", MILLIS).getProperty("BactrianDecision"))
                    .isEqualTo("answered");
        }
    }

    @Test
    void what_a_wire_tap_meets_does_not_matter() throws Exception {
        stub("p").answers(BROKEN);
        try (OwnRoutes routes = prepared("- wireTap:\n    id: tell-in-vain\n    uri: direct:fails\n")
                .file("fails.camel.yaml", """
                    - from:
                        uri: direct:fails
                        steps:
                          - throwException:
                              exceptionType: java.lang.IllegalStateException
                              message: mine
                    """)
                .start()) {
            assertThat(routes.gateway().ask().content()).isEqualTo("from f");
            assertThat(routes.gateway().ask().content()).isEqualTo("from f");
        }
    }

    @Test
    void an_exception_of_a_step_ends_the_request_and_may_be_caught() throws Exception {
        stub("p").answers(BROKEN);
        String step = """
            - throwException:
                id: mine-fails
                exceptionType: java.lang.IllegalStateException
                message: mine
            """;
        try (OwnRoutes routes = prepared(step).file("try.camel.yaml", """
            - from:
                uri: direct:try
                steps:
                  - doTry:
                      steps:
                        - to: direct:chat
                      doCatch:
                        - exception:
                            - java.lang.IllegalStateException
                          steps:
                            - setBody:
                                simple: "caught ${exception.message}"
            """).start()) {
            assertThat(routes.send("direct:try", "Hi").getMessage().getBody(String.class))
                    .isEqualTo("caught mine");
            Answer answer = routes.gateway().ask();
            assertThat(answer.status()).isEqualTo(500);
            assertThat(answer.error("code")).isEqualTo("internal_error");
            assertThat(answer.text()).doesNotContain("mine");
            assertThat(stub("f").calls()).isEmpty();
        }
    }

    @Test
    void a_property_of_a_step_stays_for_the_calling_route() throws Exception {
        stub("p").answers(BROKEN);
        String step = """
            - setProperty:
                id: remember
                name: failed
                simple: "${exchangeProperty.BactrianTarget}"
            """;
        try (OwnRoutes routes = with(step)) {
            assertThat(routes.send("direct:chat", "Hi").getProperty("failed")).isEqualTo("p/m");
        }
    }

    private StubProvider stub(String name) {
        return providers.get(name);
    }

    private OwnRoutes with(String steps, String... lines) {
        return prepared(steps, lines).start();
    }

    /** A gateway to be started, whose targets have these steps after the decision. */
    private OwnRoutes prepared(String steps, String... more) {
        String[] lines = new String[more.length + 2];
        System.arraycopy(more, 0, lines, 2, more.length);
        lines[0] = "bactrian.defaults.max-attempts=1";
        lines[1] = "bactrian.static.sorry=Sorry";
        String ours = LiveGateway.route("target.camel.yaml");
        String next = "                  - to:\n                      id: next\n";
        assertThat(ours).contains(next);
        return OwnRoutes.with(providers, lines).file("target.camel.yaml", ours.replace(next, steps.indent(18) + next));
    }
}
