package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.alert.Alert;
import io.bactrian.alert.Severity;
import io.bactrian.config.Config;
import io.bactrian.config.ConfigReader;
import io.bactrian.health.Breakers;
import io.bactrian.health.Cooldowns;
import io.bactrian.health.HealthState;
import io.bactrian.health.KeyPool;
import io.bactrian.health.ProbeResult;
import io.bactrian.health.TargetLatencies;
import io.bactrian.metrics.Exposition;
import io.bactrian.metrics.LiveState;
import io.bactrian.metrics.Meters;
import io.bactrian.metrics.QueueReport;
import io.bactrian.testing.Gateway;
import io.bactrian.testing.MetricsText;
import io.bactrian.testing.Reply;
import io.bactrian.testing.Scene;
import io.bactrian.testing.TestChains;
import io.bactrian.testing.VirtualClock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A gateway to which everything happens that metrics tell of. */
final class MetricsScenario implements AutoCloseable {
    private static final String WORDS = "One two three four five six seven eight nine ten.";
    private static final String TOOLS =
            ",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":{\"type\":\"object\"}}}]";

    /** As many as {@link #play} asks. */
    private static final int REQUESTS = 14;

    private final Scene scene;

    /** @param more further lines of configuration */
    MetricsScenario(String... more) {
        scene = Scene.with(
                        "bactrian.drills=true", "bactrian.defaults.backoff=2ms", "bactrian.static.sorry=We are sorry.")
                .and(
                        "bactrian.defaults.breaker.failures=1000",
                        "bactrian.defaults.hedge-delay=50ms",
                        "bactrian.defaults.hedge-share=1",
                        "bactrian.targets.p.provider=p",
                        "bactrian.targets.p.model=one",
                        "bactrian.targets.p.price-input=1",
                        "bactrian.targets.p.price-output=2",
                        "bactrian.targets.f.provider=f",
                        "bactrian.targets.f.model=two",
                        "bactrian.targets.plain.provider=f",
                        "bactrian.targets.plain.model=three",
                        "bactrian.targets.plain.supports=-tools",
                        "bactrian.targets.a.provider=a",
                        "bactrian.targets.a.model=four",
                        "bactrian.targets.busy.provider=keyed",
                        "bactrian.targets.busy.model=five",
                        "bactrian.chains.default=p, f, static:sorry",
                        "bactrian.chains.hedged=hedge(p, f)",
                        "bactrian.chains.raced=race(p, f)",
                        "bactrian.chains.cooled=busy, f",
                        "bactrian.chains.tools=plain, f",
                        "bactrian.chains.only=p",
                        "bactrian.chains.claude=a, f")
                .and(more)
                .openai("p", "f")
                .anthropic("a");
        scene.and(
                        "bactrian.providers.keyed.base-url=" + scene.stub("p").baseUrl(),
                        "bactrian.providers.keyed.api-key=" + SECRET + ",another-" + SECRET)
                .start();
    }

    /** A key that must not be found anywhere. */
    static final String SECRET = "sk-very-secret-key-of-the-provider";

    /** A prompt that must not be found anywhere. */
    static final String PROMPT = "the-words-of-the-caller";

    Gateway gateway() {
        return scene.gateway();
    }

    Gateway.Answer ask(String model, boolean stream, String fields, String... headers) {
        return gateway()
                .post(
                        "/v1/chat/completions",
                        "{\"model\":\"%s\",\"stream\":%s,\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]%s}"
                                .formatted(model, stream, PROMPT, fields),
                        headers);
    }

    /** Everything, once. */
    void play() throws IOException {
        scene.stub("p").answers(Reply.text(WORDS));
        scene.stub("f").answers(Reply.text(WORDS));
        scene.stub("a").answers(Reply.text(WORDS));
        assertThat(ask("default", false, "").outcomes()).isEqualTo("p=OK");
        assertThat(ask("default", true, "").trail()).containsExactly("p=OK");
        gateway()
                .post(
                        "/v1/messages",
                        "{\"model\":\"claude\",\"max_tokens\":20,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}");
        assertThat(ask("raced", false, "").status()).isEqualTo(200);
        assertThat(ask("default", false, "", "x-bactrian-drill", "p=503").header("x-bactrian-target"))
                .isEqualTo("f");
        assertThat(ask("tools", false, TOOLS).header("x-bactrian-skipped")).isEqualTo("plain=tools");
        assertThat(ask("p/made-up", false, "").status()).isEqualTo(200);

        scene.stub("p").answers(Reply.text(WORDS).firstTokenAfter(Duration.ofSeconds(10)));
        assertThat(ask("hedged", false, "").header("x-bactrian-target")).isEqualTo("f");
        scene.stub("p").answers(Reply.text(WORDS).cutAfter(4));
        assertThat(ask("default", true, "").comments()).contains(": bactrian rescued by f (replay)");
        scene.stub("p").answers(Reply.text(WORDS).malformedEventAt(2));
        assertThat(ask("default", true, "").status()).isEqualTo(200);

        scene.stub("p").answers(Reply.error(429, "requests", "rate_limit_exceeded", "Slow down", "retry-after", "90"));
        assertThat(ask("cooled", false, "").header("x-bactrian-target")).isEqualTo("f");
        scene.stub("p").answers(Reply.error(503, "server_error", "overloaded", "Busy"));
        assertThat(ask("default", false, "").header("x-bactrian-target")).isEqualTo("f");
        assertThat(ask("only", false, "").status()).isEqualTo(503);
        scene.stub("f").answers(Reply.error(503, "server_error", "overloaded", "Busy"));
        assertThat(ask("default", false, "").header("x-bactrian-target")).isEqualTo("static:sorry");
        scene.stub("p").answers(Reply.text(WORDS));
        scene.stub("f").answers(Reply.text(WORDS));
        // A stream is counted after its end has been sent.
        await().atMost(Duration.ofSeconds(20)).until(() -> scrape().value("bactrian_requests_total") == REQUESTS);
    }

    /** Adds lines to the configuration, and waits until it was loaded or refused. */
    MetricsText reload(String result, List<String> more) throws IOException {
        double before = scrape().value("bactrian_reloads_total", "result", result);
        Path file = gateway().directory().resolve("application.properties");
        List<String> lines = new ArrayList<>(Files.readAllLines(file));
        lines.addAll(more);
        Files.write(file, lines);
        await().atMost(Duration.ofSeconds(60))
                .until(() -> scrape().value("bactrian_reloads_total", "result", result) > before);
        return scrape();
    }

    MetricsText scrape() {
        return MetricsText.of(text());
    }

    String text() {
        Gateway.Answer answer = gateway().get("/metrics");
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        return answer.text();
    }

    /** A scrape of what the health monitor, the alerts and the queue tell. */
    static String ofMonitorAlertsAndQueue() {
        VirtualClock clock = new VirtualClock();
        try (Exposition exposition = new Exposition()) {
            Meters meters = new Meters(exposition.registry(), clock);
            meters.probed(new ProbeResult(TestChains.target("t"), null, 20, 3, 4, 0.001));
            meters.alertMessage("webhook", true);
            Cooldowns cooldowns = new Cooldowns();
            Alert alert = new Alert("1", "target/t", Severity.ERROR, "t is down.", 0, null, 1, null);
            exposition.watch(
                    new LiveState(
                            cooldowns,
                            new KeyPool(cooldowns),
                            new TargetLatencies(clock),
                            target -> HealthState.UP,
                            () -> List.of(alert),
                            Map::of,
                            () -> 0,
                            queue -> Optional.of(report())),
                    "test",
                    clock);
            exposition.serve(new LiveState.Serving(config(), new Breakers(clock)));
            return new String(exposition.scrape(null).body(), StandardCharsets.UTF_8);
        }
    }

    private static QueueReport report() {
        return new QueueReport(
                "llm.requests",
                null,
                null,
                new QueueReport.Waiting(3, 1_500),
                2,
                new QueueReport.Ended(10, 1, 4, 1, 2),
                5,
                Map.of("INVALID_REQUEST", 2L),
                new QueueReport.Pause(0, "no target can answer"));
    }

    private static Config config() {
        Map<String, String> lines = Map.of(
                "bactrian.providers.x.base-url",
                "http://localhost:1",
                "bactrian.providers.x.keyless",
                "true",
                "bactrian.chains.default",
                "x/m");
        return ((ConfigReader.Result.Read) ConfigReader.read(lines, Map.of())).config();
    }

    @Override
    public void close() {
        scene.close();
    }
}
