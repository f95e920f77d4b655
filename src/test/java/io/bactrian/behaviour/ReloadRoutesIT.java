package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Call;
import io.bactrian.testing.Reply;
import io.bactrian.testing.StubProvider;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Changes of the routes while the gateway runs: what takes effect and what is refused. */
@ResourceLock(LiveGateway.LOG)
final class ReloadRoutesIT {
    private final StubProvider p = StubProvider.openai().answers(Reply.text("from p"));
    private final StubProvider f = StubProvider.openai().answers(Reply.text("from f"));

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "chat.camel.yaml  | uri: direct:next | uri: [",
                "chat.camel.yaml  | process: | proces:",
                "chat.camel.yaml  | ref: bactrian-plan | ref: nobody",
                "chat.camel.yaml  | uri: direct:next | uri: nowhere:next",
                "target.camel.yaml | id: target | id: other",
                "chat.camel.yaml  | uri: direct:exhausted | uri: timer:x?fixedRate=perhaps",
                "status.camel.yaml | uri: platform-http:/health/live | uri: file:/dev/null/x"
            })
    void a_bad_route_changes_nothing_and_is_told(String file, String right, String wrong) {
        try (LiveGateway live = LiveGateway.with(lines())) {
            live.serves(live::ownRoutes);
            assertThat(LiveGateway.route(file)).contains(right);

            List<String> told = live.refused(
                    () -> live.replace("routes/" + file, LiveGateway.route(file).replace(right, wrong)));

            assertThat(told).hasSizeGreaterThan(1).noneMatch(l -> l.contains("\n"));
            assertThat(live.gateway().ask().content()).isEqualTo("from p");
            assertThat(live.gateway().stream().content()).isEqualTo("from p");
            live.replace("routes/" + file, LiveGateway.route(file));
            await().until(() -> !live.configuration().has("lastError"));
            live.change(lines("bactrian.chains.default=f/m"));
            assertThat(live.gateway().ask().content()).isEqualTo("from f");
        }
    }

    @Test
    void a_route_that_cannot_start_changes_nothing_and_is_told() {
        try (LiveGateway live = LiveGateway.with(lines())) {
            live.serves(live::ownRoutes);
            List<String> told = live.refused(() ->
                    live.replace("routes/twin.camel.yaml", hello("no").replace("platform-http:/hello", "direct:chat")));
            assertThat(told).anyMatch(l -> l.contains("direct://chat"));
            assertThat(live.gateway().ask().content()).isEqualTo("from p");
        }
    }

    @Test
    void a_route_that_every_request_passes_cannot_be_taken_away() {
        try (LiveGateway live = LiveGateway.with(lines())) {
            live.serves(live::ownRoutes);
            assertThat(live.refused(() -> live.delete("routes/chat.camel.yaml")))
                    .anyMatch(l -> l.contains("direct:chat"))
                    .anyMatch(l -> l.contains("direct:exhausted"));
            assertThat(live.gateway().ask().content()).isEqualTo("from p");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "race(p/m, f/m) | chat.camel.yaml        | direct:race        | direct:elsewhere",
                "p/m, static:a  | last-resort.camel.yaml | direct:last-resort | direct:elsewhere"
            })
    void a_chain_that_old_routes_cannot_serve_is_a_mistake(String chain, String file, String start, String other) {
        List<String> wanted = lines("bactrian.static.a=Sorry", "bactrian.chains.critical=" + chain);
        try (LiveGateway live = LiveGateway.with(lines())) {
            live.serves(live::ownRoutes);
            // Nobody needs it, so it need not be there.
            live.serves(() ->
                    live.replace("routes/" + file, LiveGateway.route(file).replace("uri: " + start, "uri: " + other)));

            assertThat(live.refused(() -> live.properties(wanted)))
                    .anyMatch(l -> l.contains(start) && l.contains("critical"));
            assertThat(live.gateway().ask().content()).isEqualTo("from p");
        }
    }

    @Test
    void routes_come_change_and_go() {
        try (LiveGateway live = LiveGateway.with(lines())) {
            live.serves(live::ownRoutes);
            assertThat(live.gateway().get("/hello").status()).isEqualTo(404);

            live.serves(() -> live.replace("routes/hello.camel.yaml", hello("Good morning")));
            assertThat(live.gateway().get("/hello").text()).isEqualTo("Good morning");
            live.serves(() -> live.replace("routes/hello.camel.yaml", hello("Good evening")));
            assertThat(live.gateway().get("/hello").text()).isEqualTo("Good evening");
            live.serves(() -> live.delete("routes/hello.camel.yaml"));
            assertThat(live.gateway().get("/hello").status()).isEqualTo(404);

            assertThat(live.said("Reloaded").subList(1, 4))
                    .containsExactly(
                            "Reloaded: routes/hello.camel.yaml added",
                            "Reloaded: routes/hello.camel.yaml changed",
                            "Reloaded: routes/hello.camel.yaml removed");
        }
    }

    @Test
    void what_starts_by_itself_stops_when_the_next_one_serves() {
        p.on(call -> Reply.text(call.path()));
        try (LiveGateway live = LiveGateway.with(lines())) {
            live.serves(live::ownRoutes);
            live.serves(() -> live.replace("routes/tick.camel.yaml", tick("before")));
            await().until(() -> ticks("before") > 3);

            live.serves(() -> live.replace("routes/tick.camel.yaml", tick("after")));
            long late = ticks("before") + 1;
            await().until(() -> ticks("after") > 10);

            assertThat(ticks("before")).isLessThanOrEqualTo(late);
        }
    }

    private long ticks(String path) {
        return p.calls().stream()
                .map(Call::path)
                .filter(c -> c.endsWith("/" + path))
                .count();
    }

    private String tick(String path) {
        return """
            - from:
                uri: timer:tick
                parameters:
                  period: "50"
                steps:
                  - to:
                      uri: "%s/%s"
                      parameters:
                        throwExceptionOnFailure: "false"
            """.formatted(p.baseUrl(), path);
    }

    private static String hello(String words) {
        return """
            - from:
                uri: platform-http:/hello
                steps:
                  - setBody:
                      constant: "%s"
            """.formatted(words);
    }

    private List<String> lines(String... more) {
        return LiveGateway.lines(p, f, more);
    }

    @AfterEach
    void close() {
        p.close();
        f.close();
    }
}
