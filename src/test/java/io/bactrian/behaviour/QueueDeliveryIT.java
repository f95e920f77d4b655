package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Broker;
import io.bactrian.testing.Folders;
import io.bactrian.testing.Gateway;
import io.bactrian.testing.JmsCaller;
import io.bactrian.testing.Reply;
import io.bactrian.testing.StubProvider;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.TextMessage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Deliveries of requests from a queue: which comes first, which are the same, and which do not end as they should. */
final class QueueDeliveryIT {

    @Test
    void a_request_that_the_gateway_itself_cannot_handle_is_a_dead_letter_after_three_deliveries() throws Exception {
        Path directory = Folders.temporary("bactrian-poison");
        try (Broker broker = Broker.start();
                StubProvider p = StubProvider.openai()) {
            Files.write(
                    directory.resolve("application.properties"), LiveGateway.lines(Map.of("p", p), lines(broker, 4)));
            LiveGateway.copyRoutes(directory.resolve("routes"));
            breakAt(directory.resolve("routes/queue.camel.yaml"), "Poison");
            try (Gateway gateway = Gateway.in(directory, Duration.ofSeconds(60));
                    JmsCaller caller = new JmsCaller(broker.connectionFactory())) {
                caller.ask(caller.text("bad", "Poison"), caller.queue("mine"));
                caller.ask(caller.text("good", "Say hello"));

                assertThat(caller.take("llm.replies").getJMSCorrelationID()).isEqualTo("good");
                Message dead = caller.take("llm.dead");

                assertThat(gateway.port()).isPositive();
                assertThat(dead.getBody(String.class)).isEqualTo("Poison");
                assertThat(dead.getStringProperty("BactrianFailureClass")).isEqualTo("INTERNAL_ERROR");
                assertThat(dead.propertyExists("BactrianFaults")).isFalse();
                assertThat(caller.take("mine").getIntProperty("BactrianStatus")).isEqualTo(500);
                assertThat(p.calls()).hasSize(1);
            }
        }
    }

    @Test
    void a_delivery_waits_for_the_same_request_in_progress_and_has_its_answer() throws JMSException {
        CountDownLatch open = new CountDownLatch(1);
        try (Broker broker = Broker.start();
                StubProvider p =
                        StubProvider.openai().answers(Reply.text("Once.").heldUntil(open));
                Gateway gateway = Gateway.over(Map.of("p", p), lines(broker, 4));
                JmsCaller caller = new JmsCaller(broker.connectionFactory())) {
            for (String name : List.of("first", "second")) {
                TextMessage same = caller.text(name, "Say hello");
                same.setStringProperty("BactrianRequestId", "r1");
                caller.ask(same);
            }
            TextMessage other = caller.text("other", "Say goodbye");
            other.setStringProperty("BactrianRequestId", "r1");
            caller.ask(other);
            await().atMost(Duration.ofSeconds(30)).until(() -> p.calls().size() == 2);
            open.countDown();

            Set<String> answered = new HashSet<>();
            for (Message reply : caller.take("llm.replies", 3)) {
                answered.add(reply.getJMSCorrelationID());
                assertThat(reply.getStringProperty("BactrianRequestId")).isEqualTo("r1");
            }
            assertThat(answered).containsExactlyInAnyOrder("first", "second", "other");
            assertThat(p.calls()).hasSize(2);
            assertThat(gateway.port()).isPositive();
        }
    }

    @Test
    void an_urgent_request_comes_next() throws JMSException {
        CountDownLatch open = new CountDownLatch(1);
        try (Broker broker = Broker.start();
                StubProvider p =
                        StubProvider.openai().answers(Reply.text("Yes.").heldUntil(open));
                Gateway gateway = Gateway.over(Map.of("p", p), lines(broker, 1));
                JmsCaller caller = new JmsCaller(broker.connectionFactory())) {
            for (int i = 0; i < 5; i++) {
                caller.ask(caller.text("usual" + i, "Say hello"));
            }
            await().atMost(Duration.ofSeconds(30)).until(() -> p.calls().size() == 1);
            caller.jms()
                    .createProducer()
                    .setPriority(8)
                    .send(caller.queue("llm.requests"), caller.text("urgent", "Say hello"));
            open.countDown();

            List<Message> replies = caller.take("llm.replies", 6);

            assertThat(replies.get(0).getJMSCorrelationID()).isEqualTo("usual0");
            assertThat(replies.get(1).getJMSCorrelationID()).isEqualTo("urgent");
            assertThat(gateway.port()).isPositive();
        }
    }

    @Test
    void images_of_ten_megabytes_come_through_as_text_and_as_bytes() throws JMSException {
        String image = Base64.getEncoder().encodeToString(new byte[7_500_000]);
        String body = "{\"model\":\"default\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\","
                + "\"image_url\":{\"url\":\"data:image/png;base64," + image + "\"}}]}]}";
        try (Broker broker = Broker.start();
                StubProvider p = StubProvider.openai();
                Gateway gateway = Gateway.over(Map.of("p", p), lines(broker, 2));
                JmsCaller caller = new JmsCaller(broker.connectionFactory())) {
            caller.ask(caller.text("text", body));
            assertThat(caller.take("llm.replies").getJMSCorrelationID()).isEqualTo("text");
            caller.ask(caller.bytes(body.getBytes(StandardCharsets.UTF_8)));
            assertThat(caller.take("llm.replies").getStringProperty("BactrianStatus"))
                    .isEqualTo("200");

            assertThat(p.calls()).hasSize(2).allSatisfy(call -> assertThat(call.text())
                    .contains(image));
            assertThat(gateway.port()).isPositive();
        }
    }

    @Test
    void a_stop_lets_what_is_in_flight_end_and_leaves_the_rest() throws JMSException {
        CountDownLatch open = new CountDownLatch(1);
        try (Broker broker = Broker.start();
                StubProvider p =
                        StubProvider.openai().answers(Reply.text("Yes.").heldUntil(open));
                JmsCaller caller = new JmsCaller(broker.connectionFactory())) {
            Gateway gateway = Gateway.over(Map.of("p", p), lines(broker, 50));
            for (int i = 0; i < 60; i++) {
                caller.ask(caller.text("c" + i, "Say hello"));
            }
            await().atMost(Duration.ofSeconds(60)).until(() -> p.calls().size() == 50);
            Thread stop = Thread.ofPlatform().start(gateway::close);
            await().pollDelay(Duration.ofSeconds(1))
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> true);
            open.countDown();

            assertThat(caller.take("llm.replies", 50)).hasSize(50);
            await().atMost(Duration.ofSeconds(60)).until(() -> !stop.isAlive());
            assertThat(caller.takeIn(caller.queue("llm.replies"), 200)).isNull();
            assertThat(p.calls()).hasSize(50);
            List<Message> left = caller.take("llm.requests", 10);
            assertThat(left).allSatisfy(message -> assertThat(message.propertyExists("BactrianTries"))
                    .isFalse());
        }
    }

    @Test
    void a_change_of_the_configuration_lets_what_is_in_flight_end() throws JMSException, IOException {
        CountDownLatch open = new CountDownLatch(1);
        try (Broker broker = Broker.start();
                StubProvider p =
                        StubProvider.openai().answers(Reply.text("Yes.").heldUntil(open));
                Gateway gateway = Gateway.over(Map.of("p", p), lines(broker, 5));
                JmsCaller caller = new JmsCaller(broker.connectionFactory())) {
            for (int i = 0; i < 20; i++) {
                caller.ask(caller.text("c" + i, "Say hello"));
            }
            await().atMost(Duration.ofSeconds(30)).until(() -> p.calls().size() == 5);
            Path file = gateway.directory().resolve("application.properties");
            Files.writeString(file, Files.readString(file) + "\nbactrian.defaults.max-attempts=2\n");
            // The next generation takes five more.
            await().atMost(Duration.ofSeconds(60)).until(() -> p.calls().size() == 10);
            open.countDown();

            Set<String> answered = new HashSet<>();
            for (Message reply : caller.take("llm.replies", 20)) {
                answered.add(reply.getJMSCorrelationID());
            }
            assertThat(answered).hasSize(20);
            assertThat(p.calls()).hasSize(20);
        }
    }

    private static String[] lines(Broker broker, int consumers) {
        return new String[] {
            "bactrian.queue.enabled=true",
            "bactrian.queue.broker-url=" + broker.url(),
            "bactrian.queue.consumers=" + consumers
        };
    }

    /** Makes the route throw an error of its own at messages with this body. */
    private static void breakAt(Path route, String body) throws IOException {
        String text = Files.readString(route);
        assertThat(text).contains("uri: direct:chat");
        Files.writeString(route, text.replace("uri: direct:chat", "uri: direct:breaks") + """

                        - route:
                            id: breaks
                            from:
                              uri: direct:breaks
                              steps:
                                - choice:
                                    when:
                                      - expression:
                                          simple: "${bodyAs(String)} == '%s'"
                                        steps:
                                          - throwException:
                                              exceptionType: java.lang.IllegalStateException
                                              message: a bug
                                - to: direct:chat
                        """.formatted(body));
    }
}
