package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchException;
import static org.awaitility.Awaitility.await;

import io.bactrian.runtime.Application;
import io.bactrian.runtime.StartupErrors;
import io.bactrian.testing.Program;
import io.bactrian.testing.Reply;
import io.bactrian.testing.StubProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Mistakes in the route files of a user: each is one line with its place, at the start and at a reload. */
final class RouteMistakesIT {
    private static final StubProvider P = StubProvider.openai().answers(Reply.text("from p"));
    private static LiveGateway live;

    @BeforeAll
    static void start() {
        live = LiveGateway.with(LiveGateway.lines(P, P));
        live.serves(live::ownRoutes);
    }

    @AfterAll
    static void stop() {
        live.close();
        P.close();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("mistakes")
    void a_reload_tells_it_and_changes_nothing(Mistake mistake) {
        try {
            List<String> told = live.refused(() -> live.replace("routes/mine.camel.yaml", mistake.yaml()));

            assertThat(told.subList(1, told.size())).containsExactly("  " + mistake.line());
            assertThat(live.configuration().path("lastError").asText()).isEqualTo(mistake.line());
            assertThat(live.gateway().ask().content()).isEqualTo("from p");
        } finally {
            live.delete("routes/mine.camel.yaml");
            await().until(() -> !live.configuration().has("lastError"));
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("mistakes")
    void a_start_tells_it(Mistake mistake, @TempDir Path directory) throws IOException {
        Files.write(directory.resolve("application.properties"), LiveGateway.lines(P, P));
        Files.writeString(
                LiveGateway.copyRoutes(directory.resolve("routes")).resolve("mine.camel.yaml"), mistake.yaml());
        try (Application application = new Application(directory)) {
            Exception thrown = catchException(() -> {
                application.prepare(true);
                application.start();
            });

            assertThat(StartupErrors.isMistake(thrown)).isTrue();
            assertThat(application.mistakes(thrown)).containsExactly(mistake.line());
        }
    }

    /** Three that are found at different times: before Camel reads the files, while it does, and when it makes the routes. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("threeMistakes")
    void the_program_prints_it_and_exits_with_2(Mistake mistake) throws IOException {
        for (String argument : List.of("", "--check")) {
            Program.Setup setup = Program.with("camel.server.port=0").file("routes/mine.camel.yaml", mistake.yaml());
            try (Stream<Path> routes = Files.list(Path.of("routes"))) {
                for (Path route : routes.toList()) {
                    setup.file("routes/" + route.getFileName(), Files.readString(route));
                }
            }
            try (Program program = argument.isEmpty() ? setup.run() : setup.run(argument)) {
                assertThat(program.exitCode()).isEqualTo(2);
                assertThat(program.errLines().stream().filter(line -> !line.startsWith("WARNING: ")))
                        .containsExactly("1 mistake in the configuration:", "  " + mistake.line());
                assertThat(program.out()).doesNotContain("listens");
            }
        }
    }

    @Test
    void mistakes_of_several_files_are_told_at_once() {
        List<String> told = live.refused(() -> {
            live.replace("routes/one.camel.yaml", "- route:\n    id: one\n");
            live.replace("routes/two.camel.yaml", "- from: [\n");
        });
        await().until(() -> live.configuration().path("lastError").asText().contains("two.camel.yaml"));

        assertThat(live.configuration().path("lastError").asText())
                .contains(
                        "routes/one.camel.yaml, line 1: the route one has no from", "routes/two.camel.yaml, line 2: ");
        assertThat(told).isNotEmpty();
        live.delete("routes/one.camel.yaml");
        live.delete("routes/two.camel.yaml");
        await().until(() -> !live.configuration().has("lastError"));
    }

    /**
     * A mistake.
     *
     * @param yaml the file {@code mine.camel.yaml}
     * @param line as it is told
     */
    record Mistake(String name, String yaml, String line) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Mistake> threeMistakes() {
        return mistakes().filter(m -> List.of("a second consumer", "an unknown step", "an unknown component")
                .contains(m.name()));
    }

    static Stream<Mistake> mistakes() {
        return Stream.of(
                new Mistake("an unknown step", """
                    - from:
                        uri: timer:mine
                        steps:
                          - logg: Hi
                    """, "routes/mine.camel.yaml, line 4: there is no step or element logg"),
                new Mistake(
                        "an unknown element", """
                            - rout:
                                id: mine
                            """, "routes/mine.camel.yaml, line 1: there is no step or element rout"),
                new Mistake("an unknown field", """
                    - from:
                        uri: timer:mine
                        steps:
                          - log:
                              mesage: Hi
                    """, "routes/mine.camel.yaml, line 5: there is no field mesage"),
                new Mistake(
                        "an unknown component",
                        """
                        - route:
                            id: mine
                            from:
                              uri: timer:mine
                              steps:
                                - to:
                                    id: mine-send
                                    uri: kafk:topic
                        """,
                        "routes/mine.camel.yaml, line 8: route mine, step mine-send: there is no component kafk;"
                                + " correct the name, or add its component (docs/routes.md)"),
                new Mistake(
                        "a second consumer of a target",
                        """
                        - route:
                            id: mine
                            from:
                              uri: direct:target-p-m
                              steps:
                                - log: Hi
                        """,
                        "routes/mine.camel.yaml: route mine, and route target-p-m: both consume from direct:target-p-m;"
                                + " only one route can"),
                new Mistake(
                        "a bean with a name of the gateway's own",
                        """
                        - beans:
                            - name: bactrian-plan
                              type: java.lang.StringBuilder
                        """,
                        "the bean bactrian-plan is the gateway's own; choose another name for yours"),
                new Mistake(
                        "an unknown component to consume from",
                        """
                        - from:
                            uri: kafk:topic
                            steps:
                              - log: Hi
                        """,
                        "routes/mine.camel.yaml, line 2: a route: there is no component kafk;"
                                + " correct the name, or add its component (docs/routes.md)"),
                new Mistake(
                        "an unknown bean",
                        """
                        - route:
                            id: mine
                            from:
                              uri: timer:mine
                              steps:
                                - choice:
                                    when:
                                      - simple: "${body}"
                                        steps:
                                          - process:
                                              ref: bactrian-plann
                        """,
                        "routes/mine.camel.yaml, line 11: route mine: there is no bean bactrian-plann"),
                new Mistake(
                        "an unknown bean of an endpoint",
                        """
                        - route:
                            id: mine
                            from:
                              uri: file:in
                              parameters:
                                filter: "#mine"
                              steps:
                                - log: Hi
                        """,
                        "routes/mine.camel.yaml, line 6: route mine: there is no bean mine"),
                new Mistake(
                        "an unknown option",
                        """
                        - route:
                            id: mine
                            from:
                              uri: timer:mine
                              steps:
                                - to:
                                    uri: log:mine
                                    parameters:
                                      colour: a-secret
                        """,
                        "routes/mine.camel.yaml, line 9: route mine: log://mine has no option colour"),
                new Mistake(
                        "an unknown option in a URI",
                        """
                        - route:
                            id: mine
                            from:
                              uri: timer:mine
                              steps:
                                - to: log:mine?colour=a-secret
                        """,
                        "routes/mine.camel.yaml, line 6: route mine: log://mine has no option colour"),
                new Mistake(
                        "an unknown exception",
                        """
                        - onException:
                            exception:
                              - io.bactrian.Nothing
                            handled:
                              constant: "true"
                        - from:
                            uri: timer:mine
                            steps:
                              - log: Hi
                        """,
                        "routes/mine.camel.yaml, line 3: a route: there is no class io.bactrian.Nothing;"
                                + " correct the name, or add its jar (docs/routes.md)"),
                new Mistake(
                        "an unknown function",
                        """
                        - from:
                            uri: timer:mine
                            steps:
                              - setBody:
                                  simple: "Hi ${nane}"
                        """,
                        "routes/mine.camel.yaml, line 5: a route: Unknown function: nane at position 3 of Hi ${nane}"),
                new Mistake("no from", """
                    - route:
                        id: mine
                        steps:
                          - log: Hi
                    """, "routes/mine.camel.yaml, line 1: the route mine has no from"),
                new Mistake(
                        "steps beside from",
                        """
                        - route:
                            id: mine
                            from:
                              uri: timer:mine
                            steps:
                              - log: Hi
                        """,
                        "routes/mine.camel.yaml, line 5: the steps of the route mine stand beside from;"
                                + " they belong below it"),
                new Mistake(
                        "an id that another route has",
                        """
                        - route:
                            id: chat
                            from:
                              uri: timer:mine
                              steps:
                                - log: Hi
                        """,
                        "routes/chat.camel.yaml, line 3, and routes/mine.camel.yaml, line 1:"
                                + " both have a route with the id chat; ids must be unique"),
                new Mistake(
                        "an id that another step has",
                        """
                        - from:
                            uri: timer:mine
                            steps:
                              - log:
                                  id: chat-plan
                                  message: Hi
                        """,
                        "routes/chat.camel.yaml, line 14, and routes/mine.camel.yaml, line 5:"
                                + " the step id chat-plan is used twice; ids must be unique"),
                new Mistake(
                        "a second consumer",
                        """
                        - from:
                            uri: direct:chat
                            steps:
                              - log: Hi
                        """,
                        "routes/chat.camel.yaml, line 3, and routes/mine.camel.yaml, line 1:"
                                + " both consume from direct://chat; only one route can"),
                new Mistake(
                        "no YAML",
                        """
                        - from:
                            uri: timer:mine
                            steps: [
                        """,
                        "routes/mine.camel.yaml, line 4: expected the node content, but found '<stream end>'"
                                + " (while parsing a flow node)"),
                new Mistake(
                        "no list",
                        """
                        from:
                          uri: timer:mine
                          steps:
                            - log: Hi
                        """,
                        "routes/mine.camel.yaml, line 1: no list of routes; begin with \"- route:\" or \"- from:\""),
                new Mistake("nothing", "# to do\n", "routes/mine.camel.yaml: is empty"));
    }
}
