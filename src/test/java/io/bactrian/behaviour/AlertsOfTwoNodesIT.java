package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.testing.Folders;
import io.bactrian.testing.Gateway;
import io.bactrian.testing.Ports;
import io.bactrian.testing.Program;
import io.bactrian.testing.Receiver;
import io.bactrian.testing.Receiver.Post;
import io.bactrian.testing.Reply;
import io.bactrian.testing.StubProvider;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Two gateways of one cluster that see the same trouble, and operators who get one alert. */
final class AlertsOfTwoNodesIT {
    private static final Path ALERTMANAGER = Path.of("/usr/bin/prometheus-alertmanager");
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final Reply REFUSED = Reply.error(401, "invalid_request_error", "invalid_api_key", "Wrong key");

    private final Receiver receiver = new Receiver();
    private final StubProvider p = StubProvider.openai();

    @Test
    void two_processes_have_one_incident() throws Exception {
        String[] lines = lines(
                "bactrian.alerts.pagerduty=0123456789abcdef",
                "bactrian.alerts.pagerduty-url=" + receiver.url("/v2/enqueue"));
        try (Program one = Program.with(lines).run();
                Program other = Program.with(lines).run()) {
            p.answers(REFUSED);
            ask(one.uri("/v1/chat/completions"));
            ask(other.uri("/v1/chat/completions"));
            await().atMost(PATIENCE).until(() -> events("trigger").size() == 2);

            p.answers(Reply.text("Hello again."));
            await().atMost(PATIENCE).pollInterval(Duration.ofSeconds(1)).until(() -> {
                ask(one.uri("/v1/chat/completions"));
                ask(other.uri("/v1/chat/completions"));
                return events("resolve").size() >= 2;
            });
            assertThat(events("trigger")).hasSize(2);
            assertThat(events("resolve")).hasSize(2);
        }
    }

    @Test
    void an_alertmanager_notifies_of_two_nodes_once() throws Exception {
        Assumptions.assumeTrue(
                Files.isExecutable(ALERTMANAGER), "needs Debian's package prometheus-alertmanager: " + ALERTMANAGER);
        Path directory = Folders.temporary("alertmanager");
        int port = Ports.free();
        Process alertmanager = alertmanager(directory, port);
        String[] lines = lines("bactrian.alerts.alertmanager=http://127.0.0.1:" + port);
        try (Gateway one = Gateway.start(lines);
                Gateway other = Gateway.start(lines)) {
            await().atMost(PATIENCE).ignoreExceptions().until(() -> {
                new Socket("127.0.0.1", port).close();
                return true;
            });
            p.answers(REFUSED);
            one.ask();
            other.ask();
            await().atMost(PATIENCE).until(() -> !notified("firing").isEmpty());

            p.answers(Reply.text("Hello again."));
            await().atMost(PATIENCE).pollInterval(Duration.ofSeconds(1)).until(() -> {
                one.ask();
                other.ask();
                return !notified("resolved").isEmpty();
            });
            assertThat(notified("firing")).hasSize(1);
            assertThat(notified("resolved")).hasSize(1);
            JsonNode alert = notified("firing").getFirst().path("alerts");
            assertThat(alert).hasSize(1);
            assertThat(alert.path(0).path("labels").path("alertname").asText()).isEqualTo("KeyRefused");
            assertThat(alert.path(0).path("annotations").path("description").asText())
                    .startsWith("Provider p refuses key 1 of 1 since ");
        } finally {
            alertmanager.destroy();
            alertmanager.waitFor();
            Folders.delete(directory);
        }
    }

    private Process alertmanager(Path directory, int port) throws Exception {
        Path config = directory.resolve("alertmanager.yml");
        Files.writeString(config, """
                route:
                  receiver: test
                  group_by: [alertname, subject]
                  group_wait: 3s
                  group_interval: 5s
                  repeat_interval: 1h
                receivers:
                  - name: test
                    webhook_configs:
                      - url: %s
                        send_resolved: true
                """.formatted(receiver.url("/notify")));
        return new ProcessBuilder(
                        ALERTMANAGER.toString(),
                        "--config.file=" + config,
                        "--storage.path=" + directory.resolve("data"),
                        "--web.listen-address=127.0.0.1:" + port,
                        "--cluster.listen-address=")
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("log").toFile())
                .start();
    }

    /** The notifications of the key. Its chain has no other target, so that there may be an alert about the chain, too. */
    private List<JsonNode> notified(String status) {
        return bodies(body -> body.path("status").asText().equals(status)
                && body.path("groupLabels").path("alertname").asText().equals("KeyRefused"));
    }

    private List<JsonNode> events(String action) {
        return bodies(body -> body.path("event_action").asText().equals(action)
                && body.path("dedup_key").asText().equals("eu-1/key/p/1"));
    }

    private List<JsonNode> bodies(Predicate<JsonNode> which) {
        return receiver.posts().stream().map(Post::json).filter(which).toList();
    }

    private String[] lines(String... more) {
        String[] lines = {
            "camel.server.port=0",
            "bactrian.providers.p.base-url=" + p.baseUrl(),
            "bactrian.providers.p.api-key=secret-1",
            "bactrian.chains.default=p/m",
            "bactrian.defaults.max-wait=0s",
            "bactrian.health.period=1s",
            "bactrian.alerts.min-severity=error",
            "bactrian.alerts.cluster=eu-1",
            String.join("\n", more)
        };
        return lines;
    }

    private static void ask(URI uri) throws Exception {
        CLIENT.send(
                HttpRequest.newBuilder(uri)
                        .timeout(Duration.ofSeconds(30))
                        .header("content-type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(
                                "{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}"))
                        .build(),
                HttpResponse.BodyHandlers.discarding());
    }

    @AfterEach
    void close() {
        receiver.close();
        p.close();
    }
}
