package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.testing.Call;
import io.bactrian.testing.Gateway;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.ModelReply;
import io.bactrian.testing.RawCaller;
import io.bactrian.testing.Reply;
import io.bactrian.testing.StubProvider;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Streams that break, stall, never end or are badly written; callers that are slow or leave. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class StreamsIT {
    private static final String F_SAYS = "F has the answer";
    private static final String STREAM = """
            {"model":"default","stream":true,"messages":[{"role":"user","content":"Hi"}]}""";
    private static final String DOCUMENT = """
            {"model":"default","messages":[{"role":"user","content":"Hi"}]}""";
    private static final String[] LINES = {
        "bactrian.defaults.backoff=10ms",
        "bactrian.defaults.patience=400ms",
        "bactrian.defaults.deadline=20s",
        "bactrian.defaults.stream-rescue=off"
    };
    private static final Duration TOKEN = Duration.ofMillis(30);
    private static final Duration A_SECOND = Duration.ofSeconds(1);

    private static StubProvider quiet;
    private static Gateway quietGateway;
    private static CompletableFuture<Answer> afterSilence;
    private static CompletableFuture<Answer> silentForGood;

    private final StubProvider f = StubProvider.openai().answers(Reply.text(F_SAYS));
    private StubProvider p;
    private Gateway gateway;

    /** A silence of 16 s is long; the other tests run meanwhile. */
    @BeforeAll
    static void fall_silent() {
        quiet = StubProvider.openai();
        quiet.on(call -> call.model().equals("model-p")
                ? Reply.text("at last").firstTokenAfter(Duration.ofSeconds(16))
                : Reply.silence());
        quietGateway = Gateway.start(
                "bactrian.providers.p.base-url=" + quiet.baseUrl(),
                "bactrian.providers.p.keyless=true",
                "bactrian.chains.default=p/model-p");
        afterSilence = CompletableFuture.supplyAsync(quietGateway::stream);
        silentForGood = CompletableFuture.supplyAsync(() -> quietGateway.post(
                "/v1/chat/completions", STREAM.replace("default", "p/mute"), "x-bactrian-timeout", "16s"));
    }

    @AfterAll
    static void wake_up() {
        quietGateway.close();
        quiet.close();
    }

    @AfterEach
    void stop() {
        if (gateway != null) {
            gateway.close();
        }
        if (p != null) {
            p.close();
        }
        f.close();
    }

    private void start(String api, String... more) {
        p = api.equals("anthropic") ? StubProvider.anthropic() : StubProvider.openai();
        List<String> lines = new ArrayList<>(List.of(LINES));
        lines.addAll(List.of(more));
        gateway = Gateway.over(Gateway.line(p, f), lines.toArray(String[]::new));
    }

    // Broken answers

    static Stream<Arguments> breaks() {
        List<UnaryOperator<ModelReply>> ways = List.of(
                r -> r.cutAfter(2),
                r -> r.endAfter(2),
                r -> r.resetAfter(2),
                r -> r.withoutFinish(),
                r -> r.withoutFinish().withoutDone());
        List<String> names = List.of("cut", "end", "reset", "no finish", "nothing at the end");
        return IntStream.range(0, ways.size()).boxed().flatMap(i -> Stream.of("openai", "anthropic")
                .map(api -> Arguments.of(api, names.get(i), ways.get(i))));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("breaks")
    void a_break_after_content_is_never_a_success(String api, String name, UnaryOperator<ModelReply> breaks) {
        start(api);
        p.answers(breaks.apply(Reply.text("one two three").everyToken(TOKEN)));

        Answer stream = gateway.stream();

        assertThat(stream.content()).startsWith("one");
        broken(stream, "STREAM_BROKEN");
        assertThat(f.calls()).isEmpty();

        Answer document = gateway.ask();

        assertThat(document.content()).isEqualTo(F_SAYS);
        assertThat(document.attempts()).isEqualTo("p/model-p=STREAM_BROKEN, f/model-f=OK");
    }

    @ParameterizedTest
    @ValueSource(strings = {"openai", "anthropic"})
    void an_error_event_counts_as_its_class_before_content_and_after(String api) {
        start(api, "bactrian.defaults.max-attempts=1");
        String error = api.equals("openai")
                ? "{\"error\":{\"message\":\"busy\",\"type\":\"service_unavailable_error\",\"code\":\"server_is_overloaded\"}}"
                : "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}";
        p.answers(
                Reply.text("one two three").errorEventAfter(0, error),
                Reply.text("one two three").everyToken(TOKEN).errorEventAfter(2, error));

        Answer before = gateway.stream();
        Answer after = gateway.stream();

        assertThat(before.content()).isEqualTo(F_SAYS);
        assertThat(before.done()).isTrue();
        assertThat(before.attempts()).isEqualTo("p/model-p=OVERLOADED, f/model-f=OK");
        assertThat(after.content()).isEqualTo("one two");
        broken(after, "OVERLOADED");
    }

    @ParameterizedTest
    @ValueSource(strings = {"openai", "anthropic"})
    void a_tool_call_that_breaks_is_answered_by_the_next_unseen(String api) {
        start(api);
        p.answers(Reply.toolCall("look", "{\"where\":\"in the first house\"}")
                .everyToken(TOKEN)
                .cutAfter(2));
        f.answers(Reply.toolCall("look", "{\"where\":\"in the second house\"}"));

        Answer answer = gateway.stream();

        assertThat(answer.attempts()).isEqualTo("p/model-p=STREAM_BROKEN, f/model-f=OK");
        assertThat(arguments(answer)).containsExactly("{\"where\":\"in the second house\"}");
        assertThat(answer.text()).containsOnlyOnce("\"name\":\"look\"").containsOnlyOnce("\"tool_calls\"}");
        assertThat(answer.done()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"openai", "anthropic"})
    void a_tool_call_that_flows_at_once_and_breaks_is_an_error(String api) {
        start(api, "bactrian.defaults.stream-commit-tools=first-token");
        p.answers(Reply.toolCall("look", "{\"where\":\"in the first house\"}")
                .everyToken(TOKEN)
                .cutAfter(2));

        Answer answer = gateway.stream();

        assertThat(arguments(answer)).containsExactly("{\"where\":\"in the");
        broken(answer, "STREAM_BROKEN");
        assertThat(f.calls()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"openai", "anthropic"})
    void tool_calls_arrive_whole(String api) {
        start(api);
        p.answers(Reply.text("Let me see.")
                .tool("look", "{\"where\":\"in the house\"}")
                .tool("listen", "{\"to\":\"the grass\"}")
                .tool("wait", "{}"));

        Answer answer = gateway.stream();

        assertThat(answer.content()).isEqualTo("Let me see.");
        assertThat(arguments(answer)).containsExactly("{\"where\":\"in the house\"}", "{\"to\":\"the grass\"}", "{}");
        assertThat(finishReasons(answer)).containsExactly("tool_calls");
        assertThat(answer.done()).isTrue();
    }

    @Test
    void a_stream_that_is_committed_when_complete_breaks_unseen() {
        start("openai", "bactrian.defaults.stream-commit=complete");
        p.answers(Reply.text("one two three").everyToken(TOKEN).cutAfter(2));

        Answer answer = gateway.stream();

        assertThat(answer.content()).isEqualTo(F_SAYS);
        assertThat(answer.attempts()).isEqualTo("p/model-p=STREAM_BROKEN, f/model-f=OK");
    }

    @Test
    void every_choice_needs_a_finish_reason() {
        start("openai", "bactrian.defaults.max-attempts=1");
        String first = chunk(0, "a", null) + chunk(1, "x", null) + chunk(0, "b", "stop");
        p.answers(
                paced(Duration.ofMillis(1300), first, chunk(1, "y", "stop") + "data: [DONE]\n\n"),
                paced(Duration.ofMillis(100), first));

        Answer whole = gateway.post("/v1/chat/completions", STREAM.replace("\"stream\"", "\"n\":2,\"stream\""));
        Answer half = gateway.post("/v1/chat/completions", STREAM.replace("\"stream\"", "\"n\":2,\"stream\""));

        assertThat(whole.text()).contains("\"y\"");
        assertThat(whole.done()).isTrue();
        assertThat(half.done()).isFalse();
        assertThat(half.comments()).containsExactly(": bactrian attempts p/model-p=STREAM_BROKEN");
        assertThat(half.chunks().getLast().at("/error/attempts/0/class").asText())
                .isEqualTo("STREAM_BROKEN");
    }

    @Test
    void an_empty_finish_reason_is_none() {
        start("openai");
        String events = chunk(0, "one", "") + chunk(0, " two", "");
        p.answers(paced(Duration.ofMillis(100), events));

        broken(gateway.stream(), "STREAM_BROKEN");
    }

    // Time

    @ParameterizedTest
    @ValueSource(strings = {"openai", "anthropic"})
    void a_stall_ends_at_the_idle_limit_and_frees_everything(String api) {
        start(api, "bactrian.defaults.idle-timeout=300ms");
        p.answers(
                Reply.text("one two three").stallAfter(2),
                Reply.text("one two three").stallAfter(2),
                Reply.text("well again"));

        Answer stream = gateway.stream();
        Answer document = gateway.ask();

        assertThat(stream.content()).isEqualTo("one two");
        assertThat(stream.took()).isBetween(Duration.ofMillis(300), Duration.ofSeconds(2));
        broken(stream, "TIMEOUT");
        assertThat(document.attempts()).isEqualTo("p/model-p=TIMEOUT, f/model-f=OK");
        await().atMost(A_SECOND).until(() -> p.openConnections() == 0);
        assertThat(p.calls()).allMatch(Call::clientLeft);
        assertThat(inFlight()).isZero();
        assertThat(gateway.stream().content()).isEqualTo("well again");
    }

    @Test
    void a_stall_with_heartbeats_ends_at_the_deadline() {
        start("openai", "bactrian.defaults.idle-timeout=300ms", "bactrian.defaults.deadline=1200ms");
        p.answers(Reply.text("one two three").stallAfter(2).pinging(Duration.ofMillis(100)));

        Answer stream = gateway.stream();

        assertThat(stream.took()).isBetween(Duration.ofMillis(1100), Duration.ofMillis(2200));
        broken(stream, "TIMEOUT");
    }

    @ParameterizedTest
    @ValueSource(strings = {"openai", "anthropic"})
    void a_slow_second_event_is_the_business_of_the_idle_limit(String api) {
        start(api, "bactrian.defaults.first-token-timeout=250ms");
        p.answers(Reply.text("one two").everyToken(Duration.ofMillis(600)));

        Answer answer = gateway.stream();

        assertThat(answer.content()).isEqualTo("one two");
        assertThat(answer.attempts()).isEqualTo("p/model-p=OK");
        assertThat(f.calls()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"openai", "anthropic"})
    void signs_of_life_are_no_first_content(String api) {
        start(api, "bactrian.defaults.first-token-timeout=400ms");
        p.answers(Reply.text("late").firstTokenAfter(Duration.ofSeconds(8)).pinging(Duration.ofMillis(50)));

        Answer answer = gateway.stream();

        assertThat(answer.content()).isEqualTo(F_SAYS);
        assertThat(answer.attempts()).isEqualTo("p/model-p=TIMEOUT, f/model-f=OK");
        assertThat(answer.took()).isLessThan(Duration.ofSeconds(2));
        await().atMost(A_SECOND).until(() -> p.call(1).clientLeft());
    }

    @Test
    void thinking_counts_as_work() {
        start("anthropic", "bactrian.defaults.first-token-timeout=400ms", "bactrian.defaults.idle-timeout=400ms");
        String start = event(
                        "message_start",
                        "\"message\":{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"m\",\"content\":[],\"usage\":{\"input_tokens\":3,\"output_tokens\":1}}")
                + event(
                        "content_block_start",
                        "\"index\":0,\"content_block\":{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}");
        String thought =
                event("content_block_delta", "\"index\":0,\"delta\":{\"type\":\"thinking_delta\",\"thinking\":\"hm\"}");
        String end = event("content_block_stop", "\"index\":0")
                + event("content_block_start", "\"index\":1,\"content_block\":{\"type\":\"text\",\"text\":\"\"}")
                + event("content_block_delta", "\"index\":1,\"delta\":{\"type\":\"text_delta\",\"text\":\"Found\"}")
                + event("content_block_stop", "\"index\":1")
                + event(
                        "message_delta",
                        "\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":9}")
                + event("message_stop", "\"x\":0");
        p.answers(paced(Duration.ofMillis(250), start, thought, thought, thought, thought, end));

        Answer answer = gateway.stream();

        assertThat(answer.content()).isEqualTo("Found");
        assertThat(answer.attempts()).isEqualTo("p/model-p=OK");
        assertThat(answer.took()).isGreaterThan(A_SECOND);
        assertThat(answer.text()).doesNotContain("\"hm\"");
    }

    @Test
    void an_endless_stream_ends_at_the_deadline() {
        start("openai", "bactrian.defaults.deadline=1s");
        p.answers(Reply.text("on and on ").everyToken(Duration.ofMillis(5)).endless());

        Answer stream = gateway.stream();
        Answer document = gateway.ask();

        assertThat(stream.took()).isBetween(Duration.ofMillis(900), Duration.ofSeconds(2));
        broken(stream, "TIMEOUT");
        assertThat(document.status()).isEqualTo(504);
        assertThat(document.took()).isBetween(Duration.ofMillis(900), Duration.ofSeconds(2));
        await().atMost(A_SECOND).until(() -> p.openConnections() == 0);
    }

    @Test
    @Order(Integer.MAX_VALUE)
    void a_comment_keeps_a_silent_line_alive() {
        Answer answer = afterSilence.join();

        assertThat(answer.comments()).containsExactly(": keep-alive", ": bactrian attempts p/model-p=OK");
        assertThat(answer.header("x-bactrian-attempts")).isEmpty();
        assertThat(answer.content()).isEqualTo("at last");
        assertThat(answer.done()).isTrue();
    }

    @Test
    @Order(Integer.MAX_VALUE)
    void what_fails_after_a_comment_is_an_error_event() {
        Answer answer = silentForGood.join();

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.comments()).containsExactly(": keep-alive", ": bactrian attempts p/mute=TIMEOUT");
        assertThat(answer.chunks()).hasSize(1);
        assertThat(answer.chunks().getFirst().at("/error/type").asText()).isEqualTo("timeout_error");
        assertThat(answer.chunks().getFirst().at("/error/attempts/0/class").asText())
                .isEqualTo("TIMEOUT");
        assertThat(answer.done()).isFalse();
    }

    // What is on the wire

    @ParameterizedTest
    @ValueSource(strings = {"openai", "anthropic"})
    void a_malformed_event_is_skipped(String api) {
        start(api);
        p.answers(Reply.text("one two three").malformedEventAt(1));

        Answer answer = gateway.stream();

        assertThat(answer.content()).isEqualTo("one two three");
        assertThat(answer.done()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"openai", "anthropic"})
    void a_stream_without_its_last_word_is_whole(String api) {
        start(api);
        p.answers(
                Reply.text("one two").withoutDone(),
                Reply.text("one two").withoutDone().stallAtEnd());

        Answer ended = gateway.stream();
        Answer lingering = gateway.stream();

        for (Answer answer : List.of(ended, lingering)) {
            assertThat(answer.content()).isEqualTo("one two");
            assertThat(usage(answer).path("total_tokens").asInt()).isEqualTo(22);
            assertThat(answer.done()).isTrue();
        }
        assertThat(ended.took()).isLessThan(Duration.ofMillis(800));
        assertThat(lingering.took()).isLessThan(Duration.ofMillis(1800));
    }

    @ParameterizedTest
    @ValueSource(strings = {"openai", "anthropic"})
    void bytes_may_be_torn_anywhere(String api) {
        start(api);
        String words = "Grüße an das 🐪 und 终 auch";
        for (int size : new int[] {1, 2, 3, 7, 64}) {
            p.answers(
                    Reply.text(words).crlf().bytesAtATime(size),
                    Reply.text(words).bytesAtATime(size));
            for (int i = 0; i < 2; i++) {
                Answer answer = gateway.stream();
                assertThat(answer.content()).isEqualTo(words);
                assertThat(answer.done()).isTrue();
            }
        }
        assertThat(gateway.ask().content()).isEqualTo(words);
    }

    @Test
    void comments_names_and_data_in_several_lines_are_understood() {
        start("openai");
        p.answers(Reply.sse("\uFEFF: hello\n\nid: 1\nretry: 10\nevent: chunk\ndata: {\"id\":\"c\",\n"
                + "data: \"object\":\"chat.completion.chunk\",\"choices\":\ndata:[{\"index\":0,\"delta\":{\"content\":\"one\"}}]}\n\n"
                + ":\n" + chunk(0, " two", "stop").replace("\n", "\r") + "data:[DONE]\n\n"));

        Answer answer = gateway.stream();

        assertThat(answer.content()).isEqualTo("one two");
        assertThat(answer.done()).isTrue();
        assertThat(answer.data()).allSatisfy(line -> assertThat(line).isNotBlank());
    }

    @ParameterizedTest
    @ValueSource(strings = {"openai", "anthropic"})
    void a_line_may_be_a_megabyte_long(String api) {
        start(api);
        String words = "x".repeat(1 << 20) + " ende";
        p.answers(Reply.text(words));

        assertThat(gateway.stream().content()).isEqualTo(words);
        assertThat(gateway.ask().content()).isEqualTo(words);
    }

    @Test
    void half_an_event_does_not_hold_back_the_whole_ones_before_it() {
        start("openai");
        p.answers(x -> {
            x.streamHead(200, java.util.Map.of());
            x.chunk((chunk(0, "one", null) + ": alive\n\nid: 1\n\ndata: {\"id\":").getBytes(StandardCharsets.UTF_8));
            x.awaitLeaving();
            return Reply.After.CLOSE;
        });
        try (RawCaller caller = RawCaller.ask(gateway, STREAM)) {
            assertThat(caller.readUntil("\"one\"")).contains("HTTP/1.1 200");
        }
    }

    // What the caller sees

    @Test
    void the_head_of_a_stream_tells_who_answers_and_its_end_the_whole_trail() {
        start("openai");
        p.answers(Reply.error(503, "server_error", "overloaded", "busy"));
        f.answers(Reply.text(F_SAYS).everyToken(TOKEN));

        Answer answer = gateway.stream("x-request-id", "my-own-id");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("content-type")).startsWith("text/event-stream");
        assertThat(answer.header("cache-control")).isEqualTo("no-cache");
        assertThat(answer.header("x-request-id")).isEqualTo("my-own-id");
        assertThat(answer.header("x-bactrian-target")).isEqualTo("f/model-f");
        assertThat(answer.attempts()).isEqualTo("p/model-p=OVERLOADED, p/model-p=OVERLOADED, f/model-f=OK");
        assertThat(answer.header("x-bactrian-fallbacks")).isEqualTo("1");
        assertThat(answer.header("x-bactrian-degraded")).isEqualTo("false");
        assertThat(answer.header("x-bactrian-quality")).isEqualTo("1.0");
        assertThat(answer.comments()).containsExactly(": bactrian attempts " + answer.attempts());
        assertThat(answer.text()).endsWith("data: [DONE]\n\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"openai", "anthropic"})
    void usage_is_for_those_who_ask(String api) {
        start(api);
        p.answers(Reply.text("one two"));

        Answer hidden = gateway.post("/v1/chat/completions", STREAM);
        Answer asked = gateway.stream();

        assertThat(hidden.chunks()).noneMatch(c -> c.path("usage").isObject());
        assertThat(hidden.chunks()).noneMatch(c -> c.path("choices").isEmpty());
        assertThat(hidden.done()).isTrue();
        assertThat(usage(asked).path("prompt_tokens").asInt()).isEqualTo(20);
        if (api.equals("openai")) {
            assertThat(p.call(1).json().at("/stream_options/include_usage").asBoolean())
                    .isTrue();
        }
    }

    @Test
    void a_refusal_of_an_anthropic_model_comes_as_it_is() {
        start("anthropic");
        p.answers(Reply.text("I would rather not").finish("content_filter"));

        Answer answer = gateway.stream();

        assertThat(finishReasons(answer)).containsExactly("content_filter");
        assertThat(answer.comments()).containsExactly(": bactrian attempts p/model-p=CONTENT_POLICY");
        assertThat(answer.done()).isTrue();
        assertThat(f.calls()).isEmpty();
    }

    @Test
    void fifty_streams_at_once_do_not_mix() {
        start("openai");
        p.on(call -> Reply.text(
                        "answer to " + call.json().at("/messages/0/content").asText() + " and so on")
                .everyToken(TOKEN));
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<CompletableFuture<Answer>> answers = IntStream.range(0, 50)
                    .mapToObj(i -> CompletableFuture.supplyAsync(
                            () -> gateway.post("/v1/chat/completions", STREAM.replace("Hi", "question" + i)), threads))
                    .toList();
            for (int i = 0; i < answers.size(); i++) {
                Answer answer = answers.get(i).join();
                assertThat(answer.content()).isEqualTo("answer to question" + i + " and so on");
                assertThat(answer.done()).isTrue();
            }
        }
        assertThat(p.calls()).hasSize(50);
    }

    // Slow callers, and callers who leave

    @Test
    void a_slow_caller_slows_the_provider_and_costs_no_memory() {
        start("openai");
        AtomicLong sent = new AtomicLong();
        p.answers(flood(sent));
        long before = heap();
        try (RawCaller caller = RawCaller.ask(gateway, STREAM)) {
            await().until(() -> sent.get() > 0);
            AtomicLong seen = new AtomicLong(-1);
            await().pollInterval(Duration.ofMillis(500)).until(() -> seen.getAndSet(sent.get()) == sent.get());

            assertThat(sent.get()).isLessThan(24L << 20);
            assertThat(heap() - before).isLessThan(32L << 20);
        }
        await().atMost(A_SECOND).until(() -> p.call(1).clientLeft());
        await().atMost(A_SECOND).until(() -> inFlight() == 0);
    }

    @Test
    void a_slow_caller_is_not_taken_for_a_silent_provider() {
        start("openai", "bactrian.defaults.idle-timeout=300ms");
        AtomicLong sent = new AtomicLong(184L << 20);
        p.answers(flood(sent));
        try (RawCaller caller = RawCaller.ask(gateway, STREAM)) {
            AtomicLong seen = new AtomicLong(-1);
            await().pollInterval(Duration.ofMillis(600)).until(() -> seen.getAndSet(sent.get()) == sent.get());
            assertThat(p.call(1).answered()).isFalse();

            assertThat(caller.readUntil("[DONE]").length()).isGreaterThan(16 << 20);
        }
        assertThat(p.call(1).answered()).isTrue();
    }

    @Test
    void a_caller_who_leaves_with_the_whole_answer_was_answered() {
        start("openai");
        p.answers(Reply.text("one two").stallAtEnd());
        try (RawCaller caller = RawCaller.ask(gateway, STREAM)) {
            caller.readUntil("[DONE]");
        }
        await().atMost(Duration.ofSeconds(2)).until(() -> inFlight() == 0);
        assertThat(status().at("/requests/answered").asInt()).isEqualTo(1);
        assertThat(status().at("/requests/cancelled").asInt()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"openai", "anthropic"})
    void a_connection_whose_stream_has_ended_is_used_again(String api) {
        start(api);
        p.answers(Reply.text("one two").everyToken(TOKEN));
        for (int i = 0; i < 4; i++) {
            assertThat(gateway.stream().done()).isTrue();
            await().until(() -> inFlight() == 0);
        }
        assertThat(p.acceptedConnections()).isEqualTo(1);
    }

    @Test
    void an_answer_without_measure_is_no_document() {
        start("openai", "bactrian.defaults.max-attempts=1");
        AtomicLong sent = new AtomicLong();
        p.answers(flood(sent));

        Answer answer = gateway.ask();

        assertThat(answer.attempts()).isEqualTo("p/model-p=INVALID_RESPONSE, f/model-f=OK");
        assertThat(sent.get()).isLessThan(100L << 20);
    }

    @ParameterizedTest
    @ValueSource(strings = {"openai", "anthropic"})
    void a_caller_who_leaves_a_stream_costs_nothing_more(String api) {
        start(api, "bactrian.defaults.breaker.failures=1");
        p.answers(Reply.text("on and on").everyToken(Duration.ofMillis(20)).endless());
        try (RawCaller caller = RawCaller.ask(gateway, STREAM)) {
            caller.readUntil("and");
        }
        left();
    }

    @Test
    void a_caller_who_leaves_before_the_first_token_costs_nothing_more() {
        start("openai", "bactrian.defaults.breaker.failures=1");
        p.answers(Reply.headersOnly());
        try (RawCaller caller = RawCaller.ask(gateway, STREAM)) {
            await().until(() -> p.calls().size() == 1);
        }
        left();
    }

    @ParameterizedTest
    @ValueSource(strings = {"auto", "off"})
    void a_caller_who_no_longer_waits_for_a_document_costs_nothing_more(String upstream) {
        start("openai", "bactrian.defaults.breaker.failures=1", "bactrian.defaults.upstream-streaming=" + upstream);
        p.answers(Reply.silence());
        try (RawCaller caller = RawCaller.ask(gateway, DOCUMENT)) {
            await().until(() -> p.calls().size() == 1);
        }
        left();
    }

    @ParameterizedTest
    @ValueSource(strings = {STREAM, DOCUMENT})
    void a_caller_who_leaves_during_a_wait_is_not_answered_by_anyone(String request) {
        start("openai", "bactrian.defaults.patience=10s");
        p.answers(Reply.error(429, "requests", "rate_limit_exceeded", "slower", "retry-after", "5"));
        try (RawCaller caller = RawCaller.ask(gateway, request)) {
            await().until(() -> p.calls().size() == 1 && p.call(1).answered());
        }
        await().atMost(A_SECOND).until(() -> inFlight() == 0);
        assertThat(p.calls()).hasSize(1);
        assertThat(f.calls()).isEmpty();
        assertThat(status().at("/requests/cancelled").asInt()).isEqualTo(1);
    }

    private void left() {
        await().atMost(A_SECOND).pollInterval(Duration.ofMillis(10)).until(() -> p.call(1)
                .clientLeft());
        await().atMost(A_SECOND).until(() -> inFlight() == 0);
        assertThat(p.calls()).hasSize(1);
        assertThat(f.calls()).isEmpty();
        assertThat(status().at("/requests/cancelled").asInt()).isEqualTo(1);
        assertThat(status().at("/targets/0/breaker").asText()).isEqualTo("CLOSED");
        assertThat(p.openConnections()).isZero();
    }

    private JsonNode status() {
        return gateway.get("/status").json();
    }

    private int inFlight() {
        return status().at("/requests/inFlight").asInt();
    }

    /** The stream ended with an error event, and with nothing that looks like a success. */
    private static void broken(Answer answer, String type) {
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.done()).isFalse();
        assertThat(finishReasons(answer)).isEmpty();
        JsonNode error = answer.chunks().getLast().path("error");
        assertThat(error.path("message").asText()).isNotBlank();
        assertThat(error.at("/attempts/0/target").asText()).isEqualTo("p/model-p");
        assertThat(error.at("/attempts/0/class").asText()).isEqualTo(type);
        assertThat(answer.comments()).containsExactly(": bactrian attempts p/model-p=" + type);
    }

    private static List<String> finishReasons(Answer answer) {
        return answer.chunks().stream()
                .filter(c -> c.path("choices").size() == 1)
                .filter(c -> c.at("/choices/0/index").asInt() == 0)
                .map(c -> c.at("/choices/0/finish_reason"))
                .filter(JsonNode::isTextual)
                .map(JsonNode::asText)
                .filter(reason -> !reason.isEmpty())
                .toList();
    }

    private static JsonNode usage(Answer answer) {
        return answer.chunks().stream()
                .map(c -> c.path("usage"))
                .filter(JsonNode::isObject)
                .reduce((a, b) -> {
                    throw new AssertionError("usage twice");
                })
                .orElseThrow();
    }

    /** The arguments of each tool call, joined. */
    private static List<String> arguments(Answer answer) {
        return List.copyOf(answer.chunks().stream()
                .flatMap(c -> c.at("/choices/0/delta/tool_calls").valueStream())
                .collect(Collectors.groupingBy(
                        t -> t.path("index").asInt(),
                        java.util.TreeMap::new,
                        Collectors.mapping(t -> t.at("/function/arguments").asText(""), Collectors.joining())))
                .values());
    }

    private static String chunk(int index, String content, String finish) {
        return "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":"
                + index + ",\"delta\":{\"content\":\"" + content + "\"},\"finish_reason\":"
                + (finish == null ? "null" : "\"" + finish + "\"") + "}]}\n\n";
    }

    private static String event(String type, String rest) {
        return "event: " + type + "\ndata: {\"type\":\"" + type + "\"," + rest + "}\n\n";
    }

    /** A stream in parts, with a pause after each. */
    private static Reply paced(Duration pause, String... parts) {
        return x -> {
            x.streamHead(200, java.util.Map.of());
            for (String part : parts) {
                x.chunk(part.getBytes(StandardCharsets.UTF_8));
                x.pause(pause);
            }
            x.endChunks();
            return Reply.After.KEEP;
        };
    }

    /** 200 MB of small events, as fast as they are taken. */
    private static Reply flood(AtomicLong sent) {
        byte[] events = chunk(0, "word ".repeat(20), null).repeat(256).getBytes(StandardCharsets.UTF_8);
        return x -> {
            x.streamHead(200, java.util.Map.of());
            while (sent.get() < 200L << 20) {
                x.chunk(events);
                sent.addAndGet(events.length);
            }
            x.chunk((chunk(0, "end", "stop") + "data: [DONE]\n\n").getBytes(StandardCharsets.UTF_8));
            x.endChunks();
            return Reply.After.KEEP;
        };
    }

    private static long heap() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
