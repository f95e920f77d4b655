package io.bactrian.deploy;

import static io.bactrian.deploy.Manifests.BASE;
import static io.bactrian.deploy.Manifests.CAMEL_K;
import static io.bactrian.deploy.Manifests.DEPLOY;
import static io.bactrian.deploy.Manifests.KUBERNETES;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The manifests, held to each other and to the gateway. {@code -Dupdate=true} writes what follows from another file. */
final class ManifestsTest {
    private static final JsonNode DEPLOYMENT = Manifests.one(BASE.resolve("deployment.yaml"));
    private static final JsonNode CONTAINER = Manifests.container(DEPLOYMENT);
    private static final JsonNode INTEGRATION = Manifests.one(CAMEL_K.resolve("integration.yaml"));
    private static final JsonNode TRAITS = INTEGRATION.at("/spec/traits");
    /** What the gateway needs after SIGTERM at most: requests in progress, and what follows. */
    private static final int STOPPING_SECONDS = 45 + 10;

    @ParameterizedTest
    @ValueSource(strings = {"startup", "liveness", "readiness"})
    void a_probe_asks_a_path_that_a_route_serves(String probe) throws IOException {
        String path = CONTAINER.at("/" + probe + "Probe/httpGet/path").asText();

        assertThat(Files.readString(Path.of("routes/status.camel.yaml"))).contains("uri: platform-http:" + path + "\n");
        assertThat(TRAITS.at("/health/" + probe + "Probe").asText()).isEqualTo(path);
        assertThat(CONTAINER.at("/" + probe + "Probe/httpGet/port").asText()).isEqualTo("http");
    }

    @Test
    void all_ports_are_the_one_on_which_the_gateway_listens() throws IOException {
        int port = Integer.parseInt(configuration().getProperty("camel.server.port"));

        assertThat(CONTAINER.at("/ports/0/containerPort").asInt()).isEqualTo(port);
        assertThat(CONTAINER.at("/ports/0/name").asText()).isEqualTo("http");
        JsonNode service = Manifests.one(BASE.resolve("service.yaml"));
        assertThat(service.at("/spec/ports/0/targetPort").asText()).isEqualTo("http");
        for (Path policy : List.of(
                BASE.resolve("network-policy.yaml"), KUBERNETES.resolve("components/monitoring/network-policy.yaml"))) {
            assertThat(Manifests.one(policy).at("/spec/ingress/0/ports/0/port").asInt())
                    .isEqualTo(port);
        }
        JsonNode pods = Manifests.one(KUBERNETES.resolve("components/monitoring/pod-monitor.yaml"));
        assertThat(pods.at("/spec/podMetricsEndpoints/0/port").asText()).isEqualTo("http");
        assertThat(TRAITS.at("/container/port").asInt()).isEqualTo(port);
        for (String probe : List.of("startup", "liveness", "readiness")) {
            assertThat(TRAITS.at("/health/" + probe + "Port").asInt()).isEqualTo(port);
        }
    }

    @Test
    void the_image_has_the_version_of_this_project() throws IOException {
        String pom = Files.readString(Path.of("pom.xml"));
        String version = pom.replaceFirst(
                        "(?s).*?<artifactId>bactrian</artifactId>\\s*<version>(.*?)</version>.*", "$1")
                .replace("-SNAPSHOT", "");
        String image = "bactrian:" + version;

        assertThat(CONTAINER.path("image").asText()).isEqualTo(image);
        assertThat(TRAITS.at("/container/image").asText()).isEqualTo(image);
    }

    @Test
    void a_pod_has_the_time_that_the_gateway_needs_to_stop() {
        JsonNode built = Manifests.one(CAMEL_K.resolve("integration-git.yaml"));
        for (JsonNode pod : List.of(DEPLOYMENT, INTEGRATION, built)) {
            int sleep = Manifests.container(pod)
                    .at("/lifecycle/preStop/sleep/seconds")
                    .asInt();

            assertThat(pod.at("/spec/template/spec/terminationGracePeriodSeconds")
                            .asInt())
                    .isGreaterThan(sleep + STOPPING_SECONDS);
        }
    }

    @Test
    void the_configuration_is_mounted_where_the_gateway_runs() {
        String folder = CONTAINER.path("workingDir").asText();

        assertThat(CONTAINER.path("volumeMounts").findValuesAsText("mountPath"))
                .containsExactly(folder + "/config", folder + "/routes");
        assertThat(CONTAINER.path("volumeMounts").findValues("subPath")).isEmpty();
        assertThat(TRAITS.at("/mount/resources").toString())
                .isEqualTo("[\"configmap:bactrian-config@%1$s/config\",\"configmap:bactrian-routes@%1$s/routes\"]"
                        .formatted(folder));
    }

    @Test
    void camel_k_runs_the_gateway_as_the_deployment_does() {
        JsonNode container = TRAITS.path("container");

        assertThat(container.path("requestCPU")).isEqualTo(CONTAINER.at("/resources/requests/cpu"));
        assertThat(container.path("requestMemory")).isEqualTo(CONTAINER.at("/resources/requests/memory"));
        assertThat(container.path("limitMemory")).isEqualTo(CONTAINER.at("/resources/limits/memory"));
        assertThat(container.path("runAsUser"))
                .isEqualTo(DEPLOYMENT.at("/spec/template/spec/securityContext/runAsUser"));
        JsonNode queue = Manifests.container(Manifests.one(KUBERNETES.resolve("components/queue/deployment.yaml")));
        assertThat(Manifests.container(INTEGRATION).path("env")).containsAll(withoutConsumers(queue.path("env")));
        JsonNode scaled = Manifests.in(KUBERNETES.resolve("components/queue/scaled-object.yaml"))
                .getFirst();
        assertThat(TRAITS.at("/keda/triggers/0/metadata")).isEqualTo(scaled.at("/spec/triggers/0/metadata"));
    }

    @Test
    void one_pod_more_comes_before_the_requests_in_progress_are_all_there_is() {
        JsonNode queue = Manifests.container(Manifests.one(KUBERNETES.resolve("components/queue/deployment.yaml")));
        JsonNode scaled = Manifests.in(KUBERNETES.resolve("components/queue/scaled-object.yaml"))
                .getFirst();
        int consumers = Stream.of(queue.path("env"))
                .flatMap(env ->
                        Stream.iterate(0, i -> i < env.size(), i -> i + 1).map(env::get))
                .filter(variable -> variable.path("name").asText().equals("BACTRIAN_QUEUE_CONSUMERS"))
                .mapToInt(variable -> variable.path("value").asInt())
                .findFirst()
                .orElseThrow();

        assertThat(scaled.at("/spec/triggers/0/metadata/queueLength").asInt()).isGreaterThan(consumers);
    }

    @Test
    void the_rules_of_the_prometheus_operator_are_those_of_prometheus() throws IOException {
        Path file = KUBERNETES.resolve("components/monitoring/prometheus-rule.yaml");
        String rules = Files.readString(DEPLOY.resolve("prometheus/bactrian-rules.yaml"));
        String groups = rules.substring(rules.indexOf("groups:"));
        String head = """
            # The rules of deploy/prometheus/bactrian-rules.yaml; mvn test -Dtest=ManifestsTest -Dupdate=true writes them here.
            apiVersion: monitoring.coreos.com/v1
            kind: PrometheusRule
            metadata:
              name: bactrian
            spec:
            """;
        String expected = head
                + groups.lines()
                        .map(line -> line.isEmpty() ? "\n" : "  " + line + "\n")
                        .reduce("", String::concat);
        if (Boolean.getBoolean("update")) {
            Files.writeString(file, expected);
        }
        assertThat(file).content().isEqualTo(expected);
    }

    @Test
    void the_files_of_the_config_maps_are_all_that_are_there() throws IOException {
        JsonNode generated = Manifests.one(BASE.resolve("kustomization.yaml")).path("configMapGenerator");
        TreeMap<String, String> listed = new TreeMap<>();
        generated.forEach(map -> map.path("files").forEach(file -> listed.put(file.asText(), "")));
        try (Stream<Path> files =
                Stream.concat(Files.list(BASE.resolve("config")), Files.list(BASE.resolve("routes")))) {
            assertThat(files.map(file -> BASE.relativize(file).toString()))
                    .containsExactlyInAnyOrderElementsOf(listed.keySet());
        }
    }

    private static List<JsonNode> withoutConsumers(JsonNode env) {
        return Stream.iterate(0, i -> i < env.size(), i -> i + 1)
                .map(env::get)
                .filter(variable -> !variable.path("name").asText().equals("BACTRIAN_QUEUE_CONSUMERS"))
                .toList();
    }

    private static Properties configuration() throws IOException {
        Properties properties = new Properties();
        try (var reader = Files.newBufferedReader(BASE.resolve("config/application.properties"))) {
            properties.load(reader);
        }
        return properties;
    }
}
