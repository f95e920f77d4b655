package io.bactrian.channel;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.alert.AlertMessage.State;
import io.bactrian.protocol.Json;
import java.net.URI;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The bodies that receivers get. */
final class BodiesTest {
    private static final URI SLACK = URI.create("https://hooks.slack.com/services/x");
    private static final URI OTHER = URI.create("https://chat.example.com/hooks/x");

    @Test
    void slack_gets_blocks_with_its_signs_escaped() {
        JsonNode body = parse(WebhookText.body(message("1 < 2 & 3 > 2. More."), "eu-1", SLACK));

        assertThat(body.path("text").asText()).isEqualTo("[warning] 1 &lt; 2 &amp; 3 &gt; 2. More.");
        assertThat(body.path("blocks").path(0).path("text").path("text").asText())
                .isEqualTo("warning: 1 < 2 & 3 > 2");
        assertThat(body.path("blocks").path(1).path("text").path("text").asText())
                .isEqualTo("1 &lt; 2 &amp; 3 &gt; 2. More.");
    }

    @Test
    void a_user_and_a_password_in_an_address_become_a_header() {
        HttpPost post = HttpPost.of(URI.create("https://ops:p%40ss@chat.example.com/hook?x=1"), new byte[0]);

        assertThat(post.address()).isEqualTo(URI.create("https://chat.example.com/hook?x=1"));
        assertThat(post.headers()).containsOnly(Map.entry("Authorization", "Basic b3BzOnBAc3M="));
    }

    @Test
    void others_get_the_text_alone() {
        JsonNode body = parse(WebhookText.body(message("1 < 2."), "eu-1", OTHER));

        assertThat(body).isEqualTo(Json.MAPPER.createObjectNode().put("text", "[warning] 1 < 2. (cluster eu-1)"));
    }

    @Test
    void texts_are_cut_to_what_the_receivers_take() {
        String text = "x".repeat(10_000);

        JsonNode slack = parse(WebhookText.body(message(text), "eu-1", SLACK));
        assertThat(slack.path("blocks").path(0).path("text").path("text").asText())
                .hasSizeLessThanOrEqualTo(150);
        assertThat(slack.path("blocks").path(1).path("text").path("text").asText())
                .hasSizeLessThanOrEqualTo(3_000);
        JsonNode pager = parse(PagerDutyEvent.body(
                TestAlerts.message("1", "target/" + "y".repeat(500), State.OPEN, text), "eu-1", "key"));
        assertThat(pager.path("payload").path("summary").asText()).hasSizeLessThanOrEqualTo(1_024);
        assertThat(pager.path("dedup_key").asText())
                .hasSizeLessThanOrEqualTo(255)
                .startsWith("eu-1/target/y");
    }

    private static io.bactrian.alert.AlertMessage message(String text) {
        return TestAlerts.message("1", "target/a/m", State.OPEN, text);
    }

    private static JsonNode parse(byte[] body) {
        return Objects.requireNonNull(Json.parse(body));
    }
}
