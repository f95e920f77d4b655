package io.bactrian.behaviour;

import static io.bactrian.testing.AnswerAssertions.assertWhole;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Call;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.Mode;
import io.bactrian.testing.Reply;
import io.bactrian.testing.Request;
import io.bactrian.testing.Scene;
import io.bactrian.testing.StubProvider;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Retries: when a target is asked again, how long that takes, and when it is not. */
final class RetriesIT {
    private static final String WORDS = "Hello from the stub.";
    private static final Duration LIMIT = Duration.ofMillis(400);

    private static final String[] LIMITED = {"first-token-timeout=400ms", "response-timeout=400ms"};
    private static final String[] HURRIED = {"first-token-timeout=500ms", "deadline=1200ms"};
    private static final String[] BOUNDED = {"max-attempts=3", "max-total-attempts=5", "backoff=5ms"};

    @RegisterExtension
    static final GatewayExtension gateway = GatewayExtension.with("bactrian.defaults.backoff=200ms")
            .provider("unknown", "http://no-such-host.invalid/v1")
            .provider("refusing", "http://127.0.0.1:1/v1")
            .modes(0)
            .openai("p", "q", "r", "f")
            .chains("openai, f", LIMITED)
            .chains("openai-plain, f", LIMITED)
            .chains("anthropic, f", LIMITED)
            .chains("anthropic-plain, f", LIMITED)
            .chains("p, f", "patience=250ms")
            .chains("p, q, f", HURRIED)
            .chains("p, q, r, f", BOUNDED);

    @ParameterizedTest
    @EnumSource(names = {"OPENAI_STREAM", "ANTHROPIC_DOCUMENT"})
    void short_retry_after_is_waited_for(Mode mode) {
        StubProvider p = gateway.stub(mode.p());
        p.answers(tooFast(mode, "retry-after", "1"), Reply.text("second time"));

        Answer answer = gateway.ask(gateway.along(mode.p(), "f").stream(mode.stream()));

        assertWhole(answer, mode.stream(), "second time");
        assertThat(answer.outcomes()).isEqualTo("%1$s=RATE_LIMITED, %1$s=OK".formatted(mode.p()));
        assertThat(answer.header("x-bactrian-fallbacks")).isEqualTo("0");
        assertThat(p.call(2).since(p.call(1))).isBetween(Duration.ofMillis(950), Duration.ofSeconds(4));
    }

    static Stream<Arguments> waits() {
        Function<Duration, String> date = wait -> DateTimeFormatter.RFC_1123_DATE_TIME.format(
                Instant.now().plus(wait).atZone(ZoneOffset.UTC));
        Function<Duration, String> rfc3339 = wait -> Instant.now().plus(wait).toString();
        Function<Duration, String> seconds = wait -> String.valueOf(wait.toSeconds());
        Function<Duration, String> millis = wait -> String.valueOf(wait.toMillis());
        Function<Duration, String> go = wait -> wait.toSeconds() + "s";
        Function<Duration, String> goMillis = wait -> wait.toMillis() + "ms";
        Function<Duration, String> epoch =
                wait -> String.valueOf(Instant.now().plus(wait).toEpochMilli());
        return Stream.of(
                Arguments.of("retry-after", 1000, seconds, ""),
                // An HTTP date has whole seconds: of two at least one is left.
                Arguments.of("Retry-After", 2000, date, ""),
                Arguments.of("retry-after-ms", 400, millis, ""),
                Arguments.of("x-ms-retry-after-ms", 400, millis, ""),
                Arguments.of("x-ratelimit-reset-requests", 1000, go, "x-ratelimit-remaining-requests"),
                Arguments.of("x-ratelimit-reset-tokens", 400, goMillis, "x-ratelimit-remaining-tokens"),
                Arguments.of("x-ratelimit-reset", 400, epoch, "x-ratelimit-remaining"),
                Arguments.of(
                        "anthropic-ratelimit-requests-reset", 400, rfc3339, "anthropic-ratelimit-requests-remaining"),
                Arguments.of(
                        "anthropic-ratelimit-input-tokens-reset",
                        400,
                        rfc3339,
                        "anthropic-ratelimit-input-tokens-remaining"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("waits")
    void wait_is_understood_in_each_form(String header, int wait, Function<Duration, String> form, String remaining) {
        StubProvider p = gateway.stub("p");
        p.on(call -> call.number() > 1
                ? Reply.text("again")
                : ProviderError.OPENAI_TOO_FAST.reply(headers(header, form.apply(Duration.ofMillis(wait)), remaining)));
        Answer soon = gateway.ask(gateway.along("p", "f"));

        assertThat(soon.outcomes()).isEqualTo("p=RATE_LIMITED, p=OK");
        assertThat(p.call(2).since(p.call(1)))
                .isBetween(Duration.ofMillis(Math.min(wait - 50, 900)), Duration.ofMillis(wait + 3000));

        p.on(call ->
                ProviderError.OPENAI_TOO_FAST.reply(headers(header, form.apply(Duration.ofSeconds(120)), remaining)));
        Answer late = gateway.ask(gateway.along("p", "f"));

        assertThat(late.outcomes()).isEqualTo("p=RATE_LIMITED, f=OK");
        assertThat(late.took()).isLessThan(Duration.ofSeconds(4));
    }

    private static String[] headers(String header, String wait, String remaining) {
        return remaining.isEmpty() ? new String[] {header, wait} : new String[] {header, wait, remaining, "0"};
    }

    @ParameterizedTest
    @EnumSource
    void long_retry_after_means_the_next_at_once_and_then_first_choice(Mode mode) {
        gateway.stub(mode.p()).answers(tooFast(mode, "retry-after", "120"));
        String model = gateway.freshModel();
        Request ask = Request.of(mode.p() + "/" + model).fallbacks("f/" + model).stream(mode.stream());

        Answer first = gateway.ask(ask);
        Answer second = gateway.ask(ask);

        assertThat(first.outcomes()).isEqualTo(mode.p() + "=RATE_LIMITED, f=OK");
        assertThat(first.took()).isLessThan(Duration.ofSeconds(4));
        assertThat(second.outcomes()).isEqualTo("f=OK");
        assertThat(second.header("x-bactrian-skipped")).endsWith("=COOLING");
    }

    @Test
    void a_wait_is_as_long_as_patience_allows() {
        gateway.stub("p").answers(ProviderError.OPENAI_TOO_FAST.reply("retry-after-ms", "300"));

        assertThat(gateway.ask(Request.of(gateway.chain("p, f", "patience=250ms")))
                        .outcomes())
                .isEqualTo("p=RATE_LIMITED, f=OK");
    }

    @Test
    void limits_for_ever_end_at_the_next_after_growing_waits() {
        try (Scene own = Scene.with().openai("p", "f").start()) {
            StubProvider p = own.stub("p").answers(ProviderError.OPENAI_TOO_FAST.reply());

            List<List<Long>> gaps = Stream.generate(() -> {
                        p.forget();
                        Answer answer = own.ask(own.along("p", "f"));
                        assertThat(answer.outcomes()).matches("(p=RATE_LIMITED, ){1,6}f=OK");
                        List<Call> calls = p.calls();
                        assertThat(calls).hasSizeLessThanOrEqualTo(6);
                        assertThat(calls.stream()
                                        .filter(c -> c.since(calls.getFirst()).toMillis() < 3000))
                                .hasSizeLessThanOrEqualTo(4);
                        List<Long> between = new ArrayList<>();
                        for (int i = 1; i < calls.size(); i++) {
                            between.add(calls.get(i).since(calls.get(i - 1)).toMillis());
                        }
                        return between;
                    })
                    .limit(3)
                    .toList();

            // 500 ms doubled each time, between half and the whole of it; the least of three, for a busy machine delays
            // more.
            for (int i = 0; i < 2; i++) {
                int gap = i;
                long half = 250L << i;
                assertThat(gaps).allSatisfy(g -> assertThat(g.get(gap)).isGreaterThanOrEqualTo(half - 10));
                assertThat(gaps.stream().mapToLong(g -> g.get(gap)).min().orElseThrow())
                        .isLessThan(2 * half + 150);
            }
            assertThat(gaps.stream().map(List::getFirst).distinct())
                    .as("jitter")
                    .hasSizeGreaterThan(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void one_error_of_the_server_is_asked_through(Mode mode) {
        gateway.stub(mode.p()).answers(Reply.status(500, "oops"), Reply.text("second time"));

        Answer answer = gateway.ask(gateway.along(mode.p(), "f").stream(mode.stream()));

        assertThat(answer.outcomes()).isEqualTo("%1$s=SERVER_ERROR, %1$s=OK".formatted(mode.p()));
        assertWhole(answer, mode.stream(), "second time");
        assertThat(gateway.stub(mode.p()).call(2).since(gateway.stub(mode.p()).call(1)))
                .isBetween(Duration.ofMillis(95), Duration.ofSeconds(3));
        assertThat(gateway.stub("f").calls()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void one_reset_is_asked_through_at_once(Mode mode) {
        for (Reply reply : List.of(Reply.reset(), Reply.closeSilently())) {
            gateway.reset();
            gateway.stub(mode.p()).answers(reply, Reply.text("second time"));

            Answer answer = gateway.ask(gateway.along(mode.p(), "f").stream(mode.stream()));

            // A connection that was kept may be found closed; that is excused once more.
            assertThat(answer.outcomes()).isEqualTo("%1$s=NETWORK, %1$s=OK".formatted(mode.p()));
            assertWhole(answer, mode.stream(), "second time");
            assertThat(gateway.stub("f").calls()).isEmpty();
        }
    }

    @Test
    void resets_for_ever_end_at_the_next() {
        gateway.stub("q").answers(Reply.reset());

        Answer answer = gateway.ask(gateway.along("q", "f"));

        assertThat(answer.outcomes()).matches("(q=NETWORK, ){2,3}f=OK");
    }

    @ParameterizedTest
    @EnumSource
    void silent_provider_is_asked_once(Mode mode) {
        StubProvider p = gateway.stub(mode.p());
        for (Reply silence : List.of(Reply.silence(), Reply.headersOnly())) {
            gateway.reset();
            p.answers(silence);

            Answer answer = gateway.ask(Request.of(gateway.chain(mode.p() + ", f", LIMITED)).stream(mode.stream()));

            assertThat(answer.outcomes()).isEqualTo(mode.p() + "=TIMEOUT, f=OK");
            assertWhole(answer, mode.stream(), WORDS);
            assertThat(answer.took()).isBetween(LIMIT.minusMillis(20), LIMIT.plusSeconds(4));
            await().until(() -> p.lastCall().clientLeft());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void refused_connections_and_unknown_hosts_cost_no_time(boolean stream) {
        for (String dead : List.of("refusing", "unknown")) {
            Answer answer = gateway.ask(gateway.along(dead, "f").stream(stream));

            assertThat(answer.outcomes()).isEqualTo(dead + "=NETWORK, f=OK");
            assertThat(answer.took()).as("the connect timeout is 3 s").isLessThan(Duration.ofMillis(2500));
        }
    }

    @Test
    void no_tls_where_tls_was_expected() {
        try (StubProvider plain = StubProvider.openai();
                Scene own = Scene.with()
                        .provider("plain", plain.baseUrl().replace("http:", "https:"))
                        .openai("f")
                        .start()) {
            Answer answer = own.ask(own.along("plain", "f"));

            assertThat(answer.outcomes()).isEqualTo("plain=NETWORK, f=OK");
            assertThat(answer.took()).isLessThan(Duration.ofSeconds(2));
        }
    }

    @Test
    void host_that_never_accepts_costs_the_connect_timeout() throws IOException {
        // A queue of accepted connections that is full: further ones are neither taken nor refused.
        try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Socket one = new Socket(full.getInetAddress(), full.getLocalPort());
                Socket two = new Socket(full.getInetAddress(), full.getLocalPort());
                Scene own = Scene.with("bactrian.defaults.connect-timeout=300ms")
                        .provider("full", "http://127.0.0.1:" + full.getLocalPort() + "/v1")
                        .openai("f")
                        .start()) {
            assertThat(List.of(one, two)).allMatch(Socket::isConnected);

            Answer answer = own.ask(own.along("full", "f"));

            assertThat(answer.outcomes()).isEqualTo("full=TIMEOUT, f=OK");
            assertThat(answer.took()).isBetween(Duration.ofMillis(280), Duration.ofMillis(2500));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void deadline_ends_a_line_of_slow_targets_and_nothing_runs_on(boolean stream) {
        List<StubProvider> all = Stream.of("p", "q", "f").map(gateway::stub).toList();
        all.forEach(stub -> stub.answers(Reply.silence()));

        Answer answer = gateway.ask(Request.of(gateway.chain("p, q, f", HURRIED)).stream(stream));

        assertThat(answer.status()).isEqualTo(504);
        assertThat(answer.error("type")).isEqualTo("timeout_error");
        assertThat(answer.error("code")).isEqualTo("all_providers_failed");
        assertThat(answer.outcomes()).isEqualTo("p=TIMEOUT, q=TIMEOUT, f=TIMEOUT");
        assertThat(answer.took()).isBetween(Duration.ofMillis(1180), Duration.ofSeconds(5));
        await().atMost(Duration.ofSeconds(5))
                .until(() -> all.stream().allMatch(stub -> stub.call(1).clientLeft()));
        assertThat(gateway.stub("f").call(1).clientLeftAfter()).isLessThan(Duration.ofSeconds(4));
    }

    @Test
    void deadline_cuts_short_a_wait_that_would_pass_it() {
        gateway.stub("p").answers(ProviderError.OPENAI_TOO_FAST.reply("retry-after", "20"));

        Answer answer = gateway.ask(gateway.along("p").header("x-bactrian-timeout", "10s"));

        assertThat(answer.status()).isEqualTo(429);
        assertThat(answer.error("type")).isEqualTo("rate_limit_error");
        assertThat(Integer.parseInt(answer.header("retry-after"))).isBetween(16, 20);
        assertThat(answer.took()).isLessThan(Duration.ofSeconds(5));
    }

    @ParameterizedTest
    @ValueSource(strings = {"300", "300ms"})
    void caller_may_shorten_the_deadline(String value) {
        gateway.stub("p").answers(Reply.silence());

        Answer answer = gateway.ask(gateway.along("p").header("x-bactrian-timeout", value));

        assertThat(answer.status()).isEqualTo(504);
        assertThat(answer.outcomes()).isEqualTo("p=TIMEOUT");
        assertThat(answer.took()).isBetween(Duration.ofMillis(280), Duration.ofSeconds(5));
    }

    @Test
    void timeout_that_cannot_be_read_is_the_callers_mistake() {
        Answer answer = gateway.ask(gateway.along("p").header("x-bactrian-timeout", "soon"));

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.error("message")).contains("x-bactrian-timeout");
        assertThat(gateway.stub("p").calls()).isEmpty();
    }

    @Test
    void only_target_of_a_chain_that_is_limited_is_waited_for() {
        gateway.stub("p").answers(ProviderError.OPENAI_TOO_FAST.reply("retry-after", "1"), Reply.text("at last"));

        Answer answer = gateway.ask(gateway.along("p").header("x-bactrian-timeout", "10s"));

        assertThat(answer.content()).isEqualTo("at last");
        assertThat(answer.outcomes()).isEqualTo("p=RATE_LIMITED, p=OK");
        assertThat(answer.took()).isBetween(Duration.ofMillis(950), Duration.ofSeconds(5));
    }

    @Test
    void provider_that_says_not_to_retry_is_not_asked_again() {
        gateway.stub("p").answers(ProviderError.OPENAI_BROKEN.reply("x-should-retry", "false"));

        assertThat(gateway.ask(gateway.along("p", "f")).outcomes()).isEqualTo("p=SERVER_ERROR, f=OK");
    }

    @Test
    void calls_in_all_are_bounded_and_every_candidate_has_its_turn() {
        List<StubProvider> all =
                Stream.of("p", "q", "r", "f").map(gateway::stub).toList();
        all.forEach(stub -> stub.answers(ProviderError.OPENAI_TOO_FAST.reply()));

        Answer answer = gateway.ask(Request.of(gateway.chain("p, q, r, f", BOUNDED)));

        assertThat(answer.status()).isEqualTo(429);
        assertThat(answer.trail()).hasSize(5);
        assertThat(all).allSatisfy(stub -> assertThat(stub.calls()).isNotEmpty());
    }

    private static Reply tooFast(Mode mode, String... headers) {
        return (mode.openai() ? ProviderError.OPENAI_TOO_FAST : ProviderError.ANTHROPIC_TOO_FAST).reply(headers);
    }
}
