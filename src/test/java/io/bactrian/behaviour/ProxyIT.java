package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.Reply;
import io.bactrian.testing.Request;
import io.bactrian.testing.StubProvider;
import io.bactrian.testing.StubProxy;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Providers that are reached through a proxy, and those beside them that are not. */
final class ProxyIT {
    private static final StubProxy proxy = new StubProxy();
    private static final StubProxy dying = new StubProxy();

    @RegisterExtension
    static final GatewayExtension gateway = GatewayExtension.with(
                    "bactrian.defaults.backoff=10ms",
                    "bactrian.providers.p.proxy=" + proxy.url(),
                    "bactrian.providers.r.proxy=" + dying.url(),
                    "bactrian.providers.tls.proxy=" + dying.url())
            .provider("tls", "https://127.0.0.1:1/v1")
            .openai("p", "r", "f");

    @AfterAll
    static void close() {
        proxy.close();
        dying.close();
    }

    @Test
    void documents_and_streams_come_through_the_proxy_of_their_provider_only() {
        StubProvider p = gateway.stub("p").answers(Reply.text("through the proxy"));

        assertThat(gateway.ask(gateway.along("p", "f")).content()).isEqualTo("through the proxy");
        assertThat(gateway.ask(gateway.along("p", "f").stream(true)).content()).isEqualTo("through the proxy");
        assertThat(proxy.requestLines())
                .containsExactly(
                        "POST " + p.baseUrl() + "/chat/completions HTTP/1.1",
                        "POST " + p.baseUrl() + "/chat/completions HTTP/1.1");

        p.answers(Reply.error(404, "invalid_request_error", "model_not_found", "no such model"));
        assertThat(gateway.ask(gateway.along("p", "f")).outcomes()).isEqualTo("p=MODEL_UNAVAILABLE, f=OK");
        assertThat(proxy.requestLines()).hasSize(3);
    }

    @Test
    void the_next_provider_answers_when_the_proxy_is_gone_or_makes_no_tunnel() {
        Answer answer = gateway.ask(Request.of("tls/model").fallbacks("f/model"));
        assertThat(answer.header("x-bactrian-target")).isEqualTo("f/model");
        assertThat(dying.requestLines()).first().isEqualTo("CONNECT 127.0.0.1:1 HTTP/1.1");
        assertThat(dying.requestLines()).hasSize(answer.trail().size() - 1);

        dying.close();
        // Not audited: the call does not reach the provider.
        answer = gateway.gateway().ask(gateway.along("r", "f"));
        assertThat(answer.outcomes()).startsWith("r=NETWORK").endsWith("f=OK");
        assertThat(answer.took()).isLessThan(Duration.ofSeconds(4));
        assertThat(gateway.stub("r").calls()).isEmpty();
    }
}
