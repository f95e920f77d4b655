package io.bactrian.deploy;

import static io.bactrian.deploy.Manifests.CAMEL_K;
import static io.bactrian.deploy.Manifests.KUBERNETES;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.testing.Program;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The manifests as kustomize makes them, held strictly to the schemas of their kinds, and the gateway with what they give it. */
final class ManifestsIT {
    private static final Map<String, JsonNode> MANIFESTS = new LinkedHashMap<>();
    private static JsonNode findings;

    @BeforeAll
    static void check_everything() throws IOException {
        for (String kustomization : List.of("base", "overlays/queue", "overlays/monitoring", "overlays/full")) {
            Toolbox.render(KUBERNETES.resolve(kustomization))
                    .forEach(document -> MANIFESTS.put(kustomization + ": " + name(document), document));
        }
        for (String file : List.of("integration.yaml", "integration-git.yaml")) {
            MANIFESTS.put(file, Manifests.one(CAMEL_K.resolve(file)));
        }
        Map<String, JsonNode> all = new LinkedHashMap<>(MANIFESTS);
        misspellings().forEach(misspelling -> all.put(misspelling.toString(), misspelling.document()));
        findings = Toolbox.check(all);
    }

    @Test
    void every_manifest_is_what_the_schema_of_its_kind_says() {
        assertThat(MANIFESTS).hasSizeGreaterThan(20);
        assertThat(MANIFESTS.keySet())
                .allSatisfy(name -> assertThat(findings.path(name)).as(name).isEmpty());
    }

    @ParameterizedTest
    @MethodSource("misspellings")
    void a_misspelt_field_is_found(Misspelling misspelling) {
        assertThat(findings.path(misspelling.toString()).toString()).contains(misspelling.field());
    }

    @Test
    void the_gateway_of_the_base_answers_on_the_built_in_routes_and_on_its_own() throws Exception {
        try (Program program =
                mounted("base").variable("CAMEL_SERVER_PORT", "0").run()) {
            HttpClient client = HttpClient.newHttpClient();
            HttpRequest.Builder ask = HttpRequest.newBuilder(program.uri("/ask"))
                    .header("content-type", "text/plain")
                    .POST(HttpRequest.BodyPublishers.ofString("Are you there?"));
            HttpResponse<String> without = client.send(ask.build(), HttpResponse.BodyHandlers.ofString());
            HttpResponse<String> answer = client.send(
                    ask.header("authorization", "Bearer secret-1").build(), HttpResponse.BodyHandlers.ofString());
            HttpResponse<String> ready = client.send(
                    HttpRequest.newBuilder(program.uri("/health/ready")).build(), HttpResponse.BodyHandlers.ofString());

            assertThat(without.statusCode()).isEqualTo(401);
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            assertThat(answer.body()).isNotBlank().doesNotContain("{");
            assertThat(ready.statusCode()).isEqualTo(200);
            assertThat(program.out()).doesNotContain("names no property");
        }
    }

    @Test
    void the_variables_of_the_queue_are_properties_of_the_gateway() {
        Program.Setup setup = mounted("overlays/queue")
                .variable("BACTRIAN_QUEUE_BROKER_URL", "tcp://user:password@artemis:61616")
                .variable("BACTRIAN_QUEUE_STORE", "jdbc:postgresql://postgres/bactrian?user=bactrian&password=secret");
        try (Program program = setup.run("--check")) {
            assertThat(program.exitCode()).as(program.err()).isZero();
            assertThat(program.out() + program.err()).doesNotContain("names no property");
        }
    }

    /** The program in a folder with what a pod has mounted, and with the variables that have a value in the manifest. */
    private static Program.Setup mounted(String kustomization) {
        Program.Setup setup = Program.with();
        JsonNode config = MANIFESTS.get(kustomization + ": ConfigMap bactrian-config");
        config.path("data")
                .properties()
                .forEach(file ->
                        setup.file("config/" + file.getKey(), file.getValue().asText()));
        JsonNode routes = MANIFESTS.get(kustomization + ": ConfigMap bactrian-routes");
        routes.path("data")
                .properties()
                .forEach(file ->
                        setup.file("routes/" + file.getKey(), file.getValue().asText()));
        Manifests.container(MANIFESTS.get(kustomization + ": Deployment bactrian"))
                .path("env")
                .forEach(variable -> {
                    if (variable.has("value")) {
                        setup.variable(
                                variable.path("name").asText(),
                                variable.path("value").asText());
                    }
                });
        return setup.variable("BACTRIAN_SERVER_KEYS", "team-a:secret-1")
                .variable("BACTRIAN_DEMO", "on")
                .variable("BACTRIAN_HEALTH_PERIOD", "0s");
    }

    static List<Misspelling> misspellings() {
        String deployment = "overlays/full: Deployment bactrian";
        return List.of(
                new Misspelling(deployment, "/spec", "minReadySecond"),
                new Misspelling(deployment, "/spec/template/spec/containers/0", "readinesProbe"),
                new Misspelling(deployment, "/spec/template/spec/containers/0/lifecycle/preStop/sleep", "second"),
                new Misspelling("overlays/full: Service bactrian", "/spec/ports/0", "targetport"),
                new Misspelling("overlays/full: NetworkPolicy bactrian", "/spec/egress/1/to/0/ipBlock", "excepts"),
                new Misspelling("overlays/full: PodDisruptionBudget bactrian", "/spec", "maxUnavailabe"),
                new Misspelling("overlays/full: ScaledObject bactrian", "/spec", "minReplicas"),
                new Misspelling(
                        "overlays/full: TriggerAuthentication bactrian-broker", "/spec/secretTargetRef/0", "keys"),
                new Misspelling(
                        "overlays/full: PodMonitor bactrian",
                        "/spec/podMetricsEndpoints/0/authorization",
                        "credential"),
                new Misspelling("overlays/full: PrometheusRule bactrian", "/spec/groups/0/rules/0", "annotation"),
                new Misspelling("integration.yaml", "/spec/traits/health", "readinessPath"),
                new Misspelling("integration.yaml", "/spec/template/spec/containers/0", "workingdir"),
                new Misspelling("integration-git.yaml", "/spec/git", "ref"));
    }

    /** A field that the schema of a good manifest does not know, put into it. */
    record Misspelling(String manifest, String place, String field) {
        JsonNode document() {
            JsonNode copy = MANIFESTS.get(manifest).deepCopy();
            ((ObjectNode) copy.at(place)).put(field, "x");
            return copy;
        }
    }

    private static String name(JsonNode document) {
        return document.path("kind").asText() + " "
                + document.at("/metadata/name").asText();
    }
}
