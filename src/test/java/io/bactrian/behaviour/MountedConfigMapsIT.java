package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.Folders;
import io.bactrian.testing.MountedConfigMap;
import io.bactrian.testing.Reply;
import io.bactrian.testing.StubProvider;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * The files of a gateway in Kubernetes: a ConfigMap with {@code application.properties} in {@code config/}, and one with routes beside
 * the built-in ones in {@code routes/}, both changed as the kubelet changes them.
 */
@ResourceLock(LiveGateway.LOG)
final class MountedConfigMapsIT {
    private static final String PROPERTIES = "application.properties";

    private final StubProvider p = StubProvider.openai().answers(Reply.text("from p"));
    private final StubProvider f = StubProvider.openai().answers(Reply.text("from f"));
    private final Path directory = Folders.temporary("bactrian-mounted");
    private final MountedConfigMap config = MountedConfigMap.at(directory.resolve("config"), properties());
    private final MountedConfigMap routes = MountedConfigMap.at(directory.resolve("routes"), Map.of());

    @AfterEach
    void close() {
        p.close();
        f.close();
        Folders.delete(directory);
    }

    @Test
    void a_changed_configuration_takes_effect_and_a_broken_one_leaves_the_old_one_serving_until_it_is_mended() {
        try (LiveGateway live = LiveGateway.in(directory)) {
            assertThat(live.gateway().ask().content()).isEqualTo("from p");

            live.serves(() -> config.change(properties("bactrian.chains.default=f/m")));
            assertThat(live.gateway().ask().content()).isEqualTo("from f");

            List<String> told = live.refused(() -> config.change(properties("bactrian.chains.default=nowhere/m")));
            assertThat(told).hasSize(2);
            assertThat(told.getFirst()).contains("the previous one keeps serving");
            assertThat(told.getLast()).contains("bactrian.chains.default", "nowhere");
            assertThat(live.gateway().ask().content()).isEqualTo("from f");

            live.serves(() -> config.change(properties("bactrian.chains.default=p/m")));
            assertThat(live.gateway().ask().content()).isEqualTo("from p");
            assertThat(live.errors()).hasSize(2);
        }
    }

    @Test
    void routes_beside_the_built_in_ones_are_added_changed_broken_mended_and_removed() {
        try (LiveGateway live = LiveGateway.in(directory)) {
            assertThat(live.gateway().get("/hello").status()).isEqualTo(404);

            live.serves(() -> routes.change(Map.of("hello.camel.yaml", route("hello", "Good morning"))));
            assertThat(live.gateway().get("/hello").text()).isEqualTo("Good morning");

            live.serves(() -> routes.change(Map.of(
                    "hello.camel.yaml", route("hello", "Good evening"), "bye.camel.yaml", route("bye", "Good night"))));
            assertThat(live.gateway().get("/hello").text()).isEqualTo("Good evening");
            assertThat(live.gateway().get("/bye").text()).isEqualTo("Good night");

            List<String> told = live.refused(() -> routes.change(Map.of(
                    "hello.camel.yaml", route("hello", "x").replace("setBody", "setBoddy"),
                    "bye.camel.yaml", route("bye", "Good night"))));
            assertThat(told).hasSize(2).noneMatch(line -> line.contains("\n"));
            assertThat(told.getLast()).contains("routes/hello.camel.yaml, line 8", "setBoddy");
            assertThat(live.gateway().get("/hello").text()).isEqualTo("Good evening");
            assertThat(live.gateway().ask().content()).isEqualTo("from p");

            live.serves(() -> routes.change(Map.of("bye.camel.yaml", route("bye", "Sleep well"))));
            assertThat(live.gateway().get("/hello").status()).isEqualTo(404);
            assertThat(live.gateway().get("/bye").text()).isEqualTo("Sleep well");

            live.serves(() -> routes.change(Map.of()));
            assertThat(live.gateway().get("/bye").status()).isEqualTo(404);
            assertThat(live.said("Reloaded"))
                    .contains(
                            "Reloaded: routes/hello.camel.yaml added",
                            "Reloaded: routes/bye.camel.yaml added, routes/hello.camel.yaml changed",
                            "Reloaded: routes/bye.camel.yaml changed, routes/hello.camel.yaml removed",
                            "Reloaded: routes/bye.camel.yaml removed");
        }
    }

    @Test
    void a_new_version_with_the_same_content_is_no_change() {
        try (LiveGateway live = LiveGateway.in(directory)) {
            config.change(properties());
            routes.change(Map.of());
            live.serves(() -> config.change(properties("bactrian.aliases=quick: p/m")));
            assertThat(live.said("Reloaded")).containsExactly("Reloaded: bactrian.aliases added");
        }
    }

    private Map<String, String> properties(String... more) {
        String own = "camel.main.routes-include-pattern=classpath:routes/*.camel.yaml,file:" + directory
                + "/routes/*.camel.yaml";
        String[] lines = Stream.concat(Stream.of(own), Stream.of(more)).toArray(String[]::new);
        return Map.of(PROPERTIES, String.join("\n", LiveGateway.lines(p, f, lines)) + "\n");
    }

    private static String route(String name, String text) {
        return """
            - route:
                id: %1$s
                from:
                  uri: platform-http:/%1$s
                  parameters:
                    httpMethodRestrict: GET
                  steps:
                    - setBody:
                        constant: %2$s
            """.formatted(name, text);
    }
}
