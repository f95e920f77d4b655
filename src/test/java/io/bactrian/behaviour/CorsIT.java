package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.RawHttp;
import io.bactrian.testing.RawHttp.Response;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls from pages of other origins. */
final class CorsIT {
    private static final String CHAT = "/v1/chat/completions";
    private static final String GOOD = "{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}";

    @RegisterExtension
    static final GatewayExtension gateway =
            GatewayExtension.with("bactrian.server.cors=https://app.example").openai("p");

    @ParameterizedTest
    @ValueSource(strings = {"GET /status", "GET /", "GET /v1/nothing", "POST " + CHAT})
    void every_answer_says_that_it_depends_on_the_origin(String line) {
        for (List<String> origin : List.of(List.<String>of(), List.of("origin: https://app.example"))) {
            assertThat(send(line, origin).header("vary")).as(line + origin).isEqualToIgnoringCase("origin");
        }
    }

    @Test
    void a_browser_remembers_a_preflight() {
        Response response =
                send("OPTIONS " + CHAT, List.of("origin: https://app.example", "access-control-request-method: POST"));

        assertThat(response.status()).isEqualTo(204);
        assertThat(response.header("access-control-max-age")).isEqualTo("3600");
        assertThat(response.header("access-control-allow-origin")).isEqualTo("https://app.example");
        assertThat(response.header("vary")).containsIgnoringCase("origin");
    }

    @Test
    void another_origin_is_told_so() {
        Response response = send("POST " + CHAT, List.of("origin: https://other.example"));

        assertThat(response.status()).isEqualTo(403);
        assertThat(response.json().at("/error/code").asText()).isEqualTo("origin_not_allowed");
        assertThat(response.json().at("/error/message").asText())
                .contains("https://other.example", "bactrian.server.cors");
        assertThat(response.header("vary")).containsIgnoringCase("origin");
        assertThat(gateway.stub("p").calls()).isEmpty();
    }

    private static Response send(String line, List<String> headers) {
        List<String> all = new ArrayList<>(headers);
        all.add("content-type: application/json");
        return RawHttp.send(gateway.port(), line, all, GOOD);
    }
}
