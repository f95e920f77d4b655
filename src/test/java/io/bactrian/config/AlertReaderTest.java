package io.bactrian.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The settings of alerts, and mistakes in them, none of which quotes a secret. */
final class AlertReaderTest {
    private static final String PREFIX = "bactrian.alerts.";

    @Test
    void without_a_setting_alerts_go_to_the_log_and_to_the_broker_if_there_is_one() {
        assertThat(read("bactrian.queue.enabled = false")).isEqualTo(AlertSettings.DEFAULT);
        assertThat(read("").publish()).containsExactly("log:bactrian.alerts", "jms:topic:llm.alerts");
    }

    @Test
    void every_channel_is_read() {
        AlertSettings settings = read("""
                bactrian.alerts.publish = log:bactrian.alerts, jms:topic:llm.alerts
                bactrian.alerts.webhook = https://hooks.example.com/x
                bactrian.alerts.teams = https://example.com/w?sig=y
                bactrian.alerts.pagerduty = 0123456789abcdef
                bactrian.alerts.alertmanager = http://localhost:9093/api/v2/alerts
                bactrian.alerts.mail = smtp://mail.example.com:587?to=a@b.c,d+x@e.f&username=u&password=p%26q&from=g@h.i
                bactrian.alerts.repeat = 0s
                bactrian.alerts.cluster = eu-1
                bactrian.alerts.min-severity = error
                bactrian.alerts.first-token = 2s
                bactrian.health.period = 10s
                """);

        assertThat(settings.publish()).containsExactly("log:bactrian.alerts", "jms:topic:llm.alerts");
        assertThat(settings.webhook()).isEqualTo(URI.create("https://hooks.example.com/x"));
        assertThat(settings.teams()).isEqualTo(URI.create("https://example.com/w?sig=y"));
        assertThat(settings.pagerDuty())
                .isEqualTo(new AlertSettings.PagerDutyAccount(
                        URI.create("https://events.pagerduty.com/v2/enqueue"), "0123456789abcdef"));
        assertThat(settings.alertmanager()).isEqualTo(URI.create("http://localhost:9093"));
        assertThat(settings.mail())
                .isEqualTo(new MailAddress(
                        "smtp://mail.example.com:587", "u", "p&q", Map.of("to", "a@b.c,d+x@e.f", "from", "g@h.i")));
        assertThat(settings.repeat()).isZero();
        assertThat(settings.cluster()).isEqualTo("eu-1");
        assertThat(settings.minSeverity()).isEqualTo("error");
        assertThat(settings.firstToken()).isEqualTo(Duration.ofSeconds(2));
        assertThat(settings.hold()).isEqualTo(Duration.ofSeconds(20));
    }

    @Test
    void the_hold_without_a_monitor_is_that_of_its_usual_period() {
        assertThat(read("bactrian.health.period = 0s").hold()).isEqualTo(Duration.ofMinutes(1));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "publish = hush",
                "webhook = hooks/hush",
                "teams = ftp://hush",
                "pagerduty = hush hush",
                "alertmanager = hush:9093",
                "mail = hush@example.com",
                "mail = smtp://mail.example.com?username=hush&password=hush",
                "mail = smtp://hush:hush@mail.example.com?to=a@b.c",
                "mail = smtp://mail.example.com?to=hush"
            })
    void a_mistake_in_an_address_names_the_key_and_what_is_right_but_not_the_address(String line) {
        assertThat(Reading.mistake(PREFIX + line))
                .startsWith(PREFIX + line.substring(0, line.indexOf(' ')) + " = ***: ")
                .doesNotContain("hush");
    }

    @Test
    void other_mistakes_quote_the_value() {
        assertThat(Reading.mistake("bactrian.alerts.repeat = 30")).contains("30", "needs a unit");
        assertThat(Reading.mistake("bactrian.alerts.min-severity = loud"))
                .contains("loud", "one of info, warning, error, critical");
        assertThat(Reading.mistake("bactrian.alerts.cluster = a b")).contains("a b", "letters");
        assertThat(Reading.mistake("bactrian.alerts.pagerduty-url = https://events.eu.pagerduty.com/v2/enqueue"))
                .contains("it needs a routing key in bactrian.alerts.pagerduty");
    }

    @Test
    void no_secret_is_in_its_text() {
        AlertSettings settings = read("""
                bactrian.alerts.pagerduty = hush-hush
                bactrian.alerts.webhook = https://hooks.example.com/hush
                bactrian.alerts.mail = smtp://mail.example.com?to=a@b.c&password=hush
                """);

        assertThat(settings + " " + settings.mail() + " " + Objects.requireNonNull(settings.pagerDuty()))
                .doesNotContain("hush");
    }

    private static AlertSettings read(String lines) {
        return Reading.config(Reading.BASE + lines).alerts();
    }
}
