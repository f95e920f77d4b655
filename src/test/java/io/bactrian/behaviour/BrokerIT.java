package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Broker;
import io.bactrian.testing.Folders;
import io.bactrian.testing.Gateway;
import io.bactrian.testing.LogCapture;
import io.bactrian.testing.Ports;
import io.bactrian.testing.StubProvider;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSContext;
import jakarta.jms.Message;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.jms.JmsComponent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The broker of the queue: away, back, switched on and off, and what a transaction with it holds together. */
final class BrokerIT {
    private static final Duration PATIENCE = Duration.ofSeconds(40);
    private static final String ON = "bactrian.queue.enabled=true";

    @ParameterizedTest
    @ValueSource(strings = {"tcp:", "amqp:"})
    void what_a_route_sends_before_it_throws_is_not_sent(String scheme) throws Exception {
        try (Broker broker = Broker.start();
                StubProvider p = StubProvider.openai();
                Gateway gateway = Gateway.over(
                        Map.of("p", p),
                        ON,
                        "bactrian.queue.broker-url=" + broker.url().replace("tcp:", scheme));
                JMSContext jms = broker.connectionFactory().createContext()) {
            AtomicInteger tries = new AtomicInteger();
            gateway.context().addRoutes(sendsThenThrowsOnce(tries));

            jms.createProducer().send(jms.createQueue("pin.in"), "once");

            Message first = jms.createConsumer(jms.createQueue("pin.out")).receive(PATIENCE.toMillis());
            assertThat(first.getBody(String.class)).isEqualTo("try 2");
            assertThat(jms.createConsumer(jms.createQueue("pin.out")).receive(500))
                    .isNull();
            assertThat(tries).hasValue(2);
        }
    }

    @Test
    void a_broker_that_is_away_costs_the_queue_alone_and_only_until_it_is_back() throws IOException {
        String url = "tcp://127.0.0.1:" + Ports.free();
        try (StubProvider p = StubProvider.openai();
                Gateway gateway = Gateway.over(Map.of("p", p), ON, "bactrian.queue.broker-url=" + url)) {
            assertThat(gateway.ask().status()).isEqualTo(200);
            try (Broker broker = Broker.startAt(url)) {
                answered(broker.connectionFactory());
            }
            assertThat(gateway.ask().status()).isEqualTo(200);
            try (Broker broker = Broker.startAt(url)) {
                answered(broker.connectionFactory());
            }
        }
    }

    @Test
    void a_gateway_whose_broker_is_away_stops() throws IOException {
        long start;
        try (StubProvider p = StubProvider.openai();
                Gateway gateway =
                        Gateway.over(Map.of("p", p), ON, "bactrian.queue.broker-url=tcp://127.0.0.1:" + Ports.free())) {
            assertThat(gateway.ask().status()).isEqualTo(200);
            start = System.nanoTime();
        }
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(PATIENCE);
    }

    @Test
    void a_reload_starts_the_embedded_broker_and_stops_it() throws IOException {
        int port = Ports.free();
        ConnectionFactory core = new ActiveMQConnectionFactory("tcp://127.0.0.1:" + port);
        try (StubProvider p = StubProvider.openai();
                Gateway gateway = Gateway.over(Map.of("p", p), "bactrian.queue.port=" + port)) {
            change(gateway, "enabled=false", "enabled=true");

            await().atMost(PATIENCE).ignoreExceptions().untilAsserted(() -> answered(core));

            change(gateway, "enabled=true", "enabled=false");

            await().atMost(PATIENCE).untilAsserted(() -> assertThat(free(port)).isTrue());
            assertThat(gateway.ask().status()).isEqualTo(200);
        }
    }

    @Test
    void routes_of_ones_own_without_that_of_the_queue_are_told_in_one_line() throws IOException {
        Path directory = Folders.temporary("bactrian-routes");
        Path own = Files.createDirectory(directory.resolve("routes"));
        try (Stream<Path> routes = Files.list(Path.of("routes"))) {
            for (Path route :
                    routes.filter(r -> !r.endsWith("queue.camel.yaml")).toList()) {
                Files.copy(route, own.resolve(route.getFileName()));
            }
        }
        Files.write(
                directory.resolve("application.properties"),
                List.of(
                        "camel.server.port=0",
                        "bactrian.health.period=0s",
                        ON,
                        "bactrian.queue.port=0",
                        "bactrian.queue.requests=pin.lonely"));
        try (LogCapture log = LogCapture.open("io.bactrian.runtime.QueueBeans");
                Gateway gateway = Gateway.in(directory, Duration.ofSeconds(1))) {
            assertThat(gateway.port()).isPositive();
            assertThat(log.lines())
                    .filteredOn(line -> line.contains("pin.lonely"))
                    .singleElement()
                    .asString()
                    .startsWith("Nothing is taken from the queue pin.lonely: routes/ has no queue.camel.yaml");
        } finally {
            Folders.delete(directory);
        }
    }

    @Test
    void the_built_in_route_of_the_queue_needs_no_word() {
        try (LogCapture log = LogCapture.open("io.bactrian.runtime.QueueBeans");
                StubProvider p = StubProvider.openai();
                Gateway gateway = Gateway.over(
                        Map.of("p", p), ON, "bactrian.queue.port=0", "bactrian.queue.requests=pin.taken")) {
            assertThat(gateway.port()).isPositive();
            assertThat(log.lines()).noneMatch(line -> line.contains("pin.taken"));
        }
    }

    @Test
    void settings_of_the_component_are_the_users() {
        try (Broker broker = Broker.start();
                StubProvider p = StubProvider.openai();
                Gateway gateway = Gateway.over(
                        Map.of("p", p),
                        ON,
                        "bactrian.queue.broker-url=" + broker.url(),
                        "camel.component.jms.request-timeout=1234")) {
            JmsComponent jms = gateway.context().getComponent("jms", JmsComponent.class);

            assertThat(jms.getConfiguration().getRequestTimeout()).isEqualTo(1234);
            answered(broker.connectionFactory());
        }
    }

    private static RouteBuilder sendsThenThrowsOnce(AtomicInteger tries) {
        return new RouteBuilder() {
            @Override
            public void configure() {
                from("jms:queue:pin.in?transacted=true&lazyCreateTransactionManager=false&cacheLevelName=CACHE_CONSUMER"
                                + "&recoveryInterval=200")
                        .errorHandler(noErrorHandler())
                        .process(exchange -> exchange.getMessage().setBody("try " + tries.incrementAndGet()))
                        .to("jms:queue:pin.out")
                        .process(exchange -> {
                            if (tries.get() == 1) {
                                throw new IllegalStateException("after the reply was sent");
                            }
                        });
            }
        };
    }

    private static void answered(ConnectionFactory factory) {
        try (JMSContext jms = factory.createContext()) {
            jms.createProducer().send(jms.createQueue("llm.requests"), "Say hello");
            Message reply = jms.createConsumer(jms.createQueue("llm.replies")).receive(PATIENCE.toMillis());
            assertThat(reply).isNotNull();
        }
    }

    private static void change(Gateway gateway, String from, String to) throws IOException {
        var file = gateway.directory().resolve("application.properties");
        Files.writeString(file, Files.readString(file).replace(from, to));
    }

    private static boolean free(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getByName("127.0.0.1"))) {
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
