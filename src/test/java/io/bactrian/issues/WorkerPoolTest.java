package io.bactrian.issues;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Gateway;
import io.bactrian.testing.Reply;
import io.bactrian.testing.StubProvider;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.spi.CamelEvent;
import org.apache.camel.spi.CamelEvent.ExchangeSendingEvent;
import org.apache.camel.support.EventNotifierSupport;
import org.junit.jupiter.api.Test;

/** Requests wait for one of Vert.x's 20 worker threads. Ours have a virtual thread each. */
final class WorkerPoolTest {

    @Test
    void platform_http_serves_twenty_requests_at_once() throws Exception {
        AtomicInteger inside = new AtomicInteger();
        CountDownLatch go = new CountDownLatch(1);
        try (PlainCamel camel = PlainCamel.serving(routes -> routes.from("platform-http:/in")
                        .process(x -> {
                            inside.incrementAndGet();
                            go.await();
                        })
                        .setBody()
                        .constant("fine"));
                ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {

            List<Future<Integer>> answers =
                    times(40, callers, () -> camel.post("/in", "{}").statusCode());

            await().atMost(Duration.ofSeconds(20)).until(() -> inside.get() >= 20);
            await().during(Duration.ofMillis(400)).atMost(Duration.ofSeconds(5)).until(() -> inside.get() == 20);
            go.countDown();
            for (Future<Integer> answer : answers) {
                assertThat(answer.get(20, TimeUnit.SECONDS)).isEqualTo(200);
            }
        }
    }

    @Test
    void the_gateway_serves_a_hundred_blocked_requests_at_once() throws Exception {
        CountDownLatch all = new CountDownLatch(100);
        try (StubProvider stub = StubProvider.openai().on(call -> {
                    all.countDown();
                    return arrived(all) ? Reply.text("all are here") : Reply.text("too few");
                });
                Gateway gateway = Gateway.over(Map.of("p", stub));
                ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {

            List<Future<String>> answers =
                    times(100, callers, () -> gateway.ask().content());

            for (Future<String> answer : answers) {
                assertThat(answer.get(40, TimeUnit.SECONDS)).isEqualTo("all are here");
            }
        }
    }

    @Test
    void a_request_runs_on_a_virtual_thread() {
        Set<Boolean> virtual = ConcurrentHashMap.newKeySet();
        try (StubProvider stub = StubProvider.openai();
                Gateway gateway = Gateway.over(Map.of("p", stub))) {
            gateway.context().getManagementStrategy().addEventNotifier(new EventNotifierSupport() {
                @Override
                public void notify(CamelEvent event) {
                    if (event instanceof ExchangeSendingEvent) {
                        virtual.add(Thread.currentThread().isVirtual());
                    }
                }
            });

            gateway.ask();

            assertThat(virtual).containsExactly(true);
        }
    }

    private static boolean arrived(CountDownLatch all) {
        try {
            return all.await(20, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static <T> List<Future<T>> times(int n, ExecutorService callers, Callable<T> call) {
        List<Future<T>> all = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            all.add(callers.submit(call));
        }
        return all;
    }
}
