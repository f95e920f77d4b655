package io.bactrian.issues;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Reply;
import io.bactrian.testing.StubProvider;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.camel.builder.LambdaRouteBuilder;
import org.apache.camel.component.http.HttpClientConfigurer;
import org.apache.hc.core5.concurrent.Cancellable;
import org.junit.jupiter.api.Test;

/** To close a chunked body is to read it to its end, however long the provider speaks. Cancelling the request closes the socket. */
final class ClosedBodiesTest {
    private final AtomicReference<Cancellable> request = new AtomicReference<>();

    @Test
    void closing_reads_to_the_end() throws Exception {
        try (StubProvider stub = slow();
                PlainCamel camel = PlainCamel.with(calling(stub, InputStream::close))) {

            camel.template().requestBody("direct:in", "{\"stream\":true}");

            await().until(() -> stub.call(1).answered());
            assertThat(stub.call(1).clientLeft()).isFalse();
        }
    }

    @Test
    void cancelling_closes_the_socket_at_once() throws Exception {
        try (StubProvider stub = slow();
                PlainCamel camel =
                        PlainCamel.with(calling(stub, in -> request.get().cancel()))) {

            CompletableFuture<Object> answer =
                    CompletableFuture.supplyAsync(() -> camel.template().requestBody("direct:in", "{\"stream\":true}"));

            await().atMost(Duration.ofSeconds(5))
                    .until(() -> !stub.calls().isEmpty() && stub.call(1).clientLeft());
            assertThat(stub.call(1).clientLeftAfter()).isLessThan(Duration.ofMillis(1_500));
            answer.get(10, TimeUnit.SECONDS);
        }
    }

    /** Speaks for two seconds. */
    private static StubProvider slow() {
        return StubProvider.openai()
                .answers(Reply.text("one two three four five six seven eight nine ten")
                        .everyToken(Duration.ofMillis(200)));
    }

    private interface Ending {
        void end(InputStream body) throws Exception;
    }

    private LambdaRouteBuilder calling(StubProvider stub, Ending ending) {
        return routes -> {
            HttpClientConfigurer client = builder -> builder.addExecInterceptorFirst("request", (r, scope, chain) -> {
                request.set((Cancellable) scope.originalRequest);
                return chain.proceed(r, scope);
            });
            routes.getContext().getRegistry().bind("client", HttpClientConfigurer.class, client);
            routes.from("direct:in")
                    .streamCache("false")
                    .to(stub.baseUrl()
                            + "/chat/completions?httpMethod=POST&disableStreamCache=true&httpClientConfigurer=#client")
                    .process(x -> {
                        InputStream body = (InputStream) x.getMessage().getBody();
                        body.read();
                        ending.end(body);
                        x.getMessage().setBody("done");
                    });
        };
    }
}
