package io.bactrian.config;

import static io.bactrian.config.Reading.BASE;
import static io.bactrian.config.Reading.candidates;
import static io.bactrian.config.Reading.config;
import static io.bactrian.config.Reading.mistake;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChainReaderTest {

    private static final String HOSTED = """
        bactrian.providers.anthropic.api = anthropic
        bactrian.providers.anthropic.base-url = https://api.anthropic.com/v1
        bactrian.providers.openai.base-url = https://api.openai.com/v1
        bactrian.providers.groq.base-url = https://api.groq.com/openai/v1
        """;

    @Test
    void a_chain_has_its_steps_in_order_and_each_once() {
        Config config = config(BASE + "bactrian.chains.fast = small, local/a/b, large,, small, local/a/b,");
        assertThat(candidates(config.chains().get("fast"))).containsExactly("small", "local/a/b", "large");
    }

    @Test
    void a_step_written_out_is_split_at_the_first_slash() {
        Chain chain = config(BASE + "bactrian.chains.fast = local/openai/gpt-oss:20b")
                .chains()
                .get("fast");
        Target target = chain.candidates().getFirst().target();
        assertThat(target.provider().name()).isEqualTo("local");
        assertThat(target.model()).isEqualTo("openai/gpt-oss:20b");
        assertThat(target.name()).isEqualTo("local/openai/gpt-oss:20b");
        assertThat(target.maxTokens()).isEqualTo(8192);
        assertThat(target.supports()).doesNotContain(Feature.PREFILL).hasSize(4);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        smal, large                 | did you mean small? (there are: small, large)
        lokal/m, large              | no provider is called lokal; did you mean local? (there are: local)
        local/                      | local/ is not provider/model
        local/a b                   | is not provider/model
        ,                           | at least one step
        default, small              | default is a chain
        race()                      | race() is empty
        race(small)                 | race(…) has one target only
        race(small, small)          | race(…) has one target only
        race(small, large, small)   | names a target twice
        rase(small, large)          | there is no group rase(…)
        race(small*2, large)        | race(…) takes no weights; write small
        balance(small*0, large)     | a weight is a number above 0
        balance(small*x, large)     | a weight is a number above 0
        small*3, large              | only balance(…) takes weights
        race(small, hedge(large, local/m)) | holds another group
        race(small, smal)           | did you mean small?
        race(small, stale)          | it can only end a chain
        stale                       | at least one step
        stale, small                | end a chain
        small, static:sorry         | set bactrian.static.sorry
        race(small, large           | parenthesis
        small), (large              | parenthesis
        """)
    void a_bad_chain_is_a_mistake(String steps, String right) {
        assertThat(mistake("bactrian.chains.fast = " + steps))
                .startsWith("bactrian.chains.fast = " + steps + ": ")
                .contains(right);
    }

    @Test
    void a_chain_without_a_step_is_a_mistake() {
        assertThat(mistake("bactrian.chains.fast =")).contains("at least one step");
    }

    @Test
    void the_default_chain_has_the_well_known_models_that_are_on() {
        Config config =
                config(BASE + HOSTED + "bactrian.providers.anthropic.api-key = a\nbactrian.providers.groq.api-key = b");
        assertThat(candidates(config.chains().get("default")))
                .containsExactly("anthropic/claude-sonnet-5-5", "groq/openai/gpt-oss-120b");
        assertThat(config.notices()).containsExactly("provider openai is off: no bactrian.providers.openai.api-key");
    }

    @Test
    void the_default_chain_has_every_target_when_no_well_known_provider_is_on() {
        assertThat(candidates(config(BASE + HOSTED).chains().get("default"))).containsExactly("small", "large");
    }

    @Test
    void the_default_chain_must_be_written_when_there_is_nothing_to_make_it_of() {
        assertThat(Reading.mistakes("bactrian.providers.p.base-url = http://h/v1\nbactrian.providers.p.keyless = true"))
                .singleElement()
                .asString()
                .startsWith("bactrian.chains.default: ")
                .contains("p/<model>");
    }

    @Test
    void a_provider_that_is_off_is_left_out_of_every_chain() {
        Config config = config(BASE + HOSTED + """
            bactrian.targets.sonnet.provider = anthropic
            bactrian.targets.sonnet.model = claude
            bactrian.chains.default = sonnet, small
            bactrian.chains.best = sonnet, openai/gpt
            """);
        assertThat(candidates(config.chains().get("default"))).containsExactly("small");
        assertThat(config.chains()).doesNotContainKey("best");
        assertThat(config.targets()).doesNotContainKey("sonnet");
        assertThat(config.notices())
                .contains("chain best is left out: all of its providers are off (anthropic, openai)")
                .filteredOn(notice -> notice.startsWith("provider anthropic is off"))
                .hasSize(1);
    }

    @Test
    void the_default_chain_exists_even_if_all_that_it_names_is_off() {
        Config config = config(BASE + HOSTED + "bactrian.chains.default = openai/gpt");
        assertThat(candidates(config.chains().get("default"))).containsExactly("small", "large");
        assertThat(config.notices()).anyMatch(notice -> notice.startsWith("chain default is not as written"));
    }
}
