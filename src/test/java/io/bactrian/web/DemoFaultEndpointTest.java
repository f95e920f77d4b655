package io.bactrian.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.Gateway;
import org.junit.jupiter.api.Test;

final class DemoFaultEndpointTest {
    private static final String SWITCH = "/demo/anthropic/fault?kind=503";

    @Test
    void a_fault_is_switched_with_a_key_where_keys_are_set() {
        try (Gateway gateway = Gateway.start(
                "bactrian.providers.anthropic.api=anthropic",
                "bactrian.providers.anthropic.base-url=https://api.anthropic.com/v1",
                "camel.server.host=127.0.0.1",
                "bactrian.server.keys=team-a:secret-1")) {

            assertThat(gateway.post(SWITCH, "").status()).isEqualTo(401);
            Gateway.Answer answer = gateway.post(SWITCH, "", "x-api-key", "secret-1");

            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.text()).contains("503");
            assertThat(answer.header("x-request-id")).isNotEmpty();
        }
    }

    @Test
    void an_unknown_fault_is_the_caller_s_mistake() {
        try (Gateway gateway = Gateway.start("bactrian.demo=on")) {
            assertThat(gateway.post("/demo/anthropic/fault?kind=flood", "").status())
                    .isEqualTo(400);
            assertThat(gateway.post(SWITCH + "&after=soon", "").status()).isEqualTo(400);
        }
    }
}
