package io.bactrian.issues;

import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Reply;
import io.bactrian.testing.StubProvider;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.camel.ProducerTemplate;
import org.junit.jupiter.api.Test;

/** camel-http keeps at most 20 connections to a host; the others wait. {@link WorkerPoolTest} shows 100 of ours. */
final class ConnectionsPerRouteTest {

    @Test
    void camel_http_makes_twenty_calls_at_once() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        try (StubProvider stub = StubProvider.openai().on(call -> {
                    hold(go);
                    return Reply.text("fine");
                });
                PlainCamel camel = PlainCamel.with(
                        routes -> routes.from("direct:in").to(stub.baseUrl() + "/chat/completions?httpMethod=POST"));
                ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            ProducerTemplate template = camel.template();
            for (int i = 0; i < 40; i++) {
                callers.submit(() -> template.requestBody("direct:in", "{}"));
            }

            await().atMost(Duration.ofSeconds(20)).until(() -> stub.calls().size() >= 20);
            await().during(Duration.ofMillis(400))
                    .atMost(Duration.ofSeconds(5))
                    .until(() -> stub.calls().size() == 20);
            go.countDown();
            await().atMost(Duration.ofSeconds(20)).until(() -> stub.calls().size() == 40);
        }
    }

    private static void hold(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
