package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Gateway;
import io.bactrian.testing.MetricsText;
import io.bactrian.testing.RawHttp;
import io.bactrian.testing.Scene;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What {@code GET /metrics} tells after everything has happened once. */
final class MetricsIT {
    private static final MetricsScenario scenario = new MetricsScenario();
    private static MetricsText played = MetricsText.of("");

    @BeforeAll
    static void everything_happens() throws IOException {
        scenario.play();
        played = scenario.scrape();
    }

    @AfterAll
    static void stop() {
        scenario.close();
    }

    @Test
    void requests_are_counted_by_chain_door_and_outcome() {
        MetricsText now = played;
        assertThat(now.value("bactrian_requests_total", "chain", "only", "door", "openai", "outcome", "failed"))
                .isEqualTo(1);
        assertThat(now.value("bactrian_requests_total", "chain", "claude", "door", "anthropic", "outcome", "answered"))
                .isEqualTo(1);
        assertThat(now.value("bactrian_requests_total", "chain", "other")).isEqualTo(1);
        assertThat(now.value(
                        "gen_ai_server_request_duration_seconds_count",
                        "chain",
                        "only",
                        "error_type",
                        "503",
                        "gen_ai_provider_name",
                        ""))
                .isEqualTo(1);
        assertThat(now.value("gen_ai_server_request_duration_seconds_count"))
                .isEqualTo(now.value("bactrian_requests_total"))
                .isEqualTo(now.value("bactrian_overhead_seconds_count"));
    }

    @Test
    void fallbacks_name_who_failed_who_was_asked_instead_and_why() {
        MetricsText now = played;
        assertThat(fallbacks(now, "default", "p", "f", "OVERLOADED")).isEqualTo(3);
        assertThat(fallbacks(now, "default", "p", "f", "STREAM_BROKEN")).isEqualTo(1);
        assertThat(fallbacks(now, "default", "f", "static", "OVERLOADED")).isEqualTo(1);
        assertThat(fallbacks(now, "only", "p", "none", "OVERLOADED")).isEqualTo(1);
        assertThat(fallbacks(now, "cooled", "busy", "f", "RATE_LIMITED")).isEqualTo(1);
        assertThat(fallbacks(now, "tools", "plain", "f", "UNSUPPORTED")).isEqualTo(1);
        assertThat(now.value("bactrian_skipped_total", "target", "plain", "reason", "tools"))
                .isEqualTo(1);
        assertThat(now.value("bactrian_fallbacks_total", "chain", "raced"))
                .as("who lost a race has not failed")
                .isZero();
    }

    private static double fallbacks(MetricsText now, String chain, String from, String to, String type) {
        return now.value("bactrian_fallbacks_total", "chain", chain, "from", from, "to", to, "class", type);
    }

    @Test
    void rescues_hedges_drills_last_resorts_and_broken_events_are_counted() {
        MetricsText now = played;
        assertThat(now.value("bactrian_rescues_total", "from", "p", "to", "f", "way", "replay", "result", "finished"))
                .isEqualTo(1);
        assertThat(now.value("bactrian_hedges_total", "chain", "hedged", "result", "won"))
                .isEqualTo(1);
        assertThat(now.value("bactrian_drills_total", "target", "p", "fault", "503"))
                .isPositive();
        assertThat(now.value("bactrian_last_resorts_total", "chain", "default", "kind", "static"))
                .isEqualTo(1);
        assertThat(now.value("bactrian_degraded_total", "chain", "default", "reason", "static"))
                .isEqualTo(1);
        assertThat(now.value("bactrian_malformed_events_total", "target", "p")).isEqualTo(1);
    }

    @Test
    void calls_have_their_tokens_their_cost_and_their_times() {
        MetricsText now = played;
        assertThat(now.value(
                        "gen_ai_client_token_usage_sum", "gen_ai_request_model", "one", "gen_ai_token_type", "output"))
                .isPositive();
        assertThat(now.value("bactrian_cost_dollars_total", "target", "p", "call", "answered"))
                .isPositive();
        assertThat(now.value("bactrian_cost_dollars_total", "target", "f"))
                .as("without prices")
                .isZero();
        assertThat(now.value("gen_ai_server_time_to_first_token_seconds_count", "gen_ai_provider_name", "p"))
                .isEqualTo(2);
        assertThat(now.value("bactrian_attempts_total", "target", "p", "class", "OVERLOADED"))
                .isEqualTo(now.value(
                        "gen_ai_client_operation_duration_seconds_count",
                        "gen_ai_request_model",
                        "one",
                        "error_type",
                        "OVERLOADED"));
    }

    @Test
    void the_gateway_s_own_time_is_what_calls_and_waits_leave() {
        MetricsText now = played;
        assertThat(now.value("bactrian_overhead_seconds_sum"))
                .isPositive()
                .isLessThan(now.value("gen_ai_server_request_duration_seconds_sum"));
        assertThat(now.value("bactrian_waits_seconds_count", "reason", "backoff"))
                .isPositive();
    }

    @Test
    void the_state_of_targets_and_keys_is_told_as_it_is_now() {
        MetricsText now = played;
        assertThat(now.value("bactrian_breaker_state", "target", "p", "state", "closed"))
                .isEqualTo(1);
        assertThat(now.value("bactrian_breaker_state", "target", "p")).isEqualTo(1);
        assertThat(now.value("bactrian_cooling", "target", "busy", "class", "RATE_LIMITED"))
                .isBetween(1.0, 90.0);
        assertThat(now.value("bactrian_keys", "provider", "keyed", "state", "ready"))
                .isEqualTo(2);
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(scenario.scrape().value("bactrian_in_flight")
                                + scenario.scrape().value("bactrian_calls_in_flight"))
                        .isZero());
    }

    @Test
    void names_that_callers_make_up_have_no_label_of_their_own() {
        for (String odd :
                List.of("p/qu\\\"ote", "p/new\\nline", "p/back\\\\slash", "p/{le=\\\"1\\\"}", "p/\u00fc\u4e16")) {
            assertThat(scenario.ask(odd, false, "").status()).isLessThan(500);
        }
        for (int i = 0; i < 300; i++) {
            scenario.ask("p/made-up-" + i, false, "");
        }
        MetricsText now = scenario.scrape();
        assertThat(families(now)).isEqualTo(families(played));
        assertThat(now.labelValues("", "target")).containsExactlyInAnyOrder("a", "busy", "f", "other", "p", "plain");
        assertThat(now.labelValues("gen_ai", "gen_ai_request_model"))
                .contains("one", "other")
                .noneMatch(model -> model.contains("made-up") || model.contains("quote"));
        assertThat(now.labelValues("", "chain")).contains("other").noneMatch(chain -> chain.contains("/"));
        assertThat(now.value("bactrian_attempts_total", "target", "other", "class", "OK"))
                .isGreaterThanOrEqualTo(301);
    }

    /** The own metrics, without that of the open alerts, which come and go by themselves meanwhile. */
    private static Set<String> families(MetricsText text) {
        return text.types().keySet().stream()
                .filter(name -> name.startsWith("bactrian_") || name.startsWith("gen_ai_"))
                .filter(name -> !name.equals("bactrian_alerts"))
                .collect(Collectors.toSet());
    }

    @Test
    void no_key_and_no_prompt_is_in_it() {
        assertThat(scenario.text())
                .doesNotContain(MetricsScenario.SECRET, MetricsScenario.PROMPT, "We are sorry", "One two");
    }

    @Test
    void the_form_is_the_one_that_was_asked_for() {
        Gateway.Answer plain = scenario.gateway().get("/metrics");
        assertThat(plain.header("content-type")).isEqualTo("text/plain; version=0.0.4; charset=utf-8");
        Gateway.Answer open = scenario.gateway()
                .get("/metrics", "accept", "application/openmetrics-text;version=1.0.0;q=0.9,text/plain;q=0.5");
        assertThat(open.header("content-type")).startsWith("application/openmetrics-text; version=1.0.0");
        assertThat(open.text()).endsWith("# EOF\n");
        assertThat(scenario.gateway().post("/metrics", "{}").status()).isEqualTo(405);
        assertThat(RawHttp.send(scenario.gateway().port(), "HEAD /metrics", List.of(), "")
                        .head())
                .startsWith("HTTP/1.1 200");
    }

    @Test
    void a_key_is_needed_where_callers_need_one_and_a_limited_one_will_do() {
        try (Scene scene = Scene.with(
                        "camel.server.host=127.0.0.1",
                        "bactrian.server.keys=prometheus:key-for-scrapes",
                        "bactrian.server.limits.prometheus.requests-per-minute=1",
                        "bactrian.server.limits.prometheus.chains=default")
                .openai("p")
                .start()) {
            assertThat(scene.gateway().get("/metrics").status()).isEqualTo(401);
            for (int i = 0; i < 3; i++) {
                Gateway.Answer answer = scene.gateway().get("/metrics", "authorization", "Bearer key-for-scrapes");
                assertThat(answer.status()).isEqualTo(200);
                assertThat(answer.text()).contains("bactrian_info").doesNotContain("key-for-scrapes");
            }
        }
    }

    @Test
    void what_a_reload_removes_is_no_longer_told_and_what_stays_goes_on() throws IOException {
        try (MetricsScenario own = new MetricsScenario()) {
            own.play();
            MetricsText before = own.scrape();
            MetricsText after = own.reload(
                    "loaded",
                    List.of(
                            "bactrian.targets.p.model=another",
                            "bactrian.chains.raced=f",
                            "bactrian.targets.added.provider=f",
                            "bactrian.targets.added.model=six"));
            assertThat(after.labelValues("gen_ai", "gen_ai_request_model")).doesNotContain("one");
            assertThat(after.labelValues("bactrian_breaker", "target")).contains("added");
            assertThat(after.value("bactrian_attempts_total", "target", "f"))
                    .isEqualTo(before.value("bactrian_attempts_total", "target", "f"));
            own.reload("refused", List.of("bactrian.chains.bad=nobody"));
        }
    }
}
