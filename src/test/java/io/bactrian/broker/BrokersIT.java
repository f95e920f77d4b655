package io.bactrian.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.bactrian.config.QueueSettings;
import io.bactrian.testing.Broker;
import io.bactrian.testing.LogCapture;
import io.bactrian.testing.Ports;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSRuntimeException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.apache.qpid.jms.JmsConnectionFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The broker of the process and the watch over one elsewhere. */
final class BrokersIT {
    private static final Duration PATIENCE = Duration.ofSeconds(40);

    @RegisterExtension
    final LogCapture log = LogCapture.of("io.bactrian.broker");

    @TempDir
    Path directory;

    @Test
    void a_port_that_is_taken_costs_other_programs_only_until_it_is_free() throws Exception {
        try (Brokers brokers = new Brokers(directory);
                ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            int port = taken.getLocalPort();
            started(brokers, embedded(port));

            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(brokers.warning()).contains("the port " + port + " is taken"));
            assertThat(brokers.trouble()).isNull();
            assertThat(about(port)).singleElement().asString().contains("this process only");
            running(brokers);
            send(brokers.connections(embedded(port)).senders());

            taken.close();

            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(brokers.warning()).isNull());
            send(new ActiveMQConnectionFactory("tcp://127.0.0.1:" + port));
            send(new JmsConnectionFactory("amqp://127.0.0.1:" + port));
            assertThat(depth(brokers, 3).oldestMillis()).isBetween(0L, PATIENCE.toMillis());
        }
    }

    @Test
    void the_folder_belongs_to_one_broker_at_a_time_and_its_messages_to_the_next() {
        try (Brokers second = new Brokers(directory)) {
            try (Brokers first = new Brokers(directory)) {
                started(first, embedded(0));
                running(first);
                send(first.connections(embedded(0)).senders());

                started(second, embedded(0));

                await().atMost(PATIENCE).untilAsserted(() -> assertThat(second.trouble())
                        .contains("another process uses the folder " + directory));
            }
            depth(second, 1);
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(second.trouble()).isNull());
            assertThat(log.lines().stream().filter(line -> line.contains(directory.toString())))
                    .hasSize(1);
        }
    }

    @Test
    void a_folder_that_cannot_be_written_to_is_told() throws IOException {
        Files.createFile(directory.resolve("data"));
        try (Brokers brokers = new Brokers(directory)) {
            started(brokers, embedded(0));

            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(brokers.trouble()).contains("cannot write to the folder"));
            assertThat(brokers.depth("llm.requests")).isNull();
        }
    }

    @Test
    void callers_keys_are_users_of_the_broker() throws IOException {
        int port = Ports.free();
        try (Brokers brokers = new Brokers(directory)) {
            brokers.serve(embedded(port), Map.of("secret-1", "app"));
            brokers.start(embedded(port));
            running(brokers);
            send(brokers.connections(embedded(port)).senders());
            ConnectionFactory core = new ActiveMQConnectionFactory("tcp://127.0.0.1:" + port);
            ConnectionFactory amqp = new JmsConnectionFactory("amqp://127.0.0.1:" + port);
            await().atMost(PATIENCE).ignoreExceptions().untilAsserted(() -> send(core, "app", "secret-1"));
            for (ConnectionFactory factory : List.of(core, amqp)) {
                assertThatThrownBy(() -> send(factory)).isInstanceOf(JMSRuntimeException.class);
                assertThatThrownBy(() -> send(factory, "app", "secret-2")).isInstanceOf(JMSRuntimeException.class);
                assertThatThrownBy(() -> send(factory, "other", "secret-1")).isInstanceOf(JMSRuntimeException.class);
                send(factory, "app", "secret-1");
            }
            send(BrokerConnections.to("tcp://app:secret-1@127.0.0.1:" + port).senders());
            send(BrokerConnections.to("amqp://app:secret-1@127.0.0.1:" + port).senders());
            depth(brokers, 6);

            brokers.serve(embedded(port), Map.of());

            await().atMost(PATIENCE).ignoreExceptions().untilAsserted(() -> send(core));
        }
    }

    @Test
    void a_broker_elsewhere_that_is_lost_is_told_once_and_used_when_it_is_back() {
        Broker broker = Broker.start();
        QueueSettings settings = at(broker.url());
        try (Brokers brokers = new Brokers(directory)) {
            send(broker.connectionFactory());
            started(brokers, settings);
            depth(brokers, 1);
            assertThat(brokers.depth("unknown")).isNull();

            broker.close();

            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(brokers.trouble()).contains("is away"));
            assertThat(brokers.depth("llm.requests")).isNull();

            broker = Broker.startAt(broker.url());

            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(brokers.trouble()).isNull());
            send(broker.connectionFactory());
            depth(brokers, 1);
            assertThat(about(port(broker.url()))).singleElement().asString().contains("is away");
        } finally {
            broker.close();
        }
    }

    @Test
    void an_amqp_broker_is_asked_whether_it_delays() {
        try (Broker broker = Broker.start();
                Brokers brokers = new Brokers(directory)) {
            QueueSettings settings = at(broker.url().replace("tcp:", "amqp:"));
            started(brokers, settings);

            await().during(Duration.ofSeconds(2))
                    .untilAsserted(() -> assertThat(brokers.trouble()).isNull());
            assertThat(brokers.connections(settings).delays()).isTrue();
            assertThat(brokers.depth("llm.requests")).isNull();
            assertThat(about(port(broker.url()))).isEmpty();
        }
    }

    @Test
    void what_no_configuration_uses_is_closed() throws IOException {
        int port = Ports.free();
        try (Brokers brokers = new Brokers(directory)) {
            started(brokers, embedded(port));
            await().atMost(PATIENCE).ignoreExceptions().untilAsserted(() -> send(core(port)));

            brokers.only(List.of(embedded(port)));
            assertThat(brokers.embedded()).isNotNull();
            brokers.only(List.of(QueueSettings.OFF));

            assertThat(brokers.embedded()).isNull();
            await().atMost(PATIENCE).untilAsserted(() -> assertThatThrownBy(() -> send(core(port)))
                    .isInstanceOf(JMSRuntimeException.class));

            started(brokers, embedded(port));

            depth(brokers, 1);
        }
    }

    private static void started(Brokers brokers, QueueSettings settings) {
        brokers.serve(settings, Map.of());
        brokers.start(settings);
    }

    private static void running(Brokers brokers) {
        await().atMost(PATIENCE).until(() -> {
            EmbeddedBroker embedded = brokers.embedded();
            return embedded != null && embedded.isActive();
        });
        // Active is what it is a moment before it takes connections.
        await().atMost(PATIENCE).ignoreExceptions().untilAsserted(() -> connect(brokers));
    }

    private static void connect(Brokers brokers) {
        brokers.connections(embedded(0)).listeners().createContext().close();
    }

    private static QueueDepth depth(Brokers brokers, long messages) {
        await().atMost(PATIENCE).until(() -> {
            QueueDepth depth = brokers.depth("llm.requests");
            return depth != null && depth.messages() == messages;
        });
        QueueDepth depth = brokers.depth("llm.requests");
        assertThat(depth).isNotNull();
        return depth;
    }

    private List<String> about(int port) {
        return log.lines().stream()
                .filter(line -> line.contains(Integer.toString(port)))
                .toList();
    }

    private static void send(ConnectionFactory factory) {
        try (JMSContext jms = factory.createContext()) {
            jms.createProducer().send(jms.createQueue("llm.requests"), "Say hello");
        }
    }

    private static void send(ConnectionFactory factory, String user, String password) {
        try (JMSContext jms = factory.createContext(user, password)) {
            jms.createProducer().send(jms.createQueue("llm.requests"), "Say hello");
        }
    }

    private static ConnectionFactory core(int port) {
        return new ActiveMQConnectionFactory("tcp://127.0.0.1:" + port);
    }

    private static QueueSettings embedded(int port) {
        return new QueueSettings(
                true, "", port, "data", "llm.requests", "llm.replies", "llm.dead", 5, "", Duration.ofHours(1));
    }

    private static QueueSettings at(String url) {
        return new QueueSettings(
                true, url, 0, "data", "llm.requests", "llm.replies", "llm.dead", 5, "", Duration.ofHours(1));
    }

    private static int port(String url) {
        return Integer.parseInt(url.substring(url.lastIndexOf(':') + 1));
    }
}
