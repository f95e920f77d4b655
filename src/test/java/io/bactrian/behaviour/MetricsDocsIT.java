package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.protocol.Json;
import io.bactrian.testing.MetricsText;
import io.bactrian.testing.PromQuery;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The documentation of the metrics, the dashboard and the alert rules, against what is really exposed. */
final class MetricsDocsIT {
    private static final Path RULES = Path.of("deploy/prometheus/bactrian-rules.yaml");
    private static final Path DASHBOARD = Path.of("deploy/grafana/bactrian.json");
    private static final String NEW_NAMES = "gen_ai_client_inference_";
    private static String text = "";
    private static Map<String, Set<String>> exposed = Map.of();
    private static Map<String, Set<String>> documented = Map.of();

    @BeforeAll
    static void everything_happens() throws IOException {
        try (MetricsScenario scenario = new MetricsScenario()) {
            scenario.play();
            text = scenario.text();
            exposed = new TreeMap<>(MetricsText.of(text).labelNames());
        }
        MetricsText.of(MetricsScenario.ofMonitorAlertsAndQueue()).labelNames().forEach(exposed::putIfAbsent);
        documented = documented();
    }

    @Test
    void every_metric_that_is_exposed_is_documented_with_its_labels() {
        exposed.forEach((name, labels) -> {
            if (!name.matches("(jvm_(memory|buffer|gc|threads)|process|system)_.*") && !isLargest(name)) {
                assertThat(documented).containsKey(name);
                assertThat(labels).as(name).isEqualTo(documented.get(name));
            }
        });
    }

    @Test
    void every_metric_that_is_documented_is_exposed() {
        assertThat(exposed.keySet())
                .containsAll(documented.keySet().stream()
                        .filter(Predicate.not(name -> name.startsWith(NEW_NAMES)))
                        .toList())
                .anyMatch(name -> name.startsWith("jvm_memory_"))
                .anyMatch(name -> name.startsWith("process_"));
    }

    @Test
    void the_new_names_of_the_conventions_are_those_of_the_documentation() throws IOException {
        try (MetricsScenario scenario = new MetricsScenario("bactrian.metrics.gen-ai=0.1")) {
            assertThat(scenario.ask("default", true, "").status()).isEqualTo(200);
            Map<String, Set<String>> expected = new TreeMap<>(documented);
            expected.keySet().removeIf(name -> !name.startsWith(NEW_NAMES));
            // A request is counted a moment after its caller has read the end of the stream.
            await().untilAsserted(() -> {
                Map<String, Set<String>> renamed = scenario.scrape().labelNames();
                renamed.keySet().removeIf(name -> !name.startsWith("gen_ai_client_") || isLargest(name));
                assertThat(renamed).isEqualTo(expected).hasSize(6);
            });
        }
    }

    @Test
    void dashboard_and_rules_use_metrics_and_labels_that_exist() throws IOException {
        List<String> queries = Stream.concat(dashboard(), rules()).toList();
        assertThat(queries).hasSizeGreaterThan(25);
        for (String query : queries) {
            assertThat(PromQuery.metrics(query)).as(query).isNotEmpty();
            for (String metric : PromQuery.metrics(query)) {
                assertThat(exposed).as(query).containsKey(metric.replaceFirst("_(bucket|count|sum)$", ""));
            }
            assertThat(known(query)).as(query).containsAll(PromQuery.labels(query));
        }
    }

    @Test
    void the_queries_of_the_documentation_use_metrics_and_labels_that_exist() throws IOException {
        for (String block : Files.readString(Path.of("docs/metrics.md")).split("```promql\n")) {
            if (!block.startsWith("# Metrics")) {
                String query = block.substring(0, block.indexOf("```"));
                assertThat(known(query)).as(query).isNotEmpty().containsAll(PromQuery.labels(query));
            }
        }
    }

    @Test
    void promtool_has_nothing_to_say_against_it() throws Exception {
        assertThat(promtool(text, "check", "metrics")).isEmpty();
        assertThat(promtool("", "check", "rules", RULES.toString())).contains("SUCCESS");
        assertThat(promtool("", "check", "config", "--syntax-only", "deploy/prometheus/prometheus.yaml"))
                .contains("SUCCESS");
    }

    /** A largest value, which belongs to a histogram. */
    private static boolean isLargest(String name) {
        return name.endsWith("_max") && exposed.containsKey(name.substring(0, name.length() - "_max".length()))
                || name.startsWith(NEW_NAMES) && name.endsWith("_max");
    }

    /** The metrics of the tables, with their labels. */
    private static Map<String, Set<String>> documented() throws IOException {
        Map<String, Set<String>> metrics = new TreeMap<>();
        for (String line : Files.readAllLines(Path.of("docs/metrics.md"))) {
            String[] cells = line.split("\\|");
            if (line.startsWith("| `") && !cells[1].contains("*")) {
                metrics.put(names(cells[1]).iterator().next(), names(cells[3]));
            }
        }
        return metrics;
    }

    private static Set<String> names(String cell) {
        return Pattern.compile("`([^`]+)`")
                .matcher(cell)
                .results()
                .map(match -> match.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Stream<String> dashboard() throws IOException {
        JsonNode dashboard = Json.parse(Files.readAllBytes(DASHBOARD));
        assertThat(dashboard).isNotNull();
        return dashboard.findValues("expr").stream().map(JsonNode::asText);
    }

    /** The expressions of the alert rules, without that about the scrape itself. */
    private static Stream<String> rules() throws IOException {
        Matcher rule = Pattern.compile("expr: (?:>-)?(.*?)\\n {8}\\w+:", Pattern.DOTALL)
                .matcher(Files.readString(RULES));
        return rule.results().map(match -> match.group(1)).filter(expression -> !expression.startsWith("up{"));
    }

    private static Set<String> known(String query) {
        Set<String> known = new TreeSet<>(Set.of("instance", "job", "le"));
        PromQuery.metrics(query)
                .forEach(metric ->
                        known.addAll(exposed.getOrDefault(metric.replaceFirst("_(bucket|count|sum)$", ""), Set.of())));
        return known;
    }

    /** What promtool prints, in the package prometheus of Debian. */
    private static String promtool(String input, String... arguments) throws IOException, InterruptedException {
        Process process;
        try {
            process = new ProcessBuilder(Stream.concat(Stream.of("promtool"), Stream.of(arguments))
                            .toList())
                    .redirectErrorStream(true)
                    .start();
        } catch (IOException e) {
            assumeTrue(false, "promtool is not installed (Debian's package prometheus has it)");
            return "";
        }
        try (var in = process.getOutputStream()) {
            in.write(input.getBytes(StandardCharsets.UTF_8));
        }
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(said).isZero();
        return said;
    }
}
