package io.bactrian.issues;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.Test;

/** An open breaker does not say that it is open: the fallback has no exception, and without a fallback nothing fails. */
final class OpenBreakersTest {
    private final CircuitBreaker open = CircuitBreaker.ofDefaults("open");
    private final CircuitBreaker closed = CircuitBreaker.ofDefaults("closed");

    @Test
    void the_fallback_of_an_open_breaker_has_no_exception() throws Exception {
        try (PlainCamel camel = PlainCamel.with(routes -> {
            bind(routes);
            breaker(routes, "open", "direct:told");
        })) {

            assertThat(camel.template().requestBody("direct:open", "")).isEqualTo("caught null");
        }
    }

    @Test
    void that_of_a_failed_call_has() throws Exception {
        try (PlainCamel camel = PlainCamel.with(routes -> {
            bind(routes);
            breaker(routes, "closed", "direct:told");
        })) {

            assertThat(camel.template().requestBody("direct:closed", ""))
                    .isEqualTo("caught java.lang.IllegalStateException: broken");
        }
    }

    @Test
    void the_exception_of_a_failure_before_is_not_mistaken_for_that_of_an_open_breaker() throws Exception {
        try (PlainCamel camel = PlainCamel.with(routes -> {
            bind(routes);
            breaker(routes, "closed", "direct:open");
            breaker(routes, "open", "direct:told");
        })) {

            assertThat(camel.template().requestBody("direct:closed", "")).isEqualTo("caught null");
        }
    }

    @Test
    void without_a_fallback_the_request_goes_on_as_the_answer() throws Exception {
        try (PlainCamel camel = PlainCamel.with(routes -> {
            bind(routes);
            routes.from("direct:in")
                    .circuitBreaker()
                    .resilience4jConfiguration()
                    .circuitBreaker("open")
                    .end()
                    .setBody()
                    .constant("the answer")
                    .end();
        })) {

            assertThat(camel.template().requestBody("direct:in", "the request")).isEqualTo("the request");
        }
    }

    private void bind(RouteBuilder routes) {
        open.transitionToOpenState();
        routes.getContext().getRegistry().bind("open", CircuitBreaker.class, open);
        routes.getContext().getRegistry().bind("closed", CircuitBreaker.class, closed);
        routes.from("direct:told")
                .process(x -> x.getMessage().setBody("caught " + x.getProperty(Exchange.EXCEPTION_CAUGHT)));
    }

    private static void breaker(RouteBuilder routes, String name, String fallback) {
        routes.from("direct:" + name)
                .circuitBreaker()
                .resilience4jConfiguration()
                .circuitBreaker(name)
                .end()
                .process(x -> {
                    throw new IllegalStateException("broken");
                })
                .onFallback()
                .to(fallback)
                .end();
    }
}
