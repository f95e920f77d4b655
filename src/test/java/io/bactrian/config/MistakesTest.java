package io.bactrian.config;

import static io.bactrian.config.Reading.BASE;
import static io.bactrian.config.Reading.mistake;
import static io.bactrian.config.Reading.mistakes;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MistakesTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        bactrian.chians.fast                     | bactrian.chains.fast
        bactrian.provider.local.base-url         | bactrian.providers.local.base-url
        bactrian.providers.local.baseurl         | bactrian.providers.local.base-url
        bactrian.providers.local.api_key         | bactrian.providers.local.api-key
        bactrian.targets.small.contxt-tokens     | bactrian.targets.small.context-tokens
        bactrian.targets.small.body              | bactrian.targets.small.body.<field>
        bactrian.defaults.first-token            | bactrian.defaults.first-token-timeout
        bactrian.defaults.breaker-failures       | bactrian.defaults.breaker.failures
        bactrian.chain-options.default.deadline  | bactrian.chains-options.default.deadline
        bactrian.chains.default.deadline         | bactrian.chains-options.default.deadline
        bactrian.server.port                     | camel.server.port
        bactrian.alias                           | bactrian.aliases
        """)
    void an_unknown_key_names_the_nearest(String wrong, String right) {
        assertThat(mistake(wrong + " = hush")).startsWith(wrong + ": ").endsWith(" " + right);
    }

    @Test
    void a_misspelt_key_does_not_give_away_its_value() {
        assertThat(mistake("bactrian.providers.local.apikey = sk-secret")).doesNotContain("sk-secret");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "mysql://hush",
                "jdbc:mysql://db/hush",
                "jdbc:h2:hush",
                "jdbc:postgresql://hush",
                "jdbc:postgresql://user:hush@db/x",
                "jdbc:postgresql://db:hush/x"
            })
    void an_address_of_a_database_that_no_driver_can_read_is_told_without_it(String url) {
        assertThat(mistake("bactrian.stale.store = " + url))
                .contains("a JDBC URL")
                .doesNotContain("hush");
    }

    @Test
    void a_secret_in_a_base_url_is_not_quoted() {
        assertThat(mistake("bactrian.providers.local.base-url = https://me:hush@localhost/v1?api-key=hush-hush&a=b"))
                .contains("carries no secret", "https://***@localhost/v1?api-key=***&a=b")
                .doesNotContain("hush");
    }

    @Test
    void a_name_with_a_dot_is_told_how_to_do_without() {
        assertThat(mistakes(BASE + "bactrian.targets.gpt-4.1.model = gpt-4.1"))
                .singleElement()
                .asString()
                .contains("the name gpt-4.1 has a dot", "bactrian.targets.gpt-4-1.model");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        bactrian.defaults.deadline                 | 10      | needs a unit: 10s or 10ms
        bactrian.defaults.deadline                 | -5s     | not negative
        bactrian.defaults.deadline                 | 0s      | a duration from 1ms to 24h
        bactrian.defaults.deadline                 | 24h1ms  | a duration from 1ms to 24h
        bactrian.defaults.deadline                 | 99999999h | a duration from 1ms to 24h
        bactrian.defaults.hedge-delay              | 25h     | p95, or a duration: a duration from 0s to 24h
        bactrian.defaults.patience                 | soon    | looks like 500ms
        bactrian.defaults.hedge-delay              | p99     | p95, or a duration
        bactrian.health.period                     | 30      | needs a unit: 30s
        bactrian.targets.small.idle-timeout        | 1.5s    | looks like
        bactrian.targets.small.quality             | 1.1     | a number from 0 to 1
        bactrian.targets.small.quality             | good    | a number from 0 to 1
        bactrian.defaults.max-attempts             | 0       | a whole number from 1 to 100
        bactrian.defaults.max-attempts             | many    | a whole number from 1 to 100
        bactrian.defaults.max-attempts             | 101     | a whole number from 1 to 100
        bactrian.defaults.max-total-attempts       | -1      | a whole number from 1 to 1000
        bactrian.defaults.breaker.failures         | 1000001 | a whole number from 1 to 1000000
        bactrian.defaults.hedge-share              | 2       | a number from 0 to 1
        bactrian.targets.small.price-input         | cheap   | US dollars per million tokens from 0 to 1000000
        bactrian.targets.small.price-output        | 1000001 | US dollars per million tokens from 0 to 1000000
        bactrian.targets.small.thinks              | yes     | true or false
        bactrian.chains-options.default.stale-tools | maybe  | true or false
        bactrian.targets.small.supports            | tools, videos | any of tools, images, json-schema
        bactrian.targets.small.supports            | tools, -tools | with and without
        bactrian.targets.small.body.effort         | high    | a text needs quotes: "high"
        bactrian.targets.small.body.stop           | [1      | not JSON
        bactrian.providers.local.api               | gemini  | one of openai, anthropic
        bactrian.providers.local.auth              | basic   | one of bearer, x-api-key, api-key, none
        bactrian.providers.local.proxy             | socks5://x:1 | http://host:port
        bactrian.defaults.stream-commit            | later   | one of first-token, complete
        bactrian.defaults.stream-rescue            | retry   | off, or any of prefill, replay, continue
        bactrian.defaults.upstream-streaming       | true    | one of on, off, auto
        bactrian.defaults.content-policy           | skip    | one of return, next
        bactrian.chains-options.default.order      | best    | one of written, fastest, cheapest, least-busy
        bactrian.demo                              | true    | one of auto, on, off
        bactrian.server.max-body                   | huge    | 20MB, 512KB, 1GB
        bactrian.server.max-body                   | 0       | a size from 1B to 1GB
        bactrian.server.max-body                   | 2GB     | a size from 1B to 1GB
        bactrian.server.max-in-flight              | 0       | a whole number from 1 to 1000000
        bactrian.stale.max-age                     | 0s      | a duration from 1ms to 8760h
        bactrian.server.cors                       | app.example.com | https://app.example.com
        camel.server.port                          | 70000   | from 0 to 65535
        bactrian.queue.enabled                     | maybe   | true or false
        bactrian.kafka.brokers                     | kafka   | addresses of brokers, host:port, separated by commas
        bactrian.kafka.requests                    | a b     | the name of a topic: letters, digits, dots, underscores and hyphens
        """)
    void a_bad_value_is_named_with_its_key_and_what_would_be_right(String key, String value, String right) {
        assertThat(mistake(key + " = " + value))
                .startsWith(key + " = " + value + ": ")
                .contains(right);
    }

    @ParameterizedTest
    @CsvSource({
        "ftp://x/v1, an http or https URL",
        "api.openai.com/v1, an http or https URL",
        "http://, an http or https URL",
        "https://x/v1/chat/completions, ends before /chat/completions",
        "https://x/v1?key=1, ends before ?"
    })
    void a_base_url_is_checked(String url, String right) {
        assertThat(mistakes("bactrian.providers.p.base-url = %s\nbactrian.providers.p.keyless = true".formatted(url)))
                .singleElement()
                .asString()
                .startsWith("bactrian.providers.p.base-url = " + url)
                .contains(right);
    }

    @Test
    void a_password_in_a_url_is_not_quoted() {
        assertThat(mistakes("bactrian.providers.p.base-url = https://me:hush@x/v1"))
                .singleElement()
                .asString()
                .contains("//***@x/v1", "api-key")
                .doesNotContain("hush");
    }

    @Test
    void secrets_are_not_quoted_when_they_are_bad() {
        assertThat(mistake("bactrian.providers.local.api-key = sk hush"))
                .contains("***")
                .doesNotContain("hush");
        assertThat(mistake("bactrian.alerts.webhook = hooks/hush"))
                .contains("***")
                .doesNotContain("hush");
        assertThat(mistake("bactrian.providers.local.headers.authorization = hüsh"))
                .contains("***")
                .doesNotContain("hüsh");
    }

    @Test
    void a_provider_needs_a_base_url() {
        assertThat(mistake("bactrian.providers.locla.api-key = x"))
                .startsWith("bactrian.providers.locla.base-url: not set")
                .endsWith("did you mean local?");
    }

    @Test
    void a_target_needs_a_provider_and_a_model() {
        assertThat(mistakes(BASE + "bactrian.targets.half.quality = 1"))
                .hasSize(2)
                .anyMatch(line -> line.startsWith("bactrian.targets.half.provider: not set"))
                .anyMatch(line -> line.startsWith("bactrian.targets.half.model: not set"));
    }

    @Test
    void a_target_of_an_unknown_provider_names_those_there_are() {
        assertThat(mistake("bactrian.targets.x.provider = lokal\nbactrian.targets.x.model = m"))
                .startsWith("bactrian.targets.x.provider = lokal")
                .contains("did you mean local?", "there are: local");
    }

    @ParameterizedTest
    @CsvSource({"a/b", "a b", "a:b"})
    void a_name_has_plain_characters(String name) {
        assertThat(mistakes(BASE
                        + "bactrian.targets.%1$s.provider = local\nbactrian.targets.%1$s.model = m".formatted(name)))
                .hasSize(2)
                .allMatch(line -> line.contains("the name \"" + name + "\" may have letters"));
    }

    @Test
    void a_target_cannot_be_called_as_the_default_chain() {
        assertThat(mistakes(BASE + "bactrian.targets.default.provider = local\nbactrian.targets.default.model = m"))
                .anyMatch(line -> line.startsWith("bactrian.targets.default: "));
    }

    @Test
    void a_chain_cannot_be_called_as_a_target() {
        assertThat(mistake("bactrian.chains.small = large"))
                .startsWith("bactrian.chains.small: ")
                .contains("rename");
    }

    @Test
    void names_of_one_model_cannot_disagree_about_its_breaker() {
        assertThat(mistake("""
            bactrian.targets.twin.provider = local
            bactrian.targets.twin.model = small-1
            bactrian.targets.small.breaker.failures = 2
            bactrian.targets.twin.breaker.failures = 3
            """))
                .startsWith(
                        "bactrian.targets.twin.breaker.failures = 3: bactrian.targets.small.breaker.failures says 2")
                .contains("local/small-1");
    }

    @Test
    void options_of_an_unknown_chain_are_a_mistake() {
        assertThat(mistake("bactrian.chains.fast = small\nbactrian.chains-options.fsat.deadline = 1s"))
                .startsWith("bactrian.chains-options.fsat: ")
                .contains("did you mean fast?");
    }

    @Test
    void all_mistakes_come_at_once_and_each_once() {
        assertThat(mistakes("""
            bactrian.providers.p.api-key = x
            bactrian.targets.t.provider = q
            bactrian.targets.t.model = m
            bactrian.chains.default = t, u
            bactrian.chains.other = t
            bactrian.defaults.deadline = 5
            bactrian.nonsense = 1
            """)).hasSize(5);
    }

    @Test
    void a_mistake_is_one_line() {
        assertThat(ConfigReader.read(Map.of("bactrian.defaults.deadline", "1\n2"), Map.of()))
                .isInstanceOfSatisfying(ConfigReader.Result.Mistakes.class, mistakes -> assertThat(mistakes.lines())
                        .noneMatch(line -> line.contains("\n")));
    }
}
