package io.bactrian.behaviour;

import static io.bactrian.testing.Spans.events;
import static io.bactrian.testing.Spans.number;
import static io.bactrian.testing.Spans.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Caller;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.RawCaller;
import io.bactrian.testing.Reply;
import io.bactrian.testing.Request;
import io.bactrian.testing.Spans;
import io.bactrian.testing.StubProvider;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Traces: a span for each request with what happened to it, and one for each call that its providers saw. */
final class TraceIT {
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String PARENT = "00-" + TRACE + "-00f067aa0ba902b7-01";
    private static final String RACE = "race(a, b)";
    private static final String WORDS = "One two three four five six seven eight nine ten.";
    private static final Spans SPANS = new Spans();

    @RegisterExtension
    static final GatewayExtension gateway = GatewayExtension.with(
                    "bactrian.defaults.backoff=10ms",
                    "bactrian.defaults.deadline=20s",
                    "bactrian.defaults.max-attempts=1",
                    "bactrian.static.sorry=Sorry.",
                    "bactrian.chains.resort=r/gone, static:sorry",
                    "bactrian.chains.embeddings=a/vectors")
            .openai("a", "b", "r")
            .anthropic("m")
            .chains(RACE)
            .chains("a, b", "max-attempts=2")
            .traced(SPANS);

    private final StubProvider a = gateway.stub("a");
    private final StubProvider b = gateway.stub("b");

    @Test
    void a_request_has_a_span_and_its_call_has_one() {
        Answer answer =
                gateway.ask(gateway.along("a").header("user-agent", "test/1").saying("secret words"));

        SpanData request = SPANS.request(id(answer));
        assertThat(request.getName()).isEqualTo("POST /v1/chat/completions");
        assertThat(request.getKind()).isEqualTo(SpanKind.SERVER);
        assertThat(request.getParentSpanContext().isValid()).isFalse();
        assertThat(request.getStatus().getStatusCode()).isEqualTo(StatusCode.UNSET);
        assertThat(text(request, "http.request.method")).isEqualTo("POST");
        assertThat(text(request, "http.route")).isEqualTo("/v1/chat/completions");
        assertThat(number(request, "http.response.status_code")).isEqualTo(200);
        assertThat(text(request, "user_agent.original")).isEqualTo("test/1");
        assertThat(text(request, "gen_ai.operation.name")).isEqualTo("chat");
        assertThat(text(request, "gen_ai.request.model")).startsWith("a/fresh");
        assertThat(text(request, "bactrian.chain")).startsWith("a/fresh");
        assertThat(text(request, "bactrian.target")).isEqualTo(answer.header("x-bactrian-target"));
        assertThat(text(request, "bactrian.outcome")).isEqualTo("answered");
        assertThat(text(request, "bactrian.degraded")).isEqualTo("false");
        assertThat(number(request, "bactrian.fallbacks")).isZero();
        assertThat(text(request, "error.type")).isNull();
        assertThat(number(request, "gen_ai.usage.input_tokens"))
                .as("sums would count it twice")
                .isNull();

        SpanData call = only(SPANS.calls(request));
        String model = Objects.requireNonNull(text(call, "gen_ai.request.model"));
        assertThat(call.getName()).isEqualTo("chat " + model).startsWith("chat fresh");
        assertThat(text(call, "gen_ai.operation.name")).isEqualTo("chat");
        assertThat(text(call, "gen_ai.provider.name")).isEqualTo("a");
        assertThat(text(call, "gen_ai.response.model")).isNotEmpty();
        assertThat(text(call, "server.address")).isEqualTo("127.0.0.1");
        assertThat(a.baseUrl()).contains(":" + number(call, "server.port"));
        assertThat(number(call, "http.response.status_code")).isEqualTo(200);
        assertThat(number(call, "gen_ai.usage.input_tokens")).isPositive();
        assertThat(number(call, "gen_ai.usage.output_tokens")).isPositive();
        assertThat(call.getAttributes().asMap().keySet())
                .anyMatch(key -> key.getKey().equals("gen_ai.response.time_to_first_chunk"));
        assertThat(SPANS.all().toString()).doesNotContain("secret words", "Hello from");
    }

    @Test
    void every_call_has_a_span_with_its_class() {
        a.answers(Reply.error(529, "overloaded_error", null, "Overloaded"), Reply.reset());

        Answer answer = gateway.ask(Request.of(gateway.chain("a, b", "max-attempts=2")));

        SpanData request = SPANS.request(id(answer));
        List<SpanData> calls = SPANS.calls(request);
        assertThat(calls).extracting(call -> text(call, "error.type")).containsExactly("OVERLOADED", "NETWORK", null);
        assertThat(calls)
                .extracting(call -> call.getStatus().getStatusCode())
                .containsExactly(StatusCode.ERROR, StatusCode.ERROR, StatusCode.UNSET);
        assertThat(calls)
                .extracting(call -> number(call, "http.response.status_code"))
                .containsExactly(529L, null, 200L);
        assertThat(calls).extracting(call -> number(call, "bactrian.attempt")).containsExactly(1L, 2L, 3L);
        assertThat(events(request)).containsExactly("waited a/" + gateway.model() + " same_target");
        assertThat(number(request, "bactrian.fallbacks")).isOne();
        assertThat(text(request, "bactrian.attempts")).isEqualTo(answer.attempts());
    }

    @Test
    void the_loser_of_a_race_is_cancelled_and_no_error() {
        a.answers(Reply.text("late").firstTokenAfter(Duration.ofSeconds(15)));
        // Late enough for the loser's request to have left: a call that was never sent has no span.
        b.answers(Reply.text(WORDS).delayed(Duration.ofMillis(500)));

        Answer answer = gateway.ask(Request.of(gateway.chain(RACE)));

        SpanData request = SPANS.request(id(answer));
        await().untilAsserted(() -> assertThat(SPANS.calls(request))
                .extracting(call -> text(call, "bactrian.outcome"))
                .containsExactlyInAnyOrder("CANCELLED", "OK"));
        assertThat(SPANS.calls(request))
                .allMatch(call -> call.getStatus().getStatusCode() == StatusCode.UNSET)
                .anyMatch(call -> "CANCELLED".equals(text(call, "error.type")));
    }

    @Test
    void a_rescue_in_the_middle_of_a_stream_is_an_event_and_a_second_call() {
        a.answers(Reply.text(WORDS).cutAfter(6));
        b.answers(Reply.text(WORDS));

        Answer answer = gateway.ask(gateway.along("a", "b").stream(true));

        assertThat(answer.content()).isEqualTo(WORDS);
        SpanData request = SPANS.request(id(answer));
        List<SpanData> calls = SPANS.calls(request);
        assertThat(calls).extracting(call -> text(call, "error.type")).containsExactly("STREAM_BROKEN", null);
        assertThat(calls).extracting(call -> text(call, "bactrian.rescue")).containsExactly(null, "replay");
        assertThat(events(request))
                .containsExactly("rescued " + answer.header("x-bactrian-target").replace("a/", "b/") + " replay");
    }

    @Test
    void skips_and_last_resorts_are_events() {
        gateway.stub("r").answers(Reply.error(401, "authentication_error", null, "No such key"));
        gateway.ask(Request.of("resort"));

        Answer answer = gateway.ask(Request.of("resort"));

        SpanData request = SPANS.request(id(answer));
        assertThat(events(request)).containsExactly("skipped r/gone COOLING", "last resort static:sorry static");
        assertThat(text(request, "bactrian.degraded")).isEqualTo("static");
        assertThat(text(request, "bactrian.target")).isEqualTo("static:sorry");
    }

    @Test
    void if_all_fail_the_first_cause_is_the_error() {
        a.answers(Reply.status(500, "{}"));
        b.answers(Reply.status(503, "{}"));

        Answer answer = gateway.ask(gateway.along("a", "b"));

        assertThat(answer.status()).isEqualTo(503);
        SpanData request = SPANS.request(id(answer));
        assertThat(text(request, "error.type")).isEqualTo("SERVER_ERROR");
        assertThat(text(request, "bactrian.outcome")).isEqualTo("failed");
        assertThat(number(request, "http.response.status_code")).isEqualTo(503);
        assertThat(request.getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
        assertThat(SPANS.calls(request)).hasSize(2);
    }

    @Test
    void a_request_that_is_rejected_has_a_span_without_calls() {
        Answer answer = gateway.ask(Request.of("no-such-model"));

        SpanData request = SPANS.request(id(answer));
        assertThat(number(request, "http.response.status_code")).isEqualTo(404);
        assertThat(text(request, "error.type")).isEqualTo("404");
        assertThat(text(request, "bactrian.outcome")).isEqualTo("refused");
        assertThat(request.getStatus().getStatusCode()).isEqualTo(StatusCode.UNSET);
        assertThat(SPANS.calls(request)).isEmpty();
    }

    @Test
    void a_caller_who_leaves_ends_both_spans() {
        a.answers(Reply.text("on and on").everyToken(Duration.ofMillis(5)).endless());
        Request asked = gateway.along("a").stream(true).header("x-request-id", "left-early");
        try (RawCaller caller = gateway.raw(asked)) {
            caller.readUntil("and");
        }

        SpanData request = SPANS.request("left-early");
        assertThat(text(request, "bactrian.outcome")).isEqualTo("cancelled");
        assertThat(request.getStatus().getStatusCode()).isEqualTo(StatusCode.UNSET);
        assertThat(text(only(SPANS.calls(request)), "error.type")).isEqualTo("CANCELLED");
    }

    @Test
    void other_endpoints_have_their_own_names() {
        a.answers(Reply.status(
                200,
                "{\"object\":\"list\",\"model\":\"vectors-v2\",\"data\":[{\"object\":\"embedding\",\"index\":0,"
                        + "\"embedding\":[0.5]}],\"usage\":{\"prompt_tokens\":3,\"total_tokens\":3}}"));
        Answer vectors = gateway.post("/v1/embeddings", "{\"model\":\"embeddings\",\"input\":\"Hi\"}");
        Answer message = gateway.ask(gateway.along("m").by(Caller.MESSAGES));
        gateway.stub("m").answers(Reply.status(200, "{\"input_tokens\":7}"));
        Answer count = gateway.post(
                "/v1/messages/count_tokens",
                "{\"model\":\"m/claude\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}");

        SpanData embeddings = SPANS.request(id(vectors));
        assertThat(embeddings.getName()).isEqualTo("POST /v1/embeddings");
        assertThat(only(SPANS.calls(embeddings)).getName()).isEqualTo("embeddings vectors");
        assertThat(text(only(SPANS.calls(embeddings)), "gen_ai.response.model")).isEqualTo("vectors-v2");
        SpanData messages = SPANS.request(message.header("request-id"));
        assertThat(messages.getName()).isEqualTo("POST /v1/messages");
        assertThat(text(only(SPANS.calls(messages)), "gen_ai.response.model")).isNotEmpty();
        SpanData tokens = SPANS.request(count.header("request-id"));
        assertThat(tokens.getName()).isEqualTo("POST /v1/messages/count_tokens");
        assertThat(only(SPANS.calls(tokens)).getName()).isEqualTo("count_tokens claude");
    }

    @Test
    void the_trace_of_the_caller_goes_on_at_the_provider_but_its_baggage_does_not() {
        Answer answer = gateway.ask(gateway.along("a")
                .header("traceparent", PARENT)
                .header("tracestate", "vendor=value")
                .header("baggage", "user=alice"));

        SpanData request = SPANS.request(id(answer));
        SpanData call = only(SPANS.calls(request));
        assertThat(request.getTraceId()).isEqualTo(TRACE);
        assertThat(request.getParentSpanId()).isEqualTo("00f067aa0ba902b7");
        assertThat(a.lastCall().header("traceparent")).isEqualTo("00-" + TRACE + "-" + call.getSpanId() + "-01");
        assertThat(a.lastCall().header("tracestate")).isEqualTo("vendor=value");
        assertThat(a.lastCall().headers()).doesNotContainKey("baggage");
        assertThat(a.lastCall().headers().toString()).doesNotContain("alice");
    }

    private static String id(Answer answer) {
        return answer.header("x-request-id");
    }

    private static SpanData only(List<SpanData> calls) {
        assertThat(calls).hasSize(1);
        return calls.getFirst();
    }
}
