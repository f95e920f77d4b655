package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.testing.Call;
import io.bactrian.testing.Caller;
import io.bactrian.testing.Gateway;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.ModelReply;
import io.bactrian.testing.RawCaller;
import io.bactrian.testing.Reply;
import io.bactrian.testing.StubProvider;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;

/** What a caller of either protocol has of a stream, whichever protocol the provider speaks: P of the one, F of the other. */
final class StreamPairsIT {
    private static final String WORDS = "One two three four five six seven eight nine ten.";
    private static final String F_SAYS = "F has the answer";
    private static final Duration TOKEN = Duration.ofMillis(5);
    private static final Duration A_SECOND = Duration.ofSeconds(1);
    private static final String COMPLETE = "bactrian.defaults.stream-commit=complete";
    private static final String NO_RESCUE = "bactrian.defaults.stream-rescue=off";
    private static final String ONCE = "bactrian.defaults.max-attempts=1";
    private static final String[] LINES = {
        "bactrian.defaults.backoff=10ms",
        "bactrian.defaults.patience=400ms",
        "bactrian.defaults.deadline=20s",
        "bactrian.defaults.breaker.failures=100"
    };

    private final Map<String, StubProvider> stubs = new LinkedHashMap<>();
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private Gateway gateway;

    static Stream<Arguments> pairs() {
        return Stream.of(Caller.values())
                .flatMap(caller -> Stream.of("openai", "anthropic").map(api -> Arguments.of(caller, api)));
    }

    static Stream<Arguments> threes() {
        return pairs().flatMap(pair ->
                Stream.of("openai", "anthropic").map(api -> Arguments.of(pair.get()[0], pair.get()[1], api)));
    }

    @AfterEach
    void stop() {
        logger().detachAppender(log);
        logger().setLevel(Level.OFF);
        if (gateway != null) {
            gateway.close();
        }
        stubs.values().forEach(StubProvider::close);
    }

    private static Logger logger() {
        return (Logger) LoggerFactory.getLogger("bactrian.requests");
    }

    private StubProvider stub(String name, String api) {
        StubProvider made = api.equals("anthropic") ? StubProvider.anthropic() : StubProvider.openai();
        stubs.put(name, made);
        return made;
    }

    private StubProvider p() {
        return stubs.get("p");
    }

    private StubProvider f() {
        return stubs.get("f");
    }

    private void start(String... more) {
        List<String> lines = new ArrayList<>(List.of(LINES));
        lines.addAll(List.of(more));
        gateway = Gateway.over(stubs, lines.toArray(String[]::new));
    }

    /** P of one protocol and F, who is well, of the other. */
    private void start(String api, Reply p, String... more) {
        stub("p", api).answers(p);
        stub("f", api.equals("openai") ? "anthropic" : "openai").answers(Reply.text(F_SAYS));
        start(more);
    }

    private static ModelReply says(String words) {
        return Reply.text(words).everyToken(TOKEN);
    }

    private static String error(String api) {
        return api.equals("openai")
                ? "{\"error\":{\"message\":\"busy\",\"type\":\"service_unavailable_error\",\"code\":\"server_is_overloaded\"}}"
                : "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}";
    }

    private static void whole(Caller caller, Answer answer, String words) {
        assertThat(caller.words(answer)).as(answer.text()).isEqualTo(words);
        caller.assertWellFormed(answer);
    }

    private static void brokenOff(Caller caller, Answer answer, String target, String type) {
        assertThat(answer.status()).isEqualTo(200);
        assertThat(caller.done(answer)).isFalse();
        assertThat(caller.finishes(answer)).isEmpty();
        JsonNode last = answer.chunks().getLast();
        assertThat(last.at("/error/message").asText()).as(answer.text()).isNotBlank();
        assertThat(last.at("/error/attempts/0/class").asText()).isEqualTo(type);
        assertThat(last.path("type").asText("")).isEqualTo(caller == Caller.MESSAGES ? "error" : "");
        assertThat(answer.text().contains("event: error\n")).isEqualTo(caller == Caller.MESSAGES);
        assertThat(answer.comments()).containsExactly(": bactrian attempts " + target + "=" + type);
    }

    private JsonNode status() {
        return gateway.get("/status").json();
    }

    private int inFlight() {
        return status().at("/requests/inFlight").asInt();
    }

    /** A caller of a gateway that many use, and the provider it asks; the model's name tells its calls from those of others. */
    private record Pair(Caller caller, String api) {
        String target() {
            return api + "/" + caller.name();
        }

        String body(boolean stream, String... fallbacks) {
            String names = Stream.of(fallbacks).map(f -> "\"" + f + "\"").collect(Collectors.joining(","));
            return caller.body(target(), stream, "{\"fallbacks\":[" + names + "]}");
        }
    }

    private interface Doing {
        void with(Pair pair) throws Exception;
    }

    /** A gateway before one provider of each protocol, named like it, that do the same, and F. */
    private void startBoth(Function<String, Reply> replies, String... more) {
        for (String api : List.of("openai", "anthropic")) {
            stub(api, api).answers(replies.apply(api));
        }
        stub("f", "openai").answers(Reply.text(F_SAYS));
        start(more);
    }

    private static void everyPairAtOnce(Doing doing) throws Exception {
        List<Callable<Void>> all = new ArrayList<>();
        pairs().forEach(pair -> all.add(() -> {
            doing.with(new Pair((Caller) pair.get()[0], (String) pair.get()[1]));
            return null;
        }));
        atOnce(all);
    }

    /** All at once; the first that fails fails the test. */
    private static void atOnce(List<Callable<Void>> all) throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            for (Future<Void> one : threads.invokeAll(all)) {
                one.get();
            }
        }
    }

    private List<Call> calls(Pair pair) {
        return stubs.get(pair.api()).calls().stream()
                .filter(call -> call.model().equals(pair.caller().name()))
                .toList();
    }

    private int openConnections() {
        return stubs.get("openai").openConnections() + stubs.get("anthropic").openConnections();
    }

    private RawCaller raw(Pair pair) {
        return RawCaller.ask(gateway, pair.caller().path(), pair.body(true, "f/m"));
    }

    private Answer ask(Pair pair, boolean stream, String... fallbacks) {
        return gateway.post(pair.caller().path(), pair.body(stream, fallbacks));
    }

    // 28: held back until whole

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("pairs")
    void nothing_is_seen_of_what_breaks_while_it_is_held_back(Caller caller, String api) {
        ModelReply reply = Reply.text("one two three");
        Map<Reply, String> breaks = new LinkedHashMap<>();
        for (int token = 1; token <= 3; token++) {
            breaks.put(reply.cutAfter(token), "STREAM_BROKEN");
            breaks.put(reply.endAfter(token), "STREAM_BROKEN");
            breaks.put(reply.resetAfter(token), "STREAM_BROKEN");
            breaks.put(reply.errorEventAfter(token, error(api)), "OVERLOADED");
        }
        breaks.put(reply.stallAfter(2), "TIMEOUT");
        breaks.put(reply.withoutFinish(), "STREAM_BROKEN");
        breaks.put(reply.withoutFinish().withoutDone(), "STREAM_BROKEN");
        start(api, reply, COMPLETE, ONCE, "bactrian.defaults.idle-timeout=300ms");
        p().answers(breaks.keySet().toArray(Reply[]::new));

        for (String type : breaks.values()) {
            Answer answer = caller.stream(gateway);

            whole(caller, answer, F_SAYS);
            assertThat(answer.comments()).containsExactly(": bactrian attempts p/model-p=" + type + ", f/model-f=OK");
            assertThat(answer.attempts()).isEqualTo("p/model-p=" + type + ", f/model-f=OK");
            assertThat(answer.header("x-bactrian-target")).isEqualTo("f/model-f");
            assertThat(answer.text()).doesNotContain("model-p\"");
            assertThat(caller.usage(answer)).containsExactly(20, 4);
        }
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("pairs")
    void tool_calls_are_held_back_as_well(Caller caller, String api) {
        ModelReply first = says("Let me see.").tool("look", "{\"where\":\"in the first house\"}");
        start(api, first.cutAfter(5), COMPLETE, ONCE);
        f().answers(says("I will look.").tool("look", "{\"where\":\"in the second house\"}"));

        Answer answer = caller.stream(gateway);

        whole(caller, answer, "I will look.");
        assertThat(answer.text()).contains("second").doesNotContain("first", "Let me");
        assertThat(caller.finishes(answer)).containsExactly(caller == Caller.CHAT ? "tool_calls" : "tool_use");
    }

    @Test
    void a_comment_keeps_the_line_alive_while_an_answer_is_held_back() throws Exception {
        startBoth(api -> Reply.text("one two").everyToken(Duration.ofSeconds(6)).cutAfter(1), COMPLETE, ONCE);

        everyPairAtOnce(pair -> {
            long asked = System.nanoTime();
            try (RawCaller raw = raw(pair)) {
                String head = raw.readUntil(": keep-alive\n\n");
                assertThat(Duration.ofNanos(System.nanoTime() - asked))
                        .isBetween(Duration.ofMillis(4900), Duration.ofMillis(5900));
                assertThat(head)
                        .contains("HTTP/1.1 200", "text/event-stream", "x-request-id", "x-bactrian-fallbacks: 0")
                        .doesNotContain("x-bactrian-target", "x-bactrian-attempts", "one");
                String all = raw.readUntil(": bactrian attempts " + pair.target() + "=STREAM_BROKEN, f/m=OK");
                raw.readUntil(end(pair));
                assertThat(all).contains("answer").doesNotContain("one");
            }
        });
    }

    private static String end(Pair pair) {
        return pair.caller() == Caller.CHAT ? "[DONE]" : "event: message_stop";
    }

    @Test
    void more_than_can_be_held_back_is_an_error() throws Exception {
        AtomicLong sent = new AtomicLong();
        startBoth(api -> flood(api, 64 << 10, 200L << 20, sent), COMPLETE, ONCE);

        for (Caller caller : Caller.values()) {
            for (String api : List.of("openai", "anthropic")) {
                sent.set(0);
                Answer answer = ask(new Pair(caller, api), true);

                assertThat(sent.get()).isBetween(60L << 20, 100L << 20);
                assertThat(answer.status()).isEqualTo(caller == Caller.CHAT ? 503 : 529);
                assertThat(caller.error(answer).path("message").asText()).contains("more than 64 MB");
            }
        }
    }

    @Test
    void a_long_answer_that_was_held_back_waits_for_a_slow_caller() throws Exception {
        AtomicLong sent = new AtomicLong();
        startBoth(api -> flood(api, 100, 8L << 20, sent), COMPLETE, ONCE);

        everyPairAtOnce(pair -> {
            try (RawCaller raw = raw(pair)) {
                // The rest of a stream would not be waited for so long.
                await().pollDelay(Duration.ofSeconds(4)).until(() -> sent.get() >= 4 * (8L << 20));

                String answer = raw.readUntil(end(pair));
                inOrder(answer);
                assertThat(answer.substring(answer.length() - 2000))
                        .containsPattern("(completion|output)_tokens\":4\\b");
            }
        });
        assertThat(f().calls()).isEmpty();
    }

    // 30: stalls

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("pairs")
    void a_stall_ends_at_the_idle_limit_and_frees_everything(Caller caller, String api) {
        start(api, Reply.silence(), NO_RESCUE, "bactrian.defaults.idle-timeout=300ms");
        p().answers(
                        Reply.text("one two three").stallAfter(2),
                        Reply.text("one two three").stallAfter(2),
                        Reply.text("well again"));

        Answer stream = caller.stream(gateway);
        Answer document = caller.document(gateway);

        assertThat(caller.words(stream)).isEqualTo("one two");
        assertThat(stream.took()).isBetween(Duration.ofMillis(300), Duration.ofSeconds(2));
        brokenOff(caller, stream, "p/model-p", "TIMEOUT");
        assertThat(document.attempts()).isEqualTo("p/model-p=TIMEOUT, f/model-f=OK");
        assertThat(caller.words(document)).isEqualTo(F_SAYS);
        await().atMost(A_SECOND).until(() -> p().openConnections() == 0);
        assertThat(p().calls()).allMatch(Call::clientLeft);
        await().atMost(A_SECOND).until(() -> inFlight() == 0);
        whole(caller, caller.stream(gateway), "well again");
    }

    // 31: what is on the wire

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("pairs")
    void a_malformed_event_is_skipped_and_counted(Caller caller, String api) {
        start(api, Reply.text("one two three").malformedEventAt(1));

        whole(caller, caller.stream(gateway), "one two three");

        assertThat(status().at("/malformedEvents").asInt()).isEqualTo(1);
    }

    @Test
    void a_stream_without_its_last_word_is_whole() throws Exception {
        ModelReply reply = Reply.text("one two").withoutDone();
        startBoth(api -> x -> (x.call().json().path("max_tokens").asInt() == 7 ? reply.stallAtEnd() : reply).send(x));

        everyPairAtOnce(pair -> {
            Caller caller = pair.caller();
            Answer ended = ask(pair, true);
            Answer lingering = gateway.post(caller.path(), caller.body(pair.target(), true, "{\"max_tokens\":7}"));

            for (Answer answer : List.of(ended, lingering)) {
                whole(caller, answer, "one two");
                assertThat(caller.usage(answer)).containsExactly(20, 2);
            }
            assertThat(ended.took()).isLessThan(Duration.ofMillis(800));
            assertThat(lingering.took()).isLessThan(Duration.ofMillis(1800));
        });
    }

    @Test
    void the_end_is_awaited_for_a_second_whatever_still_comes() throws Exception {
        startBoth(api -> {
            HandWrittenStream made = new HandWrittenStream(api);
            List<String> events = made.answer(List.of("one", " two"));
            String idle = api.equals("openai")
                    ? events.get(events.size() - 2).replaceAll(",\"usage.*", "}")
                    : "{\"type\":\"ping\"}";
            return x -> {
                x.streamHead(200, Map.of());
                x.chunk(made.sse(events.subList(0, events.size() - 1)).getBytes(StandardCharsets.UTF_8));
                while (true) {
                    x.pause(Duration.ofMillis(50));
                    x.chunk(made.sse(idle).getBytes(StandardCharsets.UTF_8));
                }
            };
        });

        everyPairAtOnce(pair -> {
            Answer answer = ask(pair, true);

            whole(pair.caller(), answer, "one two");
            assertThat(pair.caller().usage(answer)).containsExactly(9, 4);
            assertThat(answer.took()).isBetween(Duration.ofMillis(900), Duration.ofMillis(1800));
        });
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("pairs")
    void bytes_may_be_torn_anywhere(Caller caller, String api) {
        String words = "Grüße an das 🐪 und 终 auch";
        start(api, Reply.silence());
        for (int size : new int[] {1, 2, 3, 7, 64}) {
            p().answers(
                            Reply.text(words).crlf().bytesAtATime(size),
                            Reply.text(words).bytesAtATime(size));
            whole(caller, caller.stream(gateway), words);
            whole(caller, caller.stream(gateway), words);
        }
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("pairs")
    void comments_names_line_ends_and_data_in_several_lines_are_understood(Caller caller, String api) {
        HandWrittenStream made = new HandWrittenStream(api);
        List<String> events = made.answer(List.of("one", " two", " {\"three\": 3}"));
        String inLines = "\uFEFF: hello\n\n"
                + events.stream()
                        .map(e -> "id: 1\nretry: 10\n" + made.name(e)
                                + "data: " + e.replace(",\"", ",\ndata: \"").replace("{\"", "{\ndata:\"")
                                + "\n\n:\n\n")
                        .collect(Collectors.joining());
        start(api, Reply.sse(inLines));
        for (String lineEnd : List.of("\n", "\r\n", "\r")) {
            p().answers(Reply.sse(inLines.replace("\n", lineEnd)));

            Answer answer = caller.stream(gateway);

            whole(caller, answer, "one two {\"three\": 3}");
            assertThat(answer.text().lines())
                    .as(answer.text())
                    .allMatch(
                            l -> l.isEmpty() || l.startsWith("data: ") || l.startsWith("event: ") || l.startsWith(":"));
        }
    }

    @ParameterizedTest(name = "{0}: {1} then {2}")
    @MethodSource("threes")
    void half_a_surrogate_pair_waits_for_the_other_half(Caller caller, String first, String second) {
        stub("p", first).answers(halves(first), halves(first), says("one more").cutAfter(1));
        stub("f", second).answers(halves(second));
        start();

        Answer answer = caller.stream(gateway);
        Answer document = caller.document(gateway);
        Answer rescued = caller.stream(gateway);

        whole(caller, answer, "one 🐪 two");
        assertThat(caller.words(document)).isEqualTo("one 🐪 two");
        whole(caller, rescued, "one 🐪 two");
        assertThat(rescued.outcomes()).isEqualTo("p=STREAM_BROKEN, f=OK");
    }

    private static Reply halves(String api) {
        HandWrittenStream made = new HandWrittenStream(api);
        return Reply.sse(made.sse(made.answer(List.of("one ", "HIGH", "LOW", " two")))
                .replace("HIGH", "\\ud83d")
                .replace("LOW", "\\udc2a"));
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("pairs")
    void a_line_may_be_a_megabyte_long(Caller caller, String api) {
        String words = "x".repeat(1 << 20) + " ende";
        start(api, Reply.text(words));

        whole(caller, caller.stream(gateway), words);
        assertThat(caller.words(caller.document(gateway))).isEqualTo(words);
    }

    @Test
    void words_are_whole_however_the_bytes_are_torn() throws Exception {
        long seed = System.nanoTime();
        stub("openai", "openai").on(call -> torn("openai", call));
        stub("anthropic", "anthropic").on(call -> torn("anthropic", call));
        start();
        List<Callable<Void>> all = new ArrayList<>();
        pairs().forEach(pair -> IntStream.range(0, 40)
                .forEach(i -> all.add(() -> {
                    Caller caller = (Caller) pair.get()[0];
                    long own = seed + i;
                    String words = String.join("", tokens(new Random(own)));
                    Answer answer = gateway.post(caller.path(), caller.body(pair.get()[1] + "/" + own, true, "{}"));
                    assertThat(caller.words(answer))
                            .as("%s, %s, seed %s", caller, pair.get()[1], own)
                            .isEqualTo(words);
                    caller.assertWellFormed(answer);
                    return null;
                })));
        atOnce(all);
    }

    private static List<String> tokens(Random random) {
        List<String> alphabet = List.of("a", "ß", "终", "🐪", " ", "\n", "\"", "\\", "é", "}", "data: ", "\u2028", "-");
        return IntStream.range(0, 1 + random.nextInt(25))
                .mapToObj(i -> IntStream.range(0, 1 + random.nextInt(6))
                        .mapToObj(j -> alphabet.get(random.nextInt(alphabet.size())))
                        .collect(Collectors.joining()))
                .toList();
    }

    /** The model's name is the seed of the words, and of the places where they are torn. */
    private static Reply torn(String api, Call call) {
        Random random = new Random(Long.parseLong(call.model()));
        HandWrittenStream made = new HandWrittenStream(api);
        String events = made.sse(made.answer(tokens(random)));
        String lineEnd = List.of("\n", "\r\n", "\r").get(random.nextInt(3));
        byte[] bytes = events.replace("\n", lineEnd).getBytes(StandardCharsets.UTF_8);
        return x -> {
            x.streamHead(200, Map.of());
            int longest = 1 + random.nextInt(300);
            for (int from = 0; from < bytes.length; ) {
                int to = Math.min(bytes.length, from + 1 + random.nextInt(longest));
                x.chunk(Arrays.copyOfRange(bytes, from, to));
                from = to;
                if (random.nextInt(20) == 0) {
                    x.pause(Duration.ofMillis(random.nextInt(4)));
                }
            }
            x.endChunks();
            return Reply.After.KEEP;
        };
    }

    // 32: without end, and slow callers

    @Test
    void an_endless_stream_ends_at_the_deadline() throws Exception {
        Reply endless =
                Reply.text("on and on ").everyToken(Duration.ofMillis(5)).endless();
        startBoth(api -> endless, "bactrian.defaults.deadline=800ms");

        everyPairAtOnce(pair -> {
            Answer stream = ask(pair, true, "f/m");
            Answer document = ask(pair, false);

            assertThat(stream.took()).isBetween(Duration.ofMillis(700), Duration.ofMillis(1800));
            brokenOff(pair.caller(), stream, pair.target(), "TIMEOUT");
            assertThat(document.status()).isEqualTo(504);
            assertThat(pair.caller().error(document).path("message").asText()).isNotBlank();
        });
        await().atMost(A_SECOND).until(() -> openConnections() == 0);
    }

    @Test
    void a_slow_caller_reads_everything_in_order() throws Exception {
        Map<String, AtomicLong> sent = Map.of("openai", new AtomicLong(), "anthropic", new AtomicLong());
        startBoth(api -> flood(api, 200, 16L << 20, sent.get(api)), "bactrian.defaults.idle-timeout=300ms");

        everyPairAtOnce(pair -> {
            try (RawCaller raw = raw(pair)) {
                sent.values().forEach(StreamPairsIT::standsStill);
                assertThat(sent.get(pair.api()).get()).isLessThan(26L << 20);

                inOrder(raw.readUntil(end(pair)));
            }
            assertThat(calls(pair)).hasSize(1).allMatch(Call::answered);
        });
        assertThat(f().calls()).isEmpty();
    }

    @Test
    void a_caller_who_reads_too_late_finds_an_error_at_the_end() throws Exception {
        AtomicLong sent = new AtomicLong();
        startBoth(api -> flood(api, 200, Long.MAX_VALUE, sent), "bactrian.defaults.deadline=1500ms");

        everyPairAtOnce(pair -> {
            try (RawCaller raw = raw(pair)) {
                await().until(() -> calls(pair).stream().anyMatch(Call::clientLeft));

                String answer = raw.readUntil(": bactrian attempts " + pair.target() + "=TIMEOUT");
                inOrder(answer);
                assertThat(answer.substring(answer.length() - 2000))
                        .contains(pair.caller() == Caller.CHAT ? "data: {\"error\"" : "event: error\ndata: {");
            }
        });
        await().atMost(A_SECOND).until(() -> inFlight() == 0);
    }

    @Test
    void a_whole_answer_is_whole_though_the_deadline_passes_before_it_is_read() throws Exception {
        AtomicLong sent = new AtomicLong();
        startBoth(api -> flood(api, 200, 8L << 20, sent), COMPLETE, "bactrian.defaults.deadline=3s");

        everyPairAtOnce(pair -> {
            try (RawCaller raw = raw(pair)) {
                await().pollDelay(Duration.ofMillis(3500)).until(() -> inFlight() == 0);

                String answer = raw.readUntil(end(pair));
                inOrder(answer);
                assertThat(answer).contains(": bactrian attempts " + pair.target() + "=OK");
            }
        });
    }

    @Test
    void forty_callers_who_read_nothing_cost_little_memory() throws Exception {
        AtomicLong sent = new AtomicLong();
        startBoth(api -> flood(api, 1, Long.MAX_VALUE, sent), NO_RESCUE);
        List<RawCaller> callers = new CopyOnWriteArrayList<>();
        ask(new Pair(Caller.CHAT, "f"), true);
        long before = heap();
        try {
            everyPairAtOnce(pair -> {
                for (int i = 0; i < 10; i++) {
                    callers.add(raw(pair));
                }
                await().until(() -> calls(pair).size() == 10);
            });
            standsStill(sent);

            assertThat(heap() - before).isLessThan(8L << 20);
        } finally {
            callers.forEach(RawCaller::close);
        }
        await().atMost(Duration.ofSeconds(3)).until(() -> inFlight() == 0);
        await().atMost(A_SECOND).until(() -> openConnections() == 0);
    }

    /** Numbered words, as fast as they are taken, until so many bytes were sent. */
    private static Reply flood(String api, int wordLength, long bytes, AtomicLong sent) {
        HandWrittenStream made = new HandWrittenStream(api);
        String filling = ".".repeat(wordLength);
        return x -> {
            x.streamHead(200, Map.of());
            x.chunk(made.sse(made.start()).getBytes(StandardCharsets.UTF_8));
            int number = 0;
            for (long written = 0; written < bytes; ) {
                StringBuilder some = new StringBuilder();
                while (some.length() < 32 << 10) {
                    some.append(made.sse(made.token("<" + number++ + ">" + filling)));
                }
                x.chunk(some.toString().getBytes(StandardCharsets.US_ASCII));
                written += some.length();
                sent.addAndGet(some.length());
            }
            for (String event : made.end()) {
                x.chunk(made.sse(event).getBytes(StandardCharsets.UTF_8));
                x.pause(Duration.ofMillis(20));
            }
            x.endChunks();
            return Reply.After.KEEP;
        };
    }

    private static void inOrder(String answer) {
        Matcher words = Pattern.compile("<(\\d+)>").matcher(answer);
        int next = 0;
        while (words.find()) {
            assertThat(Integer.parseInt(words.group(1))).isEqualTo(next++);
        }
        assertThat(next).isPositive();
    }

    private static void standsStill(AtomicLong sent) {
        await().until(() -> sent.get() > 0);
        AtomicLong seen = new AtomicLong(-1);
        await().pollInterval(Duration.ofMillis(500)).until(() -> seen.getAndSet(sent.get()) == sent.get());
    }

    private static long heap() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    // 33: callers who leave

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("pairs")
    void a_caller_who_leaves_costs_nothing_more_and_what_was_said_is_noted(Caller caller, String api) {
        start(
                api,
                says("on and on").endless(),
                "bactrian.chains-options.held.stream-commit=complete",
                "bactrian.chains.held=p/model-p, f/model-f",
                "bactrian.targets.p.provider=p",
                "bactrian.targets.p.model=model-p",
                "bactrian.targets.p.breaker.failures=1");
        log.start();
        logger().setLevel(Level.INFO);
        logger().addAppender(log);

        try (RawCaller raw = caller.raw(gateway)) {
            raw.readUntil("and");
            await().until(() -> p().call(1).tokensSent() >= 5);
        }
        left(1);
        String body = caller.body("held", true, "{}");
        try (RawCaller raw = RawCaller.ask(gateway, caller.path(), body)) {
            await().until(() -> p().calls().size() == 2 && p().call(2).tokensSent() >= 5);
        }
        left(2);

        assertThat(log.list).hasSize(2).allSatisfy(line -> {
            assertThat(line.getFormattedMessage())
                    .contains("the caller left")
                    .contains("attempts=\"p/model-p=CANCELLED\"")
                    .containsPattern("tokens=" + (api.equals("openai") ? "0" : "20") + "\\+\\d+~");
        });
    }

    private void left(int calls) {
        await().atMost(A_SECOND).pollInterval(Duration.ofMillis(10)).until(() -> p().call(calls)
                .clientLeft());
        await().atMost(A_SECOND).until(() -> status().at("/requests/cancelled").asInt() == calls);
        assertThat(inFlight()).isZero();
        assertThat(p().calls()).hasSize(calls);
        assertThat(f().calls()).isEmpty();
        assertThat(status().at("/targets/0/breaker").asText()).isEqualTo("CLOSED");
        assertThat(p().openConnections()).isZero();
    }

    // 36: the only one, rate limited

    @Test
    void the_only_target_that_is_rate_limited_is_waited_for() throws Exception {
        Map<String, AtomicLong> asked = new ConcurrentHashMap<>();
        String[] error = {"rate_limit_error", "rate_limit_exceeded", "slower"};
        startBoth(api -> x -> {
            boolean first = asked.computeIfAbsent(api + x.call().model(), k -> new AtomicLong())
                            .getAndIncrement()
                    == 0;
            boolean never = x.call().model().equals("never");
            return (first || never
                            ? Reply.error(429, error[0], error[1], error[2], "retry-after", never ? "90" : "1")
                            : Reply.text("at last"))
                    .send(x);
        });

        everyPairAtOnce(pair -> {
            for (boolean stream : new boolean[] {true, false}) {
                String target = pair.target() + stream;
                Caller caller = pair.caller();

                Answer answer = gateway.post(caller.path(), caller.body(target, stream, "{}"));

                assertThat(answer.status()).as(answer.text()).isEqualTo(200);
                assertThat(caller.words(answer)).isEqualTo("at last");
                assertThat(answer.attempts()).isEqualTo(target + "=RATE_LIMITED, " + target + "=OK");
                assertThat(answer.took()).isBetween(Duration.ofMillis(950), Duration.ofMillis(2500));
            }
            Answer tooLate = gateway.post(pair.caller().path(), pair.caller().body(pair.api() + "/never", true, "{}"));
            assertThat(tooLate.status()).isEqualTo(429);
            assertThat(Integer.parseInt(tooLate.header("retry-after"))).isBetween(80, 90);
            assertThat(pair.caller().error(tooLate).path("type").asText()).isEqualTo("rate_limit_error");
        });
    }

    // Thoughts

    @ParameterizedTest
    @EnumSource(Caller.class)
    void an_answer_that_broke_off_after_its_thoughts_is_given_by_another(Caller caller) {
        String thoughts = new HandWrittenStream("openai")
                .sse(List.of(
                        HandWrittenStream.chunk("{\"role\":\"assistant\",\"content\":\"\"}", "null"),
                        HandWrittenStream.chunk("{\"reasoning_content\":\"let me think\"}", "null"),
                        HandWrittenStream.chunk("{\"reasoning_content\":\" more\"}", "null")));
        for (String second : List.of("openai", "anthropic")) {
            stub("p", "openai").answers(HandWrittenStream.paced(Duration.ofMillis(100), thoughts));
            stub("f", second).answers(says(WORDS));
            start(ONCE);

            Answer answer = caller.stream(gateway);

            whole(caller, answer, WORDS);
            assertThat(answer.outcomes()).isEqualTo("p=STREAM_BROKEN, f=OK");
            stop();
        }
    }

    @ParameterizedTest(name = "{0}, then {1}")
    @MethodSource("pairs")
    void a_thought_is_never_followed_by_the_words_of_another_before_it_is_signed(Caller caller, String second) {
        List<String> thoughts = List.of(
                HandWrittenStream.message(),
                "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}}",
                "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"thinking_delta\",\"thinking\":\"hm\"}}",
                "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"signature_delta\",\"signature\":\"sig\"}}",
                "{\"type\":\"content_block_stop\",\"index\":0}",
                "{\"type\":\"content_block_start\",\"index\":1,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}");
        HandWrittenStream made = new HandWrittenStream("anthropic");
        stub("p", "anthropic");
        stub("f", second).answers(says(WORDS));
        start(ONCE);
        for (int events = 2; events <= thoughts.size(); events++) {
            p().answers(HandWrittenStream.paced(Duration.ofMillis(50), made.sse(thoughts.subList(0, events))));
            f().forget();

            Answer answer = caller.stream(gateway);

            boolean shown = caller == Caller.MESSAGES && events > 2;
            boolean signed = events > 4;
            if (shown && !signed) {
                brokenOff(caller, answer, "p/model-p", "STREAM_BROKEN");
                assertThat(caller.words(answer)).isEmpty();
                assertThat(f().calls()).isEmpty();
            } else {
                whole(caller, answer, WORDS);
                assertThat(answer.text().contains("\"hm\"")).isEqualTo(shown);
                assertThat(answer.text().contains("\"sig\"")).isEqualTo(shown);
            }
        }
    }

    // Rescues

    @ParameterizedTest(name = "{0}: {1} and {2} in turn")
    @MethodSource("threes")
    void several_rescues_make_one_well_formed_answer(Caller caller, String first, String second) {
        stub("p", first).answers(says(WORDS).cutAfter(2));
        stub("f", second).answers(says(WORDS).cutAfter(5));
        stub("g", first).answers(says(WORDS).cutAfter(8));
        stub("h", second).answers(says(WORDS));
        start();

        Answer answer = caller.stream(gateway);

        whole(caller, answer, WORDS);
        assertThat(answer.outcomes()).isEqualTo("p=STREAM_BROKEN, f=STREAM_BROKEN, g=STREAM_BROKEN, h=OK");
    }

    @ParameterizedTest(name = "{0}: {1} then {2}")
    @MethodSource("threes")
    void a_rescuer_may_answer_with_a_whole_document(Caller caller, String first, String second) {
        stub("p", first).answers(says(WORDS).cutAfter(6));
        stub("f", second).answers(document(second, WORDS));
        start();

        Answer answer = caller.stream(gateway);

        whole(caller, answer, WORDS);
        assertThat(answer.outcomes()).isEqualTo("p=STREAM_BROKEN, f=OK");
    }

    private static Reply document(String api, String words) {
        String text = "\"" + words + "\"";
        return Reply.status(
                200,
                api.equals("openai")
                        ? "{\"id\":\"c1\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,"
                                + "\"message\":{\"role\":\"assistant\",\"content\":" + text
                                + "},\"finish_reason\":\"stop\"}],"
                                + "\"usage\":{\"prompt_tokens\":20,\"completion_tokens\":10,\"total_tokens\":30}}"
                        : "{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"m\",\"content\":[{\"type\":\"text\","
                                + "\"text\":" + text + "}],\"stop_reason\":\"end_turn\",\"stop_sequence\":null,"
                                + "\"usage\":{\"input_tokens\":20,\"output_tokens\":10}}");
    }

    @ParameterizedTest(name = "{0}: {1} then {2}")
    @MethodSource("threes")
    void after_the_last_word_only_the_end_is_missing(Caller caller, String first, String second) {
        stub("p", first).answers(says(WORDS).cutAfter(10), says(WORDS).withoutFinish());
        stub("f", second).answers(says(WORDS));
        start();
        for (int i = 0; i < 2; i++) {
            Answer answer = caller.stream(gateway);

            whole(caller, answer, WORDS);
            assertThat(answer.outcomes()).isEqualTo("p=STREAM_BROKEN, f=OK");
        }
    }

    @ParameterizedTest(name = "{0}: {1} then {2}")
    @MethodSource("threes")
    void a_rescuer_may_call_a_tool_or_come_to_its_limit(Caller caller, String first, String second) {
        stub("p", first).answers(says(WORDS).cutAfter(6));
        stub("f", second)
                .answers(
                        says(WORDS).tool("look", "{\"where\":\"in the house\"}").tool("listen", "{}"),
                        says("One two three four five six seven").finish("length"));
        start();

        Answer tools = caller.stream(gateway);
        Answer limit = caller.stream(gateway);

        whole(caller, tools, WORDS);
        assertThat(caller.finishes(tools)).containsExactly(caller == Caller.CHAT ? "tool_calls" : "tool_use");
        assertThat(tools.text()).containsOnlyOnce("\"name\":\"look\"").containsOnlyOnce("\"name\":\"listen\"");
        whole(caller, limit, "One two three four five six seven");
        assertThat(caller.finishes(limit)).containsExactly(caller == Caller.CHAT ? "length" : "max_tokens");
    }
}
