package io.bactrian.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.bactrian.config.AlertSettings;
import io.bactrian.config.Api;
import io.bactrian.config.CallerLimits;
import io.bactrian.config.Chain;
import io.bactrian.config.Config;
import io.bactrian.config.GenAiNames;
import io.bactrian.config.HealthSettings;
import io.bactrian.config.KafkaSettings;
import io.bactrian.config.Limits;
import io.bactrian.config.QueueSettings;
import io.bactrian.config.RequestBounds;
import io.bactrian.config.StaleSettings;
import io.bactrian.config.Target;
import io.bactrian.health.CallerRests;
import io.bactrian.health.DrillFault;
import io.bactrian.health.TargetLatencies;
import io.bactrian.lastresort.AnswerStores;
import io.bactrian.protocol.ProviderProtocols;
import io.bactrian.protocol.RequestRejected;
import io.bactrian.protocol.openai.ChatCompletions;
import io.bactrian.protocol.openai.ChatProvider;
import io.bactrian.provider.MissingCapabilities;
import io.bactrian.request.Cancellation;
import io.bactrian.request.DocumentReply;
import io.bactrian.request.InboundRequest;
import io.bactrian.request.RequestContext;
import io.bactrian.request.RequestOptions;
import io.bactrian.selection.Balance;
import io.bactrian.selection.ChainOrdering;
import io.bactrian.testing.TestChains;
import io.bactrian.testing.TestLimits;
import io.bactrian.testing.VirtualClock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class RequestPlannerTest {
    private final Limits limits = TestLimits.defaults();
    private final Target a = TestChains.target("a");
    private final Target b = TestChains.target("b");
    private final Config config = new Config(
            Map.of(a.provider().name(), a.provider(), b.provider().name(), b.provider()),
            Map.of("a", a, "b", b),
            Map.of("default", TestChains.chain(limits, a), "other", chain("other", b)),
            Map.of(),
            true,
            new Config.Server(
                    "127.0.0.1",
                    0,
                    Map.of("s1", "ann", "s2", "bob"),
                    Set.of("ann"),
                    false,
                    List.of(),
                    RequestBounds.USUAL,
                    1,
                    List.of(),
                    List.of(),
                    Map.of("bob", new CallerLimits(null, null, Set.of("default"))),
                    ""),
            false,
            new StaleSettings(Duration.ofHours(1), 1, ""),
            AlertSettings.DEFAULT,
            true,
            true,
            List.of(),
            (chain, target) -> limits,
            HealthSettings.OFF,
            QueueSettings.OFF,
            KafkaSettings.OFF,
            GenAiNames.V1_41);
    private final VirtualClock clock = new VirtualClock();
    private final RequestPlanner planner = new RequestPlanner(
            config,
            new ProviderProtocols(Map.of(Api.OPENAI, new ChatProvider())),
            new ChainSorter(
                    new ChainOrdering(new TargetLatencies(clock), (target, now) -> null), new MissingCapabilities()),
            new Balance(),
            new AnswerStores(clock, () -> {}).of(config),
            new CallerRests(),
            clock);

    private Chain chain(String name, Target target) {
        return Chain.of(name, List.of(new Chain.Entry(target, limits)), limits);
    }

    private RequestContext make(String caller, String model) {
        return planner.plan(new InboundRequest(
                "req_1",
                caller,
                ChatCompletions.PROTOCOL.read(
                        ("{\"model\":\"" + model + "\",\"messages\":[{}]}").getBytes(StandardCharsets.UTF_8)),
                new RequestOptions(null, null, true, null, null, Map.of(a.key(), DrillFault.of("429"))),
                new DocumentReply(ChatCompletions.PROTOCOL, "req_1"),
                new Cancellation(),
                Map.of()));
    }

    @Test
    void the_context_has_the_caller_and_the_drills_of_the_request() {
        assertThat(make("ann", "other").caller()).isEqualTo("ann");
        assertThat(make("", "other").caller()).isEmpty();
        assertThat(make("ann", "other").drill(a)).isEqualTo(DrillFault.of("429"));
        assertThat(make("ann", "other").drill(b)).isNull();
    }

    @Test
    void a_caller_may_ask_what_its_own_limits_do_not_forbid() {
        assertThat(make("bob", "default").chain().name()).isEqualTo("default");
        RequestRejected rejected = catchThrowableOfType(RequestRejected.class, () -> make("bob", "other"));
        assertThat(rejected.status()).isEqualTo(403);

        assertThat(planner.scope("bob").isLimited()).isTrue();
        assertThat(planner.scope("ann").isLimited()).isFalse();
        assertThat(planner.scope("ann").caller()).isEqualTo("ann");
        assertThat(planner.scope("").caller()).isEmpty();
        assertThat(planner.scope("bob").models()).containsExactly("default");
        assertThat(planner.scope("ann").models()).containsExactlyInAnyOrder("default", "other", "a", "b");
    }
}
