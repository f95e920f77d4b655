package io.bactrian.config;

import static io.bactrian.config.Reading.BASE;
import static io.bactrian.config.Reading.config;
import static io.bactrian.config.Reading.mistake;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServerReaderTest {

    private static Config.Server server(String lines) {
        return config(BASE + lines).server();
    }

    @Test
    void without_keys_only_this_machine_is_served() {
        Config.Server server = server("");
        assertThat(server.host()).isEqualTo("127.0.0.1");
        assertThat(server.port()).isEqualTo(8080);
        assertThat(server.keys()).isEmpty();
        assertThat(server.bounds().maxBody()).isEqualTo(32L * 1024 * 1024);
        assertThat(server.maxInFlight()).isEqualTo(20_000);
        assertThat(server.cors()).isEmpty();
    }

    @Test
    void with_keys_everybody_is_served() {
        Config.Server server = server("bactrian.server.keys = ann:k1, bob : k:2");
        assertThat(server.host()).isEqualTo("0.0.0.0");
        assertThat(server.keys()).isEqualTo(Map.of("k1", "ann", "k:2", "bob"));
    }

    @Test
    void the_first_key_may_operate_unless_others_are_named_or_it_is_limited_to_chains() {
        String keys = "bactrian.server.keys = ann:k1, bob:k2\n";
        assertThat(server(keys).operators()).containsExactly("ann");
        assertThat(server(keys + "bactrian.server.operators = bob").operators()).containsExactly("bob");
        assertThat(server(keys + "bactrian.server.limits.ann.chains = default").operators())
                .isEmpty();
        assertThat(server("").operators()).isEmpty();
    }

    @Test
    void an_open_host_without_keys_is_warned_of() {
        assertThat(config(BASE + "camel.server.host = 0.0.0.0").notices())
                .singleElement()
                .asString()
                .contains("camel.server.host = 0.0.0.0", "bactrian.server.keys");
        assertThat(config(BASE + "camel.server.host = localhost").notices()).isEmpty();
        assertThat(config(BASE + "camel.server.host = 10.0.0.1\nbactrian.server.keys = a:b")
                        .notices())
                .isEmpty();
    }

    @Test
    void any_free_port_may_be_asked_for() {
        assertThat(server("camel.server.port = 0").port()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"20MB, 20971520", "512KB, 524288", "1GB, 1073741824", "1 mb, 1048576", "100, 100", "7b, 7"})
    void a_size_has_a_unit_or_is_in_bytes(String text, long bytes) {
        assertThat(server("bactrian.server.max-body = " + text).bounds().maxBody())
                .isEqualTo(bytes);
    }

    @Test
    void an_entry_that_is_no_key_is_counted_and_not_quoted() {
        assertThat(mistake("bactrian.server.keys = ann:k1, hush"))
                .contains("entry 2")
                .doesNotContain("hush");
        assertThat(mistake("bactrian.server.keys = :hush")).contains("entry 1").doesNotContain("hush");
    }

    @Test
    void a_name_or_a_secret_stands_there_once() {
        assertThat(mistake("bactrian.server.keys = ann:hush1, ann:hush2"))
                .contains("the name ann is used twice")
                .doesNotContain("hush");
        assertThat(mistake("bactrian.server.keys = ann:hush, bob:hush"))
                .contains("ann and bob have the same secret")
                .doesNotContain("hush");
    }
}
