package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.Browser;
import io.bactrian.testing.StagedPage;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the page draws from documents that no gateway of a test would send: alerts, groups, hostile text. */
final class PageDrawingIT {
    private static final String HOSTILE = "<img src=x onerror=document.title='taken'>";

    private static Browser browser;
    private static StagedPage page;

    @BeforeAll
    static void start() {
        browser = Browser.start();
        page = new StagedPage(history(), snapshot());
    }

    @AfterAll
    static void stop() {
        if (browser != null) {
            page.close();
            browser.close();
        }
    }

    @AfterEach
    void nothing_breaks_the_security_policy_or_is_written_to_the_console() {
        assertThat(browser.complaints()).isEmpty();
    }

    @Test
    void an_open_alert_is_told_with_its_details_and_what_follows_from_it() {
        browser.open(page.uri("/"));
        browser.find(".alert summary").click();

        browser.eventually(() -> assertThat(browser.text(".alert"))
                .contains("Error", "p/first is down", "target:p/first", "opened 3 times", "first tokens are late"));
        assertThat(browser.count(".alert")).as("what follows is folded").isEqualTo(1);
        assertThat(browser.text(".alerts")).contains("2 resolved today");
        assertThat(browser.<String>evaluate(
                        "return document.querySelector('.alert').closest('[aria-live]').getAttribute('aria-live')"))
                .isEqualTo("polite");
        assertThat(browser.count("[aria-live]")).isEqualTo(1);
    }

    @Test
    void text_of_the_server_is_never_markup() {
        browser.open(page.uri("/"));
        browser.find(".row .toggle").click();
        browser.eventually(() -> assertThat(browser.text(".list")).contains(HOSTILE));
        assertThat(browser.text(".chains")).contains(HOSTILE);
        assertThat(browser.count("main img")).isZero();
        assertThat(browser.<String>evaluate("return document.title")).isEqualTo("Bactrian");
    }

    @Test
    void states_have_a_word_and_a_shape_and_a_countdown() {
        browser.open(page.uri("/"));
        browser.eventually(() -> assertThat(browser.text("[data-state='COOLING'] .state"))
                .startsWith("Cooling")
                .contains("left"));
        assertThat(browser.text("[data-state='COOLING']")).contains("RATE_LIMITED 429 ×2", "keys 1/2", "quality 0.6");
        assertThat(browser.text("[data-state='ANSWERING']")).contains("Answering", "97 %", "380 ms", "p95 1.2 s");
        assertThat(
                        browser.<Boolean>evaluate(
                                "return [...document.querySelectorAll('.state')].every(s => s.querySelector('svg.icon') && s.innerText)"))
                .isTrue();
    }

    @Test
    void groups_and_last_resorts_stand_in_the_order_of_the_chain() {
        browser.open(page.uri("/"));
        browser.eventually(() -> assertThat(browser.text(".steps"))
                .containsSubsequence("race", "p/first", "q/second", "third", "stale", "static:sorry"));
        assertThat(browser.<Long>evaluate("return document.querySelector('ol.steps').children.length"))
                .isEqualTo(4);
    }

    @Test
    void the_queue_has_a_line_that_says_whether_it_pauses_and_why() {
        browser.open(page.uri("/"));
        browser.eventually(() -> assertThat(browser.text(".queue"))
                .contains("llm.requests", "Paused", "no target can answer", "1,234", "12 min", "dead letters"));
        assertThat(browser.<String>evaluate("return document.querySelector('.queue dd.bad').parentElement.title"))
                .contains("INVALID_REQUEST 2, UNSUPPORTED 1");
    }

    @Test
    void a_hidden_page_closes_its_stream_until_it_is_seen_again() {
        browser.open(page.uri("/"));
        browser.eventually(() -> assertThat(page.streams()).isEqualTo(1));
        hide(true);
        browser.eventually(() -> assertThat(page.streams()).isZero());
        hide(false);
        browser.eventually(() -> assertThat(page.streams()).isEqualTo(1));
        browser.eventually(() -> assertThat(browser.text(".live")).isEqualTo("live"));
    }

    private static void hide(boolean hidden) {
        browser.evaluate(
                "Object.defineProperty(document, 'hidden', {value: arguments[0], configurable: true});"
                        + "document.dispatchEvent(new Event('visibilitychange'))",
                hidden);
    }

    @Test
    void one_may_only_look_without_the_rights_of_an_operator() {
        browser.open(page.uri("/"));
        browser.find(".target");
        assertThat(browser.count(".actions")).isZero();
    }

    private static String history() {
        return """
                {"from": 1764338400, "step": 5, "requests": [1, 2, 3], "fallbacks": [0, 1, 0],
                 "firstToken": {"p/first": {"p50": [300, null, 310], "p95": [900, null, 950]}},
                 "events": [{"id": 1, "time": "NOW", "kind": "fallback", "request": "req_1", "chain": "default",
                   "from": "p/first", "to": "q/second", "class": "OVERLOADED", "millis": 480, "text": "%1$s",
                   "trail": [{"target": "%1$s", "class": "OVERLOADED", "status": 529, "millis": 112},
                             {"target": "q/second", "class": "OK", "status": 200, "millis": 368}]}]}
                """.formatted(HOSTILE);
    }

    private static String snapshot() {
        return """
                {"time": "NOW", "node": "n1", "cluster": "default", "version": "1", "uptimeSeconds": 5, "demo": false,
                 "caller": "", "keys": false, "mayOperate": false, "mayDrill": false,
                 "totals": {"requestsPerSecond": 1.5, "answeredShare": 0.99, "fallbackShare": 0.03, "dollarsToday": 4.1,
                   "probeDollarsToday": 0.02, "inFlight": 3, "waiting": 0},
                 "targets": {%s, %s, %s},
                 "chains": [{"name": "%s", "order": "written", "requestsPerSecond": 1.5, "firstTokenMs": null,
                   "answers": "q/second", "steps": [
                     {"kind": "race", "members": [{"target": "p/first", "weight": null, "share": 0.03},
                                                  {"target": "q/second", "weight": null, "share": 0.97}]},
                     {"kind": "target", "target": "third", "share": null},
                     {"kind": "stale"}, {"kind": "static", "name": "sorry"}]}],
                 "classes": [{"class": "OVERLOADED", "count": 1204}],
                 "queue": {"requests": "llm.requests", "connected": true, "depth": 1234, "oldestMillis": 754000,
                   "inFlight": 50, "answered": 7, "replayed": 0, "redelivered": 0, "later": 8, "expired": 0,
                   "deadLetters": 3, "deadLetterClasses": {"INVALID_REQUEST": 2, "UNSUPPORTED": 1},
                   "paused": {"since": "NOW", "why": "no target can answer"}},
                 "alerts": {"resolvedToday": 2, "open": [
                   {"id": "a1", "key": "target:p/first", "severity": "error", "text": "p/first is down. q/second answers.",
                    "since": "NOW", "times": 3, "inhibitedBy": null},
                   {"id": "a2", "key": "latency:p/first", "severity": "warning", "text": "p/first: first tokens are late.",
                    "since": "NOW", "times": 1, "inhibitedBy": "target:p/first"}]}}
                """.formatted(
                        target("p/first", "p", "first", "DOWN", "null"),
                        target("q/second", "q", "second", "ANSWERING", "{\"p50\": 380, \"p95\": 1200}"),
                        target("third", "r", "model", "COOLING", "null"),
                        HOSTILE.replace("'", "\\u0027"));
    }

    private static String target(String name, String provider, String model, String state, String firstToken) {
        boolean cools = state.equals("COOLING");
        return """
                "%1$s": {"name": "%1$s", "provider": "%2$s", "model": "%3$s", "quality": %6$s, "state": "%4$s",
                  "health": "UP", "breaker": "CLOSED", "since": "NOW", "until": %7$s, "class": %8$s, "status": %9$d,
                  "failuresInARow": %10$d, "lastSuccess": null, "evidence": "TRAFFIC", "probeMs": null, "nextProbe": null,
                  "firstTokenMs": %5$s, "inFlight": 0, "keys": {"ready": 1, "all": 2}, "drill": null, "demoFault": null,
                  "simulated": false}""".formatted(
                        name,
                        provider,
                        model,
                        state,
                        firstToken,
                        cools ? "0.6" : "1.0",
                        cools ? "\"2100-01-01T00:00:00Z\"" : "null",
                        cools ? "\"RATE_LIMITED\"" : "null",
                        cools ? 429 : 0,
                        cools ? 2 : 0);
    }
}
