package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Reply;
import io.bactrian.testing.StubProvider;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** Leaks: many changes of the files leave no threads, sockets or contexts behind. */
@Isolated("it counts the threads of the process")
final class ReloadLeaksIT {
    /** Cannot start: there is one at this address. */
    private static final String TWIN = """
        - from:
            uri: direct:chat
            steps:
              - log: "never"
        """;

    private final StubProvider p = StubProvider.openai().answers(Reply.text("from p"));
    private final StubProvider f = StubProvider.openai();

    @Test
    void twenty_changes_leave_neither_threads_nor_sockets_nor_contexts_behind() {
        try (LiveGateway live = LiveGateway.with(lines())) {
            live.serves(live::ownRoutes);
            live.refused(() -> live.replace("routes/twin.camel.yaml", TWIN));
            live.serves(() -> {
                live.delete("routes/twin.camel.yaml");
                live.properties(lines("bactrian.aliases=warm: default"));
            });
            assertThat(live.gateway().ask().status()).isEqualTo(200);
            List<WeakReference<CamelContext>> contexts = new ArrayList<>();
            await().until(() -> threads().stream().noneMatch(name -> name.contains("ShutdownTask")));
            Set<String> before = threads();

            for (int i = 0; i < 20; i++) {
                contexts.add(new WeakReference<>(live.gateway().context()));
                if (i % 4 == 0) {
                    live.refused(() -> live.replace("routes/twin.camel.yaml", TWIN));
                    live.delete("routes/twin.camel.yaml");
                }
                live.change(lines("bactrian.aliases=a" + i + ": default"));
                assertThat(live.gateway().ask().status()).isEqualTo(200);
                assertThat(live.gateway().stream().status()).isEqualTo(200);
            }

            await().untilAsserted(() -> assertThat(p.openConnections()).isLessThanOrEqualTo(2));
            await().untilAsserted(() -> assertThat(threads()).hasSizeLessThanOrEqualTo(before.size() + 3));
            await().untilAsserted(() -> {
                System.gc();
                assertThat(contexts.stream().map(WeakReference::get).filter(c -> c != null))
                        .isEmpty();
            });
        }
    }

    private static Set<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !thread.getName().startsWith("ForkJoinPool"))
                .map(thread -> thread.threadId() + " " + thread.getName())
                .collect(Collectors.toSet());
    }

    private List<String> lines(String... more) {
        List<String> all = new ArrayList<>(List.of(more));
        all.add("bactrian.defaults.upstream-streaming=off");
        return LiveGateway.lines(p, f, all.toArray(String[]::new));
    }

    @AfterEach
    void close() {
        p.close();
        f.close();
    }
}
