package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.testing.Caller;
import io.bactrian.testing.Gateway;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.LogCapture;
import io.bactrian.testing.RawCaller;
import io.bactrian.testing.Reply;
import io.bactrian.testing.Scene;
import io.bactrian.testing.StubProvider;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Drills: faults that a request meets as if a target failed, while no target does. */
final class DrillIT {
    private static final String DRILL = "x-bactrian-drill";

    @RegisterExtension
    static final GatewayExtension scene = GatewayExtension.with(configuration(), "bactrian.drills=true")
            .openai("o")
            .anthropic("a");

    private final StubProvider o = scene.stub("o");
    private final StubProvider a = scene.stub("a");
    /** Not audited: a call that fails in a drill reaches no provider. */
    private final Gateway gateway = scene.gateway();

    @AfterEach
    void nobody_was_harmed() {
        for (JsonNode target : gateway.get("/status").json().path("targets")) {
            assertThat(target.path("breaker").asText()).as(target.toString()).isEqualTo("CLOSED");
            assertThat(target.path("available").asBoolean())
                    .as(target.toString())
                    .isTrue();
            assertThat(target.has("lastFailure")).as(target.toString()).isFalse();
        }
        assertThat(o.openConnections()).isLessThanOrEqualTo(2);
    }

    @ParameterizedTest
    @MethodSource("drills")
    void the_next_one_answers_as_if_the_target_had_failed(Caller caller, boolean stream, String fault, String type) {
        String body = caller.body("default", stream, "{}");
        Answer answer = gateway.post(caller.path(), body, DRILL, "p=" + fault);

        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(caller.words(answer)).isEqualTo("Hello from the stub.");
        assertThat(answer.header("x-bactrian-target")).isEqualTo("f");
        assertThat(answer.header("x-bactrian-fallbacks")).isEqualTo("1");
        assertThat(answer.attempts()).matches("(p=" + type + ", )+f=OK");
        assertThat(answer.header(DRILL)).isEqualTo("p=" + fault);
        assertThat(o.calls()).isEmpty();

        Answer after = gateway.post(caller.path(), body);
        assertThat(after.header("x-bactrian-target")).as("the next request").isEqualTo("p");
        assertThat(after.header(DRILL)).isEmpty();
    }

    @Test
    void retries_are_those_of_the_real_thing() {
        assertThat(gateway.ask(DRILL, "p=429").attempts())
                .isEqualTo("p=RATE_LIMITED, p=RATE_LIMITED, p=RATE_LIMITED, f=OK");
        assertThat(gateway.ask(DRILL, "p=500").attempts()).isEqualTo("p=SERVER_ERROR, p=SERVER_ERROR, f=OK");
        assertThat(gateway.ask(DRILL, "p=refused").attempts()).isEqualTo("p=NETWORK, f=OK");
        assertThat(gateway.ask(DRILL, "p=401").attempts()).isEqualTo("p=AUTHENTICATION, f=OK");
    }

    @Test
    void a_provider_with_two_keys_is_asked_with_both_and_neither_rests() {
        try (Scene keyed = scene("bactrian.drills=true", "bactrian.providers.o.api-key=one-key,other-key")) {
            assertThat(keyed.gateway().ask(DRILL, "p=401").attempts())
                    .isEqualTo("p=AUTHENTICATION, p=AUTHENTICATION, f=OK");
            assertThat(keyed.gateway().ask(DRILL, "p=402").attempts())
                    .isEqualTo("p=QUOTA_EXHAUSTED, p=QUOTA_EXHAUSTED, f=OK");
            assertThat(keyed.gateway().ask().attempts()).isEqualTo("p=OK");
        }
    }

    @ParameterizedTest
    @EnumSource
    void when_all_are_drilled_the_error_says_so(Caller caller) {
        for (boolean stream : new boolean[] {false, true}) {
            Answer answer = gateway.post(
                    caller.path(),
                    caller.body("default", stream, "{}"),
                    DRILL,
                    "p=refused, f=503",
                    "x-request-id",
                    "r1");
            assertThat(answer.status()).isEqualTo(caller == Caller.CHAT ? 503 : 529);
            assertThat(answer.header(DRILL)).isEqualTo("p=refused, f=503");
            assertThat(answer.error("message")).contains("drill: connection refused");
            assertThat(answer.json().at("/error/attempts/0/target").asText()).isEqualTo("p");
        }
        assertThat(o.calls()).isEmpty();
        assertThat(a.calls()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void a_refusal_on_order_gets_a_second_opinion(Caller caller) {
        Answer answer = gateway.post(caller.path(), caller.body("default", false, "{}"), DRILL, "p=400");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.attempts()).isEqualTo("p=INVALID_REQUEST, f=OK");
        assertThat(o.calls()).isEmpty();

        Answer refused = gateway.post(caller.path(), caller.body("default", false, "{}"), DRILL, "p=400, f=400");
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.attempts()).isEqualTo("p=INVALID_REQUEST, f=INVALID_REQUEST");
    }

    @ParameterizedTest
    @EnumSource
    void models_that_only_callers_name_can_be_drilled(Caller caller) {
        for (boolean stream : new boolean[] {false, true}) {
            for (int i = 0; i < 5; i++) {
                Answer answer = gateway.post(
                        caller.path(),
                        caller.body("o/vendor/any", stream, "{\"fallbacks\":[\"f\"]}"),
                        DRILL,
                        "o/vendor/any=refused");
                assertThat(answer.attempts()).isEqualTo("o/vendor/any=NETWORK, f=OK");
                assertThat(answer.header(DRILL)).isEqualTo("o/vendor/any=refused");
            }
        }
        Answer well = gateway.post(caller.path(), caller.body("o/vendor/any", false, "{}"));
        assertThat(well.attempts()).as("its breaker has counted nothing").isEqualTo("o/vendor/any=OK");
    }

    @Test
    void every_name_of_a_model_stands_for_it() {
        assertThat(gateway.ask(DRILL, "o/one=refused").attempts()).isEqualTo("p=NETWORK, f=OK");
    }

    @Test
    void a_target_that_is_not_asked_does_no_harm() {
        for (String drill : List.of("f=503", "o/never-heard-of=timeout", "", " , ")) {
            Answer answer = gateway.ask(DRILL, drill);
            assertThat(answer.status()).as(drill).isEqualTo(200);
            assertThat(answer.attempts()).isEqualTo("p=OK");
            assertThat(answer.header(DRILL)).isEmpty();
        }
    }

    @Test
    void silence_lasts_as_long_as_the_limit_and_ends_when_the_caller_leaves() {
        Answer answer = gateway.stream(DRILL, "p=timeout");
        assertThat(answer.attempts()).isEqualTo("p=TIMEOUT, f=OK");
        assertThat(answer.took()).isBetween(Duration.ofMillis(250), Duration.ofSeconds(5));

        Answer deadline = gateway.post(
                "/v1/chat/completions",
                Caller.CHAT.body("only", true, "{}"),
                DRILL,
                "p=timeout",
                "x-bactrian-timeout",
                "400");
        assertThat(deadline.status()).isEqualTo(504);
        assertThat(deadline.took()).isBetween(Duration.ofMillis(350), Duration.ofSeconds(5));

        RawCaller caller = RawCaller.ask(
                gateway, "/v1/chat/completions", Caller.CHAT.body("only", true, "{}"), DRILL, "p=timeout");
        await().until(() -> scene.inFlight() == 1);
        caller.close();
        await().atMost(Duration.ofSeconds(5)).until(() -> scene.inFlight() == 0);
    }

    @Test
    void tokens_are_not_counted_by_a_target_that_is_drilled() {
        String body = "{\"model\":\"f\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}";
        Answer answer = gateway.post("/v1/messages/count_tokens", body, DRILL, "f=429");
        assertThat(answer.status()).isEqualTo(429);
        assertThat(answer.header(DRILL)).isEqualTo("f=429");
        assertThat(a.calls()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"p=399", "p=600", "p=flood", "p=", "p=429;x", "p=off", "p=TIME OUT", "p=429=", "p=429\tf=500"})
    void an_unknown_fault_is_a_mistake_that_names_what_there_is(String drill) {
        for (Caller caller : Caller.values()) {
            Answer answer = gateway.post(caller.path(), caller.body("default", false, "{}"), DRILL, drill);
            assertThat(answer.status()).as(answer.text()).isEqualTo(400);
            assertThat(answer.text())
                    .containsAnyOf("a status from 400 to 599, timeout, reset, refused, garbage", "There is: p, f");
        }
        assertThat(o.calls()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"x=429", "q/model=429", "p,f=429", "=429", "default=429", "o/=429", "o/a b=429"})
    void an_unknown_target_is_a_mistake_that_names_what_there_is(String drill) {
        for (Caller caller : Caller.values()) {
            Answer answer = gateway.post(caller.path(), caller.body("default", false, "{}"), DRILL, drill);
            assertThat(answer.status()).as(drill + " " + answer.text()).isEqualTo(400);
            assertThat(answer.error("message")).containsAnyOf("There is: p, f", "must be target=fault");
            assertThat(answer.header(DRILL))
                    .as("nothing of it comes back in a header")
                    .isEmpty();
        }
        assertThat(o.calls()).isEmpty();
    }

    @Test
    void the_log_tells_of_it() {
        try (LogCapture log = LogCapture.open("bactrian.requests")) {
            gateway.ask(DRILL, "p=500", "x-request-id", "of-the-drill");
            await().until(() -> log.lines().stream().anyMatch(line -> line.startsWith("of-the-drill ")));

            assertThat(log.lines())
                    .filteredOn(line -> line.startsWith("of-the-drill "))
                    .singleElement()
                    .satisfies(line -> assertThat(line).contains(" drill=\"p=500\""));
        }
    }

    @Test
    void a_drill_takes_neither_the_trial_of_a_breaker_nor_a_connection_from_others() {
        try (Scene narrow = scene(
                "bactrian.drills=true",
                "bactrian.defaults.breaker.open-for=300ms",
                "bactrian.defaults.max-attempts=1",
                "bactrian.providers.o.max-connections=1")) {
            StubProvider own = narrow.stub("o").answers(Reply.status(500, "oops"));
            for (int i = 0; i < 3; i++) {
                assertThat(narrow.gateway().ask().attempts()).isEqualTo("p=SERVER_ERROR, f=OK");
            }
            assertThat(narrow.gateway().ask().attempts()).isEqualTo("f=OK");
            own.answers(Reply.text("well again"));
            own.forget();
            await().until(() -> narrow.status().at("/targets/0/available").asBoolean());

            try (RawCaller silent = RawCaller.ask(
                    narrow.gateway(),
                    "/v1/chat/completions",
                    Caller.CHAT.body("only", true, "{}"),
                    DRILL,
                    "p=timeout")) {
                await().until(() -> narrow.status().at("/requests/inFlight").asInt() == 1);
                Answer trial = narrow.gateway().ask();
                assertThat(trial.attempts()).isEqualTo("p=OK");
                assertThat(trial.content()).isEqualTo("well again");
            }
            assertThat(narrow.status().at("/targets/0/breaker").asText()).isEqualTo("CLOSED");
        }
    }

    @Test
    void where_drills_are_not_allowed_they_are_refused_and_the_word_that_allows_them_is_said() {
        try (Scene strict = scene()) {
            for (Caller caller : Caller.values()) {
                Answer answer =
                        strict.gateway().post(caller.path(), caller.body("default", true, "{}"), DRILL, "p=429");
                assertThat(answer.status()).isEqualTo(403);
                assertThat(answer.error("type")).isEqualTo("permission_error");
                assertThat(answer.error("message")).contains("bactrian.drills=true");
            }
            assertThat(strict.stub("o").calls()).isEmpty();
            assertThat(strict.gateway().ask().status()).isEqualTo(200);
        }
    }

    @Test
    void without_a_key_there_is_no_drill_where_keys_are_set() {
        try (Scene locked = scene(
                "bactrian.drills=true", "camel.server.host=127.0.0.1", "bactrian.server.keys=ann:secret-of-ann")) {
            assertThat(locked.gateway().ask(DRILL, "p=429").status()).isEqualTo(401);
            assertThat(locked.gateway()
                            .ask(DRILL, "p=429", "x-api-key", "secret-of-bob")
                            .status())
                    .isEqualTo(401);
            assertThat(locked.gateway()
                            .ask(DRILL, "p=refused", "x-api-key", "secret-of-ann")
                            .attempts())
                    .isEqualTo("p=NETWORK, f=OK");
        }
    }

    private static Scene scene(String... more) {
        return Scene.with(configuration()).and(more).openai("o").anthropic("a").start();
    }

    static Stream<Arguments> drills() {
        return Stream.of(Caller.values())
                .flatMap(caller -> Stream.of(true, false).flatMap(stream -> Stream.of(
                                "429=RATE_LIMITED",
                                "401=AUTHENTICATION",
                                "402=QUOTA_EXHAUSTED",
                                "404=MODEL_UNAVAILABLE",
                                "503=OVERLOADED",
                                "500=SERVER_ERROR",
                                "timeout=TIMEOUT",
                                "reset=NETWORK",
                                "refused=NETWORK",
                                "garbage=INVALID_RESPONSE")
                        .map(drill -> Arguments.of(caller, stream, drill.split("=")[0], drill.split("=")[1]))));
    }

    private static String configuration() {
        return """
            bactrian.targets.p.provider=o
            bactrian.targets.p.model=one
            bactrian.targets.f.provider=a
            bactrian.targets.f.model=two
            bactrian.chains.default=p, f
            bactrian.chains.only=p
            bactrian.defaults.backoff=10ms
            bactrian.defaults.first-token-timeout=300ms
            bactrian.defaults.response-timeout=300ms
            bactrian.defaults.breaker.failures=3\
            """;
    }
}
