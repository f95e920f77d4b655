package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.protocol.Json;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.Program;
import io.bactrian.testing.Reply;
import io.bactrian.testing.StubProvider;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.camel.CamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/** Requests that are in flight while the files change: nothing is dropped. */
@ResourceLock(LiveGateway.LOG)
final class ReloadUnderLoadIT {
    private static final String CHAT = "/v1/chat/completions";
    private static final String ASK = "{\"model\":\"default\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}";
    private static final String STREAM = ASK.replace("]}", "],\"stream\":true}");
    private static final int MANY = 40;
    private static final String WORDS =
            IntStream.range(0, MANY).mapToObj(Integer::toString).collect(Collectors.joining(" "));

    private final CountDownLatch released = new CountDownLatch(1);
    private final StubProvider p = StubProvider.openai().on(call -> reply(call.wantsStream(), "from p"));
    private final StubProvider f = StubProvider.openai().on(call -> reply(call.wantsStream(), "from f"));
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @AfterEach
    void close() {
        p.close();
        f.close();
        client.close();
    }

    @Test
    void with_fifty_streams_and_two_hundred_requests_a_second_not_one_is_dropped() {
        Queue<HttpResponse<String>> answers = new ConcurrentLinkedQueue<>();
        Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
        try (LiveGateway live = LiveGateway.with(lines());
                ScheduledExecutorService load = Executors.newSingleThreadScheduledExecutor()) {
            URI chat = live.gateway().uri(CHAT);
            List<CompletableFuture<HttpResponse<String>>> streams =
                    IntStream.range(0, 50).mapToObj(i -> send(chat, STREAM)).toList();
            await().until(() -> p.calls().size() == 50);
            load.scheduleAtFixedRate(
                    () -> send(chat, ASK).whenComplete((answer, failure) -> {
                        if (failure == null) {
                            answers.add(answer);
                        } else {
                            failures.add(failure);
                        }
                    }),
                    0,
                    5,
                    TimeUnit.MILLISECONDS);
            await().until(() -> answers.size() > 100);

            live.change(lines("bactrian.chains.default=f/m, p/m"));
            int before = answers.size();
            assertThat(live.gateway().ask().content()).isEqualTo("from f");
            assertThat(streams).noneMatch(CompletableFuture::isDone);
            live.change(lines("bactrian.chains.default=p/m, f/m"));
            live.change(lines("bactrian.chains.default=f/m"));
            await().until(() -> answers.size() > before + 200);
            load.shutdown();
            assertThat(streams).noneMatch(CompletableFuture::isDone);
            released.countDown();

            assertThat(streams).allSatisfy(stream -> {
                HttpResponse<String> whole = stream.join();
                assertThat(whole.statusCode()).isEqualTo(200);
                assertThat(words(whole.body())).isEqualTo(WORDS);
                assertThat(whole.body()).endsWith("data: [DONE]\n\n");
            });
            assertThat(failures).isEmpty();
            assertThat(answers).allMatch(answer -> answer.statusCode() == 200);
            assertThat(answers.stream().map(HttpResponse::body).filter(b -> b.contains("from f")))
                    .hasSizeGreaterThan(100);
            await().until(() -> live.status().path("requests").path("inFlight").asInt() == 0);
        }
    }

    @Test
    void a_request_that_is_still_being_sent_while_the_files_change_is_answered() throws IOException {
        try (LiveGateway live = LiveGateway.with(lines());
                Socket caller = new Socket("127.0.0.1", live.gateway().port())) {
            String head = "POST " + CHAT + " HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
                    + "connection: close\r\ncontent-length: " + ASK.length() + "\r\n\r\n";
            caller.getOutputStream().write((head + ASK.substring(0, 20)).getBytes(StandardCharsets.US_ASCII));
            CamelContext first = live.gateway().context();

            live.change(lines("bactrian.chains.default=f/m, p/m"));
            live.change(lines("bactrian.chains.default=p/m"));
            assertThat(live.gateway().ask().content()).isEqualTo("from p");
            assertThat(first.isStopped()).isFalse();
            caller.getOutputStream().write(ASK.substring(20).getBytes(StandardCharsets.US_ASCII));

            assertThat(new String(caller.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
                    .startsWith("HTTP/1.1 200")
                    .contains("from p");
            await().until(first::isStopped);
        }
    }

    @Test
    void a_caller_who_leaves_keeps_no_old_configuration_alive() throws IOException {
        p.answers(Reply.silence());
        try (LiveGateway live = LiveGateway.with(lines())) {
            CamelContext first = live.gateway().context();
            try (Socket caller = new Socket("127.0.0.1", live.gateway().port())) {
                String request = "POST " + CHAT + " HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
                        + "content-length: " + ASK.length() + "\r\n\r\n" + ASK;
                caller.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
                await().until(() -> p.calls().size() == 1);
                live.change(lines("bactrian.chains.default=f/m"));
                assertThat(first.isStopped()).isFalse();
            }
            await().until(first::isStopped);
        }
    }

    @Test
    void a_configuration_whose_requests_do_not_end_is_ended_at_their_deadline() {
        p.answers(Reply.silence());
        try (LiveGateway live =
                LiveGateway.with(lines("bactrian.defaults.deadline=3s", "bactrian.chains.default=p/m"))) {
            CamelContext first = live.gateway().context();
            CompletableFuture<Answer> waiting =
                    CompletableFuture.supplyAsync(() -> live.gateway().ask(), Thread::startVirtualThread);
            await().until(() -> p.calls().size() == 1);

            live.change(lines("bactrian.chains.default=f/m"));

            assertThat(live.gateway().ask().content()).isEqualTo("from f");
            assertThat(waiting.join().status()).isEqualTo(504);
            await().until(first::isStopped);
        }
    }

    @Test
    void on_sigterm_old_and_new_configuration_finish_what_is_in_flight() {
        List<String> start = lines("bactrian.chains.default=p/m");
        Program.Setup setup = Program.with(start.toArray(String[]::new));
        try (Program program = setup.run()) {
            URI chat = program.uri(CHAT);
            CompletableFuture<HttpResponse<String>> old = send(chat, STREAM);
            await().until(() -> p.calls().size() == 1);
            setup.file("application.properties", String.join("\n", lines("bactrian.chains.default=f/m")));
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> program.out().contains("Reloaded: chain default changed"));
            CompletableFuture<HttpResponse<String>> young = send(chat, STREAM);
            await().until(() -> f.calls().size() == 1);
            long asked = System.nanoTime();

            program.terminate();

            await().until(() -> send(chat, ASK).join().statusCode() == 503);
            assertThat(send(chat, ASK).join().body()).contains("\"stopping\"");
            released.countDown();
            assertThat(words(old.join().body())).isEqualTo(WORDS);
            assertThat(words(young.join().body())).isEqualTo(WORDS);
            assertThat(program.exitCode()).isZero();
            assertThat(Duration.ofNanos(System.nanoTime() - asked)).isLessThan(Duration.ofSeconds(30));
            assertThat(program.out() + program.err()).doesNotContain("Exception", "\tat ");
        }
    }

    private CompletableFuture<HttpResponse<String>> send(URI uri, String body) {
        return client.sendAsync(
                HttpRequest.newBuilder(uri)
                        .timeout(Duration.ofSeconds(60))
                        .header("content-type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /** The words of a stream. */
    private static String words(String events) {
        StringBuilder words = new StringBuilder();
        events.lines()
                .filter(l -> l.startsWith("data: {"))
                .map(l -> Json.parse(l.substring(6).getBytes(StandardCharsets.UTF_8)))
                .forEach(c -> words.append(
                        c.path("choices").path(0).path("delta").path("content").asText("")));
        return words.toString();
    }

    /** A document with these words, or a stream whose second half comes once it is released. */
    private Reply reply(boolean stream, String words) {
        if (!stream) {
            return Reply.text(words);
        }
        HandWrittenStream made = new HandWrittenStream("openai");
        return x -> {
            x.streamHead(200, Map.of());
            x.chunk(made.sse(made.start()).getBytes(StandardCharsets.UTF_8));
            for (int i = 0; i < MANY; i++) {
                while (i == MANY / 2 && released.getCount() > 0) {
                    x.pause(Duration.ofMillis(20));
                }
                x.chunk(made.sse(made.token((i == 0 ? "" : " ") + i)).getBytes(StandardCharsets.UTF_8));
            }
            x.chunk(made.sse(made.end()).getBytes(StandardCharsets.UTF_8));
            x.endChunks();
            return Reply.After.KEEP;
        };
    }

    private List<String> lines(String... more) {
        List<String> all = new ArrayList<>(List.of(more));
        all.add("bactrian.defaults.upstream-streaming=off");
        return LiveGateway.lines(p, f, all.toArray(String[]::new));
    }
}
