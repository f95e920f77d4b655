package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.bactrian.testing.Program;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Traces of the program as it is built: variables of the environment alone switch them on. */
final class TraceExportIT {
    private static final String ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT";

    private final Queue<ExportTraceServiceRequest> received = new ConcurrentLinkedQueue<>();
    private final HttpClient client = HttpClient.newHttpClient();
    private HttpServer collector;

    @Test
    void the_address_of_a_collector_is_all_it_needs() throws Exception {
        try (Program program = Program.with("camel.server.port=0")
                .variable(ENDPOINT, "http://127.0.0.1:" + collector.getAddress().getPort())
                .run()) {
            String id = ask(program);
            await().untilAsserted(() -> assertThat(program.out()).contains(id + " chain=default"));
            program.terminate();
            assertThat(program.exitCode()).isZero();

            List<Span> spans = spans();
            assertThat(spans).extracting(Span::getName).contains("POST /v1/chat/completions");
            assertThat(spans).anyMatch(span -> span.getName().startsWith("chat claude"));
            assertThat(services()).containsOnly("bactrian");
            String trace =
                    HexFormat.of().formatHex(spans.getFirst().getTraceId().toByteArray());
            assertThat(program.out().lines().filter(line -> line.contains(id)))
                    .allMatch(line -> line.endsWith(" trace=" + trace))
                    .noneMatch(line -> line.contains("request=" + id));
            assertThat(program.err()).doesNotContain("Exception");
        }
    }

    @Test
    void without_a_variable_no_class_of_the_sdk_is_loaded() throws Exception {
        Program.Setup setup = Program.with("camel.server.port=0").option("-Xlog:class+load:file=classes.txt");
        try (Program program = setup.run()) {
            ask(program);
            program.terminate();
            assertThat(program.exitCode()).isZero();

            Path classes = setup.directory().resolve("classes.txt");
            assertThat(Files.readString(classes)).contains("io.bactrian.trace.Traces ");
            assertThat(Files.lines(classes))
                    .noneMatch(line -> line.contains(" io.opentelemetry.sdk.")
                            || line.contains(" io.opentelemetry.exporter.")
                            || line.contains(" io.bactrian.trace.Sdk "));
            assertThat(program.out()).doesNotContain("trace=");
        }
    }

    @Test
    void a_collector_that_is_away_is_one_warning_and_slows_nothing() throws Exception {
        try (Program program = Program.with("camel.server.port=0")
                .variable(ENDPOINT, "http://127.0.0.1:1")
                .variable("OTEL_BSP_SCHEDULE_DELAY", "100")
                .variable("OTEL_JAVA_EXPORTER_OTLP_RETRY_DISABLED", "true")
                .run()) {
            for (int i = 0; i < 5; i++) {
                ask(program);
            }
            await().atMost(Duration.ofSeconds(40))
                    .until(() -> !warnings(program).isEmpty());
            ask(program);
            program.terminate();
            assertThat(program.exitCode()).isZero();

            assertThat(warnings(program)).hasSize(1).allMatch(line -> line.contains("export"));
            assertThat(program.out() + program.err()).doesNotContain("\tat ", "Exception in");
        }
    }

    @Test
    void a_protocol_that_is_not_included_is_a_mistake() {
        try (Program program = Program.with("camel.server.port=0")
                .variable(ENDPOINT, "http://127.0.0.1:4317")
                .variable("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
                .run()) {
            assertThat(program.exitCode()).isEqualTo(2);
            assertThat(program.errLines())
                    .contains("1 mistake in the configuration:")
                    .anyMatch(line ->
                            line.contains("OTEL_EXPORTER_OTLP_PROTOCOL=grpc: ") && line.contains("http/protobuf"));
        }
    }

    @Test
    void an_unknown_exporter_is_a_mistake_and_headers_are_never_shown() {
        try (Program program = Program.with("camel.server.port=0")
                .variable("OTEL_TRACES_EXPORTER", "carrier-pigeon")
                .run("--check")) {
            assertThat(program.exitCode()).isEqualTo(2);
            assertThat(program.err()).contains("OTEL_ variables: ", "carrier-pigeon");
        }
        try (Program program = Program.with("camel.server.port=0")
                .variable(ENDPOINT, "http://127.0.0.1:4318")
                .variable("OTEL_EXPORTER_OTLP_HEADERS", "secret-without-a-name")
                .run()) {
            assertThat(program.exitCode()).isEqualTo(2);
            assertThat(program.out() + program.err()).doesNotContain("secret-without-a-name");
        }
    }

    @BeforeEach
    void collect() throws IOException {
        collector = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        collector.createContext("/v1/traces", exchange -> {
            try (InputStream body = exchange.getRequestBody()) {
                received.add(ExportTraceServiceRequest.parseFrom(body));
            }
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        collector.start();
    }

    @AfterEach
    void stop() {
        collector.stop(0);
        client.close();
    }

    private static List<String> warnings(Program program) {
        return program.out()
                .lines()
                .filter(line -> line.contains("WARN") && line.contains("bactrian.traces"))
                .toList();
    }

    /** Asks once; the id of the request. */
    private String ask(Program program) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(program.uri("/v1/chat/completions"))
                .timeout(Duration.ofSeconds(30))
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(
                        "{\"model\":\"default\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}"))
                .build();
        HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(200);
        return answer.headers().firstValue("x-request-id").orElseThrow();
    }

    private List<Span> spans() {
        return received.stream()
                .flatMap(request -> request.getResourceSpansList().stream())
                .flatMap(resource -> resource.getScopeSpansList().stream())
                .flatMap(scope -> scope.getSpansList().stream())
                .toList();
    }

    private List<String> services() {
        return received.stream()
                .flatMap(request -> request.getResourceSpansList().stream())
                .map(ResourceSpans::getResource)
                .flatMap(resource -> resource.getAttributesList().stream())
                .filter(attribute -> attribute.getKey().equals("service.name"))
                .map(attribute -> attribute.getValue().getStringValue())
                .toList();
    }
}
