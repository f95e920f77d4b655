package io.bactrian.issues;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import org.apache.camel.Exchange;
import org.junit.jupiter.api.Test;

/**
 * An exception that a YAML option says not to count is swallowed, and the exchange goes on with the request as if it were the
 * answer. Hence breakers built in Java: what they do not count still falls back.
 */
final class UncountedExceptionsTest {

    @Test
    void an_ignored_exception_is_cleared_and_skips_the_fallback() throws Exception {
        try (PlainCamel camel = PlainCamel.with(routes -> routes.from("direct:in")
                .circuitBreaker()
                .resilience4jConfiguration()
                .ignoreException(IllegalArgumentException.class)
                .end()
                .process(UncountedExceptionsTest::fail)
                .onFallback()
                .setBody()
                .constant("the fallback")
                .end())) {

            Exchange answer =
                    camel.template().request("direct:in", x -> x.getMessage().setBody("the request"));

            assertThat(answer.isFailed()).isFalse();
            assertThat(answer.getMessage().getBody()).isEqualTo("the request");
        }
    }

    @Test
    void so_is_one_that_is_not_among_the_recorded() throws Exception {
        try (PlainCamel camel = PlainCamel.with(routes -> routes.from("direct:in")
                .circuitBreaker()
                .resilience4jConfiguration()
                .recordException(IllegalStateException.class)
                .end()
                .process(UncountedExceptionsTest::fail)
                .onFallback()
                .setBody()
                .constant("the fallback")
                .end())) {

            assertThat(camel.template().requestBody("direct:in", "the request")).isEqualTo("the request");
        }
    }

    @Test
    void a_breaker_built_in_java_counts_by_its_own_predicate_and_falls_back_for_every_exception() throws Exception {
        CircuitBreaker breaker = CircuitBreaker.of(
                "breaker",
                CircuitBreakerConfig.custom()
                        .recordException(IllegalStateException.class::isInstance)
                        .ignoreException(IllegalArgumentException.class::isInstance)
                        .build());
        try (PlainCamel camel = PlainCamel.with(routes -> {
            routes.getContext().getRegistry().bind("breaker", CircuitBreaker.class, breaker);
            routes.from("direct:in")
                    .circuitBreaker()
                    .resilience4jConfiguration()
                    .circuitBreaker("breaker")
                    .end()
                    .process(UncountedExceptionsTest::fail)
                    .onFallback()
                    .setBody()
                    .constant("the fallback")
                    .end();
        })) {

            assertThat(camel.template().requestBody("direct:in", "the request")).isEqualTo("the fallback");
            assertThat(breaker.getMetrics().getNumberOfFailedCalls()).isZero();

            assertThat(camel.template().requestBody("direct:in", "not counted is not all"))
                    .isEqualTo("the fallback");
            assertThat(camel.template().requestBody("direct:in", "counted")).isEqualTo("the fallback");
            assertThat(breaker.getMetrics().getNumberOfFailedCalls()).isEqualTo(1);
        }
    }

    private static void fail(Exchange exchange) {
        if ("counted".equals(exchange.getMessage().getBody())) {
            throw new IllegalStateException("counted");
        }
        throw new IllegalArgumentException("not counted");
    }
}
