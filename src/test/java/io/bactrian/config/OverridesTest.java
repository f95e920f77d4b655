package io.bactrian.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OverridesTest {

    @Test
    void system_properties_beat_the_environment_which_beats_the_file() {
        Map<String, String> file = Map.of("bactrian.demo", "file", "bactrian.drills", "file", "camel.server.port", "1");
        Map<String, String> environment = Map.of("BACTRIAN_DEMO", "env", "BACTRIAN_DRILLS", "env");
        assertThat(Overrides.apply(file, Map.of("bactrian.demo", "system"), environment))
                .isEqualTo(Map.of("bactrian.demo", "system", "bactrian.drills", "env", "camel.server.port", "1"));
    }

    @ParameterizedTest
    @CsvSource({
        "BACTRIAN_CHAINS_DEFAULT, bactrian.chains.default",
        "BACTRIAN_PROVIDERS_MY_VLLM_BASE_URL, bactrian.providers.my-vllm.base-url",
        "BACTRIAN_PROVIDERS_OPENAI_API_KEY, bactrian.providers.openai.api-key",
        "BACTRIAN_PROVIDERS_OPENAI_API, bactrian.providers.openai.api",
        "BACTRIAN_PROVIDERS_OPENAI_HEADERS_X_TEAM, bactrian.providers.openai.headers.x-team",
        "BACTRIAN_TARGETS_FAST_BODY_REASONING_EFFORT, bactrian.targets.fast.body.reasoning_effort",
        "BACTRIAN_TARGETS_FAST_MAX_BACKOFF, bactrian.targets.fast.max-backoff",
        "BACTRIAN_TARGETS_FAST_BREAKER_OPEN_FOR, bactrian.targets.fast.breaker.open-for",
        "BACTRIAN_TARGETS_FAST_DEADLINE, bactrian.targets.fast.deadline",
        "BACTRIAN_CHAINS_OPTIONS_FAST_FIRST_TOKEN_TIMEOUT, bactrian.chains-options.fast.first-token-timeout",
        "BACTRIAN_DEFAULTS_FIRST_TOKEN_TIMEOUT_THINKING, bactrian.defaults.first-token-timeout-thinking",
        "BACTRIAN_SERVER_KEYS, bactrian.server.keys",
        "CAMEL_SERVER_PORT, camel.server.port",
        "CAMEL_SERVER_HOST, camel.server.host"
    })
    void a_variable_stands_for_a_key(String variable, String key) {
        assertThat(Overrides.apply(Map.of(), Map.of(), Map.of(variable, "x"))).isEqualTo(Map.of(key, "x"));
    }

    @Test
    void a_key_of_the_file_keeps_its_spelling() {
        Map<String, String> file = Map.of("bactrian.providers.My_vLLM.base-url", "x", "bactrian.chains.Fast", "x");
        Map<String, String> environment = Map.of(
                "BACTRIAN_PROVIDERS_MY_VLLM_BASE_URL", "y",
                "BACTRIAN_PROVIDERS_MY_VLLM_API_KEY", "z",
                "BACTRIAN_CHAINS_FAST", "y");
        assertThat(Overrides.apply(file, Map.of(), environment))
                .isEqualTo(Map.of(
                        "bactrian.providers.My_vLLM.base-url", "y",
                        "bactrian.providers.My_vLLM.api-key", "z",
                        "bactrian.chains.Fast", "y"));
    }

    @Test
    void a_name_that_the_file_knows_decides_between_two_readings() {
        assertThat(Overrides.apply(
                        Map.of("bactrian.providers.x.base-url", "u"),
                        Map.of(),
                        Map.of("BACTRIAN_PROVIDERS_X_HEADERS_API_KEY", "k")))
                .containsEntry("bactrian.providers.x.headers.api-key", "k");
    }

    @Test
    void an_empty_value_overrides_too() {
        assertThat(Overrides.apply(
                        Map.of("bactrian.chains.default", "a"), Map.of(), Map.of("BACTRIAN_CHAINS_DEFAULT", "")))
                .containsEntry("bactrian.chains.default", "");
    }

    @Test
    void what_is_not_the_gateways_is_left_alone() {
        assertThat(Overrides.apply(
                        Map.of("camel.main.name", "x"),
                        Map.of("java.home", "/", "user.name", "me"),
                        Map.of("PATH", "/", "CAMEL_MAIN_NAME", "y", "BACTRIAN_PORT_8080_TCP", "z")))
                .isEqualTo(Map.of("camel.main.name", "x"));
    }

    @Test
    void a_variable_that_names_no_property_is_told_of_at_start() {
        Map<String, String> environment = Map.of(
                "BACTRIAN_DEMMO", "off",
                "BACTRIAN_SERVICE_HOST", "10.0.0.1",
                "BACTRIAN_PORT_8080_TCP_ADDR", "10.0.0.1",
                "BACTRIAN_CHAINS_DEFAULT", "x");
        assertThat(Overrides.unmatched(environment))
                .containsExactly("environment variable BACTRIAN_DEMMO names no property; did you mean BACTRIAN_DEMO?");
    }

    @Test
    void every_key_without_a_name_finds_its_way_back_from_its_variable() {
        assertThat(PropertyKeys.ALL)
                .filteredOn(row -> !row.pattern().contains("<"))
                .isNotEmpty()
                .allSatisfy(row -> assertThat(
                                Overrides.apply(Map.of(), Map.of(), Map.of(VariableNames.of(row.pattern()), "x")))
                        .containsOnlyKeys(row.pattern()));
    }
}
