package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.AnswerReading;
import io.bactrian.testing.Caller;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.Reply;
import io.bactrian.testing.Request;
import io.bactrian.testing.StubProvider;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What is the end of an answer, and what is an answer at all, where servers do not keep to the letter of their protocol. */
final class EndsOfAnswersIT {
    private static final String WORDS = "One two three";
    private static final String OTHER = "healthy answer";
    private static final String CUT = "cut";
    private static final String SILENCE = "silence";

    @RegisterExtension
    static final GatewayExtension gateway = GatewayExtension.with(
                    "bactrian.defaults.max-attempts=1",
                    "bactrian.defaults.breaker.failures=1000",
                    "bactrian.providers.q.idle-timeout=1s")
            .openai("o", "q", "f")
            .anthropic("a")
            .chains("o, f")
            .chains("o, f", "stream-commit=complete")
            .chains("o, f", "upstream-streaming=off")
            .chains("a, f")
            .chains("a, f", "stream-commit=complete")
            .chains("race(o, f)")
            .pool(40);

    private final StubProvider o = gateway.stub("o");
    private final StubProvider q = gateway.stub("q");
    private final StubProvider a = gateway.stub("a");
    private final StubProvider f = gateway.stub("f");

    @BeforeEach
    void f_is_well() {
        f.answers(Reply.text(OTHER));
    }

    @ParameterizedTest(name = "{0} {1} {2}")
    @MethodSource("ways")
    void words_after_a_finish_reason_belong_to_the_answer(Caller caller, boolean stream, String options) {
        o.answers(
                events(role(null), chat("One ", "stop"), chat("two ", "stop"), chat("three", "stop"), "[DONE]"),
                events(role(null), chat("One ", "stop"), chat("two ", "length"), chat("three", null), chat("", "stop")),
                events(role("stop"), chat("One two", null), chat(" three", null), chat("", "stop"), "[DONE]"),
                events(role(null), chat("One two", "null"), chat(" three", ""), chat("", "stop"), "[DONE]"));

        for (int i = 0; i < 4; i++) {
            assertWhole(
                    caller, gateway.ask(Request.of(gateway.chain("o, f", list(options))).by(caller).stream(stream)));
        }
    }

    static Stream<Arguments> ways() {
        return Caller.ways().flatMap(way -> Stream.of("", "stream-commit=complete")
                .map(options -> Arguments.of(way.get()[0], way.get()[1], options)));
    }

    @ParameterizedTest
    @EnumSource(Caller.class)
    void pause_after_a_reason_that_came_with_words_is_no_end(Caller caller) {
        // Longer than the second in which the rest of a finished stream must come.
        o.answers(HandWrittenStream.paced(
                Duration.ofMillis(1400),
                sse(role("stop")),
                sse(chat("One ", "stop")),
                sse(chat("two ", "stop")),
                sse(chat("three", "stop"), "[DONE]")));

        assertWhole(caller, gateway.ask(gateway.along("o", "f").by(caller).stream(true)));
    }

    @ParameterizedTest
    @EnumSource(Caller.class)
    void relay_with_a_reason_in_every_chunk_that_breaks_is_broken(Caller caller) {
        for (String last : List.of(CUT, "{\"error\":{\"message\":\"upstream failed\",\"type\":\"server_error\"}}")) {
            o.answers(broken(last, role(null), chat("One ", "stop"), chat("two ", "stop")));

            Answer stream = gateway.ask(gateway.along("o", "f").by(caller).stream(true));
            assertThat(caller.done(stream)).as(stream.text()).isFalse();
            assertThat(caller.finishes(stream)).isEmpty();

            o.answers(broken(last, role(null), chat("One ", "stop"), chat("two ", "stop")));
            assertThat(caller.words(gateway.ask(gateway.along("o", "f").by(caller))))
                    .isEqualTo(OTHER);
        }
    }

    @ParameterizedTest
    @EnumSource(Caller.class)
    void chunk_with_words_and_a_reason_that_is_cut_off_is_broken(Caller caller) {
        for (String last : List.of(CUT, FAILED)) {
            o.answers(broken(last, role(null), chat("One ", "stop")), broken(last, role(null), chat("One ", "stop")));

            assertThat(caller.done(gateway.ask(gateway.along("o", "f").by(caller).stream(true))))
                    .isFalse();
            assertThat(caller.words(gateway.ask(gateway.along("o", "f").by(caller))))
                    .isEqualTo(OTHER);
        }
    }

    @ParameterizedTest
    @MethodSource("io.bactrian.testing.Caller#ways")
    void half_call_is_broken_whatever_reason_it_has(Caller caller, boolean stream) {
        String call = "{\"tool_calls\":[{\"index\":0,\"id\":\"call_a\",\"type\":\"function\","
                + "\"function\":{\"name\":\"get_weather\",\"arguments\":\"{\\\"ci\"}}]}";
        String block = "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"tool_use\","
                + "\"id\":\"toolu_a\",\"name\":\"get_weather\",\"input\":{}}}\n"
                + "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"input_json_delta\","
                + "\"partial_json\":\"{\\\"ci\"}}";
        for (String last : List.of(CUT, FAILED, SILENCE)) {
            o.answers(
                    broken(last, role(null), HandWrittenStream.chunk(call, "null"), chat("", "tool_calls")),
                    broken(last, role(null), HandWrittenStream.chunk(call, quoted("tool_calls"))));
            a.answers(broken(last, message(), block, delta("tool_use")));
            // With a silence after a reason that came with content, more is awaited for as long as the idle timeout.
            for (String target : last.equals(SILENCE) ? List.of("o", "a") : List.of("o", "o", "a")) {
                assertThat(caller.words(gateway.ask(gateway.along(target, "f").by(caller).stream(stream))))
                        .as(target + " " + last)
                        .isEqualTo(OTHER);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Caller.class)
    void comments_do_not_renew_the_wait_after_a_reason_that_came_with_words(Caller caller) {
        q.answers(x -> {
            x.streamHead(200, Map.of());
            x.chunk(sse(role(null), chat(WORDS, "stop")).getBytes(StandardCharsets.UTF_8));
            for (int i = 0; i < 40; i++) {
                x.pause(Duration.ofMillis(200));
                x.chunk(": hi\n\n".getBytes(StandardCharsets.UTF_8));
            }
            return Reply.After.CLOSE;
        });
        Instant from = Instant.now();

        assertWhole(caller, gateway.ask(gateway.along("q", "f").by(caller).stream(true)));
        assertThat(Duration.between(from, Instant.now())).isLessThan(Duration.ofSeconds(5));
    }

    @ParameterizedTest
    @EnumSource(Caller.class)
    void answer_that_is_cut_after_its_finish_reason_is_whole(Caller caller) {
        o.answers(broken(CUT, role(null), chat("One two", null), chat(" three", null), chat("", "stop")));

        assertWhole(caller, gateway.ask(gateway.along("o", "f").by(caller).stream(true)));
    }

    @ParameterizedTest
    @MethodSource("io.bactrian.testing.Caller#ways")
    void blocks_after_a_stop_reason_belong_to_the_message(Caller caller, boolean stream) {
        for (String options : List.of("", "stream-commit=complete")) {
            a.answers(
                    events(
                            message(),
                            text(0, "One "),
                            delta("tool_use"),
                            text(1, "two three"),
                            delta("end_turn"),
                            STOPS),
                    events(
                            message(),
                            text(0, "One "),
                            delta(null),
                            text(1, "two three"),
                            delta("end_turn"),
                            delta(""),
                            STOPS),
                    events(message(), delta("end_turn"), text(0, WORDS), delta("end_turn"), STOPS));
            for (int i = 0; i < 3; i++) {
                Answer answer = gateway.ask(Request.of(gateway.chain("a, f", list(options))).by(caller).stream(stream));
                assertThat(AnswerReading.of(caller, answer).text())
                        .as(answer.text())
                        .isEqualTo(WORDS);
                assertThat(AnswerReading.of(caller, answer).finish())
                        .isEqualTo(caller == Caller.CHAT ? "stop" : "end_turn");
                AnswerReading.of(caller, answer).assertWellFormed();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.bactrian.testing.Caller#ways")
    void words_after_a_finish_reason_finish_a_broken_answer(Caller caller, boolean stream) {
        o.answers(broken(CUT, role(null), chat("One ", null), chat("two", null)));
        f.answers(events(role(null), chat("One ", "stop"), chat("two ", "stop"), chat("three", "stop"), "[DONE]"));

        assertWhole(caller, gateway.ask(gateway.along("o", "f").by(caller).stream(stream)));
    }

    @ParameterizedTest
    @MethodSource("io.bactrian.testing.Caller#ways")
    void words_after_a_finish_reason_win_a_race_whole(Caller caller, boolean stream) {
        // Late enough for the loser's request to have left, so that both have been asked.
        o.answers(events(role(null), chat("One ", "stop"), chat("two ", "stop"), chat("three", "stop"), "[DONE]")
                .delayed(Duration.ofMillis(500)));
        f.answers(Reply.text(OTHER).firstTokenAfter(Duration.ofSeconds(20)));

        assertWhole(caller, gateway.ask(Request.of(gateway.chain("race(o, f)")).by(caller).stream(stream)));
    }

    @ParameterizedTest
    @MethodSource("io.bactrian.testing.Caller#ways")
    void reason_that_means_failure_falls_over_if_nothing_was_said(Caller caller, boolean stream) {
        for (String reason : List.of(
                "network_error",
                "abort",
                "FinishReason.MALFORMED_FUNCTION_CALL",
                "OTHER",
                "engine_overloaded",
                "walked_away")) {
            o.answers(events(role(null), chat("", reason), "[DONE]"));
            a.answers(events(message(), delta(reason), STOPS));

            assertThat(caller.words(gateway.ask(gateway.along("o", "f").by(caller).stream(stream))))
                    .isEqualTo(OTHER);
            assertThat(caller.words(gateway.ask(gateway.along("a", "f").by(caller).stream(stream))))
                    .isEqualTo(OTHER);
        }
    }

    @ParameterizedTest
    @MethodSource("io.bactrian.testing.Caller#ways")
    void word_of_any_vendor_becomes_one_of_the_callers_protocol(Caller caller, boolean stream) {
        Map<String, List<String>> words = Map.of(
                "SAFETY", List.of("content_filter", "refusal"),
                "sensitive", List.of("content_filter", "refusal"),
                "MAX_TOKENS", List.of("length", "max_tokens"),
                "eos", List.of("stop", "end_turn"),
                "walked_away", List.of("walked_away", "walked_away"));
        words.forEach((word, told) -> {
            o.answers(events(role(null), chat(WORDS, null), chat("", word), "[DONE]"));
            a.answers(events(message(), text(0, WORDS), delta(word), STOPS));
            for (String target : List.of("o", "a")) {
                Answer answer = gateway.ask(gateway.along(target, "f").by(caller).stream(stream));
                assertThat(AnswerReading.of(caller, answer).finish())
                        .as(answer.text())
                        .isEqualTo(told.get(caller.ordinal()));
                assertThat(AnswerReading.of(caller, answer).text()).isEqualTo(WORDS);
            }
        });
    }

    @ParameterizedTest
    @MethodSource("io.bactrian.testing.Caller#ways")
    void stream_is_known_by_its_bytes_and_not_by_its_label(Caller caller, boolean stream) {
        String events = sse(role(null), chat("One two", null), chat(" three", null), chat("", "stop"), "[DONE]");
        String lines = Stream.of(role(null), chat("One two", null), chat(" three", null), chat("", "stop"))
                .collect(Collectors.joining("\n"));
        String document =
                "{\"id\":\"c\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,"
                        + "\"message\":{\"role\":\"assistant\",\"content\":\"" + WORDS
                        + "\"},\"finish_reason\":\"stop\"}]}";
        for (String label : List.of(
                "application/json",
                "text/plain",
                "text/html; charset=UTF-8",
                "application/x-ndjson",
                "text/event-stream",
                "")) {
            for (String body : List.of(
                    events,
                    "\n\n" + events,
                    ": hi\n\n" + events,
                    "id: 1\n" + events,
                    "retry: 3\r\n" + events,
                    lines,
                    document,
                    "\n " + document)) {
                o.answers(labelled(label, body));
                assertWhole(caller, gateway.ask(gateway.along("o", "f").by(caller).stream(stream)));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.bactrian.testing.Caller#ways")
    void stream_with_another_label_flows_as_it_comes(Caller caller, boolean stream) {
        for (String label : List.of("application/json", "application/x-ndjson")) {
            String[] chunks = {role(null), chat("One ", null), chat("two ", null), chat("three", null), chat("", "stop")
            };
            boolean lines = label.endsWith("ndjson");
            o.answers(x -> {
                x.streamHead(200, Map.of("content-type", label));
                for (String chunk : chunks) {
                    x.chunk((lines ? chunk + "\n" : sse(chunk)).getBytes(StandardCharsets.UTF_8));
                    x.pause(Duration.ofMillis(300));
                }
                x.endChunks();
                return Reply.After.KEEP;
            });

            assertWhole(caller, gateway.ask(gateway.along("o", "f").by(caller).stream(stream)));
        }
    }

    @ParameterizedTest
    @MethodSource("io.bactrian.testing.Caller#ways")
    void only_choice_is_the_first_whatever_its_index(Caller caller, boolean stream) {
        for (String index : List.of("1", "\"0\"", "5")) {
            o.answers(events(Stream.of(role(null), chat("One two", null), chat(" three", null), chat("", "stop"))
                    .map(chunk -> chunk.replace("\"index\":0", "\"index\":" + index))
                    .toArray(String[]::new)));

            Answer answer = gateway.ask(gateway.along("o", "f").by(caller).stream(stream));

            assertWhole(caller, answer);
            assertThat(answer.text()).doesNotContain("\"index\":" + index);
        }
    }

    private static void assertWhole(Caller caller, Answer answer) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        AnswerReading reading = AnswerReading.of(caller, answer);
        assertThat(reading.text()).as(answer.text()).isEqualTo(WORDS);
        reading.assertWellFormed();
        assertThat(reading.finish()).isEqualTo(caller == Caller.CHAT ? "stop" : "end_turn");
    }

    private static String[] list(String options) {
        return options.isEmpty() ? new String[0] : options.split(" ");
    }

    private static String role(String reason) {
        return HandWrittenStream.chunk("{\"role\":\"assistant\",\"content\":\"\"}", quoted(reason));
    }

    private static String chat(String content, String reason) {
        return HandWrittenStream.chunk(content.isEmpty() ? "{}" : "{\"content\":\"" + content + "\"}", quoted(reason));
    }

    private static String quoted(String reason) {
        return reason == null ? "null" : "\"" + reason + "\"";
    }

    private static String message() {
        return HandWrittenStream.message();
    }

    /** The three events of a block of text. */
    private static String text(int index, String text) {
        return "{\"type\":\"content_block_start\",\"index\":" + index
                + ",\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n"
                + "{\"type\":\"content_block_delta\",\"index\":" + index
                + ",\"delta\":{\"type\":\"text_delta\",\"text\":\""
                + text + "\"}}\n{\"type\":\"content_block_stop\",\"index\":" + index + "}";
    }

    private static String delta(String reason) {
        return "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":" + quoted(reason)
                + ",\"stop_sequence\":null},\"usage\":{\"output_tokens\":4}}";
    }

    private static String sse(String... data) {
        return Arrays.stream(data)
                .flatMap(String::lines)
                .map(line -> "data: " + line + "\n\n")
                .collect(Collectors.joining());
    }

    private static Reply events(String... data) {
        return Reply.sse(sse(data));
    }

    private static Reply labelled(String label, String body) {
        return Reply.raw("HTTP/1.1 200 OK\r\n" + (label.isEmpty() ? "" : "content-type: " + label + "\r\n")
                + "content-length: " + body.getBytes(StandardCharsets.UTF_8).length + "\r\n\r\n" + body);
    }

    private static final String FAILED = "{\"error\":{\"message\":\"upstream failed\",\"type\":\"server_error\"}}";
    private static final String STOPS = "{\"type\":\"message_stop\"}";

    /** A stream that ends with an error event, or is cut. */
    private static Reply broken(String last, String... data) {
        return x -> {
            x.streamHead(200, Map.of());
            x.chunk(sse(data).getBytes(StandardCharsets.UTF_8));
            x.pause(last.equals(SILENCE) ? Duration.ofSeconds(3) : Duration.ofMillis(100));
            if (last.equals(CUT) || last.equals(SILENCE)) {
                return Reply.After.CLOSE;
            }
            x.chunk(sse(last).getBytes(StandardCharsets.UTF_8));
            x.endChunks();
            return Reply.After.KEEP;
        };
    }
}
