package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.Broker;
import io.bactrian.testing.Gateway;
import io.bactrian.testing.Postgres;
import io.bactrian.testing.StubProvider;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.TextMessage;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Answers to requests from a queue that are stored, so that they are not paid for again. */
final class QueueLedgerIT {
    private static final String ENABLED = "bactrian.queue.enabled=true";

    @Test
    void an_answer_is_given_again_without_a_call() throws JMSException {
        try (Broker broker = Broker.start();
                StubProvider p = StubProvider.openai();
                Gateway gateway = Gateway.over(Map.of("p", p), ENABLED, "bactrian.queue.broker-url=" + broker.url());
                JMSContext jms = broker.connectionFactory().createContext();
                JMSConsumer replies = jms.createConsumer(jms.createQueue("llm.replies"))) {
            assertThat(ask(jms, replies)).contains("Hello from the stub.");
            assertThat(gateway.directory().resolve("data/answers.mv.db")).exists();

            assertThat(ask(jms, replies)).contains("Hello from the stub.");

            assertThat(p.calls()).hasSize(1);
        }
    }

    @Test
    void another_node_gives_the_answer_that_is_in_the_database() throws JMSException {
        try (Postgres postgres = Postgres.start();
                Broker broker = Broker.start();
                StubProvider p = StubProvider.openai();
                JMSContext jms = broker.connectionFactory().createContext();
                JMSConsumer replies = jms.createConsumer(jms.createQueue("llm.replies"))) {
            for (int node = 0; node < 2; node++) {
                try (Gateway gateway = Gateway.over(
                        Map.of("p", p),
                        ENABLED,
                        "bactrian.queue.broker-url=" + broker.url(),
                        "bactrian.queue.store=" + postgres.url())) {
                    assertThat(gateway.port()).isPositive();
                    assertThat(ask(jms, replies)).contains("Hello from the stub.");
                }
            }

            assertThat(p.calls()).hasSize(1);
        }
    }

    private static String ask(JMSContext jms, JMSConsumer replies) throws JMSException {
        TextMessage request = jms.createTextMessage("Say hello");
        request.setStringProperty("BactrianRequestId", "r1");
        jms.createProducer().send(jms.createQueue("llm.requests"), request);
        TextMessage reply = (TextMessage) replies.receive(20_000);
        assertThat(reply).isNotNull();
        return reply.getText();
    }
}
