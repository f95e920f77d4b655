package io.bactrian.config;

import static io.bactrian.config.Reading.BASE;
import static io.bactrian.config.Reading.config;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class LimitsReaderTest {

    private static final String CHAIN = BASE + "bactrian.chains.fast = small, large\n";

    private static Limits limits(Config config, int candidate) {
        return config.chains().get("fast").candidates().get(candidate).limits();
    }

    @Test
    void nothing_set_gives_the_built_in_values() {
        assertThat(limits(config(CHAIN), 0))
                .isEqualTo(new Limits(
                        Duration.ofSeconds(600),
                        Duration.ofSeconds(3),
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(60),
                        Duration.ofSeconds(120),
                        Duration.ofSeconds(20),
                        3,
                        8,
                        Duration.ofMillis(500),
                        Duration.ofSeconds(30),
                        Duration.ofSeconds(5),
                        5,
                        Duration.ofSeconds(60),
                        Limits.StreamCommit.FIRST_TOKEN,
                        List.of(Limits.Rescue.PREFILL, Limits.Rescue.REPLAY),
                        Limits.StreamCommit.COMPLETE,
                        Limits.UpstreamStreaming.AUTO,
                        Limits.ContentPolicy.RETURN,
                        Limits.InvalidRequest.SECOND_OPINION,
                        null,
                        0.05,
                        200,
                        Duration.ofSeconds(30),
                        0,
                        Duration.ZERO));
    }

    @Test
    void a_target_comes_before_its_provider_then_the_chain_then_the_defaults() {
        String lines = CHAIN + "bactrian.defaults.max-attempts = 4\n";
        assertThat(limits(config(lines), 0).maxAttempts()).isEqualTo(4);
        lines += "bactrian.chains-options.fast.max-attempts = 5\n";
        assertThat(limits(config(lines), 0).maxAttempts()).isEqualTo(5);
        lines += "bactrian.providers.local.max-attempts = 6\n";
        assertThat(limits(config(lines), 0).maxAttempts()).isEqualTo(6);
        lines += "bactrian.targets.small.max-attempts = 7\n";
        assertThat(limits(config(lines), 0).maxAttempts()).isEqualTo(7);
        assertThat(limits(config(lines), 1).maxAttempts()).isEqualTo(6);
    }

    @Test
    void a_chain_has_the_limits_of_the_whole_request() {
        Config config = config(CHAIN + "bactrian.defaults.deadline = 9s\nbactrian.chains-options.fast.deadline = 8s");
        assertThat(config.chains().get("fast").limits().deadline()).hasSeconds(8);
        assertThat(config.chains().get("default").limits().deadline()).hasSeconds(9);
    }

    @Test
    void every_name_of_a_model_has_the_breaker_that_one_of_them_sets() {
        Config config = config(CHAIN + """
            bactrian.targets.twin.provider = local
            bactrian.targets.twin.model = small-1
            bactrian.targets.twin.breaker.failures = 2
            """);
        assertThat(limits(config, 0).breakerFailures()).isEqualTo(2);
        assertThat(limits(config, 1).breakerFailures()).isEqualTo(5);
        assertThat(config.candidate("local/small-1").orElseThrow().limits().breakerFailures())
                .isEqualTo(2);
    }

    @Test
    void rescue_can_be_off_or_in_an_order_of_ones_own() {
        assertThat(limits(config(CHAIN + "bactrian.defaults.stream-rescue = off"), 0)
                        .streamRescue())
                .isEmpty();
        assertThat(limits(config(CHAIN + "bactrian.defaults.stream-rescue = continue, replay"), 0)
                        .streamRescue())
                .containsExactly(Limits.Rescue.CONTINUE, Limits.Rescue.REPLAY);
    }

    @Test
    void a_hedge_delay_may_be_fixed() {
        assertThat(limits(config(CHAIN + "bactrian.defaults.hedge-delay = 800ms"), 0)
                        .hedgeDelay())
                .isEqualTo(Duration.ofMillis(800));
    }
}
