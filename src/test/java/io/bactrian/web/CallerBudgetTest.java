package io.bactrian.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.bactrian.config.CallerLimits;
import io.bactrian.protocol.Problem;
import io.bactrian.protocol.RequestRejected;
import io.bactrian.protocol.anthropic.Messages;
import io.bactrian.protocol.openai.ChatCompletions;
import io.bactrian.quota.Quotas;
import io.bactrian.testing.VirtualClock;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CallerBudgetTest {
    private final VirtualClock clock = new VirtualClock();
    private final CallerBudgets budgets = new CallerBudgets(new Quotas(clock, shared -> {}));

    private CallerBudget allowance(Integer requests, Integer tokens) {
        return budgets.of("", "ann", new CallerLimits(requests, tokens, Set.of()));
    }

    private static RequestRejected refused(Runnable asked) {
        return catchThrowableOfType(RequestRejected.class, asked::run);
    }

    private static void request(CallerBudget budget) {
        budget.request().await();
    }

    private static int prompt(CallerBudget budget, int minTokens) {
        Charge charge = budget.prompt(minTokens);
        charge.await();
        return charge.amount();
    }

    @Test
    void the_configured_requests_a_minute_are_admitted_and_refill_evenly() {
        CallerBudget ann = allowance(10, null);
        IntStream.range(0, 10).forEach(i -> request(ann));

        RequestRejected rejected = refused(() -> request(ann));
        assertThat(rejected.status()).isEqualTo(429);
        assertThat(rejected.code()).isEqualTo("rate_limit_exceeded");
        assertThat(rejected.type()).isEqualTo("requests");
        assertThat(rejected.reason()).contains("ann", "10 requests a minute", "6 seconds");
        assertThat(Problem.of(rejected).retryAfterSeconds()).isEqualTo(6);

        clock.pass(Duration.ofMillis(5990));
        assertThat(refused(() -> request(ann))).isNotNull();
        clock.pass(Duration.ofMillis(10));
        request(ann);
        assertThat(refused(() -> request(ann))).isNotNull();
    }

    @Test
    void fifty_at_once_let_exactly_ten_in() throws Exception {
        CallerBudget ann = allowance(10, null);
        Callable<Integer> ask = () -> refused(() -> request(ann)) == null ? 1 : 0;

        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            int in = 0;
            for (var asked :
                    threads.invokeAll(IntStream.range(0, 50).mapToObj(i -> ask).toList())) {
                in += asked.get();
            }
            assertThat(in).isEqualTo(10);
        }
    }

    @Test
    void what_an_answer_cost_beyond_the_estimate_is_a_debt_that_time_pays_off() {
        CallerBudget ann = allowance(null, 600);
        long taken = prompt(ann, 100);
        assertThat(taken).isEqualTo(100);
        assertThat(ann.tokens().left()).isEqualTo(500);

        ann.settle(taken, 1200);
        assertThat(ann.tokens().left()).isZero();
        // Overdrawn by 600, and one more token is needed: ten tokens are filled in a second.
        RequestRejected rejected = refused(() -> prompt(ann, 0));
        assertThat(rejected.status()).isEqualTo(429);
        assertThat(rejected.type()).isEqualTo("tokens");
        assertThat(Problem.of(rejected).retryAfterSeconds()).isEqualTo(61);
        assertThat(Problem.of(rejected).shouldRetry())
                .as("SDKs would sleep a minute")
                .isFalse();

        clock.pass(Duration.ofMillis(60_000));
        assertThat(refused(() -> prompt(ann, 0))).isNotNull();
        clock.pass(Duration.ofMillis(100));
        assertThat(prompt(ann, 0)).isOne();
    }

    @Test
    void what_was_taken_for_nothing_is_given_back_and_never_more_than_the_limit() {
        CallerBudget ann = allowance(null, 600);
        ann.settle(prompt(ann, 500), 0);
        assertThat(ann.tokens().left()).isEqualTo(600);

        long taken = prompt(ann, 500);
        clock.pass(Duration.ofMinutes(1));
        ann.settle(taken, 0);
        assertThat(ann.tokens().left()).isEqualTo(600);
    }

    @Test
    void a_prompt_above_the_whole_quota_is_a_400() {
        CallerBudget ann = allowance(null, 600);
        assertThat(refused(() -> prompt(ann, 601)))
                .hasMessageContainingAll("601 tokens or more", "'ann' may use 600 a minute", "never")
                .satisfies(rejected -> assertThat(rejected.status()).isEqualTo(400))
                .satisfies(rejected -> assertThat(rejected.retryAfterMillis()).isNull());
        assertThat(ann.tokens().left()).isEqualTo(600);
        assertThat(prompt(ann, 600)).isEqualTo(600);
    }

    @Test
    void a_limit_that_stays_keeps_its_fill_in_another_configuration_and_a_changed_one_begins_full() {
        request(allowance(10, 600));
        prompt(allowance(10, 600), 100);

        assertThat(allowance(10, 600).requests().left()).isEqualTo(9);
        assertThat(allowance(10, 900).tokens().left()).isEqualTo(900);
        assertThat(allowance(20, 600).requests().left()).isEqualTo(20);
        assertThat(allowance(20, 600).tokens().left()).isEqualTo(500);
        assertThat(budgets.of("", "bob", new CallerLimits(10, null, Set.of()))
                        .requests()
                        .left())
                .isEqualTo(10);
        assertThat(budgets.of("", "ann", new CallerLimits(null, null, Set.of("default"))))
                .isNull();
    }

    @Test
    void headers_are_those_of_the_vendor_of_the_caller_s_protocol() {
        CallerBudget ann = allowance(10, 600);
        request(ann);
        ann.settle(prompt(ann, 1), 660);

        assertThat(CallerLimitHeaders.of(ann, ChatCompletions.PROTOCOL, clock.millis()))
                .containsEntry("x-ratelimit-limit-requests", "10")
                .containsEntry("x-ratelimit-remaining-requests", "9")
                .containsEntry("x-ratelimit-reset-requests", "6s")
                .containsEntry("x-ratelimit-limit-tokens", "600")
                .containsEntry("x-ratelimit-remaining-tokens", "0")
                .containsEntry("x-ratelimit-reset-tokens", "1m6s")
                .hasSize(6);
        assertThat(CallerLimitHeaders.of(ann, Messages.PROTOCOL, clock.millis()))
                .containsEntry("anthropic-ratelimit-requests-limit", "10")
                .containsEntry("anthropic-ratelimit-requests-remaining", "9")
                .containsEntry("anthropic-ratelimit-requests-reset", "2026-11-22T10:00:06Z")
                .containsEntry("anthropic-ratelimit-tokens-limit", "600")
                .containsEntry("anthropic-ratelimit-tokens-remaining", "0")
                .containsEntry("anthropic-ratelimit-tokens-reset", "2026-11-22T10:01:06Z")
                .hasSize(6);
        assertThat(CallerLimitHeaders.of(allowance(10, null), ChatCompletions.PROTOCOL, clock.millis()))
                .hasSize(3);
    }

    @ParameterizedTest
    @CsvSource({"0, 0s", "120, 120ms", "1000, 1s", "1001, 2s", "59001, 1m0s", "360000, 6m0s"})
    void durations_are_written_as_openai_does(long millis, String written) {
        assertThat(ChatCompletions.PROTOCOL.limitReset(millis, 0)).isEqualTo(written);
    }

    @Test
    void nothing_is_taken_where_there_is_no_limit() {
        assertThat(prompt(allowance(10, null), 1_000_000)).isZero();
        CallerBudget tokensOnly = allowance(null, 5);
        IntStream.range(0, 100).forEach(i -> request(tokensOnly));
        assertThatThrownBy(() -> IntStream.range(0, 6).forEach(i -> prompt(tokensOnly, 1)))
                .isInstanceOf(RequestRejected.class);
    }
}
