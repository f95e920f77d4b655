package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Gateway;
import io.bactrian.testing.OpenPage;
import io.bactrian.testing.Program;
import io.bactrian.testing.RawCaller;
import io.bactrian.testing.StubProvider;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.camel.CamelContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/** Open pages hold nothing up: neither a change of the configuration, nor the stop, nor other pages. */
@ResourceLock(LiveGateway.LOG)
final class PageLifeIT {
    private static final StubProvider P = StubProvider.openai();
    private static final StubProvider F = StubProvider.openai();

    @Test
    void a_change_ends_the_pages_and_the_old_configuration_is_gone_at_once() {
        try (LiveGateway live = LiveGateway.with(LiveGateway.lines(P, F))) {
            CamelContext old = live.gateway().context();
            List<OpenPage> pages = new ArrayList<>(List.of(open(live.gateway()), open(live.gateway())));
            try (OpenPage left = open(live.gateway())) {
                left.snapshot(s -> true);
            }
            pages.getFirst().snapshot(s -> true);
            live.gateway().ask("x-request-id", "before");

            live.change(LiveGateway.lines(P, F, "bactrian.chains.other=f/m"));

            await().atMost(Duration.ofSeconds(20)).until(() -> pages.stream().allMatch(OpenPage::ended));
            await().atMost(Duration.ofSeconds(20)).until(old::isStopped);
            assertThat(pages).allSatisfy(page -> assertThat(page.lines().getLast())
                    .as("ended in order")
                    .isEmpty());
            try (OpenPage again = open(live.gateway())) {
                assertThat(again.snapshot(s -> true).path("chains").findValuesAsText("name"))
                        .contains("other");
                assertThat(again.message("snapshot", s -> true)
                                .path("chains")
                                .path(0)
                                .path("answers")
                                .asText())
                        .as("what was known is still known")
                        .isEqualTo("p/m");
            }
            pages.forEach(OpenPage::close);
        }
    }

    @Test
    void sessions_survive_a_change_until_their_key_is_changed() {
        String[] keys = {"camel.server.host=127.0.0.1", "bactrian.server.keys=ann:one,bob:two"};
        try (LiveGateway live = LiveGateway.with(LiveGateway.lines(P, F, keys))) {
            String ann = session(live.gateway(), "one");
            String bob = session(live.gateway(), "two");

            live.change(LiveGateway.lines(P, F, keys[0], "bactrian.server.keys=ann:one,bob:three"));

            assertThat(live.gateway().get("/status", "cookie", ann).status()).isEqualTo(200);
            assertThat(live.gateway().get("/status", "cookie", bob).status()).isEqualTo(401);
        }
    }

    private static String session(Gateway gateway, String key) {
        return gateway.post("/page/login", "{\"key\":\"" + key + "\"}")
                .header("set-cookie")
                .replaceFirst(";.*", "");
    }

    @Test
    void the_program_stops_at_once_although_pages_are_open() {
        List<String> lines = LiveGateway.lines(P, F);
        try (Program program = Program.with(lines.toArray(String[]::new)).run();
                OpenPage page = OpenPage.at(program.uri("/page/events"));
                OpenPage other = OpenPage.at(program.uri("/page/events"))) {
            page.snapshot(s -> true);
            long asked = System.nanoTime();

            program.terminate();

            assertThat(program.exitCode()).isZero();
            assertThat(Duration.ofNanos(System.nanoTime() - asked)).isLessThan(Duration.ofSeconds(20));
            await().atMost(Duration.ofSeconds(10)).until(() -> page.ended() && other.ended());
            assertThat(program.out() + program.err()).doesNotContain("Exception", "\tat ");
        }
    }

    @Test
    void a_page_that_does_not_read_is_dropped_and_its_place_is_free_again() {
        String chain = IntStream.range(0, 300).mapToObj(i -> "p/model-" + i).collect(Collectors.joining(", "));
        try (LiveGateway live = LiveGateway.with(LiveGateway.lines(P, F, "bactrian.chains.long=" + chain));
                RawCaller deaf = RawCaller.get(live.gateway(), "/page/events");
                OpenPage page = open(live.gateway())) {
            page.snapshot(s -> true);
            await().atMost(Duration.ofSeconds(90))
                    .pollInterval(Duration.ofMillis(500))
                    .until(() ->
                            live.gateway().context().getInflightRepository().size() == 1);
            assertThat(page.ended()).isFalse();
            int seen = page.messages("snapshot").size();
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> page.messages("snapshot").size() > seen);
        }
    }

    private static OpenPage open(Gateway gateway) {
        return OpenPage.at(gateway.uri("/page/events"));
    }

    @AfterAll
    static void close() {
        P.close();
        F.close();
    }
}
