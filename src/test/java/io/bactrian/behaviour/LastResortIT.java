package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.testing.Caller;
import io.bactrian.testing.Gateway;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.Postgres;
import io.bactrian.testing.Reply;
import io.bactrian.testing.Scene;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

/** Chains that end with {@code stale} and {@code static}: what callers get when no target can answer. */
final class LastResortIT {
    private static final String SORRY = "We cannot answer now.";
    private static final String WORDS = "A camel with two humps.";
    private static final Reply DOWN = Reply.error(500, "server_error", null, "down");
    /** Every failure is the last, and nothing opens or cools. */
    private static final String[] QUICK = {
        "bactrian.defaults.max-attempts=1", "bactrian.defaults.breaker.failures=10000", "bactrian.static.sorry=" + SORRY
    };

    private static Scene scene(String lastResorts, String... more) {
        return Scene.with(QUICK)
                .and("bactrian.chains.default=openai/m, anthropic/m" + lastResorts)
                .and(more)
                .openai("openai")
                .anthropic("anthropic")
                .start();
    }

    private static Answer plainly(Scene scene, Caller caller, boolean stream, String... headers) {
        return ask(scene, caller, stream, "{}", headers);
    }

    private static Answer ask(Scene scene, Caller caller, boolean stream, String fields, String... headers) {
        return scene.post(caller.path(), caller.body("default", stream, fields), headers);
    }

    private static void well(Scene scene) {
        scene.stubs().forEach(stub -> stub.answers(Reply.text(WORDS)));
    }

    private static void down(Scene scene) {
        scene.stubs().forEach(stub -> stub.answers(DOWN));
    }

    /** Keeping is nobody's wait, so it may take a moment. */
    private static Answer fromMemory(Scene scene, Caller caller, boolean stream, String fields, String... headers) {
        return await().atMost(Duration.ofSeconds(10))
                .until(() -> ask(scene, caller, stream, fields, headers), answer -> answer.header("x-bactrian-target")
                        .equals("stale"));
    }

    private static void assertStale(Answer answer, String target) {
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("x-bactrian-target")).isEqualTo("stale");
        assertThat(answer.header("x-bactrian-degraded")).isEqualTo("stale");
        assertThat(answer.header("x-bactrian-quality")).isEqualTo("1.0");
        assertThat(answer.header("x-bactrian-fallbacks")).isEqualTo("2");
        assertThat(answer.header("x-bactrian-attempts")).isEqualTo("openai/m=SERVER_ERROR, anthropic/m=SERVER_ERROR");
        assertThat(Integer.parseInt(answer.header("age"))).isBetween(0, 20);
        if (answer.header("content-type").startsWith("text/event-stream")) {
            assertThat(answer.comments())
                    .contains(": bactrian answered by stale of " + target + " age=" + answer.header("age"));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "CHAT, false, false", "CHAT, false, true", "CHAT, true, false", "CHAT, true, true",
        "MESSAGES, false, false", "MESSAGES, false, true", "MESSAGES, true, false", "MESSAGES, true, true"
    })
    void a_good_answer_is_given_again_as_a_stream_or_as_a_document(Caller caller, boolean first, boolean then) {
        try (Scene scene = scene(", stale")) {
            well(scene);
            Answer good = plainly(scene, caller, first);
            assertThat(caller.words(good)).isEqualTo(WORDS);
            down(scene);

            Answer answer = fromMemory(scene, caller, then, "{}");

            assertStale(answer, "openai/m");
            assertThat(caller.words(answer)).isEqualTo(WORDS);
            assertThat(caller.usage(answer)).isEqualTo(List.of(20, 5));
            if (then) {
                caller.assertWellFormed(answer);
            } else if (!first) {
                assertThat(answer.json()).isEqualTo(good.json());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Caller.class)
    void of_an_answer_of_the_callers_own_protocol_nothing_is_lost(Caller caller) {
        String own = caller == Caller.CHAT ? "openai" : "anthropic";
        try (Scene scene = scene(", stale", "bactrian.chains.default=" + own + "/m, stale")) {
            well(scene);
            JsonNode document = ask(scene, caller, false, "{\"temperature\":1}").json();
            ask(scene, caller, true, "{\"temperature\":0.5}");
            down(scene);

            assertThat(fromMemory(scene, caller, false, "{\"temperature\":1.0}").json())
                    .isEqualTo(document);
            JsonNode written =
                    fromMemory(scene, caller, false, "{\"temperature\":5e-1}").json();
            assertThat(written.path("model")).isEqualTo(document.path("model"));
            assertThat(written.path("usage")).isEqualTo(document.path("usage"));
        }
    }

    @Test
    void who_streams_without_usage_leaves_it_for_the_next_one() {
        try (Scene scene = scene(", stale")) {
            well(scene);
            ask(scene, Caller.CHAT, true, "{\"stream_options\":null}");
            down(scene);

            assertThat(Caller.CHAT.usage(fromMemory(scene, Caller.CHAT, false, "{}")))
                    .isEqualTo(List.of(20, 5));
            assertThat(ask(scene, Caller.CHAT, true, "{\"stream_options\":null}")
                            .text())
                    .doesNotContain("usage");
        }
    }

    @ParameterizedTest
    @CsvSource({"CHAT, false", "CHAT, true", "MESSAGES, false", "MESSAGES, true"})
    void a_fixed_text_is_a_proper_answer(Caller caller, boolean stream) {
        try (Scene scene = scene(", stale, static:sorry")) {
            down(scene);

            Answer answer = plainly(scene, caller, stream);

            assertThat(answer.status()).isEqualTo(200);
            assertThat(caller.words(answer)).isEqualTo(SORRY);
            assertThat(answer.header("x-bactrian-target")).isEqualTo("static:sorry");
            assertThat(answer.header("x-bactrian-degraded")).isEqualTo("static");
            assertThat(answer.header("x-bactrian-quality")).isEqualTo("0.0");
            assertThat(answer.header("x-bactrian-fallbacks")).isEqualTo("2");
            assertThat(answer.header("age")).isEmpty();
            assertThat(caller.usage(answer)).isEqualTo(List.of(0, 0));
            if (stream) {
                caller.assertWellFormed(answer);
                assertThat(caller.finishes(answer)).containsExactly(caller == Caller.CHAT ? "stop" : "end_turn");
            } else {
                assertThat(answer.json().path("model").asText()).isEqualTo("default");
            }
            JsonNode status = scene.gateway().get("/status").json();
            assertThat(status.at("/requests/answered").asInt()).isEqualTo(1);
            assertThat(status.at("/requests/degraded").asInt()).isEqualTo(1);
            assertThat(status.at("/requests/fallbacks").asInt()).isEqualTo(1);
            assertThat(status.at("/requests/lastResorts").asInt()).isEqualTo(1);
        }
    }

    @Test
    void a_fixed_text_comes_behind_a_remembered_answer_and_is_not_remembered_itself() {
        try (Scene scene = scene(", stale, static:sorry")) {
            down(scene);
            plainly(scene, Caller.CHAT, false);
            well(scene);
            plainly(scene, Caller.CHAT, false);
            down(scene);

            assertThat(fromMemory(scene, Caller.CHAT, false, "{}").content()).isEqualTo(WORDS);
            assertThat(ask(scene, Caller.CHAT, false, "{\"seed\":1}").content()).isEqualTo(SORRY);
        }
    }

    @Test
    void another_callers_key_gets_nothing_of_it() {
        try (Scene scene = scene(", stale", "bactrian.server.keys=one:key-of-one, two:key-of-two")) {
            well(scene);
            plainly(scene, Caller.CHAT, false, "authorization", "Bearer key-of-one");
            down(scene);

            fromMemory(scene, Caller.CHAT, false, "{}", "authorization", "Bearer key-of-one");
            assertThat(plainly(scene, Caller.CHAT, false, "authorization", "Bearer key-of-two")
                            .status())
                    .isEqualTo(503);
        }
    }

    @ParameterizedTest
    @CsvSource({"false, 503", "true, 200"})
    void requests_with_tools_are_remembered_only_where_the_chain_says_so(boolean wanted, int status) {
        String tools = "{\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":{}}}]}";
        try (Scene scene = scene(", stale", "bactrian.chains-options.default.stale-tools=" + wanted)) {
            scene.stubs().forEach(stub -> stub.answers(Reply.toolCall("f", "{\"x\":1}")));
            ask(scene, Caller.CHAT, true, tools);
            well(scene);
            plainly(scene, Caller.CHAT, false);
            down(scene);
            fromMemory(scene, Caller.CHAT, false, "{}");

            Answer answer = await().atMost(Duration.ofSeconds(10))
                    .until(() -> ask(scene, Caller.CHAT, false, tools), a -> a.status() == status);
            if (wanted) {
                assertThat(answer.json()
                                .at("/choices/0/message/tool_calls/0/function/arguments")
                                .asText())
                        .isEqualTo("{\"x\":1}");
                assertThat(answer.json().at("/choices/0/finish_reason").asText())
                        .isEqualTo("tool_calls");
            }
        }
    }

    @Test
    void a_refusal_and_an_answer_that_broke_off_are_not_remembered() {
        try (Scene scene = scene(", stale", "bactrian.defaults.stream-rescue=off")) {
            scene.stubs().forEach(stub -> stub.answers(Reply.text("I cannot").finish("content_filter")));
            assertThat(ask(scene, Caller.CHAT, false, "{\"seed\":1}").status()).isEqualTo(200);
            scene.stubs().forEach(stub -> stub.answers(Reply.text(WORDS).cutAfter(2)));
            assertThat(ask(scene, Caller.CHAT, true, "{\"seed\":2}").text()).contains("stream_broken");
            well(scene);
            ask(scene, Caller.CHAT, false, "{\"seed\":3}");
            down(scene);

            fromMemory(scene, Caller.CHAT, false, "{\"seed\":3}");
            assertThat(ask(scene, Caller.CHAT, false, "{\"seed\":1}").status()).isEqualTo(503);
            assertThat(ask(scene, Caller.CHAT, false, "{\"seed\":2}").status()).isEqualTo(503);
        }
    }

    @Test
    void an_answer_that_another_target_finished_is_remembered_whole() {
        try (Scene scene = scene(", stale", "bactrian.chains.default=openai/m, openai/m2, stale")) {
            scene.stub("openai").answers(Reply.text(WORDS).cutAfter(2), Reply.text(WORDS));
            Answer rescued = plainly(scene, Caller.CHAT, true);
            assertThat(rescued.content()).isEqualTo(WORDS);
            down(scene);

            Answer answer = fromMemory(scene, Caller.CHAT, false, "{}");
            assertThat(answer.content()).isEqualTo(WORDS);
            assertThat(answer.json().path("id"))
                    .isEqualTo(rescued.chunks().getFirst().path("id"));
        }
    }

    @ParameterizedTest
    @CsvSource({"race,openai", "race,anthropic", "hedge,openai", "hedge,anthropic"})
    void the_answer_of_whoever_wins_a_race_is_remembered(String kind, String winner) {
        String[] group = {
            "bactrian.chains.default=" + kind + "(openai/m, anthropic/m), stale",
            "bactrian.defaults.hedge-delay=50ms",
            "bactrian.defaults.hedge-share=1"
        };
        for (boolean stream : new boolean[] {false, true}) {
            try (Scene scene = scene("", group)) {
                scene.stubs().forEach(stub -> stub.answers(Reply.silence()));
                scene.stub(winner).answers(Reply.text(WORDS).delayed(Duration.ofMillis(200)));
                assertThat(plainly(scene, Caller.CHAT, stream).content()).isEqualTo(WORDS);
                down(scene);

                assertThat(fromMemory(scene, Caller.CHAT, !stream, "{}").content())
                        .isEqualTo(WORDS);
            }
        }
    }

    @Test
    void half_an_answer_is_not_followed_by_a_last_resort() {
        try (Scene scene = scene(", static:sorry", "bactrian.defaults.patience=200ms")) {
            scene.stub("openai").answers(Reply.text(WORDS).cutAfter(2));
            scene.stub("anthropic").answers(DOWN);

            Answer answer = plainly(scene, Caller.CHAT, true);

            assertThat(answer.text()).contains("stream_broken").doesNotContain(SORRY);
        }
    }

    @Test
    void an_old_answer_is_given_no_more_and_a_young_one_tells_its_age() {
        try (Scene scene = scene(", stale, static:sorry", "bactrian.stale.max-age=3s")) {
            well(scene);
            plainly(scene, Caller.CHAT, false);
            down(scene);
            fromMemory(scene, Caller.CHAT, false, "{}");

            await().atMost(Duration.ofSeconds(3))
                    .until(() ->
                            plainly(scene, Caller.CHAT, false).header("age").equals("1"));
            await().atMost(Duration.ofSeconds(6)).until(() -> plainly(scene, Caller.CHAT, false)
                    .header("x-bactrian-target")
                    .equals("static:sorry"));
        }
    }

    @Test
    void nobody_gets_less_than_the_quality_asked_for() {
        try (Scene scene = scene(
                ", stale, static:sorry",
                "bactrian.targets.best.provider=openai",
                "bactrian.targets.best.model=m",
                "bactrian.targets.poor.provider=anthropic",
                "bactrian.targets.poor.model=m",
                "bactrian.targets.poor.quality=0.5",
                "bactrian.chains.default=best, poor, stale, static:sorry")) {
            well(scene);
            scene.stub("openai").answers(DOWN);
            assertThat(plainly(scene, Caller.CHAT, false).header("x-bactrian-target"))
                    .isEqualTo("poor");
            down(scene);

            Answer answer = fromMemory(scene, Caller.CHAT, false, "{}");
            assertThat(answer.header("x-bactrian-quality")).isEqualTo("0.5");
            assertThat(answer.header("x-bactrian-degraded")).isEqualTo("quality, stale");
            assertThat(plainly(scene, Caller.CHAT, false, "x-bactrian-min-quality", "0.5")
                            .header("x-bactrian-target"))
                    .isEqualTo("stale");
            assertThat(plainly(scene, Caller.CHAT, false, "x-bactrian-min-quality", "0.6")
                            .status())
                    .isEqualTo(503);
        }
    }

    @Test
    void who_wants_no_fallback_gets_the_error_and_so_does_who_made_a_mistake() {
        try (Scene scene = scene(", stale, static:sorry")) {
            down(scene);
            assertThat(plainly(scene, Caller.CHAT, false, "x-bactrian-fallback", "off")
                            .status())
                    .isEqualTo(503);

            scene.stubs()
                    .forEach(stub -> stub.answers(Reply.error(400, "invalid_request_error", null, "bad temperature")));
            assertThat(plainly(scene, Caller.CHAT, true).status()).isEqualTo(400);
        }
    }

    @ParameterizedTest
    @CsvSource({"false", "true"})
    void instead_of_a_long_wait_it_is_given_at_once_if_there_is_something(boolean stream) {
        try (Scene scene = scene(
                ", stale",
                "bactrian.defaults.max-attempts=3",
                "bactrian.defaults.patience=500ms",
                "bactrian.defaults.deadline=20s")) {
            well(scene);
            plainly(scene, Caller.CHAT, stream);
            scene.stubs()
                    .forEach(stub -> stub.answers(
                            Reply.error(429, "rate_limit_error", null, "slow down", "retry-after", "2"),
                            Reply.text("New.")));

            Answer answer = await().until(() -> plainly(scene, Caller.CHAT, stream), a -> a.status() == 200);
            assertThat(answer.header("x-bactrian-target")).isEqualTo("stale");
            assertThat(answer.took()).isLessThan(Duration.ofSeconds(1));

            Answer other = ask(scene, Caller.CHAT, stream, "{\"seed\":1}");
            assertThat(other.content()).isEqualTo("New.");
            assertThat(other.took()).isGreaterThan(Duration.ofMillis(500));
        }
    }

    @Test
    void at_the_deadline_it_is_given_instead_of_an_error() {
        try (Scene scene = scene(", static:sorry")) {
            scene.stubs().forEach(stub -> stub.answers(Reply.silence()));

            Answer answer = plainly(scene, Caller.CHAT, true, "x-bactrian-timeout", "700");

            assertThat(answer.content()).isEqualTo(SORRY);
            assertThat(answer.took()).isBetween(Duration.ofMillis(600), Duration.ofSeconds(3));
        }
    }

    @Test
    void who_waits_for_json_gets_no_sentence() {
        String schema =
                "{\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"a\",\"schema\":{}}}}";
        try (Scene scene = scene(", static:sorry")) {
            down(scene);
            assertThat(ask(scene, Caller.CHAT, false, schema).status()).isEqualTo(503);
        }
    }

    @Test
    void other_peoples_routes_are_told_too() throws Exception {
        try (Scene scene = scene(", static:sorry");
                ProducerTemplate template = scene.gateway().context().createProducerTemplate()) {
            down(scene);

            Exchange answer =
                    template.request("direct:chat", e -> e.getMessage().setBody("Hi"));

            assertThat(answer.getException()).isNull();
            assertThat(answer.getMessage().getHeaders())
                    .containsEntry("BactrianTarget", "static:sorry")
                    .containsEntry("BactrianDegraded", "static")
                    .containsEntry("BactrianFallbacks", 2)
                    .containsEntry("BactrianStatus", 200);
            assertThat(answer.getMessage().getBody(String.class)).contains(SORRY);
        }
    }

    @Test
    void the_log_tells_who_had_given_it_and_when() {
        Logger requests = (Logger) LoggerFactory.getLogger("bactrian.requests");
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        requests.addAppender(log);
        requests.setLevel(Level.INFO);
        try (Scene scene = scene(", stale")) {
            well(scene);
            plainly(scene, Caller.CHAT, false);
            down(scene);
            fromMemory(scene, Caller.CHAT, false, "{}");

            await().untilAsserted(() -> assertThat(List.copyOf(log.list)).anySatisfy(line -> {
                assertThat(line.getFormattedMessage()).contains("answered by stale of openai/m age=");
                assertThat(line.getLevel()).isEqualTo(Level.WARN);
            }));
            assertThat(log.list)
                    .noneSatisfy(line -> assertThat(line.getFormattedMessage()).contains(WORDS));
        } finally {
            requests.setLevel(Level.OFF);
            requests.detachAppender(log);
        }
    }

    @Test
    void a_database_keeps_it_beyond_a_restart(@TempDir Path folder) {
        String store = "bactrian.stale.store=jdbc:h2:" + folder.resolve("stale");
        try (Scene before = scene(", stale", store)) {
            well(before);
            plainly(before, Caller.MESSAGES, true);
            down(before);
            fromMemory(before, Caller.MESSAGES, false, "{}");
        }
        try (Scene after = scene(", stale", store)) {
            down(after);
            assertThat(Caller.MESSAGES.words(fromMemory(after, Caller.MESSAGES, true, "{}")))
                    .isEqualTo(WORDS);
        }
    }

    @Test
    void a_database_that_is_away_at_the_start_or_goes_away_hangs_nobody() throws IOException {
        int port;
        try (ServerSocket gone = new ServerSocket(0)) {
            port = gone.getLocalPort();
        }
        try (Scene scene = scene(
                ", stale, static:sorry",
                "bactrian.stale.store=jdbc:postgresql://127.0.0.1:" + port + "/x?user=u&password=hush")) {
            well(scene);
            assertThat(plainly(scene, Caller.CHAT, false).content()).isEqualTo(WORDS);
            down(scene);

            Answer answer = plainly(scene, Caller.CHAT, false);
            assertThat(answer.content()).isEqualTo(SORRY);
            assertThat(answer.took()).isLessThan(Duration.ofSeconds(4));
            await().untilAsserted(() -> assertThat(scene.gateway()
                            .get("/status")
                            .json()
                            .path("staleDropped")
                            .asInt())
                    .isPositive());
        }
    }

    @Test
    void a_database_that_goes_away_midway_is_passed_over_with_one_word() {
        Logger complaints = (Logger) LoggerFactory.getLogger("io.bactrian.lastresort.DatabaseWarnings");
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        Postgres postgres = Postgres.start();
        try (Scene scene = scene(", stale, static:sorry", "bactrian.stale.store=" + postgres.url())) {
            log.start();
            complaints.addAppender(log);
            well(scene);
            plainly(scene, Caller.CHAT, false);
            down(scene);
            fromMemory(scene, Caller.CHAT, false, "{}");

            postgres.close();
            List<Answer> answers = IntStream.range(0, 5)
                    .mapToObj(i -> plainly(scene, Caller.CHAT, true))
                    .toList();

            assertThat(answers).allSatisfy(answer -> {
                assertThat(answer.content()).isEqualTo(SORRY);
                assertThat(answer.took()).isLessThan(Duration.ofSeconds(4));
            });
            assertThat(log.list).extracting(ILoggingEvent::getLevel).containsExactly(Level.WARN);
            assertThat(log.list.getFirst().getFormattedMessage()).contains("PostgreSQL", "passed over");
        } finally {
            complaints.detachAppender(log);
            postgres.close();
        }
    }

    @ParameterizedTest
    @CsvSource({"''", "h2"})
    void many_at_once_get_their_own_answer_again(String kind, @TempDir Path folder) throws Exception {
        String store = kind.isEmpty() ? "" : "jdbc:h2:" + folder.resolve("many");
        try (Scene scene = scene(", stale, static:sorry", "bactrian.stale.store=" + store);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Gateway gateway = scene.gateway();
            scene.stub("openai")
                    .on(call -> Reply.text("Number " + call.json().path("seed").asInt() + "."));
            for (Answer answer : all(threads, gateway)) {
                assertThat(answer.status()).isEqualTo(200);
            }
            down(scene);

            await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
                List<Answer> answers = all(threads, gateway);
                for (int i = 0; i < answers.size(); i++) {
                    assertThat(answers.get(i).header("x-bactrian-target")).isEqualTo("stale");
                    assertThat(answers.get(i).content()).isEqualTo("Number " + i + ".");
                }
            });
        }
    }

    private static List<Answer> all(ExecutorService threads, Gateway gateway) throws Exception {
        List<Future<Answer>> asked = IntStream.range(0, 64)
                .mapToObj(i -> threads.submit(() -> gateway.post(
                        Caller.CHAT.path(), Caller.CHAT.body("default", i % 2 == 0, "{\"seed\":" + i + "}"))))
                .toList();
        List<Answer> answers = new ArrayList<>();
        for (Future<Answer> one : asked) {
            answers.add(one.get());
        }
        return answers;
    }
}
