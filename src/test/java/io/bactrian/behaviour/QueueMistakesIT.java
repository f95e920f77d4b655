package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.Broker;
import io.bactrian.testing.Gateway;
import io.bactrian.testing.JmsCaller;
import io.bactrian.testing.Reply;
import io.bactrian.testing.StubProvider;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.Queue;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TextMessage;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.activemq.artemis.api.core.RoutingType;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.api.core.client.ActiveMQClient;
import org.apache.activemq.artemis.api.core.client.ClientMessage;
import org.apache.activemq.artemis.api.core.client.ClientProducer;
import org.apache.activemq.artemis.api.core.client.ClientSession;
import org.apache.activemq.artemis.api.core.client.ClientSessionFactory;
import org.apache.activemq.artemis.api.core.client.ServerLocator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Requests from a queue that are their caller's mistake: a dead letter at once, and an error to those who named an address. */
final class QueueMistakesIT {
    private static final String BAD = "{\"model\":\"default\",\"messages\":[]}";

    enum Wire {
        CORE,
        AMQP
    }

    @ParameterizedTest
    @EnumSource
    void a_request_that_is_wrong_is_a_dead_letter_with_an_error_as_the_reply(Wire wire) throws JMSException {
        try (Broker broker = Broker.start();
                StubProvider p = StubProvider.openai();
                Gateway gateway = gateway(broker, wire, p);
                JmsCaller caller = new JmsCaller(broker.connectionFactory())) {
            Queue mine = caller.queue("mine");
            TextMessage request = caller.text("c1", "{\"model\":\"nonsense\",\"messages\":[{}]}");
            request.setStringProperty("tenant", "t7");
            request.setIntProperty("size", 3);
            caller.ask(request, mine);

            TextMessage dead = (TextMessage) caller.take("llm.dead");
            Message reply = caller.take(mine);

            assertThat(gateway.port()).isPositive();
            assertThat(dead.getText()).isEqualTo(request.getText());
            assertThat(dead.getStringProperty("tenant")).isEqualTo("t7");
            assertThat(dead.getIntProperty("size")).isEqualTo(3);
            assertThat(dead.getJMSCorrelationID()).isEqualTo("c1");
            assertThat(dead.getStringProperty("BactrianFailureClass")).isEqualTo("INVALID_REQUEST");
            assertThat(dead.getStringProperty("BactrianAttempts")).isEmpty();
            assertThat(dead.getStringProperty("BactrianReason")).contains("nonsense");
            assertThat(reply.getJMSCorrelationID()).isEqualTo("c1");
            assertThat(reply.getIntProperty("BactrianStatus")).isEqualTo(404);
            assertThat(JmsCaller.json(reply).at("/error/code").asText()).isEqualTo("model_not_found");
            assertThat(reply.propertyExists("tenant")).isFalse();
            assertThat(reply.getJMSExpiration()).isPositive();
            assertThat(p.calls()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_mistake_that_the_providers_find_has_their_class_and_trail(Wire wire) throws JMSException {
        try (Broker broker = Broker.start();
                StubProvider p = StubProvider.openai()
                        .answers(Reply.error(400, "invalid_request_error", null, "'temperature' must be below 2"));
                Gateway gateway = gateway(broker, wire, p);
                JmsCaller caller = new JmsCaller(broker.connectionFactory())) {
            caller.ask(caller.text("c1", "Say hello"));

            Message dead = caller.take("llm.dead");

            assertThat(gateway.port()).isPositive();
            assertThat(dead.getStringProperty("BactrianFailureClass")).isEqualTo("INVALID_REQUEST");
            assertThat(dead.getStringProperty("BactrianAttempts")).contains("p/model-p=INVALID_REQUEST");
            assertThat(caller.takeIn(caller.queue("llm.replies"), 300)).isNull();
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_message_that_is_no_request_at_all_is_a_dead_letter(Wire wire) throws JMSException {
        try (Broker broker = Broker.start();
                StubProvider p = StubProvider.openai();
                Gateway gateway = gateway(broker, wire, p, "bactrian.server.max-body=2048");
                JmsCaller caller = new JmsCaller(broker.connectionFactory())) {
            MapMessage map = caller.jms().createMapMessage();
            map.setString("question", "Say hello");
            map.setStringProperty("kind", "map");
            List<Message> odd = List.of(
                    map,
                    caller.jms().createObjectMessage("Say hello"),
                    caller.jms().createMessage(),
                    caller.text("empty", ""),
                    caller.text("blank", "  "),
                    caller.text("list", "{\"model\":\"default\",\"messages\":"),
                    caller.text("bad", BAD),
                    caller.text("large", "x".repeat(2_049)),
                    caller.bytes(new byte[] {(byte) 0xC3, (byte) 0x28}),
                    caller.bytes("{\"model\":\"\u00ff\"}".getBytes(java.nio.charset.StandardCharsets.ISO_8859_1)));
            odd.forEach(caller::ask);

            List<Message> dead = caller.take("llm.dead", odd.size());
            caller.ask(caller.text("good", "Say hello"));

            assertThat(gateway.port()).isPositive();
            assertThat(dead).allSatisfy(message -> {
                assertThat(message.getStringProperty("BactrianFailureClass")).isEqualTo("INVALID_REQUEST");
                assertThat(message.getStringProperty("BactrianReason")).isNotBlank();
            });
            assertThat(dead.stream().filter(MapMessage.class::isInstance).map(MapMessage.class::cast))
                    .singleElement()
                    .satisfies(message -> {
                        assertThat(message.getString("question")).isEqualTo("Say hello");
                        assertThat(message.getStringProperty("kind")).isEqualTo("map");
                    });
            assertThat(caller.take("llm.replies").getJMSCorrelationID()).isEqualTo("good");
            assertThat(p.calls()).hasSize(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_request_whose_reply_has_no_address_any_more_is_a_dead_letter(Wire wire) throws JMSException {
        try (Broker broker = Broker.withQueues("llm.requests", "llm.replies", "llm.dead");
                StubProvider p = StubProvider.openai();
                Gateway gateway = gateway(broker, wire, p);
                JmsCaller caller = new JmsCaller(broker.connectionFactory())) {
            TemporaryQueue gone = caller.jms().createTemporaryQueue();
            gone.delete();
            caller.ask(caller.text("c1", "Say hello"), gone);

            Message dead = caller.take("llm.dead");

            assertThat(gateway.port()).isPositive();
            assertThat(dead.getStringProperty("BactrianFailureClass")).isEqualTo("REPLY_ADDRESS_GONE");
            assertThat(dead.getBody(String.class)).isEqualTo("Say hello");
            assertThat(dead.getStringProperty("BactrianAttempts")).contains("p/model-p=OK");
            assertThat(caller.takeIn(caller.queue("llm.dead"), 300)).isNull();
            assertThat(p.calls()).hasSize(1);
        }
    }

    /** Other protocols know names, values and addresses that JMS does not. None of them brings the message back for ever. */
    @Test
    void properties_that_jms_does_not_know_do_no_harm() throws Exception {
        try (Broker broker = Broker.start();
                StubProvider p = StubProvider.openai();
                Gateway gateway = gateway(broker, Wire.CORE, p);
                JmsCaller caller = new JmsCaller(broker.connectionFactory())) {
            send(broker, "good", message -> message.putBytesProperty("BactrianRequestId", new byte[] {1}));
            send(broker, "good", message -> message.putBytesProperty("traceparent", new byte[] {1}));
            send(broker, "good", message -> message.putBytesProperty("JMSReplyTo", new byte[] {1}));
            send(broker, BAD, message -> message.putStringProperty("content-type", "json"));
            send(broker, BAD, message -> message.putStringProperty("NULL", "1"));

            List<Message> dead = caller.take("llm.dead", 2);
            List<Message> replies = caller.take("llm.replies", 3);

            assertThat(gateway.port()).isPositive();
            assertThat(dead).allSatisfy(message -> assertThat(message.getStringProperty("BactrianFailureClass"))
                    .isEqualTo("INVALID_REQUEST"));
            assertThat(dead).anySatisfy(message -> assertThat(message.getStringProperty("content_HYPHEN_type"))
                    .isEqualTo("json"));
            assertThat(replies).allSatisfy(message -> assertThat(message.getIntProperty("BactrianStatus"))
                    .isEqualTo(200));
        }
    }

    private static void send(Broker broker, String body, Consumer<ClientMessage> change) throws Exception {
        try (ServerLocator locator = ActiveMQClient.createServerLocator(broker.url());
                ClientSessionFactory factory = locator.createSessionFactory();
                ClientSession session = factory.createSession();
                ClientProducer producer = session.createProducer("llm.requests")) {
            ClientMessage message = session.createMessage(ClientMessage.TEXT_TYPE, true);
            message.setRoutingType(RoutingType.ANYCAST);
            message.getBodyBuffer().writeNullableSimpleString(SimpleString.of(body));
            change.accept(message);
            producer.send(message);
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_request_that_expires_in_ten_years_is_answered(Wire wire) throws JMSException {
        try (Broker broker = Broker.start();
                StubProvider p = StubProvider.openai();
                Gateway gateway = gateway(broker, wire, p);
                JmsCaller caller = new JmsCaller(broker.connectionFactory())) {
            caller.jms()
                    .createProducer()
                    .setTimeToLive(Duration.ofDays(3_650).toMillis())
                    .send(caller.queue("llm.requests"), caller.text("c1", "Say hello"));

            assertThat(caller.take("llm.replies").getIntProperty("BactrianStatus"))
                    .isEqualTo(200);
            assertThat(gateway.port()).isPositive();
        }
    }

    private static Gateway gateway(Broker broker, Wire wire, StubProvider p, String... more) {
        String[] lines = new String[more.length + 3];
        lines[0] = "bactrian.queue.enabled=true";
        lines[1] = "bactrian.queue.broker-url=" + (wire == Wire.CORE ? broker.url() : broker.amqpUrl());
        lines[2] = "bactrian.queue.consumers=4";
        System.arraycopy(more, 0, lines, 3, more.length);
        return Gateway.over(Map.of("p", p), lines);
    }
}
