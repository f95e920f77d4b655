package io.bactrian.behaviour;

import static io.bactrian.testing.KafkaCaller.header;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Gateway;
import io.bactrian.testing.KafkaBroker;
import io.bactrian.testing.KafkaCaller;
import io.bactrian.testing.Program;
import io.bactrian.testing.Reply;
import io.bactrian.testing.StubProvider;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Requests from Kafka, with a broker in a process of its own. */
final class KafkaIT {
    private static final String FAULTY = "{\"messages\":[]}";
    private static KafkaBroker broker;

    @Test
    void a_request_gets_its_reply_with_its_key() {
        try (StubProvider p = StubProvider.openai();
                StubProvider q = StubProvider.openai();
                KafkaCaller caller = new KafkaCaller(broker, 1);
                Gateway gateway = gateway(caller, Map.of("p", p, "q", q), "bactrian.chains.other=q/model-q")) {
            assertThat(gateway.port()).isPositive();
            caller.send("k1", "Say hello", "BactrianRequestId", "r1", "BactrianChain", "other");
            caller.send("k2", "Say hello", "BactrianCorrelationId", "c2");

            List<ConsumerRecord<String, String>> replies = caller.replies(2);

            assertThat(replies).extracting(ConsumerRecord::key).containsExactly("k1", "k2");
            ConsumerRecord<String, String> first = replies.getFirst();
            assertThat(first.value()).contains("Hello from the stub.");
            assertThat(header(first, "BactrianRequestId")).isEqualTo("r1");
            assertThat(header(first, "BactrianCorrelationId")).isEqualTo("r1");
            assertThat(header(first, "BactrianTarget")).isEqualTo("q/model-q");
            assertThat(header(first, "BactrianStatus")).isEqualTo("200");
            assertThat(header(replies.get(1), "BactrianCorrelationId")).isEqualTo("c2");
            assertThat(header(replies.get(1), "BactrianRequestId")).endsWith("requests-0-1");
        }
    }

    @Test
    void a_mistake_of_the_caller_is_a_dead_letter_and_an_error_and_the_next_request_is_answered() {
        try (StubProvider p = StubProvider.openai();
                KafkaCaller caller = new KafkaCaller(broker, 1);
                Gateway gateway = gateway(caller, Map.of("p", p))) {
            assertThat(gateway.port()).isPositive();
            caller.send("k1", FAULTY, "BactrianRequestId", "r1", "tenant", "blue");
            caller.send("k2", "Say hello", "BactrianRequestId", "r2", "BactrianTimeout", "soon");
            caller.send("k3", "Say hello", "BactrianRequestId", "r3");

            List<ConsumerRecord<String, String>> replies = caller.repliesTo(Set.of("r1", "r2", "r3"));
            List<ConsumerRecord<String, String>> dead = caller.deadLetters(2);

            assertThat(replies)
                    .extracting(reply -> header(reply, "BactrianStatus"))
                    .containsExactly("400", "400", "200");
            assertThat(replies.getFirst().value()).contains("\"error\"");
            assertThat(dead.getFirst().value()).isEqualTo(FAULTY);
            assertThat(dead.getFirst().key()).isEqualTo("k1");
            assertThat(header(dead.getFirst(), "tenant")).isEqualTo("blue");
            assertThat(header(dead.getFirst(), "BactrianFailureClass")).isEqualTo("INVALID_REQUEST");
            assertThat(header(dead.getFirst(), "BactrianReason")).isNotBlank();
            assertThat(header(dead.get(1), "BactrianRequestId")).isEqualTo("r2");
            assertThat(p.calls()).hasSize(1);
        }
    }

    @Test
    void in_an_outage_requests_wait_and_none_is_passed_over() {
        try (StubProvider p = StubProvider.openai().on(call -> Reply.status(503, "{}"));
                KafkaCaller caller = new KafkaCaller(broker, 1);
                Gateway gateway = gateway(caller, Map.of("p", p), "bactrian.defaults.breaker.open-for=1s")) {
            assertThat(gateway.port()).isPositive();
            Set<String> ids = send(caller, 10);
            caller.send("late", "Say hello", "BactrianRequestId", "late", "BactrianTimeout", "1s");
            await().atMost(Duration.ofSeconds(30)).until(() -> p.calls().size() >= 3);

            p.on(call -> Reply.text("back"));
            List<ConsumerRecord<String, String>> replies = caller.repliesTo(with(ids, "late"));

            assertThat(replies).hasSize(11);
            assertThat(replies.subList(0, 10)).allSatisfy(reply -> assertThat(header(reply, "BactrianStatus"))
                    .isEqualTo("200"));
            assertThat(header(replies.get(10), "BactrianStatus")).isEqualTo("504");
            assertThat(caller.deadLetters(0)).isEmpty();
        }
    }

    @Test
    void a_gateway_that_is_killed_in_a_call_loses_no_request() {
        CountDownLatch never = new CountDownLatch(1);
        try (StubProvider p =
                        StubProvider.openai().on(call -> Reply.text("late").heldUntil(never));
                KafkaCaller caller = new KafkaCaller(broker, 4)) {
            Program.Setup setup = program(p, caller.properties());
            clientOfKafka().forEach(setup::component);
            Set<String> ids;
            try (Program program = setup.run()) {
                program.uri("/");
                ids = send(caller, 12);
                await().atMost(Duration.ofSeconds(30)).until(() -> p.calls().size() >= 2);
            }
            p.on(call -> Reply.text("answered"));
            never.countDown();

            try (Program program = setup.run()) {
                program.uri("/");
                List<ConsumerRecord<String, String>> replies = caller.repliesTo(ids);

                assertThat(replies)
                        .allSatisfy(reply -> assertThat(reply.value()).contains("answered"));
                assertThat(caller.deadLetters(0)).isEmpty();
            }
        }
    }

    @Test
    void two_gateways_share_the_partitions_and_one_takes_over_from_the_other() {
        try (StubProvider p = StubProvider.openai().on(call -> Reply.text("p").delayed(Duration.ofMillis(50)));
                StubProvider q =
                        StubProvider.openai().on(call -> Reply.text("q").delayed(Duration.ofMillis(50)));
                KafkaCaller caller = new KafkaCaller(broker, 4);
                Gateway stays = gateway(caller, Map.of("p", p))) {
            assertThat(stays.port()).isPositive();
            Set<String> ids = new HashSet<>();
            try (Gateway leaves = gateway(caller, Map.of("q", q))) {
                assertThat(leaves.port()).isPositive();
                await().atMost(Duration.ofSeconds(40))
                        .pollInterval(Duration.ofMillis(100))
                        .until(() -> {
                            ids.add(caller.send());
                            return !p.calls().isEmpty() && !q.calls().isEmpty();
                        });
                ids.addAll(send(caller, 20));
            }
            ids.addAll(send(caller, 4));

            assertThat(KafkaCaller.ids(caller.repliesTo(ids))).containsExactlyInAnyOrderElementsOf(ids);
            assertThat(caller.deadLetters(0)).isEmpty();
        }
    }

    @Test
    void while_the_brokers_are_away_http_is_served_and_one_line_says_so() {
        try (StubProvider p = StubProvider.openai()) {
            Program.Setup setup = program(p, "bactrian.kafka.brokers=127.0.0.1:1");
            clientOfKafka().forEach(setup::component);
            try (Program program = setup.run()) {
                program.uri("/");
                await().atMost(Duration.ofSeconds(30)).until(() -> program.out().contains("Kafka at 127.0.0.1:1"));

                assertThat(Stream.of(program.out().split("\n")).filter(line -> line.matches("\\S+ (WARN|ERROR).*")))
                        .singleElement()
                        .asString()
                        .contains("does not answer");
            }
        }
    }

    @Test
    void without_the_client_of_kafka_the_start_says_what_to_do() {
        try (StubProvider p = StubProvider.openai();
                Program program =
                        program(p, "bactrian.kafka.brokers=127.0.0.1:9092").run()) {
            assertThat(program.exitCode()).isEqualTo(2);
            assertThat(program.err() + program.out())
                    .contains("bactrian.kafka.brokers = 127.0.0.1:9092: the client of Kafka is not part of this build");
        }
    }

    @BeforeAll
    static void start() {
        broker = KafkaBroker.start();
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    private static Gateway gateway(KafkaCaller caller, Map<String, StubProvider> providers, String... more) {
        return Gateway.over(
                providers,
                Stream.concat(Stream.of(caller.properties()), Stream.of(more)).toArray(String[]::new));
    }

    private static Program.Setup program(StubProvider p, String... more) {
        List<String> lines = new ArrayList<>(List.of(
                "camel.server.port=0",
                "bactrian.health.period=0s",
                "bactrian.providers.p.base-url=" + p.baseUrl(),
                "bactrian.providers.p.keyless=true",
                "bactrian.chains.default=p/m"));
        lines.addAll(List.of(more));
        return Program.with(lines.toArray(String[]::new));
    }

    private static Set<String> send(KafkaCaller caller, int count) {
        Set<String> ids = new HashSet<>();
        IntStream.range(0, count).forEach(i -> ids.add(caller.send()));
        return ids;
    }

    private static Set<String> with(Set<String> ids, String one) {
        Set<String> all = new HashSet<>(ids);
        all.add(one);
        return all;
    }

    /** The jars that the program does not bring along. */
    private static List<Path> clientOfKafka() {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(Path::of)
                .filter(path -> path.getFileName()
                        .toString()
                        .matches("(camel-kafka|camel-health|kafka-clients|zstd-jni|lz4-java|snappy-java)-.*\\.jar"))
                .filter(path -> !Files.exists(Path.of("target/lib").resolve(path.getFileName())))
                .toList();
    }
}
