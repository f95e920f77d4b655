package io.bactrian.behaviour;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.management.OperatingSystemMXBean;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.Reply;
import io.bactrian.testing.Scene;
import io.bactrian.testing.StubProvider;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Providers that send without end, as fast as they can, and say nothing. */
final class FloodIT {
    private static final int STREAMS = 20;
    private static final Duration LIMIT = Duration.ofMillis(1000);

    private static final String DOCUMENT = """
        {"id":"x","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":\
        {"role":"assistant","content":"all"},"finish_reason":"stop"}]}""";

    private static final String ANSWER = "data: %s\n\ndata: [DONE]\n\n".formatted(DOCUMENT.replace("message", "delta"));

    @ParameterizedTest
    @ValueSource(strings = {"\n", ": still here\n", "data:\n\n", "id: 1\n"})
    void many_streams_of_nothing_end_in_time_and_leave_nothing_behind(String line) throws Exception {
        try (Scene scene = Scene.with(
                                "bactrian.defaults.first-token-timeout=1s", "bactrian.defaults.breaker.failures=1000")
                        .openai("p", "f")
                        .start();
                ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            StubProvider p = scene.stub("p").answers(flood("text/event-stream", "", line));

            List<Future<Answer>> answers =
                    callers.invokeAll(Collections.nCopies(STREAMS, () -> scene.gateway().stream()));

            for (Future<Answer> answer : answers) {
                assertThat(answer.get().outcomes()).isEqualTo("p=TIMEOUT, f=OK");
                assertThat(answer.get().done()).isTrue();
                assertThat(answer.get().took()).isLessThan(LIMIT.plusMillis(1500));
            }
            await().until(() -> p.openConnections() == 0);
            await().until(FloodIT::idle);
        }
    }

    @Test
    void flood_behind_the_end_of_an_answer_is_cut_off() {
        try (Scene scene = Scene.with().openai("p", "f").start()) {
            StubProvider p = scene.stub("p").answers(flood("text/event-stream", ANSWER, "\n"), Reply.text("fresh"));

            Answer first = scene.ask(scene.along("p", "f").stream(true));
            await().until(() -> p.openConnections() == 0);
            Answer second = scene.ask(scene.along("p", "f"));

            assertThat(first.content()).isEqualTo("all");
            assertThat(first.took()).isLessThan(Duration.ofMillis(900));
            assertThat(second.outcomes()).isEqualTo("p=OK");
            assertThat(second.content()).isEqualTo("fresh");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void body_that_goes_on_behind_compressed_bytes_is_cut_off(boolean stream) {
        String type = stream ? "text/event-stream" : "application/json";
        byte[] whole = zipped(stream ? ANSWER : DOCUMENT);
        try (Scene scene = Scene.with(
                        "bactrian.providers.p.max-connections=1", "bactrian.defaults.first-token-timeout=1s")
                .openai("p", "f")
                .start()) {
            StubProvider p = scene.stub("p");
            p.on(call -> call.number() > 1
                    ? Reply.text("fresh")
                    : x -> {
                        x.streamHead(200, Map.of("content-type", type, "content-encoding", "gzip"));
                        x.chunk(whole);
                        x.awaitLeaving();
                        return Reply.After.CLOSE;
                    });

            Answer first = scene.ask(scene.along("p", "f").stream(true));
            await().until(() -> p.call(1).clientLeft());
            Answer second = scene.ask(scene.along("p", "f"));

            assertThat(first.content()).isEqualTo("all");
            assertThat(second.outcomes()).isEqualTo("p=OK");
        }
    }

    @Test
    void document_that_is_followed_by_blanks_without_end_is_cut_off() {
        try (Scene scene = Scene.with("bactrian.providers.p.max-connections=1")
                .openai("p", "f")
                .start()) {
            StubProvider p = scene.stub("p").answers(flood("application/json", DOCUMENT, " "), Reply.text("fresh"));

            Answer first = scene.ask(scene.along("p", "f"));
            await().until(() -> p.openConnections() == 0);
            Answer second = scene.ask(scene.along("p", "f"));

            assertThat(first.content()).isEqualTo("all");
            assertThat(second.outcomes()).isEqualTo("p=OK");
            await().until(FloodIT::idle);
        }
    }

    private static byte[] zipped(String text) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
            zip.write(text.getBytes(UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private static Reply flood(String type, String before, String line) {
        byte[] lines = line.repeat(4096 / line.length()).getBytes(UTF_8);
        return x -> {
            x.streamHead(200, Map.of("content-type", type));
            x.chunk(before.getBytes(UTF_8));
            // On a thread of its own: the stub's share the processors with those of the gateway.
            Thread.ofPlatform().start(() -> {
                try {
                    while (true) {
                        x.chunk(lines);
                    }
                } catch (IOException e) {
                    // The client has left.
                }
            });
            x.awaitLeaving();
            return Reply.After.CLOSE;
        };
    }

    private static boolean idle() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuLoad() < 0.2;
    }
}
