package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.spi.ILoggingEvent;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.LogCapture;
import io.bactrian.testing.Reply;
import io.bactrian.testing.Request;
import io.bactrian.testing.Spans;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The log context: every line that a request causes has its id and that of its trace. */
final class LogContextIT {
    private static final String RACE = "race(a, b)";
    private static final Spans SPANS = new Spans();

    @RegisterExtension
    static final GatewayExtension gateway = GatewayExtension.with("bactrian.defaults.max-attempts=1")
            .openai("a", "b")
            .chains(RACE)
            .traced(SPANS);

    @RegisterExtension
    final LogCapture log = LogCapture.of("io.bactrian.runtime.RouteBeans");

    @RegisterExtension
    final LogCapture requests = LogCapture.of("bactrian.requests");

    @Test
    void a_line_has_the_ids_of_the_request_and_of_its_trace() {
        gateway.stub("a").answers(strange());

        Answer answer = gateway.ask(gateway.along("a", "b"));

        assertHasIds(answer);
    }

    @Test
    void so_has_a_line_of_a_racer() {
        gateway.stub("a").answers(strange());
        // Else the other racer could win first, and this one would be cancelled before it failed.
        gateway.stub("b").on(call -> {
            await().until(() -> !log.events().isEmpty());
            return Reply.text("slower");
        });

        Answer answer = gateway.ask(Request.of(gateway.chain(RACE)));

        assertHasIds(answer);
    }

    private void assertHasIds(Answer answer) {
        String id = answer.header("x-request-id");
        SpanData request = SPANS.request(id);
        Map<String, String> ids = Map.of("request", id, "trace", request.getTraceId());
        await().untilAsserted(() -> assertThat(ofRequest(log.events(), id))
                .isNotEmpty()
                .allSatisfy(event -> assertThat(event.getMDCPropertyMap()).isEqualTo(ids)));
        await().untilAsserted(() -> assertThat(requests.events())
                .filteredOn(event -> event.getFormattedMessage().startsWith(id))
                .hasSize(1)
                .allSatisfy(event -> assertThat(event.getMDCPropertyMap()).isEqualTo(ids)));
    }

    private static List<ILoggingEvent> ofRequest(List<ILoggingEvent> events, String id) {
        return events.stream()
                .filter(event -> id.equals(event.getMDCPropertyMap().get("request")))
                .toList();
    }

    /** A failure that no rule knows, of which there is a line in the log. */
    private static Reply strange() {
        return Reply.error(418, "teapot", "short_and_stout", "I am a teapot");
    }
}
