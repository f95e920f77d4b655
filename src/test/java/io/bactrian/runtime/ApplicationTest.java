package io.bactrian.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.Gateway;
import io.bactrian.testing.Reply;
import io.bactrian.testing.StubProvider;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.camel.component.http.HttpComponent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The settings of Camel and its HTTP client. */
final class ApplicationTest {

    static Stream<Arguments> failures() {
        return Stream.of(
                Arguments.of("429", Reply.error(429, "rate_limit_error", null, "slow down")),
                Arguments.of("429, wait", Reply.error(429, "rate_limit_error", null, "slow", "retry-after", "1")),
                Arguments.of("503", Reply.error(503, "server_error", "overloaded", "busy")),
                Arguments.of("503, wait", Reply.error(503, "server_error", null, "busy", "retry-after", "1")),
                Arguments.of("500", Reply.error(500, "server_error", null, "broken")),
                Arguments.of("401", Reply.error(401, "authentication_error", "invalid_api_key", "who?")),
                Arguments.of("302", Reply.status(302, "", "location", "/v1/chat/completions")),
                Arguments.of("reset", Reply.reset()),
                Arguments.of("closed", Reply.closeSilently()),
                Arguments.of("stale", Reply.keepAliveThenClose(Reply.error(500, "server_error", null, "broken"))),
                Arguments.of("HTML", Reply.html()));
    }

    /** Retries have one owner: the attempts named in the answer are the calls that reached the provider. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("failures")
    void the_calls_that_reach_a_provider_are_those_the_answer_names(String name, Reply failure) {
        try (StubProvider stub = StubProvider.openai().answers(failure);
                Gateway gateway = Gateway.over(Map.of("p", stub), "bactrian.defaults.deadline=4s")) {

            Gateway.Answer answer = gateway.ask();

            assertThat(answer.status()).isGreaterThanOrEqualTo(400);
            assertThat(answer.attempts().split(", ")).hasSameSizeAs(stub.calls());
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("failures")
    void at_most_one_attempt_is_at_most_one_call(String name, Reply failure) {
        try (StubProvider stub = StubProvider.openai().answers(failure);
                Gateway gateway = Gateway.over(Map.of("p", stub), "bactrian.defaults.max-attempts=1")) {

            assertThat(gateway.ask().status()).isGreaterThanOrEqualTo(400);

            assertThat(stub.calls()).hasSize(1);
        }
    }

    @Test
    void a_provider_s_cookies_are_not_sent_back() {
        try (StubProvider stub =
                        StubProvider.openai().answers(Reply.text("fine").headers("set-cookie", "session=1; Path=/"));
                Gateway gateway = Gateway.over(Map.of("p", stub))) {

            gateway.ask();
            gateway.ask();

            assertThat(stub.call(2).header("cookie")).isNull();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"http", "https"})
    void no_property_changes_what_the_routes_stand_on(String scheme) {
        String component = "camel.component." + scheme + ".";
        try (StubProvider stub = StubProvider.openai();
                Gateway gateway = Gateway.over(
                        Map.of("p", stub),
                        "camel.main.streamCachingEnabled=true",
                        component + "automaticRetriesDisabled=false",
                        component + "cookieManagementDisabled=false",
                        component + "followRedirects=true")) {
            HttpComponent http = gateway.context().getComponent(scheme, HttpComponent.class);

            assertThat(http.isAutomaticRetriesDisabled()).isTrue();
            assertThat(http.isCookieManagementDisabled()).isTrue();
            assertThat(http.isFollowRedirects()).isFalse();
            assertThat(http.getHttpActivityListener()).isNotNull();
            assertThat(gateway.context().isStreamCaching()).isFalse();
            assertThat(gateway.stream().content()).isEqualTo("Hello from the stub.");
        }
    }

    @Test
    void a_second_gateway_in_the_same_process_does_not_disturb_the_first() {
        try (StubProvider one = StubProvider.openai().answers(Reply.text("one"));
                StubProvider two = StubProvider.openai().answers(Reply.text("two"));
                Gateway first = Gateway.over(Map.of("p", one));
                Gateway second = Gateway.over(Map.of("p", two))) {

            assertThat(second.ask().content()).isEqualTo("two");
            assertThat(first.ask().content()).isEqualTo("one");
        }
    }
}
