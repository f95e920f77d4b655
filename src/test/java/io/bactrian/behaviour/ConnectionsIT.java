package io.bactrian.behaviour;

import static io.bactrian.testing.AnswerAssertions.assertWhole;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Call;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.Mode;
import io.bactrian.testing.Reply;
import io.bactrian.testing.Request;
import io.bactrian.testing.StubProvider;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The sockets to the providers: kept, found closed, limited in number, compressed. */
final class ConnectionsIT {

    /** Of every test: connections are kept by their provider. */
    @RegisterExtension
    final GatewayExtension gateway = GatewayExtension.with(
                    "bactrian.defaults.backoff=10ms",
                    "bactrian.providers.fragile.breaker.failures=1",
                    "bactrian.providers.three.max-connections=3",
                    "bactrian.providers.one.max-connections=1",
                    "bactrian.providers.one.first-token-timeout=400ms",
                    "bactrian.providers.hasty.first-token-timeout=200ms")
            .modes(0)
            .openai("p", "fragile", "three", "one", "hasty", "f")
            .pool(1)
            .targets("once-openai", "openai", "breaker.failures=1")
            .targets("once-openai-plain", "openai-plain", "breaker.failures=1")
            .targets("once-anthropic", "anthropic", "breaker.failures=1")
            .chains("once-openai, f")
            .chains("once-openai-plain, f")
            .chains("once-anthropic, f");

    private final StubProvider f = gateway.stub("f");

    @ParameterizedTest
    @EnumSource(names = {"OPENAI_STREAM", "OPENAI_DOCUMENT_ALL_THE_WAY", "ANTHROPIC_STREAM"})
    void connection_that_was_kept_and_is_found_closed_is_no_failure(Mode mode) {
        StubProvider p = gateway.stub(mode.p()).answers(Reply.keepAliveThenClose(Reply.text("here")));

        String target = "once-" + mode.p();
        Request request = Request.of(gateway.chain(target + ", f")).stream(mode.stream());

        List<Answer> answers =
                IntStream.range(0, 4).mapToObj(i -> gateway.ask(request)).toList();

        assertThat(answers).allSatisfy(a -> assertWhole(a, mode.stream(), "here"));
        assertThat(answers.get(0).outcomes()).isEqualTo(gateway.target(target) + "=OK");
        // A caller may ask again before the end of the stream has come: then nothing has been kept yet.
        assertThat(answers.stream().skip(1).map(Answer::outcomes))
                .contains("%1$s=NETWORK, %1$s=OK".formatted(gateway.target(target)))
                .isSubsetOf("%1$s=NETWORK, %1$s=OK".formatted(gateway.target(target)), gateway.target(target) + "=OK");
        assertThat(f.calls()).isEmpty();
        assertThat(gateway.status().at("/targets").findValuesAsText("breaker")).containsOnly("CLOSED");
        assertThat(p.calls().stream().filter(c -> c.requestOnConnection() > 1)).isNotEmpty();
    }

    private static final String FORGED_BODY =
            "{\"id\":\"x\",\"object\":\"chat.completion\",\"model\":\"m\",\"choices\":[{\"message\":{\"content\":\"forged\"},\"index\":0}]}";

    /** What would be the next request's answer, were it read as one. */
    private static final String FORGED =
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s"
                    .formatted(FORGED_BODY.length(), FORGED_BODY);

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
        StubProvider p = gateway.stub("p").answers(Reply.raw(answer + FORGED), Reply.text("fresh"));

        Answer first = gateway.ask(gateway.along("p", "f").stream(true));
        Answer second = gateway.ask(gateway.along("p", "f"));

        assertThat(first.content()).isEqualTo("right");
        assertThat(first.outcomes()).isEqualTo("p=OK");
        assertThat(second.content()).isEqualTo("fresh");
        assertThat(second.outcomes()).isEqualTo("p=OK");
        assertThat(p.calls().stream().map(Call::connection)).containsExactly(1, 2);
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
        AtomicBoolean written = new AtomicBoolean();
        StubProvider p = gateway.stub(mode.p());
        p.on(call -> call.number() > 1
                ? Reply.text("fresh")
                : x -> {
                    Reply.text("right").send(x);
                    x.pause(Duration.ofMillis(afterMillis));
                    x.write(FORGED.getBytes(UTF_8));
                    written.set(true);
                    return Reply.After.KEEP;
                });

        Answer first = gateway.ask(gateway.along(mode.p(), "f").stream(mode.stream()));
        await().pollInterval(Duration.ofMillis(5)).untilTrue(written);
        Answer second = gateway.ask(gateway.along(mode.p(), "f").stream(mode.stream()));

        assertWhole(first, mode.stream(), "right");
        assertWhole(second, mode.stream(), "fresh");
        assertThat(second.outcomes()).isEqualTo(mode.p() + "=OK");
        assertThat(p.calls().stream().map(Call::connection)).containsExactly(1, 2);
    }

    @Test
    void bytes_behind_a_refusal_are_no_answer_to_the_second_try() {
        StubProvider p = gateway.stub("p")
                .answers(Reply.raw("HTTP/1.1 500 Oops\r\ncontent-length: 4\r\n\r\noops" + FORGED), Reply.text("fresh"));

        Answer answer = gateway.ask(gateway.along("p"));

        assertThat(answer.content()).isEqualTo("fresh");
        assertThat(answer.outcomes()).isEqualTo("p=SERVER_ERROR, p=OK");
        assertThat(p.calls().stream().map(Call::connection)).containsExactly(1, 2);
    }

    @Test
    void race_with_many_kept_connections_costs_one_more_call_for_each_request() {
        StubProvider fragile =
                gateway.stub("fragile").answers(Reply.text("here").delayed(Duration.ofMillis(100)));
        Request request = gateway.along("fragile", "f");
        gateway.askAtOnce(20, i -> request);
        fragile.answers(Reply.keepAliveThenClose(Reply.text("again")));

        List<Answer> answers = gateway.askAtOnce(20, i -> request);

        assertThat(answers).allSatisfy(a -> assertThat(a.content()).isEqualTo("again"));
        assertThat(f.calls()).isEmpty();
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
        gateway.stub("p").answers(tooLong);

        Answer answer = gateway.ask(gateway.along("p", "f"));

        assertThat(answer.outcomes()).isEqualTo("p=INVALID_RESPONSE, f=OK");
    }

    @ParameterizedTest
    @EnumSource
    void connections_are_kept_after_whole_answers(Mode mode) {
        IntStream.range(0, 10).forEach(i -> gateway.ask(gateway.along(mode.p()).stream(mode.stream())));

        // A caller may ask again before the end of the stream has come.
        assertThat(gateway.stub(mode.p()).acceptedConnections()).isLessThan(5);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void no_more_connections_than_allowed(boolean stream) {
        StubProvider three = gateway.stub("three");
        Request request = gateway.along("three").stream(stream);
        AtomicInteger most = new AtomicInteger();
        three.on(call -> {
            most.accumulateAndGet(three.openConnections(), Math::max);
            return Reply.text("a b").everyToken(Duration.ofMillis(30));
        });

        List<Answer> answers = gateway.askAtOnce(15, i -> request);

        assertThat(answers).allSatisfy(a -> assertThat(a.content()).isEqualTo("a b"));
        assertThat(most.get()).isBetween(1, 3);
        assertThat(three.calls()).hasSize(15);
    }

    @Test
    void waiting_for_a_connection_ends_with_the_limit_of_the_call() {
        StubProvider one = gateway.stub("one").answers(Reply.text("a b c").everyToken(Duration.ofSeconds(1)));
        CompletableFuture<Answer> first = gateway.askInBackground(gateway.along("one", "f"));
        await().until(() -> one.calls().size() == 1);

        Answer second = gateway.ask(gateway.along("one", "f"));

        assertThat(second.outcomes()).endsWith("f=OK");
        assertThat(second.took()).as("the first takes three seconds").isLessThan(Duration.ofMillis(2500));
        assertThat(first.join().content()).isEqualTo("a b c");
        assertThat(one.calls()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void compressed_answers_are_understood(boolean stream) {
        String document = """
            {"id":"x","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":\
            {"role":"assistant","content":"squeezed"},"finish_reason":"stop"}],\
            "usage":{"prompt_tokens":3,"completion_tokens":3,"total_tokens":6}}""";
        String p = stream ? "openai" : "openai-plain";
        gateway.stub(p).answers(Reply.gzip(200, document));
        Answer answer = gateway.ask(gateway.along(p, "f").stream(stream));
        gateway.stub(p)
                .answers(Reply.gzip(400, "{\"error\":{\"message\":\"bad thing\",\"type\":\"invalid_request_error\"}}"));
        Answer error = gateway.ask(gateway.along(p).stream(stream));
        gateway.stub(p).answers(Reply.status(200, "no gzip", "content-encoding", "gzip"));
        Answer nonsense = gateway.ask(gateway.along(p, "f").stream(stream));

        assertWhole(answer, stream, "squeezed");
        assertThat(answer.header("content-encoding")).isEmpty();
        assertThat(error.status()).isEqualTo(400);
        assertThat(error.error("message")).isEqualTo("bad thing");
        assertThat(nonsense.outcomes()).endsWith("f=OK");
        assertThat(nonsense.outcomes()).startsWith(p + "=INVALID_RESPONSE");
    }

    @Test
    void socket_of_a_call_that_lost_its_time_is_closed_and_not_used_again() {
        StubProvider hasty = gateway.stub("hasty").answers(Reply.headersOnly(), Reply.text("fresh"));

        gateway.ask(gateway.along("hasty", "f"));
        await().until(() -> hasty.openConnections() == 0);
        Answer next = gateway.ask(gateway.along("hasty", "f"));

        assertThat(next.outcomes()).isEqualTo("hasty=OK");
        assertThat(hasty.calls().stream().map(Call::connection)).containsExactly(1, 2);
    }
}
