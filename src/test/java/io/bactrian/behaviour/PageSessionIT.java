package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.LogCapture;
import io.bactrian.testing.OpenPage;
import io.bactrian.testing.Reply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Logging in at the page where callers need keys, and what a session may do. */
@ResourceLock("the log of operators")
final class PageSessionIT {
    private static final String[] BOSS = {"x-api-key", "key-of-chief"};
    private static final String HELLO = "{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}";

    @RegisterExtension
    final GatewayExtension gateway = GatewayExtension.with(
                    "camel.server.host=127.0.0.1",
                    "bactrian.server.keys=chief:key-of-chief,narrow:key-of-narrow,slim:key-of-slim",
                    "bactrian.server.limits.narrow.chains=only",
                    "bactrian.server.limits.slim.chains=shared",
                    "bactrian.providers.o.api-key=key-of-provider-1, key-of-provider-2",
                    "bactrian.targets.static-one.provider=f",
                    "bactrian.targets.static-one.model=static-one",
                    "bactrian.chains.default=o/one, f/one",
                    "bactrian.chains.only=o/two, o/three",
                    "bactrian.chains.shared=f/one",
                    "bactrian.chains.hidden=f/one, o/one")
            .openai("o", "f");

    @RegisterExtension
    final LogCapture log = LogCapture.of("bactrian.admin");

    @Test
    void a_key_becomes_a_session_that_opens_the_page_and_operates() {
        assertThat(gateway.get("/page/events").status()).isEqualTo(401);
        Answer login = login("key-of-chief");
        assertThat(login.status()).as(login.text()).isEqualTo(204);
        assertThat(login.header("set-cookie"))
                .matches("bactrian_session=[A-Za-z0-9_-]{43}; Max-Age=43200; Path=/; HttpOnly; SameSite=Strict");

        String cookie = cookie(login);
        try (OpenPage page = open("cookie", cookie)) {
            JsonNode snapshot = page.snapshot(s -> true);
            assertThat(snapshot.path("caller").asText()).isEqualTo("chief");
            assertThat(snapshot.path("keys").asBoolean()).isTrue();
            assertThat(snapshot.path("mayOperate").asBoolean()).isTrue();
            assertThat(snapshot.path("targets")
                            .path("o/one")
                            .path("keys")
                            .path("all")
                            .asInt())
                    .isEqualTo(2);

            Answer opened = act("/admin/targets/o/one/open", "cookie", cookie, "sec-fetch-site", "same-origin");
            assertThat(opened.status()).as(opened.text()).isEqualTo(200);
            page.message("event", e -> e.path("kind").asText().equals("operator"));
        }
        assertThat(gateway.get("/status", "cookie", cookie).status()).isEqualTo(200);
        assertThat(own())
                .containsExactly(
                        "page: chief logged in from 127.0.0.1",
                        "o/one: breaker opened for 60000 ms (by chief from 127.0.0.1)");
    }

    @Test
    void a_session_is_for_the_page_only() {
        String cookie = cookie(login("key-of-chief"));
        assertThat(act("/v1/chat/completions", "cookie", cookie).status()).isEqualTo(401);
        assertThat(gateway.get("/v1/models", "cookie", cookie).status()).isEqualTo(401);
        assertThat(gateway.get("/status", "cookie", "bactrian_session=made-up").status())
                .isEqualTo(401);
        assertThat(gateway.get("/status", "cookie", cookie, "x-api-key", "wrong")
                        .status())
                .as("a wrong key is not made good by a session")
                .isEqualTo(401);
    }

    @Test
    void a_key_opens_the_page_as_well() {
        try (OpenPage page = open("authorization", "Bearer key-of-chief")) {
            assertThat(page.snapshot(s -> true).path("caller").asText()).isEqualTo("chief");
        }
    }

    @Test
    void a_logout_ends_the_session_and_the_open_page() {
        String cookie = cookie(login("key-of-chief"));
        try (OpenPage page = open("cookie", cookie)) {
            page.snapshot(s -> true);
            Answer logout = act("/page/logout", "cookie", cookie, "sec-fetch-site", "same-origin");
            assertThat(logout.status()).isEqualTo(204);
            assertThat(logout.header("set-cookie")).contains("bactrian_session=;", "Max-Age=0");
            await().atMost(Duration.ofSeconds(15)).until(page::ended);
        }
        assertThat(gateway.get("/status", "cookie", cookie).status()).isEqualTo(401);
        assertThat(own()).endsWith("page: chief logged out from 127.0.0.1");
    }

    @Test
    void wrong_keys_are_slowed_and_never_logged() {
        for (int i = 0; i < 3; i++) {
            Answer wrong = login("guess-" + i);
            assertThat(wrong.status()).isEqualTo(401);
            assertThat(wrong.error("code")).isEqualTo("invalid_api_key");
            assertThat(wrong.header("set-cookie")).isEmpty();
        }
        Answer slowed = login("key-of-chief");
        assertThat(slowed.status()).isEqualTo(429);
        assertThat(slowed.header("retry-after")).isEqualTo("1");
        assertThat(log.lines())
                .filteredOn(line -> line.startsWith("page: a wrong key"))
                .hasSizeGreaterThanOrEqualTo(3)
                .containsOnly("page: a wrong key from 127.0.0.1");
        assertThat(log.lines()).noneMatch(line -> line.contains("key-of-"));
        await().atMost(Duration.ofSeconds(15))
                .pollInterval(Duration.ofMillis(300))
                .until(() -> login("key-of-chief").status() == 204);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "key=key-of-chief",
                "other=1&key=key%2Dof%2Dchief",
                "{\"key\":\"key-of-chief\"}",
                " {\"key\": \"key-of-chief\"}"
            })
    void a_key_may_come_in_a_form_or_as_json(String body) {
        String type = body.contains("{") ? "application/json" : "application/x-www-form-urlencoded";
        assertThat(gateway.post("/page/login", body, "content-type", type).status())
                .isEqualTo(204);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "key=", "{", "{\"key\":{}}", "[]", "key=%zz", "key-of-chief"})
    void a_body_without_a_known_key_logs_nobody_in(String body) {
        assertThat(gateway.post("/page/login", body).status()).isEqualTo(401);
    }

    @ParameterizedTest
    @ValueSource(strings = {"cross-site", "same-site"})
    void other_sites_can_make_a_browser_do_nothing(String site) {
        String cookie = cookie(login("key-of-chief"));
        for (String path : List.of(
                "/page/login", "/page/logout", "/admin/targets/o/one/open", "/admin/targets/o/one/drill?fault=429")) {
            assertThat(act(path, "cookie", cookie, "sec-fetch-site", site).status())
                    .as(path)
                    .isEqualTo(403);
        }
        assertThat(gateway.get("/status", "cookie", cookie)
                        .json()
                        .at("/targets/0/breaker")
                        .asText())
                .isEqualTo("CLOSED");
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://evil.example", "http://127.0.0.1:1", "null", "https://", ""})
    void other_sites_can_do_nothing_without_tls_either(String origin) {
        String cookie = cookie(login("key-of-chief"));
        for (String path : List.of("/page/login", "/page/logout", "/admin/targets/o/one/open")) {
            Answer refused = act(path, "cookie", cookie, "origin", origin);
            assertThat(refused.status()).as(path).isEqualTo(403);
            assertThat(refused.error("code")).isEqualTo("operators_only");
        }
    }

    @Test
    void the_page_itself_is_known_by_its_origin_also_behind_a_proxy() {
        String own = "http://" + gateway.uri("/").getAuthority();
        for (String[] headers : List.of(
                new String[] {"origin", own},
                new String[] {"origin", "http://llm.example", "x-forwarded-host", "LLM.example"},
                new String[] {"origin", "https://llm.example", "sec-fetch-site", "same-origin"})) {
            assertThat(act("/page/login", headers).status()).isEqualTo(204);
        }
    }

    @Test
    void alerts_tell_limited_callers_of_no_other_chains_and_targets() {
        gateway.stub("f").answers(Reply.error(500, "server_error", "broken", "broken"));
        try (OpenPage page = open("x-api-key", "key-of-slim");
                OpenPage whole = open(BOSS)) {
            chat("shared", BOSS);
            chat("shared", "x-api-key", "key-of-slim");
            JsonNode told = page.message("event", e -> e.path("kind").asText().equals("alert"));
            assertThat(told.path("text").asText())
                    .startsWith("f/one is down since")
                    .endsWith(").");
            JsonNode open = page.snapshot(s -> !s.path("alerts").path("open").isEmpty())
                    .path("alerts")
                    .path("open");
            assertThat(open.toString()).contains("f/one");
            assertThat(page.lines().toString()).doesNotContain("o/one", "hidden");
            JsonNode all = whole.message("event", e -> e.path("kind").asText().equals("alert"));
            assertThat(all.path("text").asText()).contains("o/one answers in its place");
        }
    }

    @Test
    void behind_tls_the_cookie_is_sent_by_tls_only() {
        assertThat(gateway.post("/page/login", "key=key-of-chief", "x-forwarded-proto", "https")
                        .header("set-cookie"))
                .contains("Secure");
    }

    @Test
    void a_caller_limited_to_chains_sees_only_these_and_operates_nothing() {
        gateway.stub("o").answers(Reply.error(503, "server_error", "unavailable", "down"));
        String cookie = cookie(login("key-of-narrow"));
        try (OpenPage page = open("cookie", cookie)) {
            chat("default", BOSS);
            chat("only", "x-api-key", "key-of-narrow");
            act("/admin/targets/o/two/drill?fault=429", BOSS);
            JsonNode failed = page.message("event", e -> e.path("kind").asText().equals("failed"));
            assertThat(failed.path("chain").asText()).isEqualTo("only");
            assertThat(failed.path("request").isNull()).isFalse();
            JsonNode snapshot = page.snapshot(
                    s -> !s.path("targets").path("o/two").path("drill").isNull());
            assertThat(snapshot.path("mayOperate").asBoolean()).isFalse();
            assertThat(snapshot.path("mayDrill").asBoolean()).isFalse();
            assertThat(snapshot.path("targets").properties())
                    .extracting(e -> e.getKey())
                    .containsExactly("o/two", "o/three");
            assertThat(snapshot.path("chains").findValuesAsText("name")).containsExactly("only");
            assertThat(snapshot.path("totals").path("dollarsToday").isNull()).isTrue();
            assertThat(page.lines().toString())
                    .doesNotContain(
                            "\"name\":\"default\"", "\"chain\":\"default\"", "o/one", "f/one", "chief", "\"operator\"");
        }
        Answer refused = act("/admin/targets/o/two/open", "cookie", cookie);
        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.error("code")).isEqualTo("operators_only");
    }

    @ParameterizedTest
    @ValueSource(strings = {"f/one", "static-one"})
    void what_another_caller_adds_to_a_chain_is_not_told_to_a_limited_one(String target) {
        gateway.stub("o").answers(Reply.error(503, "server_error", "unavailable", "down"));
        try (OpenPage page = open("x-api-key", "key-of-narrow")) {
            Answer answer = gateway.post(
                    "/v1/chat/completions",
                    "{\"model\":\"only\",\"fallbacks\":[\"" + target
                            + "\"],\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}",
                    BOSS);
            assertThat(answer.header("x-bactrian-target")).isEqualTo(target);
            JsonNode event = page.message("event", e -> e.path("kind").asText().equals("fallback"));
            assertThat(event.path("chain").asText()).isEqualTo("only");
            page.snapshot(s -> page.messages("snapshot").size() > 3);
            assertThat(page.lines().toString()).contains("o/two").doesNotContain(target);
        }
    }

    @Test
    void one_caller_leaves_pages_to_the_others() {
        List<OpenPage> pages = new ArrayList<>();
        try {
            for (int i = 0; i < 38; i++) {
                pages.add(open("x-api-key", "key-of-narrow"));
                assertThat(pages.getLast().status()).isEqualTo(200);
            }
            Answer full = gateway.get("/page/events", "x-api-key", "key-of-narrow");
            assertThat(full.status()).isEqualTo(503);
            assertThat(full.error("code")).isEqualTo("too_many_pages");
            try (OpenPage page = open(BOSS)) {
                assertThat(page.status()).isEqualTo(200);
            }
        } finally {
            pages.forEach(OpenPage::close);
        }
    }

    @Test
    void nothing_that_a_page_is_sent_holds_a_key_or_words_of_callers_and_providers() {
        gateway.stub("o").answers(Reply.error(500, "server_error", "broken", "key-of-provider-1 said secret-words"));
        gateway.stub("f").answers(Reply.text("the-answer-of-the-model"));
        try (OpenPage page = open("cookie", cookie(login("key-of-chief")))) {
            gateway.post(
                    "/v1/chat/completions",
                    "{\"messages\":[{\"role\":\"user\",\"content\":\"the-words-of-the-caller\"}]}",
                    BOSS);
            chat("no-such-chain", BOSS);
            page.message("event", e -> e.path("kind").asText().equals("fallback"));
            page.snapshot(
                    s -> s.path("targets").path("o/one").path("failuresInARow").asInt() > 0);
            assertThat(page.lines().toString())
                    .doesNotContain("key-of-", "secret-words", "the-answer-of", "the-words-of");
        }
    }

    private void chat(String model, String... headers) {
        gateway.gateway()
                .post("/v1/chat/completions", HELLO.replaceFirst("\\{", "{\"model\":\"" + model + "\","), headers);
    }

    private Answer login(String key) {
        return gateway.post("/page/login", "{\"key\":\"" + key + "\"}");
    }

    private static String cookie(Answer login) {
        return login.header("set-cookie").replaceFirst(";.*", "");
    }

    private Answer act(String path, String... headers) {
        return gateway.gateway().post(path, "key=key-of-chief", headers);
    }

    private OpenPage open(String... headers) {
        return OpenPage.at(gateway.uri("/page/events"), headers);
    }

    /** What was logged about the caller of this class, and not of one that runs at the same time. */
    private List<String> own() {
        return log.lines().stream().filter(line -> line.contains("chief")).toList();
    }
}
