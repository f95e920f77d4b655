package io.bactrian.config;

import static io.bactrian.config.Reading.BASE;
import static io.bactrian.config.Reading.candidates;
import static io.bactrian.config.Reading.config;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DemoTest {

    private static final Map<String, URI> SIMULATED = Map.of(
            "anthropic", URI.create("http://127.0.0.1:1/v1"),
            "openai", URI.create("http://127.0.0.1:2/v1"),
            "groq", URI.create("http://127.0.0.1:3/openai/v1"));
    private static final String OFF = """
            bactrian.providers.anthropic.api = anthropic
            bactrian.providers.anthropic.base-url = https://api.anthropic.com/v1
            bactrian.providers.anthropic.api-key =
            bactrian.providers.mine.base-url = https://mine.example/v1
            bactrian.providers.anthropic.max-attempts = 9
            """;

    @Test
    void nothing_on_is_a_demo() {
        Config config = config(OFF);
        assertThat(config.demo()).isTrue();
        assertThat(candidates(config.chains().get("default"))).hasSize(3);
        assertThat(config("").demo()).isTrue();
    }

    @Test
    void a_chain_of_those_that_are_simulated_needs_no_other_line() {
        Config config = config("bactrian.chains.critical = race(anthropic/a, openai/b), groq/c");
        assertThat(config.demo()).isTrue();
        assertThat(candidates(config.chains().get("critical"))).containsExactly("anthropic/a", "openai/b", "groq/c");
        assertThat(Reading.mistakes("bactrian.chains.critical = antropic/a"))
                .singleElement()
                .asString()
                .contains("did you mean anthropic?");
    }

    @Test
    void several_keys_are_as_many_in_a_demo_but_not_the_real_ones() {
        Config config =
                config("bactrian.demo = on\nbactrian.providers.openai.api-key = real-1, real-2", Map.of(), SIMULATED);
        assertThat(config.providers().get("openai").keys()).containsExactly("simulated-1", "simulated-2");
    }

    @Test
    void a_provider_that_is_on_is_no_demo_unless_asked_for() {
        assertThat(config(BASE).demo()).isFalse();
        assertThat(config(BASE + "bactrian.demo = on").demo()).isTrue();
    }

    @Test
    void nothing_on_and_no_demo_is_a_mistake_that_says_how_to_go_on() {
        assertThat(Reading.mistakes(OFF + "bactrian.demo = off"))
                .singleElement()
                .asString()
                .startsWith("bactrian.demo = off: no provider is on")
                .contains("ANTHROPIC_API_KEY", "keyless = true");
    }

    @Test
    void simulated_providers_stand_in() {
        Config config = config(OFF, Map.of("HTTPS_PROXY", "http://proxy:1"), SIMULATED);
        assertThat(config.demo()).isTrue();
        assertThat(candidates(config.chains().get("default")))
                .containsExactly("anthropic/claude-sonnet-5-5", "openai/gpt-6.1-terra", "groq/openai/gpt-oss-120b");
        Provider anthropic = config.providers().get("anthropic");
        assertThat(anthropic.baseUrl()).isEqualTo(SIMULATED.get("anthropic"));
        assertThat(anthropic.api()).isEqualTo(Api.ANTHROPIC);
        assertThat(anthropic.auth()).isEqualTo(Auth.NONE);
        assertThat(anthropic.proxy()).isNull();
        assertThat(anthropic.on()).isTrue();
        assertThat(config.providers().get("groq").api()).isEqualTo(Api.OPENAI);
        assertThat(config.chains()
                        .get("default")
                        .candidates()
                        .getFirst()
                        .limits()
                        .maxAttempts())
                .isEqualTo(9);
        assertThat(config.notices()).containsExactly("provider mine is off: no bactrian.providers.mine.api-key");
    }

    @Test
    void a_demo_asked_for_takes_the_place_of_real_keys() {
        Config config =
                config(OFF + "bactrian.demo = on\nbactrian.providers.anthropic.api-key = real", Map.of(), SIMULATED);
        assertThat(config.providers().get("anthropic").keys()).isEmpty();
        assertThat(config.providers().get("anthropic").baseUrl()).isEqualTo(SIMULATED.get("anthropic"));
    }

    @Test
    void a_chain_written_by_the_user_is_kept_in_a_demo() {
        Config config = config(OFF + "bactrian.chains.default = openai/x, mine/y", Map.of(), SIMULATED);
        assertThat(candidates(config.chains().get("default"))).containsExactly("openai/x");
    }
}
