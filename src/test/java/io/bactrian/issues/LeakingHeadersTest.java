package io.bactrian.issues;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.Gateway;
import io.bactrian.testing.StubProvider;
import java.net.http.HttpResponse;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Headers of a caller that no step removes come back in the answer, and go on to the provider. */
final class LeakingHeadersTest {
    private static final String[] SECRETS = {
        "authorization", "Bearer caller-secret", "x-api-key", "caller-secret", "x-mine", "caller-secret"
    };

    @Test
    void camel_echoes_the_headers_of_a_request() throws Exception {
        try (PlainCamel camel = PlainCamel.serving(
                routes -> routes.from("platform-http:/in").setBody().constant("fine"))) {

            HttpResponse<String> answer = camel.post("/in", "{}", SECRETS);

            assertThat(answer.headers().firstValue("authorization")).hasValue("Bearer caller-secret");
            assertThat(answer.headers().firstValue("x-mine")).hasValue("caller-secret");
        }
    }

    @Test
    void camel_forwards_the_headers_of_a_request() throws Exception {
        try (StubProvider stub = StubProvider.openai();
                PlainCamel camel = PlainCamel.serving(routes -> routes.from("platform-http:/in")
                        .removeHeaders("CamelHttp*")
                        .to(stub.baseUrl() + "/chat/completions?httpMethod=POST"))) {

            camel.post("/in", "{}", SECRETS);

            assertThat(stub.lastCall().header("authorization")).isEqualTo("Bearer caller-secret");
            assertThat(stub.lastCall().header("x-mine")).isEqualTo("caller-secret");
        }
    }

    @Test
    void the_gateway_does_neither() {
        try (StubProvider stub = StubProvider.openai();
                Gateway gateway = Gateway.over(Map.of("p", stub))) {

            Gateway.Answer answer = gateway.ask(SECRETS);

            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.response().headers().map().toString()).doesNotContain("caller-secret");
            assertThat(stub.lastCall().headers().toString()).doesNotContain("caller-secret");
        }
    }
}
