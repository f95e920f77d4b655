package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.Gateway;
import io.bactrian.testing.Reply;
import io.bactrian.testing.StubProvider;
import io.bactrian.testing.StubProxy;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Providers that are reached through a proxy, and those beside them that are not. */
final class ProxyIT {

    @Test
    void documents_and_streams_come_through_the_proxy_of_their_provider_only() {
        try (StubProxy proxy = new StubProxy();
                StubProvider p = StubProvider.openai();
                StubProvider f = StubProvider.openai();
                Gateway gateway = Gateway.over(Gateway.line(p, f), "bactrian.providers.p.proxy=" + proxy.url())) {
            p.answers(Reply.text("through the proxy"));

            assertThat(gateway.ask().content()).isEqualTo("through the proxy");
            assertThat(gateway.stream().content()).isEqualTo("through the proxy");
            assertThat(proxy.requestLines())
                    .containsExactly(
                            "POST " + p.baseUrl() + "/chat/completions HTTP/1.1",
                            "POST " + p.baseUrl() + "/chat/completions HTTP/1.1");

            p.answers(Reply.error(404, "invalid_request_error", "model_not_found", "no such model"));
            assertThat(gateway.ask().attempts()).isEqualTo("p/model-p=MODEL_UNAVAILABLE, f/model-f=OK");
            assertThat(proxy.requestLines()).hasSize(3);
        }
    }

    @Test
    void the_next_provider_answers_when_the_proxy_is_gone_or_makes_no_tunnel() {
        try (StubProxy proxy = new StubProxy();
                StubProvider p = StubProvider.openai();
                StubProvider f = StubProvider.openai();
                Gateway gateway = Gateway.over(
                        Gateway.line(p, f),
                        "bactrian.defaults.backoff=10ms",
                        "bactrian.providers.p.proxy=" + proxy.url(),
                        "bactrian.providers.q.base-url=https://127.0.0.1:1/v1",
                        "bactrian.providers.q.keyless=true",
                        "bactrian.providers.q.proxy=" + proxy.url(),
                        "bactrian.chains.tls=q/model, f/model-f")) {
            Gateway.Answer answer = gateway.post(
                    "/v1/chat/completions",
                    "{\"model\":\"tls\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}");
            assertThat(answer.header("x-bactrian-target")).isEqualTo("f/model-f");
            assertThat(proxy.requestLines()).first().isEqualTo("CONNECT 127.0.0.1:1 HTTP/1.1");
            assertThat(proxy.requestLines()).hasSize(answer.attempts().split(", ").length - 1);

            proxy.close();
            answer = gateway.ask();
            assertThat(answer.attempts()).startsWith("p/model-p=NETWORK").endsWith("f/model-f=OK");
            assertThat(answer.took()).isLessThan(Duration.ofSeconds(4));
            assertThat(p.calls()).isEmpty();
        }
    }
}
