package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.testing.Gateway;
import io.bactrian.testing.MetricsText;
import io.bactrian.testing.OpenPage;
import io.bactrian.testing.Reply;
import io.bactrian.testing.StubProvider;
import java.time.Duration;
import java.util.Map;
import org.apache.camel.ProducerTemplate;
import org.junit.jupiter.api.Test;

/** What operators see of the queue. */
final class QueueFiguresIT {
    private static final String[] CHIEF = {"x-api-key", "key-of-chief"};
    private static final String[] NARROW = {"x-api-key", "key-of-narrow"};

    @Test
    void status_metrics_and_page_tell_how_many_requests_wait() throws Exception {
        try (StubProvider p = StubProvider.openai();
                Gateway gateway = slow(p);
                ProducerTemplate sender = gateway.context().createProducerTemplate()) {
            for (int i = 0; i < 3; i++) {
                sender.sendBody("jms:queue:llm.requests", "Say hello");
            }

            await().atMost(Duration.ofSeconds(20))
                    .until(() -> queue(gateway).path("depth").asInt() == 3
                            && queue(gateway).path("oldestMillis").asLong() > 0);
            MetricsText metrics = MetricsText.of(gateway.get("/metrics", CHIEF).text());
            assertThat(metrics.value("bactrian_queue_connected")).isEqualTo(1);
            assertThat(metrics.value("bactrian_queue_paused")).isZero();
            assertThat(metrics.value("bactrian_queue_depth")).isPositive();
            assertThat(metrics.value("bactrian_queue_oldest_seconds")).isPositive();
            assertThat(metrics.labelValues("bactrian_queue_requests", "outcome"))
                    .containsExactlyInAnyOrder("answered", "replayed", "later", "expired", "dead_letter");
            try (OpenPage page = OpenPage.at(gateway.uri("/page/events"), CHIEF);
                    OpenPage limited = OpenPage.at(gateway.uri("/page/events"), NARROW)) {
                assertThat(page.snapshot(s -> true).at("/queue/requests").asText())
                        .isEqualTo("llm.requests");
                assertThat(limited.snapshot(s -> true).has("queue"))
                        .as("the queue serves all chains, which a limited caller does not see")
                        .isFalse();
            }
        }
    }

    @Test
    void requests_are_counted_by_what_became_of_them() throws Exception {
        try (StubProvider p = StubProvider.openai();
                Gateway gateway = slow(p);
                ProducerTemplate sender = gateway.context().createProducerTemplate()) {
            sender.sendBody("jms:queue:llm.requests", "Say hello");
            sender.sendBody("jms:queue:llm.requests", "{\"messages\": 7}");

            await().atMost(Duration.ofSeconds(60))
                    .until(() -> queue(gateway).path("inFlight").asInt() == 1);
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> queue(gateway).path("deadLetters").asInt() == 1);
            JsonNode queue = queue(gateway);
            assertThat(queue.path("answered").asInt()).isEqualTo(1);
            assertThat(queue.at("/deadLetterClasses/INVALID_REQUEST").asInt()).isEqualTo(1);
            MetricsText metrics = MetricsText.of(gateway.get("/metrics", CHIEF).text());
            assertThat(metrics.value("bactrian_queue_requests_total", "outcome", "answered"))
                    .isEqualTo(1);
            assertThat(metrics.value("bactrian_queue_dead_letters_total", "class", "INVALID_REQUEST"))
                    .isEqualTo(1);
            await().atMost(Duration.ofSeconds(20)).until(() -> gateway.get("/status", CHIEF)
                    .json()
                    .path("alerts")
                    .findValuesAsText("key")
                    .contains("queue/dead"));
        }
    }

    @Test
    void a_gateway_without_a_queue_has_no_figures_of_one() throws Exception {
        try (StubProvider p = StubProvider.openai();
                Gateway gateway = Gateway.over(Map.of("p", p));
                OpenPage page = OpenPage.at(gateway.uri("/page/events"))) {
            assertThat(gateway.get("/status").json().has("queue")).isFalse();
            assertThat(gateway.get("/metrics").text()).doesNotContain("bactrian_queue_");
            assertThat(page.snapshot(s -> true).has("queue")).isFalse();
        }
    }

    @Test
    void a_broker_that_is_away_is_told_and_takes_nothing_else_out_of_service() throws Exception {
        try (StubProvider p = StubProvider.openai();
                Gateway gateway = Gateway.over(
                        Map.of("p", p), "bactrian.queue.enabled=true", "bactrian.queue.broker-url=tcp://127.0.0.1:1")) {
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> !queue(gateway).path("connected").asBoolean());
            assertThat(queue(gateway).path("trouble").asText()).contains("127.0.0.1:1");
            assertThat(queue(gateway).has("depth")).isFalse();
            assertThat(MetricsText.of(gateway.get("/metrics").text()).value("bactrian_queue_connected"))
                    .isZero();
            assertThat(gateway.get("/health/ready").status()).isEqualTo(200);
            assertThat(gateway.ask().status()).isEqualTo(200);
        }
    }

    private static void awaitBroker(Gateway gateway) {
        await().atMost(Duration.ofSeconds(60)).until(() -> queue(gateway).has("depth"));
    }

    /** A gateway that takes one request at a time, whose answer comes after two seconds; its broker runs. */
    private static Gateway slow(StubProvider p) {
        p.answers(Reply.text("Late").firstTokenAfter(Duration.ofSeconds(2)));
        Gateway gateway = Gateway.over(
                Map.of("p", p),
                "bactrian.queue.enabled=true",
                "bactrian.queue.port=0",
                "bactrian.queue.consumers=1",
                "bactrian.server.keys=chief:key-of-chief,narrow:key-of-narrow",
                "bactrian.server.limits.narrow.chains=default");
        awaitBroker(gateway);
        return gateway;
    }

    private static JsonNode queue(Gateway gateway) {
        return gateway.get("/status", CHIEF).json().path("queue");
    }
}
