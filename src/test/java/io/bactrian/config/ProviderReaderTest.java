package io.bactrian.config;

import static io.bactrian.config.Reading.config;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProviderReaderTest {

    private static final String HOSTED = """
            bactrian.providers.p.base-url = https://api.example.com/v1/
            bactrian.providers.p.api-key = one, two,one,
            bactrian.chains.default = p/m
            """;

    private static Provider provider(String lines, Map<String, String> environment) {
        return config(HOSTED + lines, environment, Map.of()).providers().get("p");
    }

    private static Provider provider(String lines) {
        return provider(lines, Map.of());
    }

    @Test
    void a_provider_is_read_whole() {
        Provider provider = provider("""
                bactrian.providers.p.headers.x-team = search
                bactrian.providers.p.query.api-version = 1
                bactrian.providers.p.max-connections = 7
                bactrian.providers.p.proxy = http://proxy:3128
                """);
        assertThat(provider.baseUrl()).hasToString("https://api.example.com/v1");
        assertThat(provider.keys()).containsExactly("one", "two");
        assertThat(provider.headers()).isEqualTo(Map.of("x-team", "search"));
        assertThat(provider.query()).isEqualTo(Map.of("api-version", "1"));
        assertThat(provider.maxConnections()).isEqualTo(7);
        assertThat(provider.proxy()).hasToString("http://proxy:3128");
    }

    @Test
    void a_key_travels_as_the_protocol_wants_it() {
        assertThat(provider("").auth()).isEqualTo(Auth.BEARER);
        assertThat(provider("bactrian.providers.p.api = anthropic").auth()).isEqualTo(Auth.X_API_KEY);
        assertThat(provider("bactrian.providers.p.auth = api-key").auth()).isEqualTo(Auth.API_KEY);
        assertThat(provider("bactrian.providers.p.api-key =\nbactrian.providers.p.keyless = true")
                        .auth())
                .isEqualTo(Auth.NONE);
    }

    @Test
    void a_target_is_read_whole() {
        Target target = config(HOSTED + """
                        bactrian.targets.t.provider = p
                        bactrian.targets.t.model = m
                        bactrian.targets.t.body.reasoning_effort = "low"
                        bactrian.targets.t.body.a.b = 1
                        bactrian.targets.t.max-tokens = 100
                        bactrian.targets.t.thinks = true
                        bactrian.targets.t.quality = 0.5
                        bactrian.targets.t.context-tokens = 1000
                        bactrian.targets.t.max-output-tokens = 200
                        bactrian.targets.t.supports = prefill, -images
                        bactrian.targets.t.price-input = 2.5
                        """).targets().get("t");
        assertThat(target.body()).containsOnlyKeys("reasoning_effort", "a.b");
        assertThat(target.body().get("reasoning_effort").textValue()).isEqualTo("low");
        assertThat(target.maxTokens()).isEqualTo(100);
        assertThat(target.thinks()).isTrue();
        assertThat(target.quality()).isEqualTo(0.5);
        assertThat(target.contextTokens()).isEqualTo(1000);
        assertThat(target.maxOutputTokens()).isEqualTo(200);
        assertThat(target.supports())
                .containsExactlyInAnyOrder(Feature.TOOLS, Feature.JSON_SCHEMA, Feature.PREFILL, Feature.STREAMING);
        assertThat(target.priceInput()).isEqualTo(2.5);
        assertThat(target.priceOutput()).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "'', true",
        "other.com, true",
        "ample.com, true",
        "api.example.com, false",
        "example.com, false",
        ".example.com, false",
        "*.EXAMPLE.com, false",
        "'x, example.com:443', false",
        "example.com:8443, true",
        "*, false"
    })
    void the_proxy_of_the_environment_is_used_unless_no_proxy_says_otherwise(String noProxy, boolean used) {
        Provider provider = provider("", Map.of("HTTPS_PROXY", "http://proxy:3128", "NO_PROXY", noProxy));
        assertThat(provider.proxy() != null).isEqualTo(used);
    }

    @Test
    void the_environment_may_be_in_lower_case_and_without_a_scheme() {
        assertThat(provider("", Map.of("https_proxy", "proxy:3128")).proxy()).hasToString("http://proxy:3128");
    }

    @Test
    void a_provider_on_this_machine_never_goes_through_the_proxy_of_the_environment() {
        Map<String, String> environment = Map.of("HTTPS_PROXY", "http://proxy:3128");
        assertThat(provider("bactrian.providers.p.base-url = https://localhost:1/v1", environment)
                        .proxy())
                .isNull();
        assertThat(provider("bactrian.providers.p.base-url = https://[::1]:1/v1", environment)
                        .proxy())
                .isNull();
    }

    @Test
    void a_bad_proxy_in_the_environment_is_a_mistake_that_keeps_the_password() {
        assertThat(Reading.mistakes(HOSTED, Map.of("HTTPS_PROXY", "https://me:hush@proxy")))
                .singleElement()
                .asString()
                .startsWith("HTTPS_PROXY of the environment = https://***@proxy: ")
                .contains("http://host:port");
    }
}
