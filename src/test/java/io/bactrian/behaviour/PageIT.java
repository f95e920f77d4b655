package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.testing.Gateway;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.OpenPage;
import io.bactrian.testing.Reply;
import io.bactrian.testing.StubProvider;
import java.net.http.HttpClient;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The data of the live page: what its stream of events tells about requests, targets and chains. */
final class PageIT {
    @RegisterExtension
    final GatewayExtension gateway = GatewayExtension.with(
                    "bactrian.defaults.backoff=10ms",
                    "bactrian.defaults.breaker.failures=4",
                    "bactrian.targets.cheap.provider=f",
                    "bactrian.targets.cheap.model=small",
                    "bactrian.targets.cheap.price-input=1000",
                    "bactrian.targets.cheap.price-output=1000",
                    "bactrian.chains.default=p/m, f/m",
                    "bactrian.chains.mixed=balance(p/m*3, f/m*1), cheap, stale, static:sorry",
                    "bactrian.static.sorry=Please come back later.",
                    "bactrian.chains-options.mixed.order=fastest")
            .openai("p", "f");

    private final StubProvider p = gateway.stub("p");

    @Test
    void a_broken_provider_shows_within_two_seconds_and_its_fallback_with_the_trail() {
        p.answers(Reply.error(529, "overloaded_error", "overloaded", "busy", "x-should-retry", "false"));
        try (OpenPage page = open()) {
            page.snapshot(snapshot -> true);
            long asked = System.nanoTime();
            String id = gateway.gateway().ask("x-request-id", "req-of-the-test").header("x-request-id");
            assertThat(id).isEqualTo("req-of-the-test");

            JsonNode broken = page.snapshot(snapshot ->
                    !snapshot.path("targets").path("p/m").path("class").isNull());
            assertThat(Duration.ofNanos(at(page, "snapshot", broken) - asked)).isLessThan(Duration.ofSeconds(6));
            JsonNode target = broken.path("targets").path("p/m");
            assertThat(target.path("state").asText()).isIn("DEGRADED", "COOLING", "DOWN");
            assertThat(target.path("class").asText()).isEqualTo("OVERLOADED");
            assertThat(target.path("status").asInt()).isEqualTo(529);
            assertThat(target.path("failuresInARow").asInt()).isPositive();

            JsonNode event = page.message("event", e -> e.path("kind").asText().equals("fallback"));
            assertThat(event.path("request").asText()).isEqualTo("req-of-the-test");
            assertThat(event.path("chain").asText()).isEqualTo("default");
            assertThat(event.path("from").asText()).isEqualTo("p/m");
            assertThat(event.path("to").asText()).isEqualTo("f/m");
            assertThat(event.path("class").asText()).isEqualTo("OVERLOADED");
            assertThat(event.path("millis").isNumber()).isTrue();
            assertThat(event.path("trail").path(0).path("target").asText()).isEqualTo("p/m");
            assertThat(event.path("trail").path(0).path("status").asInt()).isEqualTo(529);
            JsonNode last = event.path("trail").path(event.path("trail").size() - 1);
            assertThat(last.path("class").asText()).isEqualTo("OK");
        }
    }

    private static long at(OpenPage page, String name, JsonNode data) {
        return page.messages(name).stream()
                .filter(message -> message.data() == data)
                .findFirst()
                .orElseThrow()
                .at();
    }

    @Test
    void the_stream_begins_with_the_history_and_goes_on_with_a_snapshot_each_second() {
        try (OpenPage page = open()) {
            assertThat(page.status()).isEqualTo(200);
            assertThat(page.header("content-type")).isEqualTo("text/event-stream");
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> page.messages("snapshot").size() >= 4);
            assertThat(page.lines().getFirst()).isEqualTo("retry: 2000");
            assertThat(page.messages("history")).hasSize(1);
            JsonNode history = page.messages("history").getFirst().data();
            assertThat(history.path("step").asInt()).isEqualTo(5);
            assertThat(history.path("requests")).hasSize(120);
            assertThat(history.path("fallbacks")).hasSize(120);
            assertThat(history.path("firstToken").path("p/m").path("p50")).hasSize(120);
            assertThat(Instant.now().getEpochSecond() - history.path("from").asLong())
                    .isBetween(600L, 640L);
            List<OpenPage.Message> snapshots = page.messages("snapshot");
            Duration three = Duration.ofNanos(snapshots.getLast().at()
                    - snapshots.get(snapshots.size() - 4).at());
            assertThat(three).isGreaterThan(Duration.ofMillis(1_500));
        }
    }

    @Test
    void a_snapshot_has_every_figure_of_targets_and_chains() {
        for (int i = 0; i < 3; i++) {
            gateway.gateway().ask();
            gateway.gateway().post("/v1/chat/completions", model("cheap"));
        }
        try (OpenPage page = open()) {
            JsonNode snapshot = page.snapshot(
                    s -> s.path("totals").path("requestsPerSecond").asDouble() > 1
                            && s.path("totals").path("dollarsToday").asDouble() > 0);
            assertThat(snapshot.path("demo").asBoolean()).isFalse();
            assertThat(snapshot.path("keys").asBoolean()).isFalse();
            assertThat(snapshot.path("caller").asText()).isEmpty();
            assertThat(snapshot.path("mayOperate").asBoolean()).isTrue();
            assertThat(snapshot.path("mayDrill").asBoolean()).isTrue();
            assertThat(snapshot.path("node").asText()).isNotEmpty();
            assertThat(snapshot.path("uptimeSeconds").isNumber()).isTrue();
            assertThat(Instant.parse(snapshot.path("time").asText()))
                    .isAfter(Instant.now().minusSeconds(60));
            JsonNode totals = snapshot.path("totals");
            assertThat(totals.path("answeredShare").asDouble()).isEqualTo(1.0);
            assertThat(totals.path("fallbackShare").asDouble()).isEqualTo(0.0);
            assertThat(totals.path("inFlight").asInt()).isZero();

            JsonNode target = snapshot.path("targets").path("p/m");
            assertThat(target.path("name").asText()).isEqualTo("p/m");
            assertThat(target.path("provider").asText()).isEqualTo("p");
            assertThat(target.path("model").asText()).isEqualTo("m");
            assertThat(target.path("state").asText()).isEqualTo("ANSWERING");
            assertThat(target.path("breaker").asText()).isEqualTo("CLOSED");
            assertThat(target.path("class").isNull()).isTrue();
            assertThat(target.path("until").isNull()).isTrue();
            assertThat(target.path("lastSuccess").isNull()).isFalse();
            assertThat(target.path("firstTokenMs").path("p50").isNumber()).isTrue();
            assertThat(target.path("demoFault").isNull()).isTrue();
            assertThat(snapshot.path("targets").has("cheap")).isTrue();

            JsonNode chain = chain(snapshot, "default");
            assertThat(chain.path("answers").asText()).isEqualTo("p/m");
            assertThat(chain.path("requestsPerSecond").asDouble()).isPositive();
            assertThat(chain.path("steps").path(0).path("kind").asText()).isEqualTo("target");
            assertThat(chain.path("steps").path(0).path("share").asDouble()).isEqualTo(1.0);
            assertThat(chain.path("steps").path(1).path("share").asDouble()).isZero();

            JsonNode mixed = chain(snapshot, "mixed");
            assertThat(mixed.path("order").asText()).isEqualTo("fastest");
            assertThat(mixed.path("steps").path(0).path("kind").asText()).isEqualTo("balance");
            assertThat(mixed.path("steps")
                            .path(0)
                            .path("members")
                            .path(0)
                            .path("weight")
                            .asDouble())
                    .isEqualTo(3.0);
            assertThat(mixed.path("steps").findValuesAsText("kind")).contains("target", "stale", "static");
            assertThat(mixed.path("steps").path(3).path("name").asText()).isEqualTo("sorry");
        }
    }

    private static String model(String name) {
        return "{\"model\":\"" + name + "\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}";
    }

    private static JsonNode chain(JsonNode snapshot, String name) {
        for (JsonNode chain : snapshot.path("chains")) {
            if (chain.path("name").asText().equals(name)) {
                return chain;
            }
        }
        throw new AssertionError("no chain " + name);
    }

    @Test
    void a_stream_that_nobody_could_finish_is_told_of_the_target_that_broke_off_first() {
        p.answers(Reply.text("One two three four five six seven eight nine ten.")
                .cutAfter(6)
                .everyToken(Duration.ofMillis(50)));
        gateway.stub("f").answers(Reply.error(500, "server_error", "broken", "broken", "x-should-retry", "false"));
        try (OpenPage page = open()) {
            page.snapshot(snapshot -> true);
            gateway.gateway().post("/v1/chat/completions", model("default").replaceFirst("\\{", "{\"stream\":true,"));
            JsonNode event = page.message("event", e -> e.path("kind").asText().equals("failed"));
            assertThat(event.path("from").asText()).isEqualTo("p/m");
            assertThat(event.path("class").asText()).isEqualTo("STREAM_BROKEN");
        }
    }

    @Test
    void models_that_callers_make_up_leave_the_figures_of_chains_alone() {
        for (int i = 0; i < 520; i++) {
            gateway.gateway().post("/v1/chat/completions", model("p/made-up-" + i));
        }
        gateway.gateway().post("/v1/chat/completions", model("cheap"));
        gateway.gateway().post("/v1/chat/completions", model("default"));
        try (OpenPage page = open()) {
            JsonNode snapshot = page.snapshot(
                    s -> chain(s, "default").path("requestsPerSecond").asDouble() > 0);
            assertThat(chain(snapshot, "default").path("requestsPerSecond").asDouble())
                    .isEqualTo(0.2);
            assertThat(chain(snapshot, "default").path("answers").asText()).isEqualTo("p/m");
            assertThat(chain(snapshot, "mixed").path("requestsPerSecond").asDouble())
                    .isZero();
            assertThat(chain(snapshot, "mixed").path("answers").isNull()).isTrue();
        }
    }

    @Test
    void an_open_breaker_has_a_countdown_and_is_told_once() {
        p.answers(Reply.error(503, "server_error", "unavailable", "down"));
        try (OpenPage page = open()) {
            for (int i = 0; i < 4; i++) {
                gateway.gateway().ask();
            }
            JsonNode open = page.snapshot(
                    s -> s.path("targets").path("p/m").path("state").asText().equals("OPEN"));
            JsonNode target = open.path("targets").path("p/m");
            assertThat(Instant.parse(target.path("until").asText()))
                    .isAfter(Instant.now().plusSeconds(10));
            assertThat(target.path("class").asText()).isEqualTo("OVERLOADED");
            assertThat(open.path("classes").path(0).path("class").asText()).isEqualTo("OVERLOADED");
            assertThat(open.path("classes").path(0).path("count").asInt()).isPositive();
            page.message(
                    "event",
                    e -> e.path("kind").asText().equals("breaker")
                            && e.path("from").asText().equals("p/m")
                            && e.path("text").asText().equals("breaker open"));

            gateway.gateway().post("/admin/targets/p/m/close", "");
            page.message("event", e -> e.path("text").asText().equals("breaker closed by anyone"));
            page.message("event", e -> e.path("text").asText().equals("breaker closed"));
            assertThat(page.messages("event"))
                    .filteredOn(m -> m.data().path("text").asText().equals("breaker open"))
                    .hasSize(1);
        }
    }

    @Test
    void last_resorts_and_requests_without_an_answer_are_events() {
        gateway.stubs().forEach(stub -> stub.answers(Reply.error(503, "server_error", "unavailable", "down")));
        try (OpenPage page = open()) {
            gateway.gateway().post("/v1/chat/completions", model("mixed"));
            JsonNode degraded =
                    page.message("event", e -> e.path("kind").asText().equals("degraded"));
            assertThat(degraded.path("to").asText()).isEqualTo("static:sorry");
            assertThat(degraded.path("text").asText()).contains("static");

            gateway.gateway().ask("x-bactrian-timeout", "2s");
            JsonNode failed = page.message("event", e -> e.path("kind").asText().equals("failed"));
            assertThat(failed.path("to").isNull()).isTrue();
            assertThat(failed.path("text").asText()).contains("all_providers_failed");
            assertThat(page.lines().toString()).doesNotContain("Please come back later");
        }
    }

    @Test
    void events_of_the_past_stand_in_the_history_of_a_page_that_is_opened_later() {
        p.answers(Reply.error(503, "server_error", "unavailable", "down"));
        gateway.gateway().ask("x-request-id", "earlier");
        try (OpenPage page = open()) {
            JsonNode history = page.message("history", h -> true);
            assertThat(history.path("events").path(0).path("request").asText()).isEqualTo("earlier");
            assertThat(history.path("events").path(0).path("id").asLong()).isPositive();
            page.snapshot(s -> page.messages("snapshot").size() > 2);
            assertThat(page.messages("event"))
                    .filteredOn(m -> m.data().path("request").asText().equals("earlier"))
                    .isEmpty();
        }
    }

    @Test
    void fifty_pages_may_be_open_and_a_page_that_leaves_makes_room() {
        List<OpenPage> pages = new ArrayList<>();
        try {
            for (int i = 0; i < 50; i++) {
                pages.add(open());
                assertThat(pages.getLast().status()).isEqualTo(200);
            }
            Answer full = gateway.gateway().get("/page/events");
            assertThat(full.status()).isEqualTo(503);
            assertThat(full.error("code")).isEqualTo("too_many_pages");

            pages.removeLast().close();
            await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
                try (OpenPage page = open()) {
                    assertThat(page.status()).isEqualTo(200);
                }
            });
        } finally {
            pages.forEach(OpenPage::close);
        }
        assertThat(gateway.gateway().ask().status()).isEqualTo(200);
    }

    @Test
    void the_stream_is_the_same_by_http_2() {
        try (OpenPage page = OpenPage.at(HttpClient.Version.HTTP_2, gateway.uri("/page/events"))) {
            assertThat(page.status()).isEqualTo(200);
            assertThat(page.version()).isEqualTo(HttpClient.Version.HTTP_2);
            page.snapshot(s -> page.messages("snapshot").size() > 2);
        }
        assertThat(gateway.gateway().ask().status()).isEqualTo(200);
    }

    @Test
    void a_drill_and_a_simulated_fault_are_told() {
        gateway.gateway().post("/admin/targets/p/m/drill?fault=429&for=1m", "");
        try (OpenPage page = open()) {
            JsonNode target =
                    page.snapshot(s -> true).path("targets").path("p/m").path("drill");
            assertThat(target.path("fault").asText()).isEqualTo("429");
            assertThat(Instant.parse(target.path("until").asText())).isAfter(Instant.now());
        }
        try (Gateway demo = Gateway.start("bactrian.demo=on")) {
            demo.post("/demo/openai/fault?kind=cut", "");
            try (OpenPage page = OpenPage.at(demo.uri("/page/events"))) {
                JsonNode targets = page.snapshot(s -> true).path("targets");
                assertThat(targets.path("openai/gpt-6.1-terra")
                                .path("demoFault")
                                .asText())
                        .isEqualTo("cut");
                assertThat(targets.path("openai/gpt-6.1-terra")
                                .path("simulated")
                                .asBoolean())
                        .isTrue();
            }
        }
    }

    private OpenPage open() {
        return OpenPage.at(gateway.uri("/page/events"));
    }
}
