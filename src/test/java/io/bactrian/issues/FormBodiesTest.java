package io.bactrian.issues;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.Gateway;
import io.bactrian.testing.StubProvider;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The fields of a form become message headers, whatever their names. */
final class FormBodiesTest {
    private static final String[] FORM = {"content-type", "application/x-www-form-urlencoded"};

    @Test
    void camel_makes_headers_of_a_form() throws Exception {
        try (PlainCamel camel = PlainCamel.serving(
                routes -> routes.from("platform-http:/in").setBody().simple("header: ${header.mine}"))) {

            assertThat(camel.post("/in", "mine=yes", FORM).body()).isEqualTo("header: yes");
        }
    }

    @Test
    void camel_fails_over_json_that_claims_to_be_a_form() throws Exception {
        try (PlainCamel camel = PlainCamel.serving(
                routes -> routes.from("platform-http:/in").setBody().constant("fine"))) {

            assertThat(camel.post("/in", "{}", FORM).statusCode()).isEqualTo(500);
        }
    }

    @Test
    void the_gateway_wants_json() {
        try (StubProvider stub = StubProvider.openai();
                Gateway gateway = Gateway.over(Map.of("p", stub))) {

            Gateway.Answer answer = gateway.post("/v1/chat/completions", "BactrianChain=p", FORM);

            assertThat(answer.status()).isEqualTo(415);
            assertThat(stub.calls()).isEmpty();
        }
    }
}
