package io.bactrian.behaviour;

import static io.bactrian.testing.Spans.number;
import static io.bactrian.testing.Spans.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Broker;
import io.bactrian.testing.Spans;
import io.bactrian.testing.StubProvider;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.TextMessage;
import org.apache.camel.Exchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Traces of messages that other routes send to {@code direct:chat}. */
final class TracedMessagesIT {
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String PARENT = "00-" + TRACE + "-00f067aa0ba902b7-01";

    private final Spans spans = new Spans();
    private final StubProvider p = StubProvider.openai();
    private final StubProvider f = StubProvider.openai();

    @AfterEach
    void close() {
        p.close();
        f.close();
    }

    @Test
    void a_message_of_a_route_has_a_span_in_the_trace_that_its_headers_name() {
        try (OwnRoutes routes = OwnRoutes.with(p, f).start(spans.traces())) {
            routes.send("direct:chat", exchange -> {
                exchange.getMessage().setBody("Hi");
                exchange.getMessage().setHeader("traceparent", PARENT);
            });

            SpanData request = only("direct:chat");
            assertThat(request.getKind()).isEqualTo(SpanKind.INTERNAL);
            assertThat(request.getTraceId()).isEqualTo(TRACE);
            assertThat(text(request, "bactrian.target")).isEqualTo("p/m");
            assertThat(number(request, "http.response.status_code")).isNull();
            assertThat(spans.calls(request)).hasSize(1);
            assertThat(p.lastCall().header("traceparent")).contains(TRACE);
        }
    }

    @Test
    void a_message_that_is_no_request_has_a_span_too() {
        try (OwnRoutes routes = OwnRoutes.with(p, f).start(spans.traces())) {
            Exchange failed = routes.send("direct:chat", "");

            assertThat(failed.getException()).isNotNull();
            SpanData request = only("direct:chat");
            assertThat(text(request, "error.type")).isEqualTo("400");
            assertThat(request.getStatus().getStatusCode()).isEqualTo(StatusCode.UNSET);
        }
    }

    @Test
    void a_message_of_a_queue_has_a_consumer_s_span_in_the_trace_of_its_sender() throws Exception {
        try (Broker broker = Broker.start();
                OwnRoutes routes = OwnRoutes.with(
                                p,
                                f,
                                "camel.component.jms.connection-factory=#class:"
                                        + "org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory('"
                                        + broker.url() + "')")
                        .file("jms.camel.yaml", JMS);
                JMSContext jms = broker.connectionFactory().createContext();
                JMSConsumer answers = jms.createConsumer(jms.createQueue("answers"))) {
            routes.start(spans.traces());
            TextMessage question = jms.createTextMessage("Hi");
            question.setStringProperty("traceparent", PARENT);
            jms.createProducer().send(jms.createQueue("questions"), question);
            assertThat(answers.receive(20_000)).isNotNull();

            SpanData request = only("process questions");
            assertThat(request.getKind()).isEqualTo(SpanKind.CONSUMER);
            assertThat(request.getTraceId()).isEqualTo(TRACE);
            assertThat(text(request, "messaging.system")).isEqualTo("jms");
            assertThat(text(request, "messaging.destination.name")).isEqualTo("questions");
        }
    }

    private static final String JMS = """
        - from:
            uri: jms:queue:questions
            parameters:
              receiveTimeout: 500
            steps:
              - to: direct:chat
              - convertBodyTo:
                  type: String
              - to: jms:queue:answers
        """;

    private SpanData only(String name) {
        await().until(() -> spans.all().stream().anyMatch(span -> span.getName().equals(name)));
        return spans.all().stream()
                .filter(span -> span.getName().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
