package io.bactrian.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What is said of a change. */
final class ConfigDiffTest {

    @Test
    void the_port_and_the_folder_of_the_broker_take_effect_at_a_start() {
        ConfigDiff diff = ConfigDiff.between(
                of("bactrian.queue.port=1", "bactrian.queue.consumers=1"),
                of("bactrian.queue.port=2", "bactrian.queue.directory=d", "bactrian.queue.consumers=2"));
        assertThat(diff.atStartOnly()).containsExactly("bactrian.queue.port", "bactrian.queue.directory");
    }

    @Test
    void what_came_went_and_changed_is_named() {
        ConfigDiff diff = ConfigDiff.between(
                of(
                        "bactrian.providers.p.base-url=one",
                        "bactrian.providers.q.base-url=one",
                        "bactrian.targets.t.model=m",
                        "bactrian.chains.default=t",
                        "bactrian.chains-options.default.order=written",
                        "bactrian.defaults.deadline=5s"),
                of(
                        "bactrian.providers.p.base-url=two",
                        "bactrian.providers.p.api-key=secret",
                        "bactrian.targets.t.model=m",
                        "bactrian.targets.u.model=m",
                        "bactrian.chains.default=t",
                        "bactrian.chains-options.default.order=fastest",
                        "bactrian.defaults.deadline=6s"));
        assertThat(diff.words())
                .containsExactly(
                        "provider p changed",
                        "target u added",
                        "chain default changed",
                        "bactrian.defaults.deadline changed",
                        "provider q removed");
        assertThat(diff.toString()).doesNotContain("secret");
    }

    @Test
    void an_empty_value_is_as_good_as_none() {
        assertThat(ConfigDiff.between(of(), of("bactrian.aliases=")).words()).isEmpty();
    }

    @Test
    void what_is_heeded_at_the_start_only_is_told_apart() {
        ConfigDiff diff = ConfigDiff.between(
                of("camel.server.port=1"),
                of(
                        "camel.server.port=2",
                        "camel.server.host=localhost",
                        "camel.server.max-body-size=1",
                        "camel.server.maxBodySize=1",
                        "camel.component.http.userAgent=me",
                        "camel.management.enabled=true",
                        "bactrian.server.cors=https://a.example"));
        assertThat(diff.atStartOnly())
                .containsExactly("camel.server.port", "camel.server.host", "camel.management.enabled");
        assertThat(diff.words()).hasSize(7);
    }

    private static Map<String, String> of(String... lines) {
        return Arrays.stream(lines)
                .map(line -> line.split("=", 2))
                .collect(Collectors.toMap(l -> l[0], l -> l[1], (a, b) -> b, LinkedHashMap::new));
    }
}
