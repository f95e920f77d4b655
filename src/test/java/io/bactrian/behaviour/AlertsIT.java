package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.testing.Gateway;
import io.bactrian.testing.LogCapture;
import io.bactrian.testing.Receiver;
import io.bactrian.testing.Reply;
import io.bactrian.testing.StubProvider;
import java.nio.file.Files;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Alerts of a gateway whose providers fail: which ones there are, and what operators get to read. */
final class AlertsIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /** A hold of two seconds, and a breaker that is soon open for too long. */
    private static final String[] QUICK = {
        "bactrian.health.period=1s",
        "bactrian.defaults.breaker.open-for=1s",
        "bactrian.defaults.breaker.failures=2",
        "bactrian.defaults.backoff=10ms",
        "bactrian.defaults.max-wait=0s"
    };

    private final Receiver receiver = new Receiver();
    private final StubProvider p = StubProvider.openai();
    private final StubProvider f = StubProvider.openai();

    @Test
    void a_target_that_breaks_is_one_alert_that_is_resolved_when_it_is_mended() {
        try (Gateway gateway = gateway("bactrian.alerts.webhook=" + receiver.url("/hook"))) {
            p.answers(Reply.error(529, "overloaded_error", null, "Overloaded"));
            askUntil(gateway, () -> !about("target/p").isEmpty());

            assertThat(about("target/p").getFirst()).startsWith("[warning] ").contains("p/model-p", "f/model-f");
            assertThat(status(gateway))
                    .anyMatch(alert -> alert.path("key").asText().startsWith("target/p"));

            p.answers(Reply.text("I am back."));
            askUntil(gateway, () -> about("target/p").size() > 1);

            assertThat(about("target/p")).hasSize(2);
            assertThat(about("target/p").getLast()).startsWith("[resolved] ").contains("again. It lasted ");
            await().atMost(PATIENCE).until(() -> status(gateway).stream()
                    .noneMatch(alert -> alert.path("key").asText().startsWith("target/p")));
        }
    }

    @Test
    void a_chain_without_a_target_is_one_critical_alert_and_its_targets_are_silent() {
        try (Gateway gateway = gateway("bactrian.alerts.webhook=" + receiver.url("/hook"))) {
            p.answers(Reply.error(500, "server_error", null, "Broken"));
            f.answers(Reply.error(500, "server_error", null, "Broken"));
            askUntil(gateway, () -> !about("chain default").isEmpty());

            assertThat(texts())
                    .singleElement()
                    .asString()
                    .startsWith("[critical] No target of chain default can answer");

            p.answers(Reply.text("I am back."));
            f.answers(Reply.text("I am back."));
            askUntil(gateway, () -> texts().stream().anyMatch(text -> text.startsWith("[resolved] Chain default")));
        }
    }

    @Test
    void an_outage_is_over_when_probes_pass_although_no_caller_comes() {
        try (Gateway gateway = gateway("bactrian.alerts.webhook=" + receiver.url("/hook"))) {
            p.answers(Reply.error(500, "server_error", null, "Broken"));
            f.answers(Reply.error(500, "server_error", null, "Broken"));
            gateway.ask();
            gateway.ask();
            await().atMost(PATIENCE).until(() -> !about("chain default").isEmpty());
            assertThat(gateway.get("/status").json().toString()).contains("\"breaker\":\"OPEN\"");

            p.answers(Reply.text("I am back."));
            f.answers(Reply.text("I am back."));

            await().atMost(PATIENCE).until(() -> status(gateway).isEmpty());
            assertThat(texts()).hasSize(2);
            assertThat(texts().getLast()).startsWith("[resolved] Chain default");
        }
    }

    @Test
    void a_model_that_only_probes_miss_is_told_and_over_when_one_finds_it() {
        p.answers(Reply.error(404, "invalid_request_error", "model_not_found", "no such model"));
        try (Gateway gateway = gateway("bactrian.alerts.webhook=" + receiver.url("/hook"))) {
            await().atMost(PATIENCE).until(() -> !about("has no model model-p").isEmpty());
            p.answers(Reply.text("I am back."));

            await().atMost(PATIENCE).until(() -> texts().size() > 1);
            assertThat(texts().getLast()).startsWith("[resolved] p/model-p answers again");
        }
    }

    @Test
    void an_outage_after_a_drill_is_no_drill() {
        try (Gateway gateway = gateway("bactrian.alerts.webhook=" + receiver.url("/hook"), "bactrian.drills=true")) {
            assertThat(gateway.ask("x-bactrian-drill", "p/model-p=503").outcomes())
                    .endsWith("f=OK");
            p.answers(Reply.error(529, "overloaded_error", null, "Overloaded"));

            await().atMost(PATIENCE).until(() -> !about("target/p").isEmpty());
            assertThat(about("target/p").getFirst()).startsWith("[warning] p/model-p is down");
        }
    }

    @Test
    void a_refused_key_is_named_by_its_place_and_never_by_itself() {
        try (Gateway gateway = Gateway.start(
                "bactrian.providers.p.base-url=" + p.baseUrl(),
                "bactrian.providers.p.api-key=canary-good, canary-bad",
                "bactrian.chains.default=p/canary-model",
                "bactrian.health.period=1s",
                "bactrian.alerts.webhook=" + receiver.url("/hook"))) {
            p.on(call -> call.header("authorization").contains("canary-bad")
                    ? Reply.error(401, "invalid_request_error", "invalid_api_key", "Incorrect key canary-bad")
                    : Reply.text("canary answer"));
            askUntil(gateway, () -> !texts().isEmpty());

            assertThat(texts())
                    .singleElement()
                    .asString()
                    .startsWith("[error] Provider p refuses key 2 of 2 since ")
                    .contains("The other keys are used in its place.")
                    .doesNotContain("canary-good", "canary-bad", "canary answer");
        }
    }

    @Test
    void a_model_that_is_gone_is_named_with_its_chains() {
        try (Gateway gateway = gateway("bactrian.alerts.webhook=" + receiver.url("/hook"))) {
            p.answers(Reply.error(404, "invalid_request_error", "model_not_found", "no such model"));
            f.answers(Reply.error(404, "invalid_request_error", "model_not_found", "no such model"));
            await().atMost(PATIENCE).pollInterval(Duration.ofSeconds(1)).until(() -> {
                gateway.ask();
                return status(gateway).stream()
                        .anyMatch(alert -> alert.path("key").asText().equals("model/p/model-p"));
            });
            assertThat(status(gateway))
                    .filteredOn(alert -> alert.path("key").asText().equals("model/p/model-p"))
                    .singleElement()
                    .extracting(alert -> alert.path("text").asText())
                    .asString()
                    .contains("has no model model-p", "chain default", "MODEL_UNAVAILABLE");
        }
    }

    @Test
    void a_configuration_that_is_refused_is_an_alert_until_it_is_mended() throws Exception {
        try (Gateway gateway = gateway("bactrian.alerts.webhook=" + receiver.url("/hook"))) {
            var file = gateway.directory().resolve("application.properties");
            String good = Files.readString(file);
            Files.writeString(file, good + "\nbactrian.defaults.deadline=soon\n");
            await().atMost(PATIENCE).until(() -> !texts().isEmpty());

            assertThat(texts())
                    .singleElement()
                    .asString()
                    .startsWith("[warning] The changed configuration was refused at ")
                    .contains("bactrian.defaults.deadline = soon");

            Files.writeString(file, good);
            await().atMost(PATIENCE).until(() -> texts().size() > 1);
            assertThat(texts().getLast()).startsWith("[resolved] ");
        }
    }

    @Test
    void a_drill_is_told_to_the_log_and_to_no_one_else() {
        try (LogCapture log = LogCapture.open("bactrian.alerts");
                Gateway gateway = gateway("bactrian.alerts.webhook=" + receiver.url("/hook"), "bactrian.drills=true")) {
            gateway.post("/admin/targets/p/model-p/drill?fault=503&for=5m", "");
            await().atMost(PATIENCE).pollInterval(Duration.ofMillis(500)).until(() -> {
                gateway.ask();
                return log.lines().stream().anyMatch(line -> line.contains("Drill: "));
            });
            gateway.ask();
            assertThat(log.lines()).anyMatch(line -> line.startsWith("open warning target/p/model-p"));
            assertThat(texts()).isEmpty();
        }
    }

    @Test
    void less_urgent_alerts_are_sent_to_no_channel_but_written_to_the_log() {
        try (LogCapture log = LogCapture.open("bactrian.alerts");
                Gateway gateway = gateway(
                        "bactrian.alerts.webhook=" + receiver.url("/hook"), "bactrian.alerts.min-severity=critical")) {
            p.answers(Reply.error(500, "server_error", null, "Broken"));
            askUntil(gateway, () -> log.lines().stream().anyMatch(line -> line.contains("target/p")));

            assertThat(texts()).isEmpty();
        }
    }

    @Test
    void the_demo_tells_of_a_provider_that_is_broken_and_mended() {
        try (Gateway gateway = Gateway.start("bactrian.demo=on", String.join("\n", QUICK))) {
            gateway.post("/demo/anthropic/fault?kind=503", "");
            askUntil(gateway, () -> status(gateway).stream()
                    .anyMatch(alert -> alert.path("key").asText().startsWith("target/anthropic/")));

            gateway.post("/demo/anthropic/fault?kind=off", "");
            askUntil(gateway, () -> status(gateway).stream()
                    .noneMatch(alert -> alert.path("key").asText().startsWith("target/anthropic/")));
        }
    }

    private Gateway gateway(String... more) {
        Map<String, StubProvider> stubs = new LinkedHashMap<>();
        stubs.put("p", p);
        stubs.put("f", f);
        List<String> lines = new java.util.ArrayList<>(List.of(QUICK));
        lines.addAll(List.of(more));
        return Gateway.over(stubs, lines.toArray(String[]::new));
    }

    /** Asks from time to time, as callers do, until something holds. */
    private static void askUntil(Gateway gateway, java.util.concurrent.Callable<Boolean> holds) {
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(300)).until(() -> {
            gateway.ask();
            return holds.call();
        });
    }

    private List<String> texts() {
        return receiver.posts().stream()
                .map(post -> post.json().path("text").asText())
                .toList();
    }

    /** The texts that tell of a key, or of its subject. */
    private List<String> about(String key) {
        String subject = key.equals("target/p") ? "p/model-p is down|breaker of p/model-p|p/model-p is up" : key;
        return texts().stream()
                .filter(text -> text.matches(".*(" + subject + ").*"))
                .toList();
    }

    private static List<JsonNode> status(Gateway gateway) {
        List<JsonNode> alerts = new java.util.ArrayList<>();
        gateway.get("/status").json().path("alerts").forEach(alerts::add);
        return alerts;
    }

    @AfterEach
    void close() {
        receiver.close();
        p.close();
        f.close();
    }
}
