package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.protocol.Json;
import io.bactrian.testing.Broker;
import io.bactrian.testing.Gateway;
import io.bactrian.testing.MarkdownPage;
import io.bactrian.testing.Program;
import io.bactrian.testing.Reply;
import io.bactrian.testing.StubProvider;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.Queue;
import jakarta.jms.TextMessage;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The page on routes, held to what it says: its route files run as they stand, its tables are complete. */
final class RoutesPageIT {
    private static final Path PAGE = Path.of("docs/routes.md");
    private static final Path ROUTES = Path.of("routes");
    private static final Path LIB = Path.of("target/lib");
    private static final String NAME = "# routes/";
    private static final String EMPTY_ACCOUNT = "empty account";
    private static final String NOT_TAKEN = "Nothing works";
    private static final Reply REFUSED = Reply.error(400, "invalid_request_error", "not_taken", "not taken");
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private static final StubProvider P = StubProvider.openai();
    private static final StubProvider F = StubProvider.openai();
    private static MarkdownPage page;

    @Test
    void the_route_files_run_side_by_side() throws Exception {
        Program.Setup setup = setup(file -> !file.equals("jms-questions.camel.yaml"));
        setup.file("routes/target.camel.yaml", changedTarget());
        setup.file("routes/test.camel.yaml", """
            - from:
                uri: platform-http:/careful
                steps:
                  - to: direct:careful
            """);
        Path directory = setup.directory();
        setup.file("questions/one.txt", "How are you?");
        setup.file("questions/two.json", "{\"messages\":[{\"role\":\"user\",\"content\":\"How are you?\"}]}");
        setup.file("questions/three.txt", "");
        try (Program program = setup.run()) {
            URI careful = program.uri("/careful");
            assertThat(post(careful, "How are you?").body()).contains("from p");
            assertThat(post(careful, "").body()).isEqualTo("Please ask something else: The message has no body.");

            await().atMost(Duration.ofSeconds(30))
                    .until(() -> Files.exists(directory.resolve("answers/one.txt"))
                            && Files.exists(directory.resolve("answers/two.json"))
                            && Files.exists(directory.resolve("questions/done/two.json"))
                            && Files.exists(directory.resolve("questions/failed/three.txt")));
            assertThat(Files.readString(directory.resolve("answers/one.txt"))).contains("from p");
            assertThat(Json.parse(Files.readAllBytes(directory.resolve("answers/two.json")))
                            .path("object")
                            .asText())
                    .isEqualTo("chat.completion");

            await().until(() -> Files.isDirectory(directory.resolve("digests")));
            await().until(() -> files(directory.resolve("digests"))
                    .anyMatch(file -> file.getFileName().toString().matches("\\d{8}-\\d{6}\\.json")));

            HttpResponse<String> summary = post(program.uri("/summary"), "A long text.");
            assertThat(summary.statusCode()).isEqualTo(200);
            assertThat(summary.body()).isEqualTo("from p");
            assertThat(summary.headers().firstValue("content-type")).contains("text/plain");

            assertThat(post(careful, EMPTY_ACCOUNT).body()).contains("from f");
            Path log = directory.resolve("log/quota.txt");
            await().until(() -> Files.exists(log));
            assertThat(Files.readString(log))
                    .matches("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d p/m: QUOTA_EXHAUSTED, next: target\n");

            assertThat(post(careful, NOT_TAKEN).body()).isEqualTo("Please ask again later (400, INVALID_REQUEST).");
            HttpResponse<String> failed = post(program.uri("/summary"), NOT_TAKEN);
            assertThat(failed.statusCode()).isEqualTo(400);
            assertThat(Json.parse(failed.body().getBytes())
                            .path("error")
                            .path("code")
                            .asText())
                    .isEqualTo("not_taken");
        }
    }

    @Test
    void the_queue_runs_with_components_on_the_class_path() throws Exception {
        try (Broker broker = Broker.start()) {
            String component = page.sections().stream()
                    .map(section -> section.code("properties"))
                    .collect(Collectors.joining());
            assertThat(component).contains("tcp://localhost:61616");
            Program.Setup setup = setup(
                    file -> file.equals("jms-questions.camel.yaml"),
                    component.replace("tcp://localhost:61616", broker.url()).strip());
            jarsBesideTheProgram().forEach(setup::component);
            try (Program program = setup.run();
                    JMSContext jms = broker.connectionFactory().createContext()) {
                program.uri("/");
                Queue replies = jms.createTemporaryQueue();
                JMSConsumer answers = jms.createConsumer(replies);
                for (String text : List.of("How are you?", NOT_TAKEN)) {
                    TextMessage question = jms.createTextMessage(text);
                    question.setJMSReplyTo(replies);
                    question.setJMSCorrelationID(text);
                    jms.createProducer().send(jms.createQueue("questions"), question);
                    TextMessage answer = (TextMessage) answers.receive(20_000);
                    assertThat(answer.getJMSCorrelationID()).isEqualTo(text);
                    assertThat(answer.getText()).contains(text.equals(NOT_TAKEN) ? "not_taken" : "from p");
                }
            }
        }
    }

    @Test
    void the_mistake_is_told_as_shown() throws Exception {
        String shown = page.sections().stream()
                .filter(section -> section.heading().equals("Mistakes"))
                .map(section -> section.code("text"))
                .collect(Collectors.joining());
        Program.Setup setup = setup(file -> file.equals("questions.camel.yaml"));
        setup.file(
                "routes/questions.camel.yaml",
                example("questions.camel.yaml").replace("file:questions", "fil:questions"));
        try (Program program = setup.run("--check")) {
            assertThat(program.exitCode()).isEqualTo(2);
            assertThat(program.err()).endsWith(shown.strip());
        }
    }

    @Test
    void every_route_file_and_route_has_a_row() throws IOException {
        String table = prose("Files");
        for (Path file : files(ROUTES).toList()) {
            assertThat(table).contains("| `" + file.getFileName() + "` |");
            for (String line : Files.readAllLines(file)) {
                if (line.startsWith("    id: ")) {
                    assertThat(table).contains("`" + line.substring("    id: ".length()) + "`");
                }
            }
        }
    }

    @Test
    void every_bean_has_a_row_and_every_row_a_bean() {
        Set<String> described = Pattern.compile("`(bactrian-[a-z<>-]+)`")
                .matcher(prose("Beans"))
                .results()
                .map(match -> match.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
        try (Gateway gateway = Gateway.start(
                "bactrian.demo=on",
                "bactrian.queue.enabled=true",
                "bactrian.queue.port=0",
                "bactrian.kafka.brokers=127.0.0.1:1")) {
            Set<String> bound = gateway.context().getRegistry().findByTypeWithName(Object.class).keySet().stream()
                    .filter(name -> name.startsWith("bactrian-") && !name.equals("bactrian-server"))
                    .map(name -> name.replaceFirst("^bactrian-client-.*", "bactrian-client-<provider>")
                            .replaceFirst("^bactrian-breaker-.*", "bactrian-breaker-<route>")
                            .replaceFirst("^bactrian-target-.*", "bactrian-target-<target>"))
                    .collect(Collectors.toCollection(TreeSet::new));
            assertThat(described).isEqualTo(bound);
        }
    }

    @Test
    void the_components_are_those_beside_the_program() throws IOException {
        Set<String> there = new TreeSet<>();
        for (Path jar : files(LIB).toList()) {
            try (JarFile file = new JarFile(jar.toFile())) {
                file.stream()
                        .map(entry -> entry.getName())
                        .filter(name -> name.matches("META-INF/services/org/apache/camel/component/[a-z-]+"))
                        .map(name -> name.substring(name.lastIndexOf('/') + 1))
                        .forEach(there::add);
            }
        }
        String first = prose("Camel components")
                .lines()
                .filter(line -> !line.isBlank())
                .findFirst()
                .orElseThrow();
        String listed = first.substring(0, first.indexOf(';'));
        Set<String> named = Pattern.compile("`([a-z-]+)`")
                .matcher(listed)
                .results()
                .map(match -> match.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(named).isEqualTo(there);
    }

    private interface Choice {
        boolean takes(String file);
    }

    /** A folder with the routes of the repository and some of the page. */
    private static Program.Setup setup(Choice choice, String... lines) throws IOException {
        List<String> all = new ArrayList<>(List.of(
                "camel.server.port=0",
                "bactrian.health.period=0s",
                "bactrian.providers.p.base-url=" + P.baseUrl(),
                "bactrian.providers.p.keyless=true",
                "bactrian.providers.f.base-url=" + F.baseUrl(),
                "bactrian.providers.f.keyless=true",
                "bactrian.chains.default=p/m, f/m"));
        all.addAll(List.of(lines));
        Program.Setup setup = Program.with(all.toArray(String[]::new));
        for (Path file : files(ROUTES).toList()) {
            setup.file("routes/" + file.getFileName(), Files.readString(file));
        }
        for (String yaml : blocks().filter(block -> block.startsWith(NAME)).toList()) {
            String name = name(yaml);
            if (choice.takes(name)) {
                setup.file("routes/" + name, yaml);
            }
        }
        return setup;
    }

    /** The target of the repository with the steps that the page puts into it. */
    private static String changedTarget() throws IOException {
        String ours = Files.readString(ROUTES.resolve("target.camel.yaml"));
        String part =
                blocks().filter(block -> !block.startsWith(NAME)).findFirst().orElseThrow();
        String first = part.lines().findFirst().orElseThrow();
        assertThat(ours).contains(first);
        return ours.substring(0, ours.indexOf(first)) + part;
    }

    private static String example(String name) {
        return blocks().filter(block -> block.startsWith(NAME + name))
                .findFirst()
                .orElseThrow();
    }

    private static String name(String yaml) {
        return yaml.lines().findFirst().orElseThrow().substring(NAME.length());
    }

    private static Stream<String> blocks() {
        return page.sections().stream()
                .flatMap(section -> section.blocks().stream())
                .filter(block -> block.language().equals("yaml"))
                .map(MarkdownPage.Block::text);
    }

    private static String prose(String heading) {
        return page.sections().stream()
                .filter(section -> section.heading().equals(heading))
                .flatMap(section -> section.prose().stream())
                .collect(Collectors.joining("\n"));
    }

    /** What the tests have and the program has not, as a user would put it into a folder. */
    private static List<Path> jarsBesideTheProgram() {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(Path::of)
                .filter(path -> path.toString().endsWith(".jar"))
                .filter(path -> !Files.exists(LIB.resolve(path.getFileName())))
                .toList();
    }

    private static Stream<Path> files(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static HttpResponse<String> post(URI uri, String text) throws IOException, InterruptedException {
        return CLIENT.send(
                HttpRequest.newBuilder(uri)
                        .timeout(Duration.ofSeconds(30))
                        .header("content-type", "text/plain")
                        .POST(HttpRequest.BodyPublishers.ofString(text))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    @BeforeAll
    static void read() throws IOException {
        page = MarkdownPage.read(PAGE);
        P.on(call -> {
            String asked = call.text();
            return asked.contains(EMPTY_ACCOUNT)
                    ? Reply.error(429, "insufficient_quota", "insufficient_quota", "You exceeded your current quota")
                    : asked.contains(NOT_TAKEN) ? REFUSED : Reply.text("from p");
        });
        F.on(call -> call.text().contains(NOT_TAKEN) ? REFUSED : Reply.text("from f"));
    }

    @AfterAll
    static void close() {
        P.close();
        F.close();
    }
}
