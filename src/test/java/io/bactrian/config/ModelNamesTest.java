package io.bactrian.config;

import static io.bactrian.config.Reading.BASE;
import static io.bactrian.config.Reading.candidates;
import static io.bactrian.config.Reading.config;
import static io.bactrian.config.Reading.mistake;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
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
    @CsvSource({
        "claude-5, default",
        "o1-mini, default",
        "o4, default",
        "chatgpt-4o-latest, default",
        "gemini-2.5-flash, default",
        "small-1, default",
        "qwen3-coder-plus, default"
    })
    void a_name_that_applications_have_built_in_means_a_chain(String model, String chain) {
        assertThat(CONFIG.chain(model))
                .hasValueSatisfying(found -> assertThat(found.name()).isEqualTo(chain));
    }

    @Test
    void the_bare_model_of_a_target_means_the_default_chain_or_else_the_first_that_has_it() {
        Config config = config(BASE + """
            bactrian.chains.second = local/both, local/only-second
            bactrian.chains.third = local/only-second, local/org/both
            bactrian.chains.default = small, local/both
            bactrian.targets.alone.provider = local
            bactrian.targets.alone.model = only-alone
            """);
        assertThat(config.chain("both").orElseThrow().name()).isEqualTo("default");
        assertThat(config.chain("only-second").orElseThrow().name()).isEqualTo("second");
        assertThat(config.chain("org/both").orElseThrow().name()).isEqualTo("third");
        assertThat(config.chain("only-alone").orElseThrow().name()).isEqualTo("alone");
    }

    @Test
    void names_of_the_configuration_come_before_built_in_ones() {
        Config config = config(BASE + """
            bactrian.chains.default = small
            bactrian.chains.gpt-4 = large
            bactrian.targets.o1.provider = local
            bactrian.targets.o1.model = m9
            bactrian.aliases = claude-*: large
            """);
        assertThat(config.chain("gpt-4").orElseThrow().name()).isEqualTo("gpt-4");
        assertThat(config.chain("o1").orElseThrow().name()).isEqualTo("o1");
        assertThat(config.chain("claude-5").orElseThrow().name()).isEqualTo("large");
        assertThat(config.chain("local/gpt-4").orElseThrow().name()).isEqualTo("local/gpt-4");
        assertThat(config.chain("gpt-5").orElseThrow().name()).isEqualTo("default");
    }

    @ParameterizedTest
    @CsvSource({"gpt-5", "claude-5", "small-1"})
    void built_in_names_can_be_switched_off(String model) {
        assertThat(config(BASE + "bactrian.built-in-names = false").chain(model))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "text-embedding-3-small",
        "gemini-embedding-001",
        "gpt-image-1",
        "gpt-4o-transcribe",
        "whisper-1",
        "ollama"
    })
    void a_model_that_does_not_chat_is_not_built_in(String model) {
        assertThat(config(BASE).chain(model)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"nothing", "laude-5", "hosted/m", "none/m", "local/", "/m", "'local/a\r\nb'", "Fast"})
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

    @Test
    void a_name_reads_the_limits_once() {
        AtomicInteger reads = new AtomicInteger();
        Config config = counting(reads);
        for (String name : List.of("local/m", "large", "o1", "gpt-4o", "claude-5-latest")) {
            Optional<Chain> chain = config.chain(name);
            Optional<Chain.Entry> candidate = config.candidate(name);
            int read = reads.get();
            assertThat(config.chain(name)).isPresent().isEqualTo(chain);
            assertThat(config.candidate(name)).isEqualTo(candidate);
            assertThat(reads).hasValue(read);
        }
        assertThat(reads).hasPositiveValue();
    }

    @Test
    void a_name_without_a_meaning_reads_no_limits() {
        AtomicInteger reads = new AtomicInteger();
        assertThat(counting(reads).chain("nothing")).isEmpty();
        assertThat(counting(reads).candidate("none/m")).isEmpty();
        assertThat(reads).hasValue(0);
    }

    @Test
    void ten_thousand_names_are_kept_and_no_more() {
        AtomicInteger reads = new AtomicInteger();
        Config config = counting(reads);
        IntStream.range(0, 20_000).forEach(i -> config.candidate("local/m" + i));
        assertThat(reads).hasValue(20_000);
        IntStream.range(0, 20_000).forEach(i -> config.candidate("local/m" + i));
        assertThat(reads).hasValueGreaterThanOrEqualTo(30_000);
    }

    @Test
    void a_name_of_any_length_has_its_meaning() {
        assertThat(CONFIG.chain("gpt-" + "x".repeat(100_000)))
                .hasValueSatisfying(found -> assertThat(found.name()).isEqualTo("fast"));
    }

    private static Config counting(AtomicInteger reads) {
        return new Config(
                CONFIG.providers(),
                CONFIG.targets(),
                CONFIG.chains(),
                CONFIG.aliases(),
                CONFIG.builtInNames(),
                CONFIG.server(),
                false,
                CONFIG.stale(),
                CONFIG.alerts(),
                false,
                false,
                List.of(),
                (chain, target) -> {
                    reads.incrementAndGet();
                    return CONFIG.limits().resolve(chain, target);
                },
                CONFIG.health(),
                CONFIG.queue(),
                CONFIG.kafka(),
                CONFIG.genAi());
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
        assertThat(mistake("bactrian.aliases = a: small, a: large")).contains("a is listed twice");
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
