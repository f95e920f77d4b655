package io.bactrian.behaviour;

import static io.bactrian.behaviour.EmbeddedHost.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.api.ChatHeaders;
import io.bactrian.testing.Broker;
import io.bactrian.testing.Folders;
import io.bactrian.testing.JmsCaller;
import io.bactrian.testing.Ports;
import io.bactrian.testing.Reply;
import io.bactrian.testing.StubProvider;
import jakarta.jms.Message;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.apache.camel.Exchange;
import org.junit.jupiter.api.Test;

/** The parts of the engine that an application may switch on: its queue, its broker and its stored answers. */
final class EmbeddedPartsIT {
    @Test
    void requests_from_a_queue_of_the_application_s_broker_are_answered() throws Exception {
        try (Broker broker = Broker.start();
                StubProvider p = StubProvider.openai().answers(Reply.text("From afar."));
                EmbeddedHost host = EmbeddedHost.over(
                                Map.of("p", p),
                                "bactrian.queue.enabled=true",
                                "bactrian.queue.directory=" + Folders.temporary("bactrian-embedded-queue"),
                                "bactrian.queue.broker-url=" + broker.url())
                        .start();
                JmsCaller caller = new JmsCaller(broker.connectionFactory())) {
            caller.ask(caller.text("c1", "Who?"));

            Message reply = caller.take("llm.replies");
            assertThat(reply.getJMSCorrelationID()).isEqualTo("c1");
            assertThat(JmsCaller.json(reply).at("/choices/0/message/content").asText())
                    .isEqualTo("From afar.");
            assertThat(text(host.ask("direct:chat", "Who?"))).contains("From afar.");
        }
    }

    @Test
    void a_broker_in_the_application_keeps_its_requests_over_a_restart() throws Exception {
        Path folder = Folders.temporary("bactrian-embedded-broker");
        String[] lines = {
            "bactrian.queue.enabled=true",
            "bactrian.queue.directory=" + folder,
            "bactrian.queue.port=" + Ports.free(),
            "bactrian.defaults.max-attempts=1"
        };
        String url = lines[2].replace("bactrian.queue.port=", "tcp://127.0.0.1:");
        try (StubProvider p = StubProvider.openai().answers(Reply.error(503, "overloaded", null, "not now"));
                EmbeddedHost host = EmbeddedHost.over(Map.of("p", p), lines).start()) {
            await().atMost(Duration.ofSeconds(60)).ignoreExceptions().untilAsserted(() -> {
                try (JmsCaller caller = new JmsCaller(new ActiveMQConnectionFactory(url))) {
                    caller.ask(caller.text("c2", "Who?"));
                }
            });
            await().atMost(Duration.ofSeconds(60)).until(() -> !p.calls().isEmpty());
            assertThat(host.context().isStarted()).isTrue();
        }
        assertThat(folder.resolve("broker/journal")).isNotEmptyDirectory();
        try (StubProvider p = StubProvider.openai().answers(Reply.text("Now."));
                EmbeddedHost host = EmbeddedHost.over(Map.of("p", p), lines).start()) {
            await().atMost(Duration.ofSeconds(60)).until(() -> !p.calls().isEmpty());
            try (JmsCaller caller = new JmsCaller(new ActiveMQConnectionFactory(url))) {
                assertThat(caller.take("llm.replies").getJMSCorrelationID()).isEqualTo("c2");
            }
            assertThat(host.context().isStarted()).isTrue();
        }
    }

    @Test
    void an_answer_that_was_stored_is_given_after_a_restart_although_all_providers_fail() throws Exception {
        String[] lines = {
            "bactrian.chains.default=p/m, stale",
            "bactrian.stale.store=jdbc:h2:"
                    + Folders.temporary("bactrian-embedded-stale").resolve("answers"),
            "bactrian.defaults.max-attempts=1"
        };
        try (StubProvider p = StubProvider.openai().answers(Reply.text("As before."));
                EmbeddedHost host = EmbeddedHost.over(Map.of("p", p), lines).start()) {
            assertThat(text(host.ask("direct:chat", "Who?"))).contains("As before.");
        }
        try (StubProvider p = StubProvider.openai().answers(Reply.error(500, "server_error", null, "broken"));
                EmbeddedHost host = EmbeddedHost.over(Map.of("p", p), lines).start()) {
            await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
                Exchange end = host.ask("direct:chat", "Who?");
                assertThat(end.getException()).isNull();
                assertThat(text(end)).contains("As before.");
                assertThat(end.getMessage().getHeader(ChatHeaders.TARGET)).isEqualTo("stale");
            });
        }
    }
}
