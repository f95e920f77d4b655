package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import io.bactrian.protocol.Json;
import io.bactrian.testing.Broker;
import io.bactrian.testing.Folders;
import io.bactrian.testing.Gateway;
import io.bactrian.testing.LogCapture;
import io.bactrian.testing.Ports;
import io.bactrian.testing.Program;
import io.bactrian.testing.StubProvider;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.TextMessage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the health monitor publishes and where, and what happens where a place is away or does not exist. */
final class HealthPublishIT {

    @Test
    void a_file_gets_a_document_in_each_round() throws IOException {
        Path folder = Folders.temporary("bactrian-health");
        try (StubProvider p = StubProvider.openai();
                Gateway gateway = gateway(p, "file:" + folder + "?fileName=h-${date:now:HHmmssSSS}.json")) {
            patiently().until(() -> files(folder).size() >= 3);

            JsonNode document = Json.parse(Files.readAllBytes(files(folder).getLast()));
            assertThat(document.path("time").asText()).isNotEmpty();
            assertThat(document.path("node").asText()).isEqualTo("n1");
            assertThat(document.path("providers").path("p").asBoolean(false)).isTrue();
            JsonNode target = document.path("targets").path(0);
            assertThat(target.path("name").asText()).isEqualTo("p/m");
            assertThat(target.path("health").asText()).isEqualTo("UP");
            assertThat(target.path("breaker").asText()).isEqualTo("CLOSED");
            assertThat(target.path("evidence").asText()).isEqualTo("probe");
            assertThat(gateway.port()).isPositive();
        } finally {
            Folders.delete(folder);
        }
    }

    @Test
    void a_log_gets_a_document_only_if_it_has_news() {
        try (StubProvider p = StubProvider.openai();
                LogCapture log = LogCapture.open("bactrian.test.news");
                Gateway gateway = gateway(p, "log:bactrian.test.news?level=WARN")) {
            patiently().until(() -> log.lines().stream().anyMatch(line -> line.contains("\"p\":true")));
            int told = log.lines().size();
            int calls = p.calls().size();
            patiently().until(() -> p.calls().size() >= calls + 3);
            assertThat(log.lines()).hasSizeLessThanOrEqualTo(told + 1);

            p.die();
            patiently().until(() -> log.lines().stream().anyMatch(line -> line.contains("\"p\":false")));
            assertThat(gateway.port()).isPositive();
        }
    }

    @Test
    void a_web_address_that_fails_is_tried_again_and_told_once() throws IOException {
        AtomicInteger calls = new AtomicInteger();
        Queue<String> received = new ConcurrentLinkedQueue<>();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/hook", exchange -> {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            boolean well = calls.incrementAndGet() > 2;
            if (well) {
                received.add(body);
            }
            exchange.sendResponseHeaders(well ? 204 : 500, -1);
            exchange.close();
        });
        server.start();
        String uri = "http://127.0.0.1:" + server.getAddress().getPort() + "/hook?token=hidden-secret";
        try (StubProvider p = StubProvider.openai();
                LogCapture log = LogCapture.open("bactrian.health");
                Gateway gateway = gateway(p, uri)) {
            patiently().until(() -> !received.isEmpty());

            assertThat(Json.parse(received.peek().getBytes(StandardCharsets.UTF_8))
                            .path("node")
                            .asText())
                    .isEqualTo("n1");
            assertThat(log.lines().stream().filter(line -> line.startsWith("Cannot publish")))
                    .singleElement()
                    .asString()
                    .contains("status 500");
            assertThat(log.lines()).noneMatch(line -> line.contains("hidden-secret") || line.contains("/hook"));
            assertThat(gateway.ask().outcomes()).isEqualTo("p=OK");
        } finally {
            server.stop(0);
        }
    }

    @Test
    void a_topic_gets_a_message_in_each_round() {
        try (Broker broker = Broker.start();
                JMSContext jms = broker.connectionFactory().createContext();
                StubProvider p = StubProvider.openai();
                Gateway gateway = gateway(p, "jms:topic:llm.health", "bactrian.queue.broker-url=" + broker.url())) {
            JMSConsumer consumer = jms.createConsumer(jms.createTopic("llm.health"));
            for (int i = 0; i < 2; i++) {
                String text = body(consumer.receive(30_000));
                assertThat(Json.parse(text.getBytes(StandardCharsets.UTF_8))
                                .path("node")
                                .asText())
                        .isEqualTo("n1");
            }
            assertThat(gateway.ask().outcomes()).isEqualTo("p=OK");
        }
    }

    @Test
    void a_dead_broker_holds_nothing_up() {
        String away = "tcp://127.0.0.1:" + Ports.free();
        try (StubProvider p = StubProvider.openai();
                LogCapture log = LogCapture.open("bactrian.health");
                Gateway gateway = gateway(p, "jms:topic:llm.health", "bactrian.queue.broker-url=" + away)) {
            patiently().until(() -> log.lines().stream().anyMatch(line -> line.startsWith("Cannot publish")));
            int calls = p.calls().size();
            patiently().until(() -> p.calls().size() >= calls + 3);

            assertThat(gateway.ask().outcomes()).isEqualTo("p=OK");
            assertThat(log.lines().stream()
                            .filter(line -> line.startsWith("Cannot publish health to jms:topic:llm.health")))
                    .hasSize(1);
        }
    }

    @Test
    void a_broker_that_dies_gets_the_documents_again_when_it_is_back() {
        Broker first = Broker.start();
        try (StubProvider p = StubProvider.openai();
                LogCapture log = LogCapture.open("bactrian.health");
                Gateway gateway = gateway(p, "jms:topic:llm.health", "bactrian.queue.broker-url=" + first.url())) {
            try (JMSContext jms = first.connectionFactory().createContext()) {
                assertThat(jms.createConsumer(jms.createTopic("llm.health")).receive(30_000))
                        .isNotNull();
            }
            first.close();
            patiently().until(() -> log.lines().stream().anyMatch(line -> line.startsWith("Cannot publish")));
            assertThat(gateway.ask().outcomes()).isEqualTo("p=OK");

            try (Broker second = Broker.startAt(first.url());
                    JMSContext jms = second.connectionFactory().createContext()) {
                assertThat(jms.createConsumer(jms.createTopic("llm.health")).receive(60_000))
                        .isNotNull();
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "carrier:pigeon?password=hidden-secret | bactrian.health.publish = carrier:pigeon: there is no component carrier",
                "log:x?colour=hidden-secret | bactrian.health.publish = log:x: there is no option colour",
                "jms:topic:llm.health | bactrian.health.publish = jms:topic:llm.health: there is no broker",
                "nothing | bactrian.health.publish = nothing: not the URI of a Camel endpoint",
            })
    void a_place_that_does_not_exist_is_a_mistake_at_the_start(String uri, String mistake) {
        try (Program program = Program.with("camel.server.port=0", "bactrian.health.publish=" + uri)
                .run("--check")) {
            assertThat(program.exitCode()).isEqualTo(2);
            assertThat(program.err()).contains(mistake).doesNotContain("hidden-secret");
        }
    }

    @Test
    void a_reload_takes_over_the_period_and_the_places_and_probes_nothing_twice() {
        try (StubProvider p = StubProvider.openai();
                StubProvider f = StubProvider.openai();
                LogCapture log = LogCapture.open("bactrian.test.reload");
                LiveGateway live = LiveGateway.with(
                        LiveGateway.lines(p, f, "bactrian.health.period=1s", "bactrian.health.publish=log:nothing"))) {
            patiently().until(() -> p.calls().size() >= 2);
            live.change(LiveGateway.lines(
                    p, f, "bactrian.health.period=10m", "bactrian.health.publish=log:bactrian.test.reload?level=WARN"));
            int calls = p.calls().size();
            patiently().until(() -> !log.lines().isEmpty());
            assertThat(p.calls().size()).isLessThanOrEqualTo(calls + 2);

            live.change(LiveGateway.lines(p, f, "bactrian.health.period=0s"));
            int last = p.calls().size();
            assertThat(live.gateway().ask().outcomes()).isEqualTo("p=OK");
            assertThat(p.calls().size()).isLessThanOrEqualTo(last + 2);
        }
    }

    private static Gateway gateway(StubProvider p, String uri, String... more) {
        return Gateway.start(Stream.concat(
                        Stream.of(
                                "bactrian.node=n1",
                                "bactrian.health.period=1s",
                                "bactrian.health.publish=" + uri,
                                "bactrian.providers.p.base-url=" + p.baseUrl(),
                                "bactrian.providers.p.keyless=true",
                                "bactrian.chains.default=p/m"),
                        Stream.of(more))
                .toArray(String[]::new));
    }

    private static ConditionFactory patiently() {
        return await().atMost(Duration.ofSeconds(40)).pollInterval(Duration.ofMillis(50));
    }

    private static String body(Object message) {
        try {
            return ((TextMessage) message).getText();
        } catch (JMSException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<Path> files(Path folder) {
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(file -> file.toString().endsWith(".json"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
