package io.bactrian.provider.failure;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RetryAfterTest {

    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-11-22T10:00:00Z"), ZoneOffset.UTC);

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        retry-after-ms | 1500 | 1500
        retry-after-ms | 0.5 | 1
        x-ms-retry-after-ms | 6000 | 6000
        retry-after | 12 | 12000
        retry-after | ' 12 ' | 12000
        retry-after | 1.25 | 1250
        retry-after | 3600 | 3600000
        retry-after | Sun, 22 Nov 2026 10:02:00 GMT | 120000
        retry-after | Sunday, 22-Nov-26 10:02:00 GMT | 120000
        retry-after | Sun Nov 22 10:02:00 2026 | 120000
        retry-after | 2026-11-22T10:02:00Z | 120000
        retry-after | 36s | 36000
        """)
    void the_retry_headers_are_read_in_all_their_forms(String header, String value, long millis) {
        Duration wait = wait(Map.of(header, value), "");

        assertThat(wait.plusNanos(999_999).toMillis()).isEqualTo(millis);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-1",
                "0",
                "NaN",
                "Infinity",
                "1e9",
                "soon",
                "١٢",
                "Sun, 22 Nov 2026 09:59:00 GMT",
                "Mon, 22 Nov 2026 10:02:00 GMT",
                "2026-11-22T10:02:00",
                "99999999999999999999999999999999999999999999999999999999999999999999999999"
            })
    void what_is_no_wait_is_passed_over(String value) {
        assertThat(wait(Map.of("retry-after", value), "")).isNull();
        assertThat(wait(Map.of("retry-after-ms", value, "retry-after", "3"), ""))
                .isEqualTo(Duration.ofSeconds(3));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "3601",
                "86400",
                "999999999",
                "99999999999999999999",
                "1000000000000000000000000",
                "Sun, 22 Nov 2099 10:00:00 GMT",
                "1 hour, 2 minutes",
                "9999h"
            })
    void no_wait_is_longer_than_an_hour(String value) {
        assertThat(wait(Map.of("retry-after", value), "")).isEqualTo(Duration.ofHours(1));
        assertThat(wait(Map.of("x-ratelimit-remaining-requests", "0", "x-ratelimit-reset-requests", value), ""))
                .isEqualTo(Duration.ofHours(1));
    }

    @Test
    void the_more_exact_source_wins() {
        Map<String, String> headers = new HashMap<>();
        String body = """
            {"error":{"message":"Please try again in 7s","details":[{"retryDelay":"4s"}],
             "metadata":{"headers":{"X-RateLimit-Reset":"1795341605000"}}}}\
            """;
        headers.put("retry-after-ms", "1000");
        headers.put("x-ms-retry-after-ms", "2000");
        headers.put("retry-after", "3");
        headers.put("x-ratelimit-remaining-tokens", "0");
        headers.put("x-ratelimit-reset-tokens", "6s");

        assertThat(wait(headers, body)).isEqualTo(Duration.ofSeconds(1));
        headers.remove("retry-after-ms");
        assertThat(wait(headers, body)).isEqualTo(Duration.ofSeconds(2));
        headers.remove("x-ms-retry-after-ms");
        assertThat(wait(headers, body)).isEqualTo(Duration.ofSeconds(3));
        headers.remove("retry-after");
        assertThat(wait(headers, body)).isEqualTo(Duration.ofSeconds(4));
        body = body.replace("retryDelay", "other");
        assertThat(wait(headers, body)).isEqualTo(Duration.ofSeconds(5));
        body = body.replace("RateLimit", "other");
        assertThat(wait(headers, body)).isEqualTo(Duration.ofSeconds(6));
        headers.clear();
        assertThat(wait(headers, body)).isEqualTo(Duration.ofSeconds(7));
        assertThat(wait(headers, "{}")).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "6m0s,360000",
        "1.4s,1400",
        "120ms,120",
        "2m59.56s,179560",
        "0h52m3s,3123000",
        "6,6000",
        "500us,1",
        "0d1h,3600000"
    })
    void a_reset_is_a_go_duration_or_plain_seconds(String value, long millis) {
        Map<String, String> headers =
                Map.of("x-ratelimit-remaining-requests", "0", "x-ratelimit-reset-requests", value);

        assertThat(wait(headers, "").plusNanos(999_999).toMillis()).isEqualTo(millis);
    }

    @ParameterizedTest
    @ValueSource(strings = {"requests", "tokens", "input-tokens", "output-tokens"})
    void a_reset_of_anthropic_is_a_time(String dimension) {
        String prefix = "anthropic-ratelimit-" + dimension;

        assertThat(wait(Map.of(prefix + "-remaining", "0", prefix + "-reset", "2026-11-22T10:00:12Z"), ""))
                .isEqualTo(Duration.ofSeconds(12));
        assertThat(wait(Map.of(prefix + "-remaining", "1", prefix + "-reset", "2026-11-22T10:00:12Z"), ""))
                .isNull();
    }

    @Test
    void of_several_limits_that_are_used_up_the_last_to_be_refilled_counts() {
        Map<String, String> headers = Map.of(
                "x-ratelimit-remaining-requests", "0",
                "x-ratelimit-reset-requests", "2s",
                "x-ratelimit-remaining-tokens", "0",
                "x-ratelimit-reset-tokens", "9s",
                "x-ratelimit-remaining", "3",
                "x-ratelimit-reset", "99");

        assertThat(wait(headers, "")).isEqualTo(Duration.ofSeconds(9));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        Please try again in 9m38.016s. | 578016
        Please retry after 6 seconds. | 6000
        Please retry in 36.5s. | 36500
        Try again in 50 minutes, 2 seconds | 3002000
        Please try again in 250ms. Visit us | 250
        """)
    void a_wait_may_be_said_in_words(String sentence, long millis) {
        assertThat(wait(Map.of(), "{\"error\":{\"message\":\"" + sentence + "\"}}"))
                .isEqualTo(Duration.ofMillis(millis));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Please try again later", "wait 5 minutes", "retry after 6 sessions", "try again in 0s"})
    void other_words_are_no_wait(String sentence) {
        assertThat(wait(Map.of(), "{\"error\":{\"message\":\"" + sentence + "\"}}"))
                .isNull();
    }

    private static Duration wait(Map<String, String> headers, String body) {
        return new RetryAfter(CLOCK).of(headers::get, ErrorBody.read(body.getBytes(UTF_8)), true);
    }
}
