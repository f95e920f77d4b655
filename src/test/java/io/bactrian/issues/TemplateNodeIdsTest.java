package io.bactrian.issues;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.Gateway;
import io.bactrian.testing.StubProvider;
import java.util.List;
import java.util.Map;
import org.apache.camel.builder.TemplatedRouteBuilder;
import org.junit.jupiter.api.Test;

/** Camel renames the nodes of a route made from a template after the number of the instance, unless the route has a prefix. */
final class TemplateNodeIdsTest {

    @Test
    void without_a_prefix_the_second_instance_has_ids_nobody_wrote() throws Exception {
        try (PlainCamel camel = PlainCamel.with(routes -> routes.routeTemplate("template")
                .templateParameter("name")
                .from("direct:{{name}}")
                .process(x -> {})
                .id("step"))) {
            for (String name : List.of("one", "two")) {
                TemplatedRouteBuilder.builder(camel.context(), "template")
                        .routeId(name)
                        .parameter("name", name)
                        .add();
            }

            assertThat(camel.context().getRoute("two").getServices()).isNotNull();
            assertThat(camel.context().getProcessor("step")).isNull();
        }
    }

    @Test
    void the_gateway_s_nodes_are_named_after_their_targets_and_providers() {
        try (StubProvider stub = StubProvider.openai();
                Gateway gateway = Gateway.over(Map.of("p", stub))) {

            assertThat(gateway.context().getProcessor("target-p-model-p-breaker"))
                    .isNotNull();
            assertThat(gateway.context().getProcessor("attempt-p-call")).isNotNull();
        }
    }
}
