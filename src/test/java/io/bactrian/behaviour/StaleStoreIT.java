package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import io.bactrian.testing.Caller;
import io.bactrian.testing.ConcurrentCallers;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.LogCapture;
import io.bactrian.testing.Ports;
import io.bactrian.testing.Postgres;
import io.bactrian.testing.Reply;
import io.bactrian.testing.Request;
import io.bactrian.testing.Scene;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The store behind {@code stale}: apart for every key, of a certain age, and in a database that may be away. */
@ResourceLock("threads of databases")
final class StaleStoreIT {
    private static final String SORRY = "We cannot answer now.";
    private static final String WORDS = "A camel with two humps.";
    private static final Reply DOWN = Reply.error(500, "server_error", null, "down");
    /** Every failure is the last, and nothing opens or cools. */
    private static final String[] QUICK = {
        "bactrian.defaults.max-attempts=1", "bactrian.defaults.breaker.failures=10000", "bactrian.static.sorry=" + SORRY
    };

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
    void a_database_that_is_away_at_the_start_or_goes_away_hangs_nobody() {
        try (Scene scene = scene(
                ", stale, static:sorry",
                "bactrian.stale.store=jdbc:postgresql://127.0.0.1:" + Ports.free() + "/x?user=u&password=hush")) {
            well(scene);
            assertThat(plainly(scene, Caller.CHAT, false).content()).isEqualTo(WORDS);
            down(scene);

            Answer answer = plainly(scene, Caller.CHAT, false);
            assertThat(answer.content()).isEqualTo(SORRY);
            assertThat(answer.took()).isLessThan(Duration.ofSeconds(4));
            await().untilAsserted(() ->
                    assertThat(scene.status().path("staleDropped").asInt()).isPositive());
        }
    }

    @Test
    void a_database_that_goes_away_midway_is_passed_over_with_one_word() {
        try (Postgres postgres = Postgres.start();
                LogCapture log = LogCapture.open("io.bactrian.database.DatabaseWarnings");
                Scene scene = scene(", stale, static:sorry", "bactrian.stale.store=" + postgres.url())) {
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
            assertThat(log.events()).extracting(ILoggingEvent::getLevel).containsExactly(Level.WARN);
            assertThat(log.lines().getFirst()).contains("PostgreSQL", "the step is skipped");
        }
    }

    @ParameterizedTest
    @CsvSource({"''", "h2"})
    void many_at_once_get_their_own_answer_again(String kind, @TempDir Path folder) {
        String store = kind.isEmpty() ? "" : "jdbc:h2:" + folder.resolve("many");
        try (Scene scene = scene(", stale, static:sorry", "bactrian.stale.store=" + store)) {
            scene.stub("openai")
                    .on(call -> Reply.text("Number " + call.json().path("seed").asInt() + "."));
            assertThat(all(scene))
                    .allSatisfy(answer -> assertThat(answer.status()).isEqualTo(200));
            down(scene);

            await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
                List<Answer> answers = all(scene);
                for (int i = 0; i < answers.size(); i++) {
                    assertThat(answers.get(i).header("x-bactrian-target")).isEqualTo("stale");
                    assertThat(answers.get(i).content()).isEqualTo("Number " + i + ".");
                }
            });
        }
    }

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

    private static List<Answer> all(Scene scene) {
        return ConcurrentCallers.run(IntStream.range(0, 64)
                .<Callable<Answer>>mapToObj(i -> () -> scene.gateway()
                        .ask(Request.of("default").stream(i % 2 == 0).field("seed", i)))
                .toList());
    }
}
