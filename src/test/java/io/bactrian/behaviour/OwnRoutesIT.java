package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.protocol.Json;
import io.bactrian.testing.Broker;
import io.bactrian.testing.Reply;
import io.bactrian.testing.StubProvider;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.Message;
import jakarta.jms.TextMessage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.camel.ConsumerTemplate;
import org.apache.camel.Exchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Routes of a user beside those of the gateway: whatever they consume from and send to. */
final class OwnRoutesIT {
    private final StubProvider p = StubProvider.openai()
            .on(call -> Reply.text("answer to " + call.text().length()));
    private final StubProvider f = StubProvider.openai();

    @AfterEach
    void close() {
        p.close();
        f.close();
    }

    @Test
    void files_in_files_out() throws IOException {
        try (OwnRoutes routes = OwnRoutes.with(p, f).file("files.camel.yaml", FILES)) {
            Path in = Files.createDirectory(routes.directory().resolve("in"));
            Files.writeString(in.resolve("text.txt"), "Grüße?");
            Files.writeString(
                    in.resolve("request.json"),
                    "{\"model\":\"f/m\",\"temperature\":0,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}");
            Files.writeString(in.resolve("empty.txt"), "");
            f.answers(Reply.text("from f"));
            routes.start();

            Path out = routes.directory().resolve("out");
            await().until(() -> Files.exists(in.resolve(".failed/empty.txt"))
                    && Files.exists(out.resolve("text.txt"))
                    && Files.exists(out.resolve("request.json"))
                    && Files.exists(in.resolve(".camel/request.json")));

            assertThat(words(out.resolve("text.txt"))).startsWith("answer to ");
            assertThat(p.lastCall().text()).contains("Grüße?");
            assertThat(words(out.resolve("request.json"))).isEqualTo("from f");
            assertThat(f.lastCall().json().path("temperature").asInt(-1)).isZero();
            assertThat(out).isDirectoryNotContaining("glob:**empty.txt");
            assertThat(Files.readString(routes.directory().resolve("log.txt")))
                    .contains("text.txt by p/m after p/m=OK", "request.json by f/m after f/m=OK");
        }
    }

    private static final String FILES = """
        - from:
            uri: "file:{{folder}}/in"
            parameters:
              moveFailed: .failed
              initialDelay: 0
              delay: 100
            steps:
              - to: direct:chat
              - to: "file:{{folder}}/out"
              - setBody:
                  simple: "${header.CamelFileName} by ${header.BactrianTarget} after ${header.BactrianAttempts}\\n"
              - to: "file:{{folder}}?fileName=log.txt&fileExist=Append"
        """;

    @Test
    void files_in_another_charset() throws IOException {
        try (OwnRoutes routes = OwnRoutes.with(p, f)
                .file("files.camel.yaml", FILES.replace("moveFailed: .failed", "charset: iso-8859-1"))) {
            Path in = Files.createDirectory(routes.directory().resolve("in"));
            Files.writeString(in.resolve("text.txt"), "Grüße?", StandardCharsets.ISO_8859_1);
            p.answers(Reply.text("Schöne Grüße"));
            routes.start();

            Path out = routes.directory().resolve("out/text.txt");
            await().until(() -> Files.exists(out));

            assertThat(words(out)).isEqualTo("Schöne Grüße");
            assertThat(p.lastCall().text()).contains("Grüße?");
        }
    }

    @Test
    void a_file_that_is_asked_during_a_reload_is_asked_once() throws IOException {
        p.on(call -> Reply.text("slow").delayed(Duration.ofSeconds(2)));
        String own = FILES.replace("moveFailed: .failed", "preMove: working");
        try (OwnRoutes routes = OwnRoutes.with(p, f).file("files.camel.yaml", own)) {
            Path in = Files.createDirectory(routes.directory().resolve("in"));
            Files.writeString(in.resolve("text.txt"), "Hi");
            routes.start();
            await().until(() -> p.calls().size() == 1);
            var before = routes.context();

            routes.file("files.camel.yaml", own + "# changed\n");
            await().until(() -> routes.context() != before);
            Path out = routes.directory().resolve("out/text.txt");
            await().until(() -> Files.exists(out));
            Files.writeString(in.resolve("next.txt"), "Hi");
            await().until(() -> Files.exists(routes.directory().resolve("out/next.txt")));

            assertThat(words(out)).isEqualTo("slow");
            assertThat(p.calls()).hasSize(2);
        }
    }

    @Test
    void several_files_at_once() throws IOException {
        p.on(call -> Reply.text("slow").delayed(Duration.ofMillis(700)));
        try (OwnRoutes routes = OwnRoutes.with(p, f)
                .file(
                        "files.camel.yaml",
                        FILES.replace("- to: direct:chat", "- threads: {poolSize: 5}\n      - to: direct:chat"))) {
            Path in = Files.createDirectory(routes.directory().resolve("in"));
            for (int i = 0; i < 5; i++) {
                Files.writeString(in.resolve(i + ".txt"), "Hi");
            }
            routes.start();
            await().until(() -> p.calls().size() == 5);
            assertThat(routes.directory().resolve("out")).doesNotExist();
            await().until(() -> Files.exists(routes.directory().resolve("out"))
                    && count(routes.directory().resolve("out")) == 5);
        }
    }

    @Test
    void a_timer() throws IOException {
        try (OwnRoutes routes = OwnRoutes.with(p, f, "bactrian.chains.second=f/m")
                .file("timer.camel.yaml", """
                    - from:
                        uri: timer:ask
                        parameters:
                          delay: 0
                          repeatCount: 1
                        steps:
                          - setHeader:
                              name: BactrianChain
                              constant: second
                          - setBody:
                              constant: Anything new?
                          - to: direct:chat
                          - to: "file:{{folder}}/out?fileName=news.json"
                    """)
                .start()) {
            Path news = routes.directory().resolve("out/news.json");
            await().until(() -> Files.exists(news));
            assertThat(words(news)).isEqualTo("Hello from the stub.");
            assertThat(f.lastCall().text()).contains("Anything new?");
        }
    }

    @Test
    void queues_in_this_process() throws Exception {
        try (OwnRoutes routes =
                        OwnRoutes.with(p, f).file("seda.camel.yaml", """
                            - from:
                                uri: seda:questions
                                parameters:
                                  concurrentConsumers: 2
                                steps:
                                  - to: direct:chat
                                  - to: seda:answers
                            """).start();
                ConsumerTemplate answers = routes.context().createConsumerTemplate()) {
            routes.context().createProducerTemplate().sendBodyAndHeader("seda:questions", "Hi", "number", 7);

            Exchange answer = answers.receive("seda:answers", 20_000);

            assertThat(answer.getMessage().getHeader("number")).isEqualTo(7);
            assertThat(answer.getMessage().getHeader("BactrianTarget")).isEqualTo("p/m");
            assertThat(answer.getMessage().getBody(String.class)).contains("answer to ");
        }
    }

    @Test
    void queues_of_a_broker() throws Exception {
        try (Broker broker = Broker.start();
                OwnRoutes routes = OwnRoutes.with(
                                p,
                                f,
                                "camel.component.jms.connection-factory=#class:"
                                        + "org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory('"
                                        + broker.url() + "')")
                        .file("jms.camel.yaml", JMS)
                        .start();
                JMSContext jms = broker.connectionFactory().createContext();
                JMSConsumer answers = jms.createConsumer(jms.createQueue("answers"))) {
            TextMessage question = jms.createTextMessage("Hi");
            question.setIntProperty("number", 7);
            jms.createProducer().send(jms.createQueue("questions"), question);
            jms.createProducer().send(jms.createQueue("questions"), jms.createTextMessage(""));

            Message answer = answers.receive(20_000);

            assertThat(answer.getIntProperty("number")).isEqualTo(7);
            assertThat(answer.getStringProperty("BactrianTarget")).isEqualTo("p/m");
            assertThat(answer.getIntProperty("BactrianStatus")).isEqualTo(200);
            assertThat(answer.getBody(String.class)).contains("answer to ");
            Message error = answers.receive(20_000);
            assertThat(error.getIntProperty("BactrianStatus")).isEqualTo(400);
            assertThat(error.getBody(String.class)).contains("invalid_request_error");
            assertThat(List.copyOf(routes.context().getRoutes())).isNotEmpty();
        }
    }

    private static final String JMS = """
        - onException:
            exception:
              - io.bactrian.protocol.RequestRejected
            handled:
              constant: "true"
            steps:
              - convertBodyTo:
                  type: String
              - to: jms:queue:answers
        - from:
            uri: jms:queue:questions
            steps:
              - to: direct:chat
              - convertBodyTo:
                  type: String
              - to: jms:queue:answers
        """;

    private static String words(Path answer) throws IOException {
        return Json.parse(Files.readAllBytes(answer))
                .path("choices")
                .path(0)
                .path("message")
                .path("content")
                .asText();
    }

    private static long count(Path folder) {
        try (var files = Files.list(folder)) {
            return files.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
