package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.ConcurrentCallers;
import io.bactrian.testing.Gateway;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.LogCapture;
import io.bactrian.testing.Postgres;
import io.bactrian.testing.Relay;
import io.bactrian.testing.Reply;
import io.bactrian.testing.Request;
import io.bactrian.testing.StubProvider;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Limits of callers that two gateways share through PostgreSQL, which may be away. */
final class SharedLimitsIT {
    private static final StubProvider provider = StubProvider.openai();
    private static Postgres postgres;
    private static Gateway one;
    private static Gateway two;

    @BeforeAll
    static void start() {
        postgres = Postgres.start();
        one = gateway("bactrian.shared.limits=" + postgres.url());
        two = gateway("bactrian.shared.limits=" + postgres.url());
    }

    @Test
    void of_sixty_requests_at_two_nodes_at_once_as_many_come_in_as_one_key_may_send() {
        List<Answer> answers = ConcurrentCallers.run(IntStream.range(0, 60)
                .<Callable<Answer>>mapToObj(i -> () -> ask(i % 2 == 0 ? one : two, "twenty"))
                .toList());

        // One is filled in 3 s; a machine that takes a minute for them would be too slow.
        assertThat(answers).filteredOn(answer -> answer.status() == 200).hasSizeBetween(20, 40);
        assertThat(answers)
                .filteredOn(answer -> answer.status() != 200)
                .hasSizeGreaterThanOrEqualTo(20)
                .allSatisfy(answer -> {
                    assertThat(answer.status()).isEqualTo(429);
                    assertThat(Integer.parseInt(answer.header("retry-after"))).isBetween(1, 60);
                    assertThat(answer.header("x-ratelimit-limit-requests")).isEqualTo("20");
                });
    }

    @Test
    void what_one_node_has_taken_is_missing_at_the_other() {
        provider.answers(Reply.text("word ".repeat(50)));

        // 20 for the prompt and 50 words of 100 a minute; told without a request. Again, where the machine is too slow
        // for the store.
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(500))
                .until(() -> {
                    ask(one, "tokens");
                    return left(two, "tokens") < 60;
                });
        assertThat(left(one, "tokens")).isLessThan(60);
    }

    @Test
    void nodes_with_different_limits_for_a_key_keep_to_their_own() {
        Gateway other = gateway(
                "bactrian.shared.limits=" + postgres.url(), "bactrian.server.limits.twice.requests-per-minute=2");
        try (other) {
            assertThat(List.of(ask(one, "twice").status(), ask(one, "twice").status()))
                    .containsExactly(200, 429);
            assertThat(List.of(
                            ask(other, "twice").status(),
                            ask(other, "twice").status(),
                            ask(other, "twice").status()))
                    .containsExactly(200, 200, 429);
        }
    }

    @Test
    void a_store_that_goes_away_stops_no_request_and_counts_again_when_it_is_back() {
        try (LogCapture log = LogCapture.open("bactrian.limits");
                Relay relay = new Relay(port(postgres.url()));
                Gateway third = gateway("bactrian.shared.limits=" + through(relay))) {
            assertThat(ask(third, "five").header("x-ratelimit-remaining-requests"))
                    .isEqualTo("4");
            relay.cut(true);

            List<Integer> statuses = IntStream.range(0, 6)
                    .mapToObj(i -> ask(third, "five").status())
                    .toList();
            // The node's own quota has what was left.
            assertThat(statuses).startsWith(200, 200, 200, 200).endsWith(429);
            await().atMost(Duration.ofSeconds(30)).until(() -> {
                ask(third, "plenty");
                return log.lines().stream()
                        .anyMatch(line ->
                                line.contains("PostgreSQL") && line.contains("fails") && line.contains("by itself"));
            });

            relay.cut(false);
            await().atMost(Duration.ofSeconds(40))
                    .until(() -> log.lines().getLast().contains("works again"));
        }
    }

    @Test
    void a_store_that_is_silent_holds_a_request_up_for_a_moment_only() {
        try (Relay silent = new Relay(port(postgres.url()));
                Gateway third = gateway("bactrian.shared.limits=" + through(silent))) {
            assertThat(ask(third, "plenty").status()).isEqualTo(200);
            silent.hold(true);

            List<Answer> answers = ConcurrentCallers.run(IntStream.range(0, 40)
                    .<Callable<Answer>>mapToObj(i -> () -> ask(third, "plenty"))
                    .toList());
            assertThat(answers).allSatisfy(answer -> {
                assertThat(answer.status()).isEqualTo(200);
                assertThat(answer.took()).isLessThan(Duration.ofSeconds(8));
            });
            assertThat(third.get("/metrics", "x-api-key", "key-of-plenty").text())
                    .containsPattern("bactrian_shared_limits_total\\{result=\"own\"} [1-9]");
        }
    }

    @Test
    void a_store_that_is_away_at_the_start_holds_the_start_up_for_a_moment_only() {
        try (Relay away = new Relay(port(postgres.url()))) {
            away.cut(true);
            try (Gateway third = gateway("bactrian.shared.limits=" + through(away))) {
                assertThat(ask(third, "once").status()).isEqualTo(200);
                assertThat(ask(third, "once").status()).isEqualTo(429);
                away.cut(false);
                await().atMost(Duration.ofSeconds(30)).until(() -> {
                    ask(third, "once");
                    return rows("requests/1/once") == 1;
                });
            }
        }
    }

    @Test
    void the_store_is_named_by_a_reload_and_its_table_forgets_full_limits() throws IOException, SQLException {
        try (Gateway third = gateway()) {
            Path file = third.directory().resolve("application.properties");
            Files.writeString(file, Files.readString(file) + "\nbactrian.shared.limits=" + postgres.url() + "\n");
            await().atMost(Duration.ofSeconds(30)).until(() -> {
                ask(third, "reloaded");
                return rows("requests/1000000/reloaded") == 1;
            });
            assertThat(fullAt("requests/1000000/reloaded") - System.currentTimeMillis())
                    .isBetween(-60_000L, 60_000L);
        }
    }

    private static Answer ask(Gateway gateway, String key) {
        return gateway.ask(Request.of("default").header("authorization", "Bearer key-of-" + key));
    }

    private static int left(Gateway gateway, String key) {
        Answer models = gateway.get("/v1/models", "authorization", "Bearer key-of-" + key);
        String kind = key.equals("tokens") ? "tokens" : "requests";
        return Integer.parseInt(models.header("x-ratelimit-remaining-" + kind));
    }

    private static Gateway gateway(String... more) {
        String keys = String.join(
                ", ",
                List.of("plenty twenty tokens twice five once reloaded".split(" ")).stream()
                        .map(name -> name + ":key-of-" + name)
                        .toList());
        List<String> lines = new ArrayList<>(List.of(
                "camel.server.host=127.0.0.1",
                "bactrian.server.keys=" + keys,
                "bactrian.server.limits.plenty.requests-per-minute=100000",
                "bactrian.server.limits.twenty.requests-per-minute=20",
                "bactrian.server.limits.tokens.tokens-per-minute=100",
                "bactrian.server.limits.five.requests-per-minute=5",
                "bactrian.server.limits.once.requests-per-minute=1",
                "bactrian.server.limits.reloaded.requests-per-minute=1000000"));
        if (List.of(more).stream().noneMatch(line -> line.contains(".twice."))) {
            lines.add("bactrian.server.limits.twice.requests-per-minute=1");
        }
        lines.addAll(List.of(more));
        return Gateway.over(Map.of("p", provider), lines.toArray(String[]::new));
    }

    private static int port(String url) {
        return URI.create(url.substring("jdbc:".length())).getPort();
    }

    private static String through(Relay relay) {
        return postgres.url().replace(":" + port(postgres.url()), ":" + relay.port());
    }

    private static long rows(String id) throws SQLException {
        return number("select count(*) from bactrian_limits where id = '" + id + "'");
    }

    private static long fullAt(String id) throws SQLException {
        return number("select full_at from bactrian_limits where id = '" + id + "'");
    }

    private static long number(String query) throws SQLException {
        try (Connection connection = DriverManager.getConnection(postgres.url());
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getLong(1);
        }
    }

    @AfterAll
    static void stop() {
        one.close();
        two.close();
        postgres.close();
        provider.close();
    }
}
