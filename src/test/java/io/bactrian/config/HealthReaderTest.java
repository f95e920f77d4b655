package io.bactrian.config;

import static io.bactrian.config.Reading.BASE;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The settings of the health monitor. */
final class HealthReaderTest {

    @Test
    void the_defaults_are_right_for_a_newcomer() {
        HealthSettings settings = Reading.config(BASE).health();

        assertThat(settings.period()).isEqualTo(Duration.ofSeconds(30));
        assertThat(settings.timeout()).isEqualTo(Duration.ofSeconds(5));
        assertThat(settings.prompt()).isEqualTo("Say 'ok'");
        assertThat(settings.budget()).isEqualTo(1.0);
        assertThat(settings.publish()).containsExactly("log:bactrian.health", "jms:topic:llm.health");
        assertThat(settings.node()).isNotBlank();
    }

    @Test
    void a_broker_gets_the_documents_as_well_unless_the_places_are_named() {
        assertThat(Reading.config(BASE + "bactrian.queue.broker-url = tcp://b:61616")
                        .health()
                        .publish())
                .containsExactly("log:bactrian.health", "jms:topic:llm.health");
        assertThat(Reading.config(BASE
                                + "bactrian.queue.broker-url = tcp://b:61616\nbactrian.health.publish = log:x, file:y")
                        .health()
                        .publish())
                .containsExactly("log:x", "file:y");
    }

    @Test
    void the_probe_of_a_target_comes_before_that_of_its_provider() {
        Config config = Reading.config(
                BASE + "bactrian.providers.local.probe = models\n" + "bactrian.targets.small.probe = passive");

        assertThat(config.health().probe(config.targets().get("small"))).isEqualTo(Probe.PASSIVE);
        assertThat(config.health().probe(config.targets().get("large"))).isEqualTo(Probe.MODELS);
    }

    @Test
    void a_mistake_names_what_would_be_right_and_no_uri() {
        assertThat(Reading.mistake("bactrian.health.period = 20ms")).contains("1s to 24h", "0s");
        assertThat(Reading.mistake("bactrian.health.budget = 0")).contains("from 0.01 to 1000000 (US dollars a day)");
        assertThat(Reading.mistake("bactrian.providers.local.probe = often")).contains("chat, models, passive");
        assertThat(Reading.config(BASE + "bactrian.health.publish = log:secret?x=hidden")
                        .health()
                        .toString())
                .doesNotContain("hidden");
    }
}
