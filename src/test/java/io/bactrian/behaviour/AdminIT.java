package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.testing.Caller;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.LogCapture;
import io.bactrian.testing.Reply;
import io.bactrian.testing.Request;
import io.bactrian.testing.StubProvider;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Actions of operators on a target. */
@ResourceLock("the log of operators")
final class AdminIT {
    private static final String[] OPERATOR = {"x-api-key", "key-of-boss"};
    private static final String TARGET = "/admin/targets/o/vendor/one";

    @RegisterExtension
    final GatewayExtension gateway = GatewayExtension.with(
                    "camel.server.host=127.0.0.1",
                    "bactrian.server.keys=boss:key-of-boss,narrow:key-of-narrow",
                    "bactrian.server.limits.narrow.chains=only",
                    "bactrian.targets.f.provider=a",
                    "bactrian.targets.f.model=two",
                    "bactrian.targets.named.provider=o",
                    "bactrian.targets.named.model=vendor/one",
                    "bactrian.chains.default=o/vendor/one, f",
                    "bactrian.chains.only=o/vendor/one",
                    "bactrian.chains.other=o/other, f",
                    "bactrian.defaults.backoff=10ms",
                    "bactrian.defaults.breaker.failures=3",
                    "bactrian.defaults.breaker.open-for=30s")
            .openai("o")
            .anthropic("a");

    @RegisterExtension
    final LogCapture log = LogCapture.of("bactrian.admin");

    private final StubProvider o = gateway.stub("o");

    @Test
    void an_open_breaker_lets_nobody_in_until_it_is_closed() {
        Answer opened = act(TARGET + "/open");
        assertThat(opened.status()).as(opened.text()).isEqualTo(200);
        assertThat(opened.json().path("name").asText()).isEqualTo("o/vendor/one");
        assertThat(opened.json().path("breaker").asText()).isEqualTo("OPEN");
        assertThat(opened.json().path("coolingFrom").asText()).isEqualTo("CIRCUIT_OPEN");
        assertThat(Instant.parse(opened.json().path("coolingUntil").asText()))
                .isBetween(Instant.now().plusSeconds(25), Instant.now().plusSeconds(31));

        Answer around = ask("default");
        assertThat(around.attempts()).isEqualTo("f=OK");
        assertThat(around.header("x-bactrian-skipped")).isEqualTo("o/vendor/one=CIRCUIT_OPEN");
        assertThat(o.calls()).isEmpty();

        Answer closed = act(TARGET + "/close");
        assertThat(closed.json().path("breaker").asText()).isEqualTo("CLOSED");
        assertThat(closed.json().path("available").asBoolean()).isTrue();
        assertThat(ask("default").attempts()).isEqualTo("o/vendor/one=OK");
        said(
                "o/vendor/one: breaker opened for 30000 ms (by boss from 127.0.0.1)",
                "o/vendor/one: breaker closed (by boss from 127.0.0.1)");
    }

    private void said(String... lines) {
        List<ILoggingEvent> own = own("o/vendor/one");
        assertThat(own).extracting(ILoggingEvent::getFormattedMessage).containsExactly(lines);
        assertThat(own).extracting(ILoggingEvent::getLevel).containsOnly(Level.WARN);
    }

    /** What was logged about the targets of this class, and not by one that runs at the same time. */
    private List<ILoggingEvent> own(String beginning) {
        return log.events().stream()
                .filter(event -> event.getFormattedMessage().startsWith(beginning))
                .toList();
    }

    @Test
    void closing_forgets_cooldowns_and_the_rests_of_keys() {
        o.answers(Reply.error(401, "invalid_request_error", "invalid_api_key", "Wrong key"));
        assertThat(ask("default").attempts()).isEqualTo("o/vendor/one=AUTHENTICATION, f=OK");
        o.answers(Reply.text("well"));
        assertThat(ask("default").attempts()).isEqualTo("f=OK");
        act(TARGET + "/close");
        assertThat(ask("default").attempts()).isEqualTo("o/vendor/one=OK");

        o.answers(Reply.error(429, "requests", "rate_limit_exceeded", "Slow down", "retry-after", "60"));
        assertThat(ask("default").attempts()).isEqualTo("o/vendor/one=RATE_LIMITED, f=OK");
        o.answers(Reply.text("well"));
        assertThat(ask("default").attempts()).isEqualTo("f=OK");
        act(TARGET + "/close");
        assertThat(ask("default").attempts()).isEqualTo("o/vendor/one=OK");
    }

    @Test
    void a_drill_is_everybody_s_until_it_is_ended() {
        Answer begun = act(TARGET + "/drill?fault=429");
        assertThat(begun.json().at("/drill/fault").asText()).isEqualTo("429");
        assertThat(Instant.parse(begun.json().at("/drill/until").asText()))
                .isBetween(Instant.now().plusSeconds(280), Instant.now().plusSeconds(301));
        assertThat(status("o/vendor/one").at("/drill/fault").asText()).isEqualTo("429");
        assertThat(status("named").at("/drill/fault").asText())
                .as("another name of the model")
                .isEqualTo("429");
        assertThat(status("f").has("drill")).isFalse();

        for (Caller caller : Caller.values()) {
            for (boolean stream : new boolean[] {false, true}) {
                Answer answer = ask(Request.of("default").by(caller).stream(stream));
                assertThat(answer.header("x-bactrian-target")).isEqualTo("f");
                assertThat(answer.header("x-bactrian-drill")).isEqualTo("o/vendor/one=429");
            }
        }
        assertThat(o.calls()).isEmpty();
        assertThat(status("o/vendor/one").path("available").asBoolean())
                .as("nothing cools")
                .isTrue();
        assertThat(ask("other").attempts()).isEqualTo("o/other=OK");

        Answer ended = act(TARGET + "/drill?fault=off");
        assertThat(ended.json().has("drill")).isFalse();
        Answer after = ask("default");
        assertThat(after.attempts()).isEqualTo("o/vendor/one=OK");
        assertThat(after.header("x-bactrian-drill")).isEmpty();
        said(
                "o/vendor/one: drill with fault 429 begun for 300000 ms (by boss from 127.0.0.1)",
                "o/vendor/one: drill ended (by boss from 127.0.0.1)");
    }

    @Test
    void keys_do_not_rest_in_a_drill_so_that_the_key_s_other_targets_are_well() {
        act(TARGET + "/drill?fault=401");
        assertThat(ask("default").attempts()).isEqualTo("o/vendor/one=AUTHENTICATION, f=OK");
        assertThat(ask("other").attempts()).isEqualTo("o/other=OK");
        act(TARGET + "/drill?fault=404&for=1h");
        assertThat(ask("default").attempts()).isEqualTo("o/vendor/one=MODEL_UNAVAILABLE, f=OK");
        act(TARGET + "/drill?fault=off");
        assertThat(ask("default").attempts()).isEqualTo("o/vendor/one=OK");
    }

    @Test
    void the_breaker_counts_in_a_drill_stays_open_behind_it_and_is_closed_by_hand() {
        act(TARGET + "/drill?fault=refused&for=5m");
        for (int i = 0; i < 3; i++) {
            assertThat(ask("default").attempts()).isEqualTo("o/vendor/one=NETWORK, f=OK");
        }
        assertThat(status("o/vendor/one").path("breaker").asText()).isEqualTo("OPEN");
        assertThat(status("o/vendor/one").has("lastFailure")).isFalse();
        Answer open = ask("default");
        assertThat(open.attempts()).isEqualTo("f=OK");
        assertThat(open.header("x-bactrian-drill")).as("not met").isEmpty();

        act(TARGET + "/drill?fault=off");
        assertThat(ask("default").attempts()).isEqualTo("f=OK");
        Answer closed = act(TARGET + "/close");
        assertThat(closed.json().path("available").asBoolean()).isTrue();
        assertThat(ask("default").attempts()).isEqualTo("o/vendor/one=OK");
    }

    @Test
    void closing_ends_a_drill_and_time_does() {
        act(TARGET + "/drill?fault=503");
        assertThat(act(TARGET + "/close").json().has("drill")).isFalse();
        assertThat(ask("default").attempts()).isEqualTo("o/vendor/one=OK");

        act(TARGET + "/drill?fault=refused&for=400ms");
        assertThat(ask("default").header("x-bactrian-drill")).isEqualTo("o/vendor/one=refused");
        await().atMost(Duration.ofSeconds(5))
                .untilAsserted(
                        () -> assertThat(status("o/vendor/one").has("drill")).isFalse());
        assertThat(ask("default").attempts()).isEqualTo("o/vendor/one=OK");
    }

    @Test
    void models_that_only_callers_name_are_targets_too() {
        assertThat(act("/admin/targets/o/any/drill?fault=refused").status()).isEqualTo(200);
        for (int i = 0; i < 3; i++) {
            assertThat(ask("o/any").attempts()).isEqualTo("o/any=NETWORK");
        }
        act("/admin/targets/o/any/drill?fault=off");
        Answer open = ask(Request.of("o/any").fallbacks("f"));
        assertThat(open.header("x-bactrian-skipped")).isEqualTo("o/any=CIRCUIT_OPEN");
        act("/admin/targets/o/any/close");
        assertThat(ask("o/any").attempts()).isEqualTo("o/any=OK");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/admin/targets/o/vendor/one",
                "/admin/targets/o%2Fvendor%2Fone",
                "/admin/targets/o/vendor%2fone",
                "/admin/targets/named"
            })
    void a_target_is_found_by_every_name_it_has(String path) {
        assertThat(act(path + "/open").status()).isEqualTo(200);
        assertThat(status("o/vendor/one").path("breaker").asText()).isEqualTo("OPEN");
    }

    @ParameterizedTest
    @CsvSource({
        "/admin/targets/nobody/open, 'There is: o/vendor/one, f, o/other, named, or provider/model'",
        "/admin/targets/q/model/close, There is: o/vendor/one",
        "/admin/targets/default/drill?fault=429, There is: o/vendor/one",
        "/admin/targets/f/drill, 'there is: a status from 400 to 599, timeout, reset, refused, garbage'",
        "/admin/targets/f/drill?fault=flood, 'there is: a status from 400 to 599, timeout, reset, refused, garbage'",
        "/admin/targets/f/drill?fault=200, there is: a status",
        "/admin/targets/f/drill?fault=429&for=soon, 'for'",
        "/admin/targets/f/drill?fault=429&for=5h, 4h at most",
        "/admin/targets/f/drill?fault=429&for=0s, 'for'"
    })
    void mistakes_are_told_with_what_there_is(String path, String words) {
        Answer answer = act(path);
        assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        assertThat(answer.error("message")).contains(words);
        assertThat(own("f: ")).isEmpty();
        assertThat(status("f").path("breaker").asText()).isEqualTo("CLOSED");
        assertThat(status("f").has("drill")).isFalse();
    }

    @Test
    void nobody_acts_without_a_key_or_with_one_for_certain_chains() {
        for (String action : List.of("/open", "/close", "/drill?fault=429")) {
            assertThat(gateway.post(TARGET + action, "").status()).isEqualTo(401);
            assertThat(gateway.post(TARGET + action, "", "authorization", "Bearer key-of-nobody")
                            .status())
                    .isEqualTo(401);
            Answer narrow = gateway.post(TARGET + action, "", "x-api-key", "key-of-narrow");
            assertThat(narrow.status()).isEqualTo(403);
            assertThat(narrow.error("type")).isEqualTo("permission_error");
            assertThat(narrow.error("message")).contains("narrow");
            assertThat(gateway.post(TARGET + action, "", "x-api-key", "key-of-boss", "sec-fetch-site", "cross-site")
                            .status())
                    .isEqualTo(403);
        }
        assertThat(status("o/vendor/one").path("breaker").asText()).isEqualTo("CLOSED");
        assertThat(status("o/vendor/one").has("drill")).isFalse();
        assertThat(own(TARGET)).hasSize(12).allSatisfy(event -> assertThat(event.getFormattedMessage())
                .contains(" refused: ", "(from 127.0.0.1)")
                .doesNotContain("key-of-"));
    }

    @Test
    void attempts_without_a_key_do_not_flood_the_log() {
        String path = "/admin/targets/" + "x".repeat(500) + "/open";
        for (int i = 0; i < 400; i++) {
            assertThat(gateway.post(path, "").status()).isEqualTo(401);
        }
        List<String> lines =
                log.lines().stream().filter(line -> line.contains("/xxx")).toList();
        assertThat(lines).hasSizeBetween(50, 300).allMatch(line -> line.length() < 400);
        assertThat(log.lines()).contains("Further refusals of this minute are not logged");
    }

    @Test
    void wrong_methods_and_paths_are_told() {
        Answer get = gateway.get(TARGET + "/open", OPERATOR);
        assertThat(get.status()).isEqualTo(405);
        assertThat(get.header("allow")).isEqualTo("POST");
        for (String path : List.of(
                "/admin",
                "/admin/targets",
                "/admin/targets/",
                "/admin/targets/open",
                "/admin/targets/f/explode",
                "/admin/targets/f/open/")) {
            Answer answer = act(path);
            assertThat(answer.status()).as(path).isEqualTo(404);
            assertThat(answer.error("message")).contains("/admin/targets/{target}/open");
        }
        assertThat(status("f").path("breaker").asText()).isEqualTo("CLOSED");
    }

    private Answer act(String path) {
        return gateway.post(path, "", OPERATOR);
    }

    private Answer ask(String model) {
        return ask(Request.of(model));
    }

    /** Not audited: a call that fails in a drill reaches no provider. */
    private Answer ask(Request request) {
        return gateway.gateway().ask(request.header(OPERATOR[0], OPERATOR[1]));
    }

    private JsonNode status(String name) {
        for (JsonNode target : gateway.get("/status", OPERATOR).json().path("targets")) {
            if (target.path("name").asText().equals(name)) {
                return target;
            }
        }
        throw new AssertionError("no " + name);
    }
}
