package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Broker;
import io.bactrian.testing.Gateway;
import io.bactrian.testing.JmsCaller;
import io.bactrian.testing.Reply;
import io.bactrian.testing.StubProvider;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Queue;
import jakarta.jms.TextMessage;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests from a queue while providers are away: they wait at the broker, and none of them is lost or a dead letter. */
final class QueueOutageIT {
    private static final Reply AWAY = Reply.error(500, "server_error", null, "away");

    @ParameterizedTest
    @ValueSource(strings = {"tcp", "amqp"})
    void an_outage_of_all_providers_pauses_the_queue_and_ends_with_all_answers(String wire) throws JMSException {
        try (Broker broker = Broker.start();
                StubProvider p = StubProvider.openai().answers(AWAY);
                Gateway gateway = Gateway.over(
                        Map.of("p", p),
                        "bactrian.queue.enabled=true",
                        "bactrian.queue.broker-url=" + (wire.equals("amqp") ? broker.amqpUrl() : broker.url()),
                        "bactrian.queue.consumers=20",
                        "bactrian.defaults.max-attempts=1",
                        "bactrian.defaults.breaker.failures=3",
                        "bactrian.defaults.breaker.open-for=1s");
                JmsCaller caller = new JmsCaller(broker.connectionFactory())) {
            for (int i = 0; i < 200; i++) {
                caller.ask(caller.text("c" + i, "Say hello"));
            }
            await().atMost(Duration.ofSeconds(30)).until(() -> !p.calls().isEmpty());
            await().pollDelay(Duration.ofSeconds(4))
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> true);
            int wasted = p.calls().size();
            p.answers(Reply.text("Back."));

            List<Message> replies = caller.take("llm.replies", 200);

            Set<String> answered = new HashSet<>();
            for (Message reply : replies) {
                answered.add(reply.getJMSCorrelationID());
                assertThat(JmsCaller.json(reply)
                                .at("/choices/0/message/content")
                                .asText())
                        .isEqualTo("Back.");
            }
            assertThat(gateway.port()).isPositive();
            assertThat(answered).hasSize(200);
            // The 20 in hand at first, and trial calls.
            assertThat(wasted).isLessThan(60);
            assertThat(p.calls().size() - wasted).isBetween(200, 230);
            assertThat(caller.takeIn(caller.queue("llm.dead"), 200)).isNull();
            assertThat(caller.takeIn(caller.queue("llm.replies"), 200)).isNull();
        }
    }

    @Test
    void a_chain_that_is_away_does_not_hold_up_another() throws JMSException {
        try (Broker broker = Broker.start();
                StubProvider p = StubProvider.openai().answers(AWAY);
                StubProvider f = StubProvider.openai();
                Gateway gateway = two(broker, p, f);
                JmsCaller caller = new JmsCaller(broker.connectionFactory())) {
            for (int i = 0; i < 20; i++) {
                caller.ask(to("away", caller.text("away" + i, "Say hello")));
                caller.ask(to("well", caller.text("well" + i, "Say hello")));
            }

            assertThat(caller.take("llm.replies", 20))
                    .allSatisfy(reply -> assertThat(reply.getJMSCorrelationID()).startsWith("well"));
            p.answers(Reply.text("Back."));

            assertThat(caller.take("llm.replies", 20))
                    .allSatisfy(reply -> assertThat(reply.getJMSCorrelationID()).startsWith("away"));
            assertThat(gateway.port()).isPositive();
            assertThat(caller.takeIn(caller.queue("llm.dead"), 200)).isNull();
        }
    }

    @Test
    void a_request_that_comes_again_is_the_same_and_an_expired_one_is_told_so() throws JMSException {
        try (Broker broker = Broker.start();
                StubProvider p = StubProvider.openai().answers(AWAY);
                StubProvider f = StubProvider.openai();
                Gateway gateway = two(broker, p, f);
                JmsCaller caller = new JmsCaller(broker.connectionFactory())) {
            Queue mine = caller.queue("mine");
            TextMessage lasting = to("away", caller.jms().createTextMessage("Say hello"));
            lasting.setStringProperty("tenant", "t7");
            caller.ask(lasting, mine);
            TextMessage brief = to("away", caller.text("brief", "Say hello"));
            brief.setJMSReplyTo(mine);
            caller.jms().createProducer().setTimeToLive(2_500).send(caller.queue("llm.requests"), brief);

            Message expired = caller.take(mine);
            int calls = p.calls().size();
            p.answers(Reply.text("Back."));
            Message answer = caller.take(mine);

            assertThat(gateway.port()).isPositive();
            assertThat(expired.getJMSCorrelationID()).isEqualTo("brief");
            assertThat(expired.getIntProperty("BactrianStatus")).isEqualTo(504);
            assertThat(answer.getJMSCorrelationID()).isEqualTo(lasting.getJMSMessageID());
            assertThat(answer.getStringProperty("BactrianRequestId")).isEqualTo(lasting.getJMSMessageID());
            assertThat(answer.getStringProperty("BactrianStatus")).isEqualTo("200");
            assertThat(answer.propertyExists("BactrianTries")).isFalse();
            assertThat(calls).isPositive();
        }
    }

    private static Gateway two(Broker broker, StubProvider p, StubProvider f) {
        Map<String, StubProvider> both = new LinkedHashMap<>();
        both.put("p", p);
        both.put("f", f);
        return Gateway.over(
                both,
                "bactrian.queue.enabled=true",
                "bactrian.queue.broker-url=" + broker.url(),
                "bactrian.queue.consumers=4",
                "bactrian.chains.away=p/model-p",
                "bactrian.chains.well=f/model-f",
                "bactrian.defaults.max-attempts=1",
                "bactrian.defaults.breaker.failures=3",
                "bactrian.defaults.breaker.open-for=1s");
    }

    private static TextMessage to(String chain, TextMessage message) throws JMSException {
        message.setStringProperty("BactrianChain", chain);
        return message;
    }
}
