package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Caller;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.ModelReply;
import io.bactrian.testing.RawCaller;
import io.bactrian.testing.Reply;
import io.bactrian.testing.Request;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The bytes of streams on the wire, on both sides, for callers and providers of both protocols. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class StreamBytesIT {
    @RegisterExtension
    static final GatewayExtension gateway = GatewayExtension.with(
                    "bactrian.defaults.backoff=10ms",
                    "bactrian.defaults.deadline=30s",
                    "bactrian.defaults.breaker.failures=100")
            .openai("p-openai", "f-openai", "quiet")
            .anthropic("p-anthropic", "f-anthropic");

    private static CompletableFuture<Answer> afterSilence;
    private static CompletableFuture<Answer> silentForGood;

    /** A silence of 16 s is long; the other tests run meanwhile. */
    @BeforeAll
    static void fall_silent() {
        gateway.stub("quiet")
                .on(call -> call.model().equals("slow")
                        ? Reply.text("at last").firstTokenAfter(Duration.ofSeconds(16))
                        : Reply.silence());
        afterSilence = gateway.askInBackground(Request.of("quiet/slow").stream(true));
        silentForGood =
                gateway.askInBackground(Request.of("quiet/mute").stream(true).header("x-bactrian-timeout", "16s"));
        await().until(() -> gateway.stub("quiet").calls().size() == 2);
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("io.bactrian.testing.Caller#pairs")
    void a_malformed_event_is_skipped_and_counted(Caller caller, String api) {
        gateway.stub("p-" + api).answers(Reply.text("one two three").malformedEventAt(1));
        int before = gateway.status().at("/malformedEvents").asInt();

        assertWhole(caller, ask(caller, api, true), "one two three");

        assertThat(gateway.status().at("/malformedEvents").asInt()).isEqualTo(before + 1);
    }

    @Test
    void a_stream_without_its_last_word_is_whole() {
        ModelReply reply = Reply.text("one two").withoutDone();
        for (String api : List.of("openai", "anthropic")) {
            gateway.stub("p-" + api)
                    .on(call -> call.json().path("max_tokens").asInt() == 7 ? reply.stallAtEnd() : reply);
        }
        Queue<Duration> tookEnded = new ConcurrentLinkedQueue<>();
        Queue<Duration> tookLingering = new ConcurrentLinkedQueue<>();

        Pair.atOnce(pair -> {
            Caller caller = pair.caller();
            Request request = gateway.along(pair.provider("p"), pair.provider("f")).by(caller).stream(true);
            Answer ended = gateway.gateway().ask(request);
            Answer lingering = gateway.gateway().ask(request.field("max_tokens", 7));

            for (Answer answer : List.of(ended, lingering)) {
                assertWhole(caller, answer, "one two");
                assertThat(caller.usage(answer)).containsExactly(20, 2);
                if (caller == Caller.CHAT) {
                    assertThat(ChatStreams.usage(answer).path("total_tokens").asInt())
                            .isEqualTo(22);
                }
            }
            tookEnded.add(ended.took());
            tookLingering.add(lingering.took());
        });

        // The least of four: a busy machine delays some, waiting for an end that has come would delay all.
        assertThat(tookEnded.stream().min(Duration::compareTo).orElseThrow()).isLessThan(Duration.ofMillis(800));
        assertThat(tookLingering.stream().min(Duration::compareTo).orElseThrow())
                .isLessThan(Duration.ofMillis(1800));
    }

    @Test
    void the_end_is_awaited_for_a_second_whatever_still_comes() {
        for (String api : List.of("openai", "anthropic")) {
            HandWrittenStream stream = new HandWrittenStream(api);
            List<String> events = stream.answer(List.of("one", " two"));
            String idle = api.equals("openai")
                    ? events.get(events.size() - 2).replaceAll(",\"usage.*", "}")
                    : "{\"type\":\"ping\"}";
            gateway.stub("p-" + api).answers(x -> {
                x.streamHead(200, Map.of());
                x.chunk(stream.sse(events.subList(0, events.size() - 1)).getBytes(StandardCharsets.UTF_8));
                while (true) {
                    x.pause(Duration.ofMillis(50));
                    x.chunk(stream.sse(idle).getBytes(StandardCharsets.UTF_8));
                }
            });
        }
        Queue<Duration> took = new ConcurrentLinkedQueue<>();

        Pair.atOnce(pair -> {
            Answer answer = gateway.gateway()
                    .ask(gateway.along(pair.provider("p"), pair.provider("f")).by(pair.caller()).stream(true));

            assertWhole(pair.caller(), answer, "one two");
            assertThat(pair.caller().usage(answer)).containsExactly(9, 4);
            took.add(answer.took());
        });

        assertThat(took).allSatisfy(time -> assertThat(time).isBetween(Duration.ofMillis(900), Duration.ofSeconds(8)));
        assertThat(took.stream().min(Duration::compareTo).orElseThrow()).isLessThan(Duration.ofMillis(1800));
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("io.bactrian.testing.Caller#pairs")
    void bytes_may_be_torn_anywhere(Caller caller, String api) {
        String words = "Grüße an das 🐪 und 终 auch";
        for (int size : new int[] {1, 2, 3, 7, 64}) {
            gateway.stub("p-" + api)
                    .answers(
                            Reply.text(words).crlf().bytesAtATime(size),
                            Reply.text(words).bytesAtATime(size));
            assertWhole(caller, ask(caller, api, true), words);
            assertWhole(caller, ask(caller, api, true), words);
        }
        assertThat(caller.words(ask(caller, api, false))).isEqualTo(words);
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("io.bactrian.testing.Caller#pairs")
    void comments_names_line_ends_and_data_in_several_lines_are_understood(Caller caller, String api) {
        HandWrittenStream stream = new HandWrittenStream(api);
        List<String> events = stream.answer(List.of("one", " two", " {\"three\": 3}"));
        String inLines = "\uFEFF: hello\n\n"
                + events.stream()
                        .map(e -> "id: 1\nretry: 10\n" + stream.name(e)
                                + "data: " + e.replace(",\"", ",\ndata: \"").replace("{\"", "{\ndata:\"")
                                + "\n\n:\n\n")
                        .collect(Collectors.joining());
        for (String lineEnd : List.of("\n", "\r\n", "\r")) {
            gateway.stub("p-" + api).answers(Reply.sse(inLines.replace("\n", lineEnd)));

            Answer answer = ask(caller, api, true);

            assertWhole(caller, answer, "one two {\"three\": 3}");
            assertThat(answer.text().lines())
                    .as(answer.text())
                    .allMatch(
                            l -> l.isEmpty() || l.startsWith("data: ") || l.startsWith("event: ") || l.startsWith(":"));
        }
    }

    @Test
    void comments_names_and_data_in_several_lines_are_understood() {
        gateway.stub("p-openai")
                .answers(Reply.sse("\uFEFF: hello\n\n"
                        + "id: 1\n"
                        + "retry: 10\n"
                        + "event: chunk\n"
                        + "data: {\"id\":\"c\",\n"
                        + "data: \"object\":\"chat.completion.chunk\",\"choices\":\n"
                        + "data:[{\"index\":0,\"delta\":{\"content\":\"one\"}}]}\n\n"
                        + ":\n"
                        + ChatStreams.chunk(0, " two", "stop").replace("\n", "\r")
                        + "data:[DONE]\n\n"));

        Answer answer = ask(Caller.CHAT, "openai", true);

        assertThat(answer.content()).isEqualTo("one two");
        assertThat(answer.done()).isTrue();
        assertThat(answer.data()).allSatisfy(line -> assertThat(line).isNotBlank());
    }

    @ParameterizedTest(name = "{0}: {1} then {2}")
    @MethodSource("io.bactrian.testing.Caller#threes")
    void half_a_surrogate_pair_waits_for_the_other_half(Caller caller, String first, String second) {
        gateway.stub("p-" + first)
                .answers(
                        halves(first),
                        halves(first),
                        Reply.text("one more").everyToken(Duration.ofMillis(5)).cutAfter(1));
        gateway.stub("f-" + second).answers(halves(second));
        Request request = gateway.along("p-" + first, "f-" + second).by(caller);

        Answer answer = gateway.ask(request.stream(true));
        Answer document = gateway.ask(request.stream(false));
        Answer rescued = gateway.ask(request.stream(true));

        assertWhole(caller, answer, "one 🐪 two");
        assertThat(caller.words(document)).isEqualTo("one 🐪 two");
        assertWhole(caller, rescued, "one 🐪 two");
        assertThat(rescued.outcomes()).isEqualTo("p-%s=STREAM_BROKEN, f-%s=OK".formatted(first, second));
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("io.bactrian.testing.Caller#pairs")
    void a_line_may_be_a_megabyte_long(Caller caller, String api) {
        String words = "x".repeat(1 << 20) + " ende";
        gateway.stub("p-" + api).answers(Reply.text(words));

        assertWhole(caller, ask(caller, api, true), words);
        assertThat(caller.words(ask(caller, api, false))).isEqualTo(words);
    }

    @Test
    void half_an_event_does_not_hold_back_the_whole_ones_before_it() {
        gateway.stub("p-openai").answers(x -> {
            x.streamHead(200, Map.of());
            x.chunk((ChatStreams.chunk(0, "one", null) + ": alive\n\nid: 1\n\ndata: {\"id\":")
                    .getBytes(StandardCharsets.UTF_8));
            x.awaitLeaving();
            return Reply.After.CLOSE;
        });
        try (RawCaller caller = gateway.raw(gateway.along("p-openai", "f-openai").stream(true))) {
            assertThat(caller.readUntil("\"one\"")).contains("HTTP/1.1 200");
        }
    }

    @Test
    @Order(Integer.MAX_VALUE)
    void a_comment_keeps_a_silent_line_alive() {
        Answer answer = afterSilence.join();

        assertThat(answer.comments()).containsExactly(": keep-alive", ": bactrian attempts quiet/slow=OK");
        assertThat(answer.header("x-bactrian-attempts")).isEmpty();
        assertThat(answer.content()).isEqualTo("at last");
        assertThat(answer.done()).isTrue();
    }

    @Test
    @Order(Integer.MAX_VALUE)
    void what_fails_after_a_comment_is_an_error_event() {
        Answer answer = silentForGood.join();

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.comments()).containsExactly(": keep-alive", ": bactrian attempts quiet/mute=TIMEOUT");
        assertThat(answer.chunks()).hasSize(1);
        assertThat(answer.chunks().getFirst().at("/error/type").asText()).isEqualTo("timeout_error");
        assertThat(answer.chunks().getFirst().at("/error/attempts/0/class").asText())
                .isEqualTo("TIMEOUT");
        assertThat(answer.done()).isFalse();
    }

    private static Answer ask(Caller caller, String api, boolean stream) {
        return gateway.ask(gateway.along("p-" + api, "f-" + api).by(caller).stream(stream));
    }

    private static void assertWhole(Caller caller, Answer answer, String words) {
        assertThat(caller.words(answer)).as(answer.text()).isEqualTo(words);
        caller.assertWellFormed(answer);
    }

    private static Reply halves(String api) {
        HandWrittenStream stream = new HandWrittenStream(api);
        return Reply.sse(stream.sse(stream.answer(List.of("one ", "HIGH", "LOW", " two")))
                .replace("HIGH", "\\ud83d")
                .replace("LOW", "\\udc2a"));
    }
}
