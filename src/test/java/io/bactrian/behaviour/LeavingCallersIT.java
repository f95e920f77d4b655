package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Caller;
import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.LogCapture;
import io.bactrian.testing.RawCaller;
import io.bactrian.testing.Reply;
import io.bactrian.testing.Request;
import io.bactrian.testing.StubProvider;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Callers who leave before their answer is whole: their calls end, and no target has failed. */
final class LeavingCallersIT {
    private static final String OPENAI = "once-openai, f";
    private static final String ANTHROPIC = "once-anthropic, f";
    private static final Duration SOON = Duration.ofSeconds(5);
    private static final String HELD = "stream-commit=complete";

    @RegisterExtension
    static final GatewayExtension gateway = GatewayExtension.with(
                    "bactrian.defaults.backoff=10ms",
                    "bactrian.defaults.patience=10s",
                    "bactrian.defaults.deadline=60s")
            .openai("openai", "f")
            .anthropic("anthropic")
            .targets("once-openai", "openai", "breaker.failures=1")
            .targets("once-anthropic", "anthropic", "breaker.failures=1")
            .chains(OPENAI)
            .chains(OPENAI, HELD)
            .chains(OPENAI, "upstream-streaming=auto")
            .chains(OPENAI, "upstream-streaming=off")
            .chains(ANTHROPIC)
            .chains(ANTHROPIC, HELD);

    private int cancelledBefore;

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("io.bactrian.testing.Caller#pairs")
    void a_caller_who_leaves_costs_nothing_more_and_what_was_said_is_noted(Caller caller, String api) {
        StubProvider p = gateway.stub(api)
                .answers(
                        Reply.text("on and on").everyToken(Duration.ofMillis(5)).endless());
        String chain = "once-" + api + ", f";
        try (LogCapture log = LogCapture.open("bactrian.requests")) {
            try (RawCaller raw = gateway.raw(
                    arriving(gateway.chain(chain), "one-" + caller + api).by(caller))) {
                raw.readUntil("and");
                await().until(() -> p.call(1).tokensSent() >= 5);
            }
            assertLeft(p, 1, gateway.target("once-" + api));
            try (RawCaller raw = gateway.raw(
                    arriving(gateway.chain(chain, HELD), "two-" + caller + api).by(caller))) {
                await().until(() -> p.calls().size() == 2 && p.call(2).tokensSent() >= 5);
            }
            assertLeft(p, 2, gateway.target("once-" + api));

            await().untilAsserted(() -> assertThat(log.lines().stream()
                            .filter(line ->
                                    line.startsWith("one-" + caller + api) || line.startsWith("two-" + caller + api)))
                    .hasSize(2)
                    .allSatisfy(line -> assertThat(line)
                            .contains("the caller left")
                            .contains("attempts=\"" + gateway.target("once-" + api) + "=CANCELLED\"")
                            .containsPattern("tokens=" + (api.equals("openai") ? "0" : "20") + "\\+\\d+~")));
        }
    }

    @Test
    void a_caller_who_leaves_before_the_first_token_costs_nothing_more() {
        StubProvider p = gateway.stub("openai").answers(Reply.headersOnly());
        try (RawCaller caller = gateway.raw(arriving(gateway.chain(OPENAI), "early"))) {
            await().until(() -> p.calls().size() == 1);
        }
        assertLeft(p, 1, gateway.target("once-openai"));
    }

    @Test
    void a_caller_who_leaves_in_the_middle_of_its_next_request_costs_nothing_more() {
        StubProvider p = gateway.stub("openai").answers(Reply.headersOnly());
        try (RawCaller caller = gateway.raw(arriving(gateway.chain(OPENAI), "next"))) {
            await().until(() -> p.calls().size() == 1);
            caller.goOn("POST /v1/chat/completions HTTP/1.1\r\nhost: g\r\ncontent-length: 100\r\n\r\n{");
        }
        assertLeft(p, 1, gateway.target("once-openai"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"auto", "off"})
    void a_caller_who_no_longer_waits_for_a_document_costs_nothing_more(String upstream) {
        StubProvider p = gateway.stub("openai").answers(Reply.silence());
        String chain = gateway.chain(OPENAI, "upstream-streaming=" + upstream);
        try (RawCaller caller = gateway.raw(arriving(chain, "document").stream(false))) {
            await().until(() -> p.calls().size() == 1);
        }
        assertLeft(p, 1, gateway.target("once-openai"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_caller_who_leaves_during_a_wait_is_not_answered_by_anyone(boolean stream) {
        StubProvider p = gateway.stub("openai")
                .answers(Reply.error(429, "requests", "rate_limit_exceeded", "slower", "retry-after", "9"));
        try (RawCaller caller = gateway.raw(arriving(gateway.chain(OPENAI), "waiting").stream(stream))) {
            await().until(() -> p.calls().size() == 1 && p.call(1).answered());
        }
        await().atMost(SOON).until(() -> gateway.inFlight() == 0);
        assertThat(p.calls()).hasSize(1);
        assertThat(gateway.stub("f").calls()).isEmpty();
        assertThat(requests("cancelled")).isEqualTo(cancelledBefore + 1);
    }

    @Test
    void a_caller_who_leaves_with_the_whole_answer_was_answered() {
        gateway.stub("openai").answers(Reply.text("one two").stallAtEnd());
        int answered = requests("answered");
        try (RawCaller caller = gateway.raw(arriving(gateway.chain(OPENAI), "whole"))) {
            caller.readUntil("[DONE]");
        }
        await().until(() -> gateway.inFlight() == 0);
        assertThat(requests("answered")).isEqualTo(answered + 1);
        assertThat(requests("cancelled")).isEqualTo(cancelledBefore);
    }

    /** A stream of this chain that is about to be asked for. */
    private Request arriving(String chain, String id) {
        cancelledBefore = requests("cancelled");
        return Request.of(chain).stream(true).header("x-request-id", id);
    }

    /** The last of so many calls has ended soon, long before any other limit, on a busy machine too. */
    private void assertLeft(StubProvider p, int calls, String target) {
        await().atMost(SOON).pollInterval(Duration.ofMillis(10)).until(() -> p.call(calls)
                .clientLeft());
        await().atMost(SOON).until(() -> requests("cancelled") == cancelledBefore + 1);
        await().atMost(SOON).until(() -> gateway.inFlight() == 0);
        assertThat(p.calls()).hasSize(calls);
        assertThat(gateway.stub("f").calls()).isEmpty();
        assertThat(gateway.status(target).path("breaker").asText()).isEqualTo("CLOSED");
    }

    private static int requests(String counter) {
        return gateway.status().at("/requests/" + counter).asInt();
    }
}
