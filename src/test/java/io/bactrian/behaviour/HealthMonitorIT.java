package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.testing.Call;
import io.bactrian.testing.Gateway;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.LogCapture;
import io.bactrian.testing.Reply;
import io.bactrian.testing.StubProvider;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.apache.camel.health.HealthCheck;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The health monitor: what it notices without a caller, what it does about it, and what it leaves alone. Probes are known by
 * their prompt.
 */
final class HealthMonitorIT {
    private static final String[] QUICK = {"bactrian.health.period=1s", "bactrian.health.timeout=5s"};
    private static final Reply BROKEN = Reply.status(500, "oops");

    private StubProvider p;
    private StubProvider f;

    @Test
    void a_target_that_fails_without_a_caller_is_down_and_others_answer_until_it_is_back() {
        p.answers(BROKEN);
        try (Gateway gateway = gateway()) {
            patiently().until(() -> health(gateway, "p").equals("DOWN"));
            assertThat(gateway.get("/status").json().path("providers").path("p").asBoolean(true))
                    .isFalse();
            assertThat(gateway.get("/status").json().path("providers").path("f").asBoolean(false))
                    .isTrue();

            Answer answer = gateway.ask();
            assertThat(answer.outcomes()).isEqualTo("f=OK");
            assertThat(answer.header("x-bactrian-skipped")).isEqualTo("p/model-p=DOWN");
            assertThat(answer.header("x-bactrian-fallbacks")).isEqualTo("1");

            p.answers(Reply.text("back"));
            patiently().until(() -> health(gateway, "p").equals("UP"));
            assertThat(gateway.ask().outcomes()).isEqualTo("p=OK");
        }
    }

    @Test
    void a_target_that_answers_too_late_is_down() {
        p.answers(Reply.silence());
        try (Gateway gateway = gateway("bactrian.health.timeout=300ms")) {
            patiently().until(() -> health(gateway, "p").equals("DOWN"));
            assertThat(target(gateway, "p").path("evidence").asText()).isEqualTo("probe");
        }
    }

    @Test
    void if_all_are_down_all_are_tried() {
        p.answers(BROKEN);
        f.answers(BROKEN);
        try (Gateway gateway = gateway("bactrian.defaults.max-attempts=1", "bactrian.health.period=10m")) {
            patiently()
                    .until(() -> health(gateway, "p").equals("DOWN")
                            && health(gateway, "f").equals("DOWN"));
            p.on(call -> isProbe(call) ? BROKEN : Reply.text("for a caller"));

            Answer answer = gateway.ask();

            assertThat(answer.outcomes()).isEqualTo("p=OK");
            assertThat(answer.header("x-bactrian-skipped")).isEmpty();
        }
    }

    @Test
    void one_that_is_down_is_asked_when_the_others_have_failed() {
        p.answers(BROKEN);
        try (Gateway gateway = gateway("bactrian.defaults.max-attempts=1", "bactrian.health.period=10m")) {
            patiently()
                    .until(() -> health(gateway, "p").equals("DOWN")
                            && health(gateway, "f").equals("UP"));
            p.answers(Reply.text("after all"));
            f.answers(BROKEN);

            assertThat(gateway.ask().outcomes()).isEqualTo("f=SERVER_ERROR, p=OK");
        }
    }

    @Test
    void a_probe_that_passes_half_opens_an_open_breaker_and_leaves_the_trial_to_a_caller() {
        p.answers(BROKEN);
        try (Gateway gateway = gateway(
                "bactrian.defaults.max-attempts=1",
                "bactrian.defaults.breaker.failures=1",
                "bactrian.defaults.breaker.open-for=10m",
                "bactrian.health.period=2s",
                "bactrian.chains.only=p/model-p",
                "bactrian.chains-options.only.max-wait=0s")) {
            only(gateway);
            patiently().until(() -> breaker(gateway).equals("OPEN"));
            p.answers(Reply.text("well"));

            patiently().until(() -> breaker(gateway).equals("HALF_OPEN"));
            assertThat(health(gateway, "p")).isEqualTo("DEGRADED");
            // More probes pass, and the trial is still there.
            int probes = p.calls().size();
            patiently().until(() -> p.calls().size() > probes);
            assertThat(breaker(gateway)).isEqualTo("HALF_OPEN");

            assertThat(only(gateway).outcomes()).isEqualTo("p=OK");
            assertThat(breaker(gateway)).isEqualTo("CLOSED");
        }
    }

    @Test
    void no_breaker_counts_a_probe() {
        p.answers(BROKEN);
        try (Gateway gateway = gateway("bactrian.defaults.breaker.failures=1")) {
            patiently().until(() -> p.calls().size() >= 3);

            assertThat(breaker(gateway)).isEqualTo("CLOSED");
        }
    }

    @Test
    void while_callers_ask_nobody_probes() {
        try (Gateway gateway = gateway("bactrian.health.period=10m")) {
            patiently().until(() -> health(gateway, "p").equals("UP"));
            int probes = probes(p);
            for (int i = 0; i < 5; i++) {
                assertThat(gateway.ask().outcomes()).isEqualTo("p=OK");
            }
            assertThat(probes(p)).isEqualTo(probes);
            assertThat(target(gateway, "p").path("lastSuccess").asText()).isNotEmpty();
        }
    }

    @Test
    void a_rate_limit_is_life() {
        p.on(call ->
                isProbe(call) ? Reply.error(429, "rate_limit_exceeded", "rate_limit_exceeded", "slow down") : BROKEN);
        try (Gateway gateway = gateway()) {
            patiently().until(() -> health(gateway, "p").equals("UP"));
            assertThat(breaker(gateway)).isEqualTo("CLOSED");
        }
    }

    @Test
    void a_provider_whose_connections_callers_use_is_not_probed_and_not_down() {
        p.on(call -> isProbe(call) ? Reply.text("ok") : Reply.text("late").delayed(Duration.ofSeconds(6)));
        try (Gateway gateway = gateway("bactrian.providers.p.max-connections=1")) {
            patiently().until(() -> health(gateway, "p").equals("UP"));
            CompletableFuture<Answer> slow = CompletableFuture.supplyAsync(gateway::ask);
            patiently().until(() -> p.calls().stream().anyMatch(call -> !isProbe(call)));
            int before = probes(p);
            int others = probes(f);
            patiently().until(() -> probes(f) >= others + 2);

            assertThat(probes(p)).isBetween(before, before + 1);
            assertThat(slow.join().outcomes()).isEqualTo("p=OK");
            assertThat(health(gateway, "p")).isEqualTo("UP");
        }
    }

    @Test
    void a_refused_probe_is_the_probes_fault_and_a_line_names_the_setting() {
        p.answers(Reply.error(400, "invalid_request_error", null, "this model does not chat"));
        try (LogCapture log = LogCapture.open("bactrian.health");
                Gateway gateway = gateway()) {
            patiently().until(() -> probes(p) >= 3);

            assertThat(health(gateway, "p")).isEqualTo("UP");
            assertThat(log.lines())
                    .filteredOn(line -> line.contains("The probe of p/model-p was refused"))
                    .singleElement()
                    .asString()
                    .contains("bactrian.providers.p.probe = models or passive");
        }
    }

    @Test
    void a_refused_key_degrades_until_it_works_again() {
        p.answers(Reply.error(401, "invalid_api_key", null, "no such key"));
        try (Gateway gateway = gateway()) {
            patiently().until(() -> health(gateway, "p").equals("DEGRADED"));
            assertThat(gateway.get("/status").json().path("providers").path("p").asBoolean(true))
                    .isFalse();
            p.answers(Reply.text("welcome"));

            patiently().until(() -> health(gateway, "p").equals("UP"));
            assertThat(gateway.ask().outcomes()).isEqualTo("p=OK");
        }
    }

    @Test
    void a_provider_may_be_asked_for_its_models_or_not_at_all() {
        try (Gateway gateway = gateway("bactrian.providers.p.probe=models", "bactrian.providers.f.probe=passive")) {
            patiently().until(() -> health(gateway, "p").equals("UP"));
            patiently().until(() -> p.probes().size() >= 2);

            assertThat(p.calls()).isEmpty();
            assertThat(f.calls()).isEmpty();
            assertThat(health(gateway, "f")).isEqualTo("UNKNOWN");
            p.onModels(BROKEN);
            patiently().until(() -> health(gateway, "p").equals("DOWN"));
        }
    }

    @Test
    void a_provider_without_a_list_of_models_answers_callers_all_the_same() {
        p.onModels(Reply.status(404, "there is no list here"));
        try (LogCapture log = LogCapture.open("bactrian.health");
                Gateway gateway = gateway("bactrian.providers.p.probe=models")) {
            patiently().until(() -> p.probes().size() >= 3);

            assertThat(health(gateway, "p")).isEqualTo("UP");
            assertThat(gateway.ask().outcomes()).isEqualTo("p=OK");
            assertThat(log.lines())
                    .filteredOn(line -> line.contains("The probe of p/model-p was refused"))
                    .singleElement()
                    .asString()
                    .contains("bactrian.providers.p.probe = chat or passive");
        }
    }

    @Test
    void a_list_of_models_does_not_bring_back_a_model_that_is_gone() {
        p.answers(Reply.error(404, "invalid_request_error", "model_not_found", "no such model"));
        try (Gateway gateway = gateway("bactrian.providers.p.probe=models")) {
            patiently().until(() -> health(gateway, "p").equals("UP"));
            assertThat(gateway.ask().outcomes()).isEqualTo("p=MODEL_UNAVAILABLE, f=OK");
            int probes = p.probes().size();
            patiently().until(() -> p.probes().size() >= probes + 2);

            assertThat(health(gateway, "p")).isEqualTo("DEGRADED");
            assertThat(gateway.ask().header("x-bactrian-skipped")).isEqualTo("p/model-p=COOLING");
        }
    }

    @Test
    void an_embedding_model_is_asked_no_question() {
        try (Gateway gateway = gateway(
                "bactrian.chains.embeddings=p/vectors", "bactrian.chains.more=p/text-embedding-3-small, p/model-p")) {
            patiently().until(() -> p.calls().size() >= 3);

            assertThat(p.calls()).allSatisfy(call -> assertThat(call.text()).contains("model-p"));
            assertThat(gateway.get("/status").json().path("targets")).hasSize(4);
        }
    }

    @Test
    void a_model_that_thinks_gets_more_tokens_and_little_to_do() {
        try (Gateway gateway = gateway(
                "bactrian.targets.thinker.provider=p",
                "bactrian.targets.thinker.model=model-t",
                "bactrian.targets.thinker.thinks=true",
                "bactrian.health.prompt=Say 'ok' now")) {
            patiently()
                    .until(() -> p.calls().stream().anyMatch(call -> call.text().contains("model-t")));
            Call thinks = p.calls().stream()
                    .filter(call -> call.text().contains("model-t"))
                    .findFirst()
                    .orElseThrow();
            patiently()
                    .until(() -> p.calls().stream().anyMatch(call -> call.text().contains("model-p")));
            Call quick = p.calls().stream()
                    .filter(call -> call.text().contains("model-p"))
                    .findFirst()
                    .orElseThrow();

            assertThat(thinks.json().path("max_completion_tokens").asInt()).isEqualTo(64);
            assertThat(thinks.json().path("reasoning_effort").asText()).isEqualTo("low");
            assertThat(quick.json().path("max_tokens").asInt()).isEqualTo(16);
            assertThat(quick.text()).contains("Say 'ok' now");
        }
    }

    @Test
    void the_budget_makes_probes_rarer_and_is_told_once() {
        try (LogCapture log = LogCapture.open("bactrian.health");
                Gateway gateway = gateway(
                        "bactrian.targets.dear.provider=p",
                        "bactrian.targets.dear.model=model-p",
                        "bactrian.targets.dear.price-input=1000000",
                        "bactrian.targets.dear.price-output=1000000",
                        "bactrian.chains.default=dear, f/model-f")) {
            patiently().until(() -> log.lines().stream().anyMatch(line -> line.contains("bactrian.health.budget")));
            int probes = probes(p);
            int others = probes(f);
            patiently().until(() -> probes(f) >= others + 3);

            assertThat(probes(p)).isEqualTo(probes);
            assertThat(log.lines().stream().filter(line -> line.contains("bactrian.health.budget")))
                    .hasSize(1);
        }
    }

    @Test
    void five_hundred_targets_are_probed_in_one_round() {
        String[] chain = {
            "bactrian.chains.many="
                    + String.join(
                            ", ",
                            IntStream.range(0, 500).mapToObj(i -> "p/m" + i).toList())
        };
        p.on(call -> Reply.text("ok").delayed(Duration.ofMillis(100)));
        try (Gateway gateway = gateway("bactrian.health.period=60s", chain[0])) {
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> p.calls().stream()
                                    .map(call -> call.json().path("model").asText())
                                    .distinct()
                                    .count()
                            >= 501);
            patiently().until(() -> health(gateway, "p").equals("UP"));
        }
    }

    @Test
    void an_outage_of_all_providers_leaves_the_gateway_ready() {
        p.answers(BROKEN);
        f.answers(BROKEN);
        try (Gateway gateway = gateway()) {
            patiently()
                    .until(() -> health(gateway, "p").equals("DOWN")
                            && health(gateway, "f").equals("DOWN"));

            assertThat(gateway.get("/health/ready").status()).isEqualTo(200);
            assertThat(gateway.get("/health/live").status()).isEqualTo(200);
            HealthCheck check =
                    gateway.context().getRegistry().lookupByNameAndType("bactrian-target-p/model-p", HealthCheck.class);
            assertThat(check.isReadiness()).isFalse();
            assertThat(check.isLiveness()).isFalse();
            assertThat(check.call().getState()).isEqualTo(HealthCheck.State.UP);
            assertThat(check.call().getDetails()).containsEntry("health", "DOWN");
        }
    }

    @BeforeEach
    void open() {
        p = StubProvider.openai();
        f = StubProvider.openai();
    }

    @AfterEach
    void close() {
        p.close();
        f.close();
    }

    private Gateway gateway(String... more) {
        Map<String, StubProvider> providers = new LinkedHashMap<>();
        providers.put("p", p);
        providers.put("f", f);
        String[] lines = new String[QUICK.length + more.length];
        System.arraycopy(QUICK, 0, lines, 0, QUICK.length);
        System.arraycopy(more, 0, lines, QUICK.length, more.length);
        return Gateway.over(providers, lines);
    }

    private static ConditionFactory patiently() {
        return await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(50));
    }

    private static Answer only(Gateway gateway) {
        return gateway.post(
                "/v1/chat/completions", "{\"model\":\"only\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}");
    }

    private static boolean isProbe(Call call) {
        return call.text().contains("Say 'ok'");
    }

    private static int probes(StubProvider stub) {
        return (int) stub.calls().stream().filter(HealthMonitorIT::isProbe).count();
    }

    private static String health(Gateway gateway, String provider) {
        return target(gateway, provider).path("health").asText();
    }

    private static String breaker(Gateway gateway) {
        return target(gateway, "p").path("breaker").asText();
    }

    /** The first target of a provider. */
    private static JsonNode target(Gateway gateway, String provider) {
        for (JsonNode target : gateway.get("/status").json().path("targets")) {
            if (target.path("provider").asText().equals(provider)) {
                return target;
            }
        }
        throw new AssertionError("no target of " + provider);
    }
}
