package io.bactrian.issues;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.StubProvider;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.camel.Exchange;
import org.apache.camel.component.http.HttpActivityListener;
import org.apache.camel.component.http.HttpClientConfigurer;
import org.apache.camel.component.http.HttpComponent;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.HttpResponse;
import org.junit.jupiter.api.Test;

/** An interceptor of the HTTP client finds the exchange only where an activity listener is set, be it an idle one. */
final class ExchangeInHttpContextTest {

    @Test
    void without_a_listener_the_interceptor_sees_no_exchange() throws Exception {
        assertThat(seen(null)).isNull();
    }

    @Test
    void with_a_listener_it_does() throws Exception {
        assertThat(seen(new Idle())).isInstanceOf(Exchange.class);
    }

    private static Object seen(HttpActivityListener listener) throws Exception {
        AtomicReference<Object> seen = new AtomicReference<>();
        HttpClientConfigurer client = builder -> builder.addExecInterceptorFirst("look", (request, scope, chain) -> {
            seen.set(scope.clientContext.getAttribute("org.apache.camel.Exchange"));
            return chain.proceed(request, scope);
        });
        try (StubProvider stub = StubProvider.openai();
                PlainCamel camel = PlainCamel.with(routes -> {
                    HttpComponent http = routes.getContext().getComponent("http", HttpComponent.class);
                    http.setHttpActivityListener(listener);
                    routes.getContext().getRegistry().bind("client", HttpClientConfigurer.class, client);
                    routes.from("direct:in")
                            .to(stub.baseUrl() + "/chat/completions?httpMethod=POST&httpClientConfigurer=#client");
                })) {
            camel.template().requestBody("direct:in", "{}");
            return seen.get();
        }
    }

    private static final class Idle implements HttpActivityListener {
        @Override
        public void onRequestSubmitted(
                Object source, Exchange exchange, HttpHost host, HttpRequest request, HttpEntity entity) {}

        @Override
        public void onResponseReceived(
                Object source,
                Exchange exchange,
                HttpHost host,
                HttpResponse response,
                HttpEntity entity,
                long elapsed) {}
    }
}
