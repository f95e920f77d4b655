package io.bactrian.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Rights that callers gain by a change. */
final class WideningTest {
    private static final Config.Server TWO =
            server(Map.of("s-1", "ops", "s-2", "app"), Set.of("ops"), Map.of("app", only("cheap")));

    @Test
    void the_same_keys_with_other_secrets_widen_nothing() {
        Config.Server after = server(Map.of("s-3", "app", "s-4", "ops"), Set.of("ops"), TWO.limits());
        assertThat(Widening.of(TWO, after)).isEmpty();
        assertThat(Widening.opens(TWO, after)).isFalse();
    }

    @Test
    void no_keys_any_more_is_told_once() {
        Config.Server after = server(Map.of(), Set.of(), Map.of());
        assertThat(Widening.opens(TWO, after)).isTrue();
        assertThat(Widening.of(TWO, after)).hasSize(1).first().asString().contains("bactrian.server.open");
    }

    @Test
    void a_new_operator_is_named() {
        Config.Server after = server(TWO.keys(), Set.of("ops", "app"), TWO.limits());
        assertThat(Widening.of(TWO, after))
                .containsExactly("bactrian.server.operators: app may operate the gateway now");
        assertThat(Widening.of(after, TWO)).isEmpty();
    }

    @Test
    void a_key_that_may_ask_every_chain_is_named() {
        Config.Server after = server(TWO.keys(), TWO.operators(), Map.of());
        assertThat(Widening.of(TWO, after))
                .containsExactly("bactrian.server.limits.app.chains: app may ask every chain now");
        assertThat(Widening.of(TWO, server(Map.of("s-1", "ops"), TWO.operators(), Map.of())))
                .as("the key is gone with its limit")
                .isEmpty();
    }

    @Test
    void first_keys_take_rights_away() {
        assertThat(Widening.of(server(Map.of(), Set.of(), Map.of()), TWO)).isEmpty();
    }

    private static CallerLimits only(String chain) {
        return new CallerLimits(null, null, Set.of(chain));
    }

    private static Config.Server server(
            Map<String, String> keys, Set<String> operators, Map<String, CallerLimits> limits) {
        return new Config.Server(
                "0.0.0.0",
                8080,
                keys,
                operators,
                false,
                List.of(),
                RequestBounds.USUAL,
                100,
                List.of(),
                List.of(),
                limits,
                "");
    }
}
