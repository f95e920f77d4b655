package io.bactrian.provider.failure;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.health.RemainingQuota;
import io.bactrian.testing.VirtualClock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuotaHeadersTest {
    private static final VirtualClock CLOCK = new VirtualClock();
    private static final long NOW = CLOCK.millis();

    private static @Nullable List<RemainingQuota> read(String... namesAndValues) {
        Map<String, String> headers = new HashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            headers.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return QuotaHeaders.read(headers::get, CLOCK);
    }

    @Test
    void answer_without_such_headers_tells_nothing() {
        assertThat(read("content-type", "application/json")).isNull();
    }

    @Test
    void plenty_of_everything_is_nothing_to_heed() {
        assertThat(read(
                        "x-ratelimit-limit-requests", "500",
                        "x-ratelimit-limit-tokens", "200000",
                        "x-ratelimit-remaining-requests", "499",
                        "x-ratelimit-remaining-tokens", "199980",
                        "x-ratelimit-reset-requests", "120ms",
                        "x-ratelimit-reset-tokens", "6ms"))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "1s, 1000",
        "6m0s, 360000",
        "7.66s, 7660",
        "120ms, 120",
        "2m59.56s, 179560",
        "20, 20000",
        "24h0m0s, 3600000"
    })
    void openai_groq_and_azure_say_how_long_it_takes(String reset, long millis) {
        assertThat(read(
                        "x-ratelimit-limit-requests", "60",
                        "x-ratelimit-remaining-requests", "0",
                        "x-ratelimit-reset-requests", reset))
                .containsExactly(new RemainingQuota(true, 0, 60, NOW, NOW + millis));
        assertThat(read("x-ratelimit-remaining-tokens", "0", "x-ratelimit-reset-tokens", reset))
                .containsExactly(new RemainingQuota(false, 0, 0, NOW, NOW + millis));
    }

    @ParameterizedTest
    @CsvSource({"requests, true", "tokens, false", "input-tokens, false", "output-tokens, false"})
    void anthropic_says_when(String what, boolean requests) {
        assertThat(read(
                        "anthropic-ratelimit-" + what + "-limit", "50",
                        "anthropic-ratelimit-" + what + "-remaining", "1",
                        "anthropic-ratelimit-" + what + "-reset", "2026-11-22T10:00:42Z"))
                .containsExactly(new RemainingQuota(requests, 1, 50, NOW, NOW + 42_000));
    }

    @Test
    void few_requests_are_heeded_although_they_are_all_there_are() {
        assertThat(read(
                        "x-ratelimit-limit-requests", "3",
                        "x-ratelimit-remaining-requests", "2",
                        "x-ratelimit-reset-requests", "20s"))
                .containsExactly(new RemainingQuota(true, 2, 3, NOW, NOW + 20_000));
    }

    @ParameterizedTest
    @CsvSource({
        "'', 10s",
        "-1, 10s",
        "none, 10s",
        "0x0, 10s",
        "0.5, 10s",
        "99999999999999999999999, 10s",
        "0, ''",
        "0, soon",
        "0, 0s",
        "0, -5s",
        "0, 2026-11-22T09:59:59Z",
        "0, 2026-99-99T00:00:00Z",
        "0, NaN"
    })
    void garbage_keeps_nobody_from_being_called(String remaining, String reset) {
        List<RemainingQuota> read =
                read("x-ratelimit-remaining-requests", remaining, "x-ratelimit-reset-requests", reset);

        assertThat(read == null || read.isEmpty()).isTrue();
    }

    @Test
    void reset_that_is_missing_keeps_nobody_from_being_called() {
        assertThat(read("x-ratelimit-remaining-requests", "0")).isEmpty();
    }

    @Test
    void zeros_of_a_limit_that_does_not_exist_are_no_limit() {
        assertThat(read(
                        "x-ratelimit-limit-tokens", "0",
                        "x-ratelimit-remaining-tokens", "0",
                        "x-ratelimit-reset-tokens", "10s"))
                .isNull();
    }

    @Property(tries = 1_000)
    void whatever_the_headers_say_reading_them_does_no_harm(
            @ForAll String remaining, @ForAll String limit, @ForAll String reset) {
        for (QuotaHeaders.Dimension dimension : QuotaHeaders.ALL) {
            List<RemainingQuota> read =
                    read(dimension.remaining(), remaining, dimension.limit(), limit, dimension.reset(), reset);

            assertThat(read == null || read.stream().allMatch(a -> a.left() >= 0 && a.resetAt() > NOW))
                    .isTrue();
        }
    }
}
