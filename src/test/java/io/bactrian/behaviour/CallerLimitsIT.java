package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.testing.Caller;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.RawCaller;
import io.bactrian.testing.Reply;
import io.bactrian.testing.Request;
import io.bactrian.testing.Scene;
import io.bactrian.testing.StubProvider;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Limits of single callers: certain chains only, so many requests and tokens a minute; alike for callers of both protocols. */
final class CallerLimitsIT {
    private static final List<String> KEYS =
            List.of("free narrow ten-chat ten-messages few poor poor-2 once-chat once-messages slow leaver".split(" "));

    @RegisterExtension
    static final GatewayExtension gateway =
            GatewayExtension.with(configuration()).openai("o").anthropic("a");

    private final StubProvider o = gateway.stub("o");
    private final StubProvider a = gateway.stub("a");

    @ParameterizedTest
    @CsvSource({"small, cheap", "gpt-9, cheap"})
    void a_key_with_chains_of_its_own_asks_them_by_name_and_alias(String model, String target) {
        for (Caller caller : Caller.values()) {
            Answer answer = ask(caller, "narrow", model, false, "{}");
            assertThat(answer.status()).as(answer.text()).isEqualTo(200);
            assertThat(answer.header("x-bactrian-target")).isEqualTo(target);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "default",
                "large",
                "claude-9",
                "pin",
                "cheap",
                "dear",
                "o/other",
                "o/small",
                "a/large",
                "a/x",
                ""
            })
    void it_reaches_nothing_else_by_chain_alias_target_or_pin(String model) {
        for (Caller caller : Caller.values()) {
            for (boolean stream : new boolean[] {false, true}) {
                Answer answer = ask(caller, "narrow", model, stream, "{}");
                assertThat(answer.status()).as(answer.text()).isEqualTo(403);
                assertThat(answer.error("type")).isEqualTo("permission_error");
                assertThat(answer.error("message")).contains("'narrow' may ask small only");
                assertThat(answer.text()).doesNotContain("large", "dear", "default");
                if (caller == Caller.CHAT) {
                    assertThat(answer.error("code")).isEqualTo("model_not_allowed");
                } else {
                    assertThat(answer.json().path("type").asText()).isEqualTo("error");
                }
            }
        }
        nobodyAsked();
    }

    @ParameterizedTest
    @EnumSource
    void fallbacks_stay_within_its_chains(Caller caller) {
        Answer own = ask(caller, "narrow", "gpt-1", false, "{\"fallbacks\":[\"o/other\",\"cheap\"]}");
        assertThat(own.status()).as(own.text()).isEqualTo(200);
        o.forget();

        for (String other : List.of("dear", "a/large", "a/anything", "o/another", "o/small")) {
            Answer answer = ask(caller, "narrow", "small", false, "{\"fallbacks\":[\"" + other + "\"]}");
            assertThat(answer.status()).as(other).isEqualTo(403);
            assertThat(answer.error("type")).isEqualTo("permission_error");
            assertThat(answer.error("message")).contains("cheap, o/other");
        }
        Answer none = ask(caller, "narrow", "small", false, "{\"fallbacks\":[\"nobody\"]}");
        assertThat(none.status()).isEqualTo(400);
        assertThat(none.text()).doesNotContain("large", "dear");
        nobodyAsked();
    }

    @Test
    void a_key_whose_chains_are_all_off_reaches_nothing() {
        try (Scene own = Scene.with(
                        "camel.server.host=127.0.0.1",
                        "bactrian.server.keys=narrow:key-of-narrow",
                        "bactrian.providers.off.base-url=http://127.0.0.1:1/v1",
                        "bactrian.chains.gone=off/model",
                        "bactrian.server.limits.narrow.chains=gone")
                .openai("p")
                .anthropic("f")
                .start()) {
            for (String model : List.of("default", "gone", "p/model-p", "off/model")) {
                Answer answer = own.ask(Caller.MESSAGES, model, false, "{}", "x-api-key", "key-of-narrow");
                assertThat(answer.status()).as(model).isIn(403, 404);
            }
            assertThat(own.get("/v1/models", "x-api-key", "key-of-narrow")
                            .json()
                            .path("data"))
                    .isEmpty();
            assertThat(own.post("/admin/targets/p/model-p/open", "", "x-api-key", "key-of-narrow")
                            .status())
                    .isEqualTo(403);
            assertThat(own.stubs()).allSatisfy(stub -> assertThat(stub.calls()).isEmpty());
        }
    }

    @Test
    void tokens_are_counted_for_it_along_its_chains_only() {
        String body = "{\"model\":\"large\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}";
        Answer answer = gateway.post("/v1/messages/count_tokens", body, "x-api-key", "key-of-narrow");
        assertThat(answer.status()).isEqualTo(403);
        nobodyAsked();
    }

    @Test
    void it_sees_only_its_chains_among_the_models() {
        assertThat(models("narrow")).containsExactly("small");
        assertThat(models("free")).contains("default", "small", "large", "cheap", "dear", "o/other");

        assertThat(status("/v1/models/small", "narrow")).isEqualTo(200);
        assertThat(status("/v1/models/gpt-1", "narrow")).isEqualTo(200);
        for (String hidden : List.of("large", "cheap", "claude-1", "a/large", "pin")) {
            assertThat(status("/v1/models/" + hidden, "narrow")).as(hidden).isEqualTo(404);
            assertThat(status("/v1/models/" + hidden, "free")).as(hidden).isEqualTo(200);
        }
    }

    private static List<String> models(String key) {
        List<String> ids = new ArrayList<>();
        for (JsonNode model :
                gateway.get("/v1/models", "x-api-key", "key-of-" + key).json().path("data")) {
            ids.add(model.path("id").asText());
        }
        return ids;
    }

    private static int status(String path, String key) {
        return gateway.get(path, "x-api-key", "key-of-" + key).status();
    }

    @ParameterizedTest
    @EnumSource
    void of_fifty_requests_at_once_exactly_as_many_come_in_as_may(Caller caller) {
        String key = caller == Caller.CHAT ? "ten-chat" : "ten-messages";
        List<Answer> answers =
                gateway.askAtOnce(50, i -> Request.of("small").by(caller).header("x-api-key", "key-of-" + key));

        assertThat(answers).filteredOn(answer -> answer.status() == 200).hasSize(10);
        assertThat(answers)
                .filteredOn(answer -> answer.status() == 429)
                .hasSize(40)
                .allSatisfy(answer -> {
                    assertThat(Integer.parseInt(answer.header("retry-after"))).isBetween(1, 6);
                    assertThat(answer.header(
                                    caller == Caller.CHAT
                                            ? "x-ratelimit-remaining-requests"
                                            : "anthropic-ratelimit-requests-remaining"))
                            .isEqualTo("0");
                    assertThat(answer.attempts()).isEmpty();
                });
        assertThat(o.calls()).hasSize(10);
    }

    @Test
    void too_many_requests_are_told_as_openai_does() {
        ask(Caller.CHAT, "once-chat", "small", false, "{}");
        o.forget();

        for (boolean stream : new boolean[] {false, true}) {
            Answer answer = ask(Caller.CHAT, "once-chat", "small", stream, "{}");
            assertThat(answer.status()).isEqualTo(429);
            assertThat(answer.error("code")).isEqualTo("rate_limit_exceeded");
            assertThat(answer.error("type")).isEqualTo("requests");
            assertThat(answer.error("message")).contains("once-chat", "1 requests a minute");
            assertThat(Integer.parseInt(answer.header("retry-after"))).isBetween(50, 60);
            assertThat(answer.header("x-should-retry")).isEqualTo("false");
            assertThat(answer.header("x-ratelimit-limit-requests")).isEqualTo("1");
            assertThat(answer.header("x-ratelimit-remaining-requests")).isEqualTo("0");
            assertThat(answer.header("x-ratelimit-reset-requests")).matches("5\\ds|1m0s");
            assertThat(answer.header("x-ratelimit-limit-tokens")).isEmpty();
            assertThat(answer.header("anthropic-ratelimit-requests-limit")).isEmpty();
        }
        nobodyAsked();
    }

    @Test
    void too_many_requests_are_told_as_anthropic_does() {
        ask(Caller.MESSAGES, "once-messages", "small", false, "{}");
        o.forget();

        Answer answer = ask(Caller.MESSAGES, "once-messages", "small", true, "{}");
        assertThat(answer.status()).isEqualTo(429);
        assertThat(answer.error("type")).isEqualTo("rate_limit_error");
        assertThat(answer.header("anthropic-ratelimit-requests-limit")).isEqualTo("1");
        assertThat(answer.header("anthropic-ratelimit-requests-remaining")).isEqualTo("0");
        assertThat(Instant.parse(answer.header("anthropic-ratelimit-requests-reset")))
                .isBetween(Instant.now().plusSeconds(45), Instant.now().plusSeconds(65));
        assertThat(answer.header("x-ratelimit-limit-requests")).isEmpty();
        nobodyAsked();
    }

    @ParameterizedTest
    @EnumSource
    void what_is_left_is_told_on_every_answer(Caller caller) {
        String[] names = caller == Caller.CHAT
                ? new String[] {
                    "x-ratelimit-limit-requests",
                    "x-ratelimit-remaining-requests",
                    "x-ratelimit-reset-requests",
                    "x-ratelimit-limit-tokens",
                    "x-ratelimit-remaining-tokens",
                    "x-ratelimit-reset-tokens"
                }
                : new String[] {
                    "anthropic-ratelimit-requests-limit",
                    "anthropic-ratelimit-requests-remaining",
                    "anthropic-ratelimit-requests-reset",
                    "anthropic-ratelimit-tokens-limit",
                    "anthropic-ratelimit-tokens-remaining",
                    "anthropic-ratelimit-tokens-reset"
                };
        List<Answer> answers = List.of(
                ask(caller, "few", "small", false, "{}"),
                ask(caller, "few", "small", true, "{}"),
                ask(caller, "few", "no-such-model", false, "{}"),
                ask(caller, "few", "small", false, "{\"messages\":7}"),
                gateway.get(caller.path(), "x-api-key", "key-of-few"));
        assertThat(answers).extracting(Answer::status).containsExactly(200, 200, 404, 400, 405);
        assertThat(answers).allSatisfy(answer -> assertThat(names)
                .allSatisfy(name -> assertThat(answer.header(name)).as(name).isNotEmpty()));
        assertThat(ask(caller, "free", "small", false, "{}")
                        .response()
                        .headers()
                        .map()
                        .keySet())
                .noneMatch(name -> name.contains("ratelimit"));
    }

    @Test
    void pages_cost_nothing() {
        ask(Caller.CHAT, "slow", "small", false, "{}");
        for (int i = 0; i < 5; i++) {
            Answer models = gateway.get("/v1/models", "authorization", "Bearer key-of-slow");
            assertThat(models.status()).isEqualTo(200);
            assertThat(models.header("x-ratelimit-remaining-requests")).isEqualTo("0");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void what_answers_cost_in_all_their_calls_is_a_debt(boolean stream) {
        String key = stream ? "poor-2" : "poor";
        o.answers(Reply.text("word ".repeat(50)));
        Answer first = ask(Caller.CHAT, key, "small", stream, "{}");
        assertThat(first.status()).as(first.text()).isEqualTo(200);
        assertThat(Integer.parseInt(first.header("x-ratelimit-remaining-tokens")))
                .isBetween(38, 39);

        await().untilAsserted(() -> assertThat(gateway.get("/v1/models", "authorization", "Bearer key-of-" + key)
                        .header("x-ratelimit-remaining-tokens"))
                .isEqualTo("0"));
        o.forget();
        Answer second = ask(Caller.CHAT, key, "small", stream, "{}");
        assertThat(second.status()).isEqualTo(429);
        assertThat(second.error("type")).isEqualTo("tokens");
        // 20 for the prompt and 50 words of 40 a minute: 30 in debt, and one to begin with.
        assertThat(Integer.parseInt(second.header("retry-after"))).isBetween(40, 50);
        nobodyAsked();
    }

    @Test
    void who_leaves_has_paid_for_the_prompt() {
        o.answers(Reply.silence());
        String prompt = "{\"messages\":[{\"role\":\"user\",\"content\":\"" + "word ".repeat(1000) + "\"}]}";
        try (RawCaller caller =
                gateway.raw(Request.of("small").stream(true).fields(prompt).header("x-api-key", "key-of-leaver"))) {
            await().until(() -> o.calls().size() == 1);
        }
        await().until(() -> gateway.get("/status", "x-api-key", "key-of-free")
                        .json()
                        .at("/requests/inFlight")
                        .asInt()
                == 0);

        Answer after = gateway.get("/v1/models", "authorization", "Bearer key-of-leaver");
        assertThat(Integer.parseInt(after.header("x-ratelimit-remaining-tokens")))
                .isBetween(100, 500);
    }

    @ParameterizedTest
    @EnumSource
    void a_prompt_that_never_would_be_let_in_is_told_why(Caller caller) {
        String words = "word ".repeat(400);
        Answer answer = ask(
                caller, "poor", "small", false, "{\"messages\":[{\"role\":\"user\",\"content\":\"" + words + "\"}]}");
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.error("type")).isEqualTo("invalid_request_error");
        assertThat(answer.error("message")).contains("'poor' may use 40 a minute", "never");
        nobodyAsked();
    }

    @Test
    void a_wrong_key_learns_nothing() {
        Answer answer = gateway.post(
                Caller.CHAT.path(), Caller.CHAT.body("small", false, "{}"), "authorization", "Bearer key-of-nobody");
        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.response().headers().map().keySet()).noneMatch(name -> name.contains("ratelimit"));
    }

    private static Answer ask(Caller caller, String key, String model, boolean stream, String fields) {
        return gateway.ask(caller, model, stream, fields, "x-api-key", "key-of-" + key);
    }

    private void nobodyAsked() {
        assertThat(o.calls()).isEmpty();
        assertThat(a.calls()).isEmpty();
    }

    private static String configuration() {
        String keys = KEYS.stream().map(k -> k + ":key-of-" + k).collect(Collectors.joining(","));
        return """
            camel.server.host=127.0.0.1
            bactrian.server.keys=%s
            bactrian.targets.cheap.provider=o
            bactrian.targets.cheap.model=small
            bactrian.targets.dear.provider=a
            bactrian.targets.dear.model=large
            bactrian.chains.small=cheap, o/other
            bactrian.chains.large=dear
            bactrian.aliases=gpt-*: small, claude-*: large, pin: a/large
            bactrian.server.limits.narrow.chains=small
            bactrian.server.limits.ten-chat.requests-per-minute=10
            bactrian.server.limits.ten-messages.requests-per-minute=10
            bactrian.server.limits.few.requests-per-minute=1000
            bactrian.server.limits.few.tokens-per-minute=100000
            bactrian.server.limits.once-chat.requests-per-minute=1
            bactrian.server.limits.once-messages.requests-per-minute=1
            bactrian.server.limits.slow.requests-per-minute=1
            bactrian.server.limits.poor.tokens-per-minute=40
            bactrian.server.limits.leaver.tokens-per-minute=1200
            bactrian.server.limits.poor-2.tokens-per-minute=40\
            """.formatted(keys);
    }
}
