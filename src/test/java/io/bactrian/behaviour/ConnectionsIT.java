package io.bactrian.behaviour;

import static io.bactrian.testing.AnswerAssertions.assertWhole;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Call;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.Mode;
import io.bactrian.testing.Reply;
import io.bactrian.testing.Request;
import io.bactrian.testing.Scene;
import io.bactrian.testing.StubProvider;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The sockets to the providers: kept, found closed, limited in number, compressed. */
final class ConnectionsIT {

    @ParameterizedTest
    @EnumSource(names = {"OPENAI_STREAM", "OPENAI_DOCUMENT_ALL_THE_WAY", "ANTHROPIC_STREAM"})
    void connection_that_was_kept_and_is_found_closed_is_no_failure(Mode mode) {
        try (Scene scene = Scene.with("bactrian.defaults.breaker.failures=1")
                .modes(0)
                .openai("f")
                .and("bactrian.chains.line=%s/m, f/m".formatted(mode.p()))
                .start()) {
            StubProvider p = scene.stub(mode.p()).answers(Reply.keepAliveThenClose(Reply.text("here")));

            List<Answer> answers = IntStream.range(0, 4)
                    .mapToObj(i -> scene.ask(Request.of("line").stream(mode.stream())))
                    .toList();

            assertThat(answers).allSatisfy(a -> assertWhole(a, mode.stream(), "here"));
            assertThat(answers.get(0).outcomes()).isEqualTo(mode.p() + "=OK");
            // A caller may ask again before the end of the stream has come: then nothing has been kept yet.
            assertThat(answers.stream().skip(1).map(Answer::outcomes))
                    .contains("%1$s=NETWORK, %1$s=OK".formatted(mode.p()))
                    .isSubsetOf("%1$s=NETWORK, %1$s=OK".formatted(mode.p()), mode.p() + "=OK");
            assertThat(scene.stub("f").calls()).isEmpty();
            assertThat(scene.gateway().get("/status").json().at("/targets").findValuesAsText("breaker"))
                    .containsOnly("CLOSED");
            assertThat(p.calls().stream().filter(c -> c.requestOnConnection() > 1))
                    .isNotEmpty();
        }
    }

    /** What would be the next request's answer, were it read as one. */
    private static final String FORGED = """
        HTTP/1.1 200 OK\r
        content-type: application/json\r
        content-length: 110\r
        \r
        {"id":"x","object":"chat.completion","model":"m","choices":[{"message":{"content":"forged"},"index":0}]}""";

    private static final String DOCUMENT = """
        {"id":"x","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":\
        {"role":"assistant","content":"right"},"finish_reason":"stop"}],\
        "usage":{"prompt_tokens":3,"completion_tokens":3,"total_tokens":6}}""";

    private static String chunked(String type, String body) {
        return "HTTP/1.1 200 OK\r\ncontent-type: %s\r\ntransfer-encoding: chunked\r\n\r\n%s\r\n%s\r\n0\r\n\r\n"
                .formatted(type, Integer.toHexString(body.length()), body);
    }

    static Stream<String> answers() {
        return Stream.of(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s"
                        .formatted(DOCUMENT.length(), DOCUMENT),
                chunked("application/json", DOCUMENT),
                chunked(
                        "text/event-stream",
                        "data: %s\n\ndata: [DONE]\n\n".formatted(DOCUMENT.replace("message", "delta"))));
    }

    @ParameterizedTest
    @MethodSource("answers")
    void bytes_behind_an_answer_are_no_answer_to_the_next_request(String answer) {
        try (Scene scene = Scene.with().openai("p", "f").start()) {
            StubProvider p = scene.stub("p").answers(Reply.raw(answer + FORGED), Reply.text("fresh"));

            Answer first = scene.ask(scene.along("p", "f").stream(true));
            Answer second = scene.ask(scene.along("p", "f"));

            assertThat(first.content()).isEqualTo("right");
            assertThat(first.outcomes()).isEqualTo("p=OK");
            assertThat(second.content()).isEqualTo("fresh");
            assertThat(second.outcomes()).isEqualTo("p=OK");
            assertThat(p.calls().stream().map(Call::connection)).containsExactly(1, 2);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "OPENAI_STREAM, 0",
        "OPENAI_STREAM, 50",
        "OPENAI_DOCUMENT_ALL_THE_WAY, 0",
        "OPENAI_DOCUMENT_ALL_THE_WAY, 50",
        "ANTHROPIC_STREAM, 0",
        "ANTHROPIC_STREAM, 50",
        "OPENAI_STREAM, 400"
    })
    void bytes_that_come_while_the_connection_is_idle_are_no_answer_either(Mode mode, int afterMillis) {
        try (Scene scene = Scene.with().modes(0).openai("f").start()) {
            AtomicBoolean written = new AtomicBoolean();
            StubProvider p = scene.stub(mode.p());
            p.on(call -> call.number() > 1
                    ? Reply.text("fresh")
                    : x -> {
                        Reply.text("right").send(x);
                        x.pause(Duration.ofMillis(afterMillis));
                        x.write(FORGED.getBytes(UTF_8));
                        written.set(true);
                        return Reply.After.KEEP;
                    });

            Answer first = scene.ask(scene.along(mode.p(), "f").stream(mode.stream()));
            await().pollInterval(Duration.ofMillis(5)).untilTrue(written);
            Answer second = scene.ask(scene.along(mode.p(), "f").stream(mode.stream()));

            assertWhole(first, mode.stream(), "right");
            assertWhole(second, mode.stream(), "fresh");
            assertThat(second.outcomes()).isEqualTo(mode.p() + "=OK");
            assertThat(p.calls().stream().map(Call::connection)).containsExactly(1, 2);
        }
    }

    @Test
    void bytes_behind_a_refusal_are_no_answer_to_the_second_try() {
        try (Scene scene =
                Scene.with("bactrian.defaults.backoff=10ms").openai("p").start()) {
            StubProvider p = scene.stub("p")
                    .answers(
                            Reply.raw("HTTP/1.1 500 Oops\r\ncontent-length: 4\r\n\r\noops" + FORGED),
                            Reply.text("fresh"));

            Answer answer = scene.ask(scene.along("p"));

            assertThat(answer.content()).isEqualTo("fresh");
            assertThat(answer.outcomes()).isEqualTo("p=SERVER_ERROR, p=OK");
            assertThat(p.calls().stream().map(Call::connection)).containsExactly(1, 2);
        }
    }

    @Test
    void race_with_many_kept_connections_costs_one_more_call_for_each_request() throws Exception {
        try (Scene scene = Scene.with("bactrian.defaults.breaker.failures=1")
                .openai("p", "f")
                .start()) {
            StubProvider p = scene.stub("p").answers(Reply.text("here").delayed(Duration.ofMillis(100)));
            together(20, () -> scene.gateway().ask());
            p.answers(Reply.keepAliveThenClose(Reply.text("again")));

            List<Answer> answers = together(20, () -> scene.gateway().ask());

            assertThat(answers).allSatisfy(a -> assertThat(a.content()).isEqualTo("again"));
            assertThat(scene.stub("f").calls()).isEmpty();
        }
    }

    static Stream<Reply> tooLong() {
        return Stream.of(
                Reply.raw("HTTP/1.1 200 OK\r\nx-long: " + "a".repeat(100_000)),
                Reply.raw("HTTP/1.1 200 OK\r\n" + "x-many: a\r\n".repeat(5_000)),
                Reply.sse("data: " + "a".repeat(17 << 20)));
    }

    @ParameterizedTest
    @MethodSource("tooLong")
    void answer_that_would_fill_the_memory_is_none(Reply tooLong) {
        try (Scene scene = Scene.with().openai("p", "f").start()) {
            scene.stub("p").answers(tooLong);

            Answer answer = scene.gateway().ask();

            assertThat(answer.outcomes()).isEqualTo("p=INVALID_RESPONSE, p=INVALID_RESPONSE, f=OK");
        }
    }

    @ParameterizedTest
    @EnumSource
    void connections_are_kept_after_whole_answers(Mode mode) {
        try (Scene scene = Scene.with().modes(0).start()) {
            IntStream.range(0, 10).forEach(i -> scene.ask(scene.along(mode.p()).stream(mode.stream())));

            // A caller may ask again before the end of the stream has come.
            assertThat(scene.stub(mode.p()).acceptedConnections()).isLessThan(5);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void no_more_connections_than_allowed(boolean stream) throws Exception {
        try (Scene scene =
                Scene.with("bactrian.providers.p.max-connections=3").openai("p").start()) {
            StubProvider p = scene.stub("p");
            AtomicInteger most = new AtomicInteger();
            p.on(call -> {
                most.accumulateAndGet(p.openConnections(), Math::max);
                return Reply.text("a b").everyToken(Duration.ofMillis(30));
            });

            List<Answer> answers = together(
                    15,
                    () -> stream ? scene.gateway().stream() : scene.gateway().ask());

            assertThat(answers).allSatisfy(a -> assertThat(a.content()).isEqualTo("a b"));
            assertThat(most.get()).isBetween(1, 3);
            assertThat(p.calls()).hasSize(15);
        }
    }

    @Test
    void waiting_for_a_connection_ends_with_the_limit_of_the_call() throws Exception {
        try (Scene scene = Scene.with(
                        "bactrian.providers.p.max-connections=1", "bactrian.providers.p.first-token-timeout=400ms")
                .openai("p", "f")
                .start()) {
            StubProvider p = scene.stub("p").answers(Reply.text("a b c").everyToken(Duration.ofMillis(500)));
            try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
                Future<Answer> first = callers.submit(() -> scene.gateway().ask());
                await().until(() -> p.calls().size() == 1);

                Answer second = scene.gateway().ask();

                assertThat(second.outcomes()).endsWith("f=OK");
                assertThat(second.took()).isLessThan(Duration.ofMillis(1100));
                assertThat(first.get().content()).isEqualTo("a b c");
            }
            assertThat(p.calls()).hasSize(1);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void compressed_answers_are_understood(boolean stream) {
        try (Scene scene = Scene.with("bactrian.defaults.backoff=10ms")
                .modes(0)
                .openai("f")
                .start()) {
            String document = """
                {"id":"x","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":\
                {"role":"assistant","content":"squeezed"},"finish_reason":"stop"}],\
                "usage":{"prompt_tokens":3,"completion_tokens":3,"total_tokens":6}}""";
            String p = stream ? "openai" : "openai-plain";
            scene.stub(p).answers(Reply.gzip(200, document));
            Answer answer = scene.ask(scene.along(p, "f").stream(stream));
            scene.stub(p)
                    .answers(Reply.gzip(
                            400, "{\"error\":{\"message\":\"bad thing\",\"type\":\"invalid_request_error\"}}"));
            Answer error = scene.ask(scene.along(p, "f").stream(stream));
            scene.stub(p).answers(Reply.status(200, "no gzip", "content-encoding", "gzip"));
            Answer nonsense = scene.ask(scene.along(p, "f").stream(stream));

            assertWhole(answer, stream, "squeezed");
            assertThat(answer.header("content-encoding")).isEmpty();
            assertThat(error.status()).isEqualTo(400);
            assertThat(error.error("message")).isEqualTo("bad thing");
            assertThat(nonsense.outcomes()).endsWith("f=OK");
            assertThat(nonsense.outcomes()).startsWith(p + "=INVALID_RESPONSE");
        }
    }

    @Test
    void socket_of_a_call_that_lost_its_time_is_closed_and_not_used_again() {
        try (Scene scene = Scene.with("bactrian.defaults.first-token-timeout=200ms")
                .openai("p", "f")
                .start()) {
            StubProvider p = scene.stub("p").answers(Reply.headersOnly(), Reply.text("fresh"));

            scene.ask(scene.along("p", "f"));
            await().until(() -> p.openConnections() == 0);
            Answer next = scene.ask(scene.along("p", "f"));

            assertThat(next.outcomes()).isEqualTo("p=OK");
            assertThat(p.calls().stream().map(Call::connection)).containsExactly(1, 2);
        }
    }

    private static List<Answer> together(int count, Callable<Answer> one) throws Exception {
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Answer> answers = new ArrayList<>();
            for (Future<Answer> future : callers.invokeAll(
                    IntStream.range(0, count).mapToObj(i -> one).toList())) {
                answers.add(future.get());
            }
            return answers;
        }
    }
}
