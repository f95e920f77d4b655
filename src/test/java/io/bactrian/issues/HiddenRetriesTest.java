package io.bactrian.issues;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.Gateway;
import io.bactrian.testing.Reply;
import io.bactrian.testing.StubProvider;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** camel-http asks again by itself after 429 and 503, and sleeps as long as {@code Retry-After} says. */
final class HiddenRetriesTest {

    @ParameterizedTest
    @ValueSource(ints = {429, 503})
    void stock_camel_http_asks_twice(int status) throws Exception {
        try (StubProvider stub = busy(status);
                PlainCamel camel = PlainCamel.with(routes -> routes.from("direct:in")
                        .to(stub.baseUrl() + "/chat/completions?throwExceptionOnFailure=false"))) {

            camel.template().requestBody("direct:in", "{}");

            assertThat(stub.calls()).hasSize(2);
            assertThat(stub.call(2).since(stub.call(1))).isGreaterThan(Duration.ofMillis(900));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 503})
    void the_gateway_asks_as_often_as_it_says(int status) {
        try (StubProvider stub = busy(status);
                Gateway gateway = Gateway.over(Map.of("p", stub), "bactrian.defaults.max-attempts=1")) {

            Gateway.Answer answer = gateway.ask();

            assertThat(answer.status()).isGreaterThanOrEqualTo(429);
            assertThat(stub.calls()).hasSize(1);
        }
    }

    private static StubProvider busy(int status) {
        return StubProvider.openai()
                .answers(Reply.error(status, "server_error", "overloaded", "busy", "retry-after", "1"));
    }
}
