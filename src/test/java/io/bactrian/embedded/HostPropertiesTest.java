package io.bactrian.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.api.EngineStartException;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;

/** Properties in the environment of Spring. */
final class HostPropertiesTest {
    private static final String KEY = "bactrian.providers.p.api-key";

    @Test
    void those_of_the_engine_are_taken_with_their_placeholders_resolved() {
        assertThat(HostProperties.of(spring(Map.of(KEY, "${other:none}", "other", "secret-1")))
                        .host())
                .containsExactly(Map.entry(KEY, "secret-1"));
    }

    @Test
    void a_placeholder_without_a_value_is_a_mistake_that_names_the_key_and_not_the_value() {
        CamelContext host = spring(Map.of(KEY, "secret-1 ${no.such.property}"));

        assertThatThrownBy(() -> HostProperties.of(host))
                .isInstanceOfSatisfying(EngineStartException.class, failed -> assertThat(failed.mistakes())
                        .singleElement()
                        .asString()
                        .contains(KEY, "placeholder")
                        .doesNotContain("secret-1"));
    }

    @Test
    void an_engine_that_is_off_needs_no_value_for_its_placeholders() {
        CamelContext host = spring(Map.of(KEY, "${no.such.property}", "bactrian.embedded.enabled", "false"));

        assertThat(HostProperties.of(host).enabled()).isFalse();
    }

    private static CamelContext spring(Map<String, Object> properties) {
        StandardEnvironment environment = new StandardEnvironment();
        environment.getPropertySources().addFirst(new MapPropertySource("test", properties));
        CamelContext host = new DefaultCamelContext();
        host.getRegistry().bind("environment", environment);
        return host;
    }
}
