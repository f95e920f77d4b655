package io.bactrian.config;

import static io.bactrian.config.Reading.BASE;
import static io.bactrian.config.Reading.candidates;
import static io.bactrian.config.Reading.config;
import static io.bactrian.config.Reading.mistake;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelNamesTest {

    private static final Config CONFIG = config(BASE + """
            bactrian.providers.hosted.base-url = https://h.example/v1
            bactrian.providers.local.max-attempts = 9
            bactrian.chains.default = small, large
            bactrian.chains.fast = small
            bactrian.aliases = gpt-*: fast, gpt-4*: default, gpt-4: large, claude-*-latest: small, o1: local/x
            bactrian.defaults.deadline = 7s
            """);

    @ParameterizedTest
    @CsvSource({
        ", default",
        "'  ', default",
        "default, default",
        "fast, fast",
        "large, large",
        "gpt-4, large",
        "gpt-4o, fast",
        "gpt-, fast",
        "claude-5-latest, small",
        "o1, local/x",
        "local/a/b, local/a/b"
    })
    void a_model_name_means_a_chain(String model, String chain) {
        assertThat(CONFIG.chain(model))
                .hasValueSatisfying(found -> assertThat(found.name()).isEqualTo(chain));
    }

    @ParameterizedTest
    @CsvSource({"nothing", "claude-5", "claude-latest", "hosted/m", "none/m", "local/", "/m", "'local/a\r\nb'", "Fast"})
    void any_other_name_means_nothing(String model) {
        assertThat(CONFIG.chain(model)).isEmpty();
    }

    @Test
    void a_target_is_a_chain_of_its_own() {
        Chain chain = CONFIG.chain("large").orElseThrow();
        assertThat(candidates(chain)).containsExactly("large");
        assertThat(chain.limits().deadline()).hasSeconds(7);
        assertThat(chain.candidates().getFirst().limits().maxAttempts()).isEqualTo(9);
    }

    @Test
    void a_candidate_is_a_target_or_written_out() {
        assertThat(CONFIG.candidate("large")).isPresent();
        assertThat(CONFIG.candidate("fast")).isEmpty();
        assertThat(CONFIG.candidate("local/m")).hasValueSatisfying(entry -> {
            assertThat(entry.target().name()).isEqualTo("local/m");
            assertThat(entry.limits().maxAttempts()).isEqualTo(9);
        });
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    gpt-*: defualt      | did you mean default? (there are: default, small, large)
                    gpt-*: nope/m       | no chain or target is called nope/m
                    gpt-*               | looks like name: chain
                    gpt-*:              | looks like name: chain
                    small: large        | would never be used
                    """)
    void a_bad_alias_is_a_mistake(String alias, String right) {
        assertThat(mistake("bactrian.aliases = " + alias))
                .startsWith("bactrian.aliases = " + alias + ": ")
                .contains(right);
    }

    @Test
    void an_alias_written_twice_is_a_mistake() {
        assertThat(mistake("bactrian.aliases = a: small, a: large")).contains("a stands there twice");
    }

    @Test
    void colons_in_names_are_no_trouble_where_a_space_follows_the_one_that_counts() {
        Config config = config(BASE + "bactrian.aliases = llama3:8b: local/llama3:8b, qwen:small");
        assertThat(config.aliases())
                .containsEntry("llama3:8b", "local/llama3:8b")
                .containsEntry("qwen", "small");
    }

    @ParameterizedTest
    @CsvSource({
        "*, x, true",
        "a*, a, true",
        "a*a, a, false",
        "a*b*c, a-b-c, true",
        "a*b*c, a-c-b, false",
        "*b*, abc, true",
        "ab*bc, abc, false",
        "a.c, abc, false"
    })
    void a_star_stands_for_anything(String pattern, String name, boolean matches) {
        assertThat(ModelNames.matches(pattern, name)).isEqualTo(matches);
    }
}
