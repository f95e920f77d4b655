package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.protocol.Json;
import io.bactrian.testing.Broker;
import io.bactrian.testing.Gateway;
import io.bactrian.testing.StubProvider;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.TextMessage;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Requests from a queue. */
final class QueueIT {

    @Test
    void a_request_gets_its_reply() throws JMSException {
        try (Broker broker = Broker.start();
                StubProvider p = StubProvider.openai();
                Gateway gateway = Gateway.over(
                        Map.of("p", p), "bactrian.queue.enabled=true", "bactrian.queue.broker-url=" + broker.url());
                JMSContext jms = broker.connectionFactory().createContext()) {
            assertThat(gateway.port()).isPositive();
            TextMessage request = jms.createTextMessage("Say hello");
            request.setJMSCorrelationID("c1");
            jms.createProducer().send(jms.createQueue("llm.requests"), request);

            TextMessage reply = (TextMessage)
                    jms.createConsumer(jms.createQueue("llm.replies")).receive(10_000);

            assertThat(reply.getJMSCorrelationID()).isEqualTo("c1");
            assertThat(Json.parse(reply.getText().getBytes(java.nio.charset.StandardCharsets.UTF_8))
                            .at("/choices/0/message/content")
                            .asText())
                    .isEqualTo("Hello from the stub.");
            assertThat(reply.getStringProperty("BactrianTarget")).isEqualTo("p/model-p");
        }
    }

    @Test
    void the_broker_is_part_of_the_gateway() throws JMSException {
        try (StubProvider p = StubProvider.openai();
                Gateway gateway =
                        Gateway.over(Map.of("p", p), "bactrian.queue.enabled=true", "bactrian.queue.port=61999");
                JMSContext jms = new org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory(
                                "tcp://127.0.0.1:61999?reconnectAttempts=50&initialConnectAttempts=50&retryInterval=100")
                        .createContext()) {
            assertThat(gateway.port()).isPositive();
            jms.createProducer().send(jms.createQueue("llm.requests"), "Say hello");

            TextMessage reply = (TextMessage)
                    jms.createConsumer(jms.createQueue("llm.replies")).receive(10_000);

            assertThat(reply.getText()).contains("Hello from the stub.");
        }
    }
}
