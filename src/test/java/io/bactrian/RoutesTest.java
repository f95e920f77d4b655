package io.bactrian;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.Gateway;
import io.bactrian.testing.RouteFile;
import io.bactrian.testing.RouteFile.Definition;
import io.bactrian.testing.RouteFile.Node;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.model.ModelCamelContext;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The rules that every file of {@code routes/} keeps. */
final class RoutesTest {
    private static final Path APPLICATION = Path.of("application.properties");
    private static final String KEBAB = "[a-z0-9]+(-[a-z0-9]+)*";
    private static final int LONGEST = 130;
    private static final Pattern SECRET =
            Pattern.compile("(?i)secret|passw|token(?!s\\b)|credential|api-?key|bearer|auth|RAW\\(|env:");

    private static List<RouteFile> files;

    @BeforeAll
    static void read() throws IOException {
        try (Stream<Path> all = Files.list(Path.of("routes"))) {
            files = all.sorted().map(RouteFile::read).toList();
        }
        assertThat(files).isNotEmpty();
    }

    @Test
    void files_are_named_in_kebab_case_and_short() {
        assertThat(files).allSatisfy(file -> {
            assertThat(file.name()).matches(KEBAB + "\\.camel\\.yaml");
            assertThat(file.lines()).as(file.name()).hasSizeLessThanOrEqualTo(LONGEST);
        });
    }

    @Test
    void every_route_has_an_id_a_description_and_a_comment_above() {
        assertThat(definitions()).allSatisfy(definition -> {
            assertThat(definition.id()).matches(KEBAB);
            assertThat(definition.text("description")).as(definition.id()).isNotBlank();
            assertThat(definition.commented())
                    .as("a comment above " + definition.id())
                    .isTrue();
        });
    }

    @Test
    void every_node_has_an_id_and_each_id_is_there_once() {
        List<String> ids = new ArrayList<>();
        for (Definition definition : definitions()) {
            List<String> own = definition.nodes().stream().map(Node::id).toList();
            assertThat(own).as(definition.id()).doesNotContainNull().doesNotHaveDuplicates();
            // The ids of a template's nodes come after the name of the route that is made from it.
            ids.addAll(definition.isTemplate() ? List.of(definition.id()) : own);
            if (!definition.isTemplate()) {
                ids.add(definition.id());
            }
        }
        assertThat(ids).doesNotHaveDuplicates().allSatisfy(id -> assertThat(id).matches(KEBAB));
    }

    /** Other people's beans are in the same registry. */
    @Test
    void every_bean_has_our_prefix() {
        assertThat(definitions()).allSatisfy(definition -> assertThat(definition.beans())
                .as(definition.id())
                .filteredOn(bean -> !bean.startsWith("{{"))
                .allSatisfy(bean -> assertThat(bean).startsWith("bactrian-")));
    }

    @Test
    void breakers_are_built_in_java_and_have_a_fallback_after_their_steps() {
        List<Node> breakers =
                nodes().filter(node -> node.kind().equals("circuitBreaker")).toList();
        assertThat(breakers).isNotEmpty().allSatisfy(breaker -> {
            assertThat(breaker.keys()).containsSubsequence("steps", "onFallback");
            assertThat(breaker.map("resilience4jConfiguration")).containsOnlyKeys("circuitBreaker");
        });
    }

    /** See {@code issues/} for what they do. */
    @Test
    void options_that_do_not_what_they_say_are_not_used() {
        assertThat(definitions()).allSatisfy(definition -> assertThat(definition.allKeys())
                .as(definition.id())
                .doesNotContain(
                        "ignoreException",
                        "recordException",
                        "timeoutEnabled",
                        "loadBalance",
                        "fallbackViaNetwork",
                        "nodePrefixId",
                        "bridgeEndpoint"));
    }

    @Test
    void no_uri_holds_a_secret() {
        assertThat(definitions()).allSatisfy(definition -> assertThat(definition.uris())
                .as(definition.id())
                .isNotEmpty()
                .allSatisfy(uri -> assertThat(uri).doesNotContain("@").doesNotContainPattern(SECRET)));
    }

    @Test
    void routes_inside_do_not_handle_errors_and_endpoints_do() {
        for (Definition definition : definitions()) {
            boolean endpoint = definition.from().startsWith("platform-http:");
            if (endpoint) {
                assertThat(definition.text("routeConfigurationId"))
                        .as(definition.id())
                        .isEqualTo("http-errors");
                assertThat(definition.parameters())
                        .as(definition.id())
                        .containsEntry("headerFilterStrategy", "#bactrian-headers");
            } else if (!definition.isConfiguration()) {
                assertThat(definition.map("errorHandler")).as(definition.id()).containsOnlyKeys("noErrorHandler");
            }
        }
    }

    @Test
    void calls_to_providers_do_what_camel_would_not() {
        List<Definition> attempts =
                definitions().stream().filter(d -> d.id().equals("attempt")).toList();
        assertThat(attempts).hasSize(1).allSatisfy(attempt -> assertThat(
                        attempt.node("call").map("parameters"))
                .containsEntry("httpMethod", "POST")
                .containsEntry("disableStreamCache", true)
                .containsEntry("throwExceptionOnFailure", false)
                .containsEntry("skipControlHeaders", true)
                .containsEntry("copyHeaders", false));
    }

    @Test
    void every_route_is_loaded_and_every_bean_is_there() throws IOException {
        List<String> demo = new ArrayList<>(Files.readAllLines(APPLICATION));
        demo.addAll(List.of(
                "bactrian.demo=on",
                "bactrian.queue.enabled=true",
                "bactrian.queue.port=0",
                "bactrian.kafka.brokers=127.0.0.1:1"));
        try (Gateway gateway = Gateway.start(demo.toArray(String[]::new))) {
            CamelContext context = gateway.context();
            List<String> called = new ArrayList<>();
            for (Definition definition : definitions()) {
                assertThat(present(context, definition))
                        .as("loaded: " + definition.id())
                        .isTrue();
                // A parameter of a template has another value in each instance.
                assertThat(definition.beans())
                        .filteredOn(bean -> !bean.startsWith("{{"))
                        .allSatisfy(bean -> assertThat(context.getRegistry().lookupByName(bean))
                                .as("bean " + bean)
                                .isNotNull());
                definition.uris().stream()
                        .filter(uri -> uri.matches("direct:[a-z-]+"))
                        .forEach(called::add);
            }
            List<String> served = context.getRoutes().stream()
                    .map(r -> r.getEndpoint().getEndpointUri().replace("://", ":"))
                    .toList();
            assertThat(served).containsAll(called);
            assertThat(gateway.ask().status()).isEqualTo(200);
        }
    }

    private static boolean present(CamelContext context, Definition definition) {
        ModelCamelContext model = (ModelCamelContext) context;
        if (definition.isTemplate()) {
            return model.getRouteTemplateDefinition(definition.id()) != null;
        }
        return definition.isConfiguration()
                ? model.getRouteConfigurationDefinition(definition.id()) != null
                : context.getRoute(definition.id()) != null;
    }

    private static List<Definition> definitions() {
        return files.stream().flatMap(file -> file.definitions().stream()).toList();
    }

    private static Stream<Node> nodes() {
        return definitions().stream().flatMap(definition -> definition.nodes().stream());
    }
}
