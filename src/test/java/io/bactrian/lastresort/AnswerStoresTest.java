package io.bactrian.lastresort;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.config.Chain;
import io.bactrian.config.Config;
import io.bactrian.config.ConfigReader;
import io.bactrian.policy.Availability;
import io.bactrian.policy.Decision;
import io.bactrian.policy.FailureClass;
import io.bactrian.policy.FallbackPolicy;
import io.bactrian.policy.Plan;
import io.bactrian.protocol.AnswerDocument;
import io.bactrian.protocol.ChatRequest;
import io.bactrian.protocol.Json;
import io.bactrian.protocol.openai.ChatCompletions;
import io.bactrian.request.DocumentReply;
import io.bactrian.request.RequestContext;
import io.bactrian.testing.TestRequests;
import io.bactrian.testing.VirtualClock;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stored answers across changes of the configuration. */
class AnswerStoresTest {
    private static final Availability NOBODY =
            (target, now) -> new Availability.Unavailable("COOLING", FailureClass.RATE_LIMITED, now + 60_000);

    private final VirtualClock clock = new VirtualClock();

    private static Config config(String... keysAndValues) {
        Map<String, String> properties = new HashMap<>(Map.of(
                "bactrian.providers.p.base-url", "http://localhost:1/v1",
                "bactrian.providers.p.keyless", "true",
                "bactrian.chains.default", "p/m, stale"));
        for (int i = 0; i < keysAndValues.length; i += 2) {
            properties.put(keysAndValues[i], keysAndValues[i + 1]);
        }
        return ((ConfigReader.Result.Read) ConfigReader.read(properties, Map.of())).config();
    }

    private RequestContext conversation(Config config) {
        ChatRequest request = ChatCompletions.PROTOCOL.read(
                "{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}".getBytes(UTF_8));
        Chain chain = config.chain("default").orElseThrow();
        Plan plan = Plan.of(chain, true, clock.millis(), clock.millis() + 600_000, entry -> null);
        return TestRequests.planned(
                request, chain, plan, new DocumentReply(ChatCompletions.PROTOCOL, "req"), clock.millis(), false);
    }

    private void answered(LastResorts lastResorts, Config config) {
        RequestContext context = conversation(config);
        byte[] document =
                "{\"choices\":[{\"message\":{\"content\":\"Hello\"},\"finish_reason\":\"stop\"}]}".getBytes(UTF_8);
        context.answering(context.plan().candidates().getFirst(), clock.millis());
        context.reply()
                .document(new AnswerDocument(ChatCompletions.PROTOCOL, document, (ObjectNode) Json.parse(document)));
        context.trail().open("p/m").answered("OK", 200, 1, null);
        lastResorts.remember(context);
    }

    /** Whether it does, or will on a busy machine: a query that takes a second pauses the database, and the answer is stored again. */
    private boolean remembersInTime(LastResorts lastResorts, Config config) {
        boolean remembers = remembers(lastResorts, config);
        if (!remembers) {
            clock.pass(Duration.ofSeconds(6));
            answered(lastResorts, config);
        }
        return remembers;
    }

    /** The same for an answer that is stored already. */
    private boolean remembersOnceBack(LastResorts lastResorts, Config config) {
        boolean remembers = remembers(lastResorts, config);
        if (!remembers) {
            clock.pass(Duration.ofSeconds(6));
        }
        return remembers;
    }

    private boolean remembers(LastResorts lastResorts, Config config) {
        RequestContext context = conversation(config);
        lastResorts.behind(context, 0);
        return new FallbackPolicy(NOBODY, () -> 1).first(context.plan(), clock.millis())
                instanceof Decision.UseLastResort;
    }

    @Test
    void the_same_settings_have_the_same_memory_and_others_another() {
        Config config = config();
        try (AnswerStores stores = new AnswerStores(clock, () -> {})) {
            answered(stores.of(config), config);
            await().until(() -> remembersInTime(stores.of(config("bactrian.defaults.deadline", "9s")), config));

            assertThat(remembers(stores.of(config("bactrian.stale.max-age", "1h")), config))
                    .isFalse();
        }
    }

    @Test
    void another_database_is_opened_at_once_and_the_one_before_closed(@TempDir Path folder) {
        String file = "jdbc:h2:" + folder.resolve("stale");
        Config stored = config("bactrian.stale.store", file);
        try (AnswerStores stores = new AnswerStores(clock, () -> {})) {
            stores.open();
            answered(stores.of(stored), stored);
            await().until(() -> remembersInTime(stores.of(stored), stored));

            assertThat(remembers(stores.of(config()), stored)).isFalse();
            // The file was released, or it could not be opened again.
            await().until(() -> remembersOnceBack(stores.of(stored), stored));
        }
    }

    @Test
    void what_is_in_use_no_more_is_given_back(@TempDir Path folder) {
        Config stored = config("bactrian.stale.store", "jdbc:h2:" + folder.resolve("stale"));
        Config inMemory = config();
        try (AnswerStores stores = new AnswerStores(clock, () -> {})) {
            answered(stores.of(stored), stored);
            answered(stores.of(inMemory), inMemory);
            await().until(() -> remembersInTime(stores.of(stored), stored));
            await().until(() -> remembersInTime(stores.of(inMemory), inMemory));
            assertThat(poolThreads()).isNotEmpty();

            stores.only(List.of(inMemory));

            await().until(() -> poolThreads().isEmpty());
            assertThat(remembers(stores.of(inMemory), inMemory)).isTrue();
            stores.only(List.of());
            assertThat(remembers(stores.of(inMemory), inMemory)).isFalse();
            await().until(() -> remembersOnceBack(stores.of(stored), stored));
        }
    }

    private static List<String> poolThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("stale-pool-"))
                .toList();
    }

    @Test
    void where_no_chain_remembers_no_database_is_opened(@TempDir Path folder) {
        Config config =
                config("bactrian.stale.store", "jdbc:h2:" + folder.resolve("stale"), "bactrian.chains.default", "p/m");
        try (AnswerStores stores = new AnswerStores(clock, () -> {})) {
            stores.open();
            answered(stores.of(config), config);
        }
        assertThat(folder).isEmptyDirectory();
    }
}
