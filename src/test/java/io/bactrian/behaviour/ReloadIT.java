package io.bactrian.behaviour;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.Reply;
import io.bactrian.testing.StubProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/** Changes of {@code application.properties} while the gateway runs: what takes effect, what is refused, and what stays known. */
@ResourceLock(LiveGateway.LOG)
@ResourceLock("threads of databases")
final class ReloadIT {
    private static final String ASK = "{\"model\":\"default\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}";

    private final StubProvider p = StubProvider.openai().answers(Reply.text("from p"));
    private final StubProvider f = StubProvider.openai().answers(Reply.text("from f"));

    @AfterEach
    void close() {
        p.close();
        f.close();
    }

    @Test
    void a_breaker_of_an_unchanged_target_stays_open_and_that_of_a_changed_one_starts_afresh() {
        p.answers(Reply.error(500, "server_error", null, "broken"));
        try (LiveGateway live = LiveGateway.with(lines("bactrian.defaults.breaker.failures=1"))) {
            assertThat(live.gateway().ask().content()).isEqualTo("from f");
            JsonNode before = live.target("p/m");
            assertThat(before.path("breaker").asText()).isEqualTo("OPEN");

            live.change(lines("bactrian.defaults.breaker.failures=1", "bactrian.aliases=gpt: default"));
            JsonNode after = live.target("p/m");
            assertThat(after.path("breaker").asText()).isEqualTo("OPEN");
            assertThat(after.path("coolingUntil")).isEqualTo(before.path("coolingUntil"));
            assertThat(after.path("lastFailure")).isEqualTo(before.path("lastFailure"));
            assertThat(live.gateway().ask().header("x-bactrian-skipped")).isEqualTo("p/m=CIRCUIT_OPEN");

            live.change(lines("bactrian.defaults.breaker.failures=2", "bactrian.aliases=gpt: default"));
            assertThat(live.target("p/m").path("breaker").asText()).isEqualTo("CLOSED");
            assertThat(live.target("f/m").path("answers").asInt()).isEqualTo(2);
        }
    }

    @Test
    void what_was_known_of_a_provider_ends_when_it_is_another_one() {
        p.answers(Reply.error(404, "not_found_error", "model_not_found", "no such model"));
        try (LiveGateway live = LiveGateway.with(lines())) {
            assertThat(live.gateway().ask().content()).isEqualTo("from f");
            assertThat(live.target("p/m").path("available").asBoolean()).isFalse();

            p.answers(Reply.text("now it is there"));
            live.change(lines("bactrian.providers.p.headers.x-team=search"));

            assertThat(live.gateway().ask().content()).isEqualTo("now it is there");
            assertThat(p.lastCall().header("x-team")).isEqualTo("search");
        }
    }

    @Test
    void a_key_in_the_place_of_one_that_rests_is_used_at_once() {
        p.on(call -> "Bearer good-key-1234567890".equals(call.header("authorization"))
                ? Reply.text("from p")
                : Reply.error(401, "authentication_error", "invalid_api_key", "who?"));
        String keyed = "bactrian.providers.p.keyless=false";
        try (LiveGateway live = LiveGateway.with(lines(keyed, "bactrian.providers.p.api-key=bad-key-1234567890"))) {
            assertThat(live.gateway().ask().attempts()).isEqualTo("p/m=AUTHENTICATION, f/m=OK");
            assertThat(live.gateway().ask().header("x-bactrian-skipped")).isEqualTo("p/m=COOLING");

            live.change(lines(keyed, "bactrian.providers.p.api-key=good-key-1234567890"));

            assertThat(live.gateway().ask().attempts()).isEqualTo("p/m=OK");
            assertThat(live.said("Reloaded")).containsExactly("Reloaded: provider p changed");
        }
    }

    @Test
    void a_bad_configuration_changes_nothing_and_every_mistake_is_told_once() {
        try (LiveGateway live = LiveGateway.with(lines())) {
            String loadedAt = live.configuration().path("loadedAt").asText();

            List<String> told = live.refused(() -> live.properties(lines(
                    "bactrian.defaults.idle-timeout=soon", "bactrian.chains.mine=nobody, f/m", "bactrian.foo=1")));

            assertThat(told.getFirst()).contains("the previous one keeps serving", "3 errors");
            assertThat(told).hasSize(4);
            assertThat(told)
                    .anyMatch(l -> l.contains("bactrian.defaults.idle-timeout = soon"))
                    .anyMatch(l -> l.contains("bactrian.chains.mine") && l.contains("nobody"))
                    .anyMatch(l -> l.contains("bactrian.foo"));
            assertThat(live.configuration().path("lastError").asText())
                    .contains("bactrian.defaults.idle-timeout = soon");
            assertThat(live.configuration().path("loadedAt").asText()).isEqualTo(loadedAt);
            assertThat(live.gateway().ask().content()).isEqualTo("from p");

            live.change(lines("bactrian.chains.default=f/m"));
            assertThat(live.gateway().ask().content()).isEqualTo("from f");
            assertThat(live.configuration().has("lastError")).isFalse();
            assertThat(live.errors()).hasSize(4);
            assertThat(live.said("Reloaded")).containsExactly("Reloaded: chain default changed");
        }
    }

    @Test
    void a_mistake_that_is_taken_back_is_forgotten() {
        try (LiveGateway live = LiveGateway.with(lines())) {
            live.refused(() -> live.properties(lines("bactrian.foo=1")));
            live.properties(lines());
            await().until(() -> !live.configuration().has("lastError"));
            assertThat(live.said("Configuration on disk matches the running one again; the last error is cleared"))
                    .hasSize(1);
        }
    }

    @Test
    void a_configuration_that_is_gone_is_no_wish_for_the_built_in_one() {
        try (LiveGateway live = LiveGateway.with(lines())) {
            assertThat(live.refused(() -> live.delete("application.properties")))
                    .anyMatch(l -> l.contains("application.properties was removed"));
            assertThat(live.gateway().ask().content()).isEqualTo("from p");
        }
    }

    @Test
    void a_swap_of_links_as_in_kubernetes_is_a_change(@TempDir Path directory) throws IOException {
        for (String version : List.of("one", "two")) {
            Path folder = Files.createDirectory(directory.resolve(".." + version));
            String chain = version.equals("one") ? "p/m" : "f/m";
            Files.write(folder.resolve("application.properties"), lines("bactrian.chains.default=" + chain));
        }
        Path data = Files.createSymbolicLink(directory.resolve("..data"), Path.of("..one"));
        Files.createSymbolicLink(directory.resolve("application.properties"), Path.of("..data/application.properties"));
        try (LiveGateway live = LiveGateway.in(directory)) {
            assertThat(live.gateway().ask().content()).isEqualTo("from p");

            live.serves(() -> swap(data, "..two"));

            assertThat(live.gateway().ask().content()).isEqualTo("from f");
        }
    }

    private static void swap(Path link, String to) {
        try {
            Path next = Files.createSymbolicLink(link.resolveSibling("..data_tmp"), Path.of(to));
            Files.move(next, link, ATOMIC_MOVE);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void a_database_that_no_chain_remembers_with_any_more_is_let_go_of(@TempDir Path folder) {
        String chain = "bactrian.chains.default=p/m, f/m, stale";
        try (LiveGateway live =
                LiveGateway.with(lines(chain, "bactrian.stale.store=jdbc:h2:" + folder.resolve("stale")))) {
            assertThat(live.gateway().ask().content()).isEqualTo("from p");
            await().until(() -> databaseThreads() > 0);

            live.change(lines(chain, "bactrian.stale.max-age=1h"));

            await().until(() -> databaseThreads() == 0);
            assertThat(live.gateway().ask().content()).isEqualTo("from p");
        }
    }

    private static long databaseThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().matches("(stale-pool-|MVStore).*"))
                .count();
    }

    @Test
    void what_needs_a_restart_is_named_and_the_rest_takes_effect() {
        try (LiveGateway live = LiveGateway.with(lines())) {
            int port = live.gateway().port();
            live.change(lines(
                    "camel.server.port=1",
                    "bactrian.server.keys=one:first-key-1",
                    "bactrian.server.cors=https://a.example"));

            assertThat(live.gateway().port()).isEqualTo(port);
            assertThat(live.said("Needs a restart"))
                    .containsExactly("Needs a restart to take effect: camel.server.port, camel.server.host");
            assertThat(live.gateway().ask().status()).isEqualTo(401);
            Answer answer = live.gateway().ask("x-api-key", "first-key-1", "origin", "https://a.example");
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.header("access-control-allow-origin")).isEqualTo("https://a.example");
            assertThat(String.join("\n", live.said(""))).doesNotContain("first-key-1");

            live.change(lines());
            assertThat(live.said("Needs a restart")).hasSize(1);
        }
    }

    @Test
    void callers_keys_are_not_taken_away_from_a_gateway_that_others_can_reach() {
        List<String> locked = lines("bactrian.server.keys=one:first-key-1", "camel.server.host=0.0.0.0");
        try (LiveGateway live = LiveGateway.with(locked)) {
            live.change(lines("bactrian.server.keys=one:first-key-1", "camel.server.host=127.0.0.1"));
            live.properties(lines());
            await().until(() -> live.errors().size() == 2);
            assertThat(live.errors().get(1))
                    .contains("bactrian.server.keys", "0.0.0.0")
                    .doesNotContain("first-key-1");
            assertThat(live.gateway().ask().status()).isEqualTo(401);
        }
    }

    @Test
    void a_file_that_loses_its_keys_does_not_open_the_gateway() {
        List<String> losses = List.of("", "bactrian.server.keys=", "#bactrian.server.keys=one:first-key-1");
        try (LiveGateway live =
                LiveGateway.with(lines("bactrian.server.keys=one:first-key-1", "camel.server.host=0.0.0.0"))) {
            for (int i = 1; i <= losses.size(); i++) {
                int errors = 2 * i;
                live.properties(without(losses.get(i - 1)));
                await().atMost(Duration.ofSeconds(20)).until(() -> live.errors().size() == errors);
                assertThat(live.errors().getLast())
                        .contains("bactrian.server.keys", "bactrian.server.open = true")
                        .doesNotContain("first-key-1");
                assertThat(live.gateway().ask().status()).isEqualTo(401);
            }
            live.change(without("bactrian.server.open=true"));
            assertThat(live.said("bactrian.server.open = true: callers need no key"))
                    .hasSize(1);
            assertThat(live.gateway().ask().status()).isEqualTo(200);
        }
    }

    private List<String> without(String instead) {
        return Stream.concat(lines("camel.server.host=0.0.0.0").stream(), Stream.of(instead))
                .toList();
    }

    @Test
    void a_file_without_a_property_is_no_configuration() {
        try (LiveGateway live = LiveGateway.with(lines())) {
            assertThat(live.refused(() -> live.properties(List.of("# to be written"))))
                    .anyMatch(l -> l.contains("application.properties is empty now"));
            assertThat(live.gateway().ask().content()).isEqualTo("from p");
        }
    }

    @Test
    void the_size_of_bodies_and_the_number_of_requests_follow() {
        CountDownLatch released = new CountDownLatch(1);
        p.answers(Reply.text("slow").heldUntil(released));
        try (LiveGateway live = LiveGateway.with(lines())) {
            List<CompletableFuture<Answer>> inside = Stream.of(1, 2)
                    .map(i -> CompletableFuture.supplyAsync(() -> live.gateway().ask(), Thread::startVirtualThread))
                    .toList();
            await().until(() -> p.calls().size() == 2);

            live.change(lines("bactrian.server.max-in-flight=2", "bactrian.server.max-body=1KB"));

            assertThat(live.gateway().ask().error("code")).isEqualTo("too_many_requests");
            released.countDown();
            assertThat(inside).allMatch(i -> i.join().content().equals("slow"));
            String long1 = ASK.replace("Hi", "Hi".repeat(1000));
            assertThat(live.gateway().post("/v1/chat/completions", long1).status())
                    .isEqualTo(413);
        }
    }

    @Test
    void simulated_providers_go_when_a_real_one_comes_and_come_back() {
        try (LiveGateway live = LiveGateway.with(List.of("camel.server.port=0"))) {
            live.change(List.of("camel.server.port=0", "bactrian.aliases=gpt: default"));
            assertThat(live.gateway().ask().header("x-bactrian-demo")).isEqualTo("true");
            assertThat(live.gateway().post("/demo/openai/fault?kind=503", "").status())
                    .isEqualTo(200);

            live.change(lines());
            assertThat(live.gateway().ask().content()).isEqualTo("from p");
            assertThat(live.gateway().ask().header("x-bactrian-demo")).isEmpty();
            assertThat(live.gateway().post("/demo/openai/fault?kind=off", "").status())
                    .isEqualTo(404);

            assertThat(live.refused(() -> live.properties(List.of("camel.server.port=0"))))
                    .anyMatch(l -> l.contains("no provider is on any more"));
            assertThat(live.gateway().ask().content()).isEqualTo("from p");
            live.change(List.of("camel.server.port=0", "bactrian.demo=on"));
            assertThat(live.gateway().ask().header("x-bactrian-demo")).isEqualTo("true");
            assertThat(live.gateway().post("/demo/groq/fault?kind=off", "").text())
                    .contains("\"openai\":\"503\"");
        }
    }

    @Test
    void a_file_that_cannot_be_read_is_told_and_changes_nothing() throws IOException {
        try (LiveGateway live = LiveGateway.with(lines())) {
            live.serves(live::ownRoutes);
            Path link = live.directory().resolve("routes/more.camel.yaml");
            Files.createSymbolicLink(link, Path.of("nowhere"));
            await().until(() -> live.errors().stream().anyMatch(l -> l.contains("more.camel.yaml")));
            assertThat(live.gateway().ask().content()).isEqualTo("from p");
            Files.delete(link);
            live.change(lines("bactrian.chains.default=f/m"));
            assertThat(live.gateway().ask().content()).isEqualTo("from f");
        }
    }

    @Test
    void reload_can_be_switched_off() {
        try (LiveGateway live = LiveGateway.with(lines())) {
            live.change(lines("bactrian.reload=false"));
            assertThat(live.said("bactrian.reload is false")).hasSize(1);
            CamelContext last = live.gateway().context();
            live.properties(lines("bactrian.chains.default=f/m"));
            await().during(LiveGateway.EVERY.multipliedBy(10))
                    .until(() -> live.gateway().context() == last);
            assertThat(live.gateway().ask().content()).isEqualTo("from p");
        }
    }

    private List<String> lines(String... more) {
        return LiveGateway.lines(p, f, more);
    }
}
