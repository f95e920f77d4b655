package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.GreenMailUtil;
import com.icegreen.greenmail.util.ServerSetup;
import io.bactrian.protocol.Json;
import io.bactrian.runtime.InvalidConfiguration;
import io.bactrian.testing.Broker;
import io.bactrian.testing.Gateway;
import io.bactrian.testing.LogCapture;
import io.bactrian.testing.Ports;
import io.bactrian.testing.Receiver;
import io.bactrian.testing.Receiver.Post;
import io.bactrian.testing.StubProvider;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.TextMessage;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The channels of alerts, to real receivers that take messages, refuse them, or say nothing. */
final class AlertChannelsIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String CANARY = "canary-0123456789";

    private final Receiver receiver = new Receiver();
    private final StubProvider p = StubProvider.openai();

    @Test
    void an_alert_is_one_incident_of_pagerduty_that_is_triggered_and_resolved() {
        try (Gateway gateway = gateway(
                "bactrian.alerts.pagerduty=" + CANARY,
                "bactrian.alerts.pagerduty-url=" + receiver.url("/v2/enqueue"),
                "bactrian.alerts.cluster=eu-1")) {
            raise(gateway);
            JsonNode trigger = awaitPost(1).json();
            mend(gateway);
            JsonNode resolve = awaitPost(2).json();

            assertThat(trigger.path("routing_key").asText()).isEqualTo(CANARY);
            assertThat(trigger.path("event_action").asText()).isEqualTo("trigger");
            assertThat(trigger.path("dedup_key").asText()).isEqualTo("eu-1/config");
            assertThat(trigger.path("payload").path("severity").asText()).isEqualTo("warning");
            assertThat(trigger.path("payload").path("summary").asText()).startsWith("The changed configuration");
            assertThat(resolve.path("event_action").asText()).isEqualTo("resolve");
            assertThat(resolve.path("dedup_key").asText()).isEqualTo("eu-1/config");
        }
    }

    @Test
    void teams_gets_an_adaptive_card() {
        try (Gateway gateway = gateway("bactrian.alerts.teams=" + receiver.url("/workflows/x?sig=" + CANARY))) {
            raise(gateway);
            Post post = awaitPost(1);

            assertThat(post.path()).isEqualTo("/workflows/x?sig=" + CANARY);
            JsonNode attachment = post.json().path("attachments").path(0);
            assertThat(attachment.path("contentType").asText()).isEqualTo("application/vnd.microsoft.card.adaptive");
            assertThat(attachment
                            .path("content")
                            .path("body")
                            .path(1)
                            .path("text")
                            .asText())
                    .startsWith("The changed configuration was refused");
        }
    }

    @Test
    void alertmanager_is_told_the_state_with_labels_that_name_no_node() {
        try (Gateway gateway = gateway(
                "bactrian.alerts.alertmanager=" + receiver.url("").replace("http://", "http://ops:" + CANARY + "@"))) {
            raise(gateway);
            Post post = awaitPost(1);
            mend(gateway);
            await().atMost(PATIENCE)
                    .until(() -> endsAt(receiver.posts().getLast()).isBefore(Instant.now()));

            assertThat(post.path()).isEqualTo("/api/v2/alerts");
            assertThat(post.authorization()).startsWith("Basic ");
            JsonNode alert = post.json().path(0);
            assertThat(alert.path("labels").toString())
                    .isEqualTo(
                            "{\"alertname\":\"ConfigurationRefused\",\"subject\":\"config\",\"severity\":\"warning\",\"cluster\":\"default\"}");
            assertThat(endsAt(post)).isAfter(Instant.now());
        }
    }

    @Test
    void a_configuration_that_is_refused_takes_no_channel_over() {
        try (Gateway gateway = gateway("bactrian.alerts.alertmanager=" + receiver.url(""))) {
            change(gateway, "\nbactrian.alerts.publish=no-such:endpoint\n", true);
            Post post = awaitPost(1);

            assertThat(post.json()
                            .path(0)
                            .path("annotations")
                            .path("description")
                            .asText())
                    .contains("there is no component no-such");
        }
    }

    @Test
    void a_broker_has_the_alerts_on_a_topic_without_further_settings() throws JMSException {
        try (Broker broker = Broker.start();
                JMSContext jms = broker.connectionFactory().createContext();
                Gateway gateway = gateway("bactrian.queue.enabled=true", "bactrian.queue.broker-url=" + broker.url())) {
            JMSConsumer consumer = jms.createConsumer(jms.createTopic("llm.alerts"));
            raise(gateway);
            Message message = consumer.receive(PATIENCE.toMillis());

            assertThat(message).isInstanceOf(TextMessage.class);
            String text = ((TextMessage) message).getText();
            JsonNode alert = Objects.requireNonNull(Json.parse(text.getBytes(StandardCharsets.UTF_8)));
            assertThat(alert.path("state").asText()).isEqualTo("open");
            assertThat(alert.path("key").asText()).isEqualTo("config");
        }
    }

    @Test
    void a_camel_endpoint_gets_json() {
        try (Gateway gateway = gateway("bactrian.alerts.publish=log:bactrian.alerts, seda:alerts-out")) {
            raise(gateway);
            String body = gateway.context()
                    .createConsumerTemplate()
                    .receiveBody("seda:alerts-out", PATIENCE.toMillis(), String.class);

            JsonNode message = Objects.requireNonNull(Json.parse(body.getBytes(StandardCharsets.UTF_8)));
            assertThat(message.path("state").asText()).isEqualTo("open");
            assertThat(message.path("key").asText()).isEqualTo("config");
            assertThat(message.path("severity").asText()).isEqualTo("warning");
            assertThat(message.path("subject").asText()).isEqualTo("config");
            assertThat(message.path("text").asText()).startsWith("The changed configuration was refused");
            assertThat(Instant.parse(message.path("since").asText()))
                    .isBefore(Instant.now().plusSeconds(5));
            assertThat(message.path("id").asText()).isNotEmpty();
        }
    }

    @Test
    void mails_about_one_alert_are_one_thread() throws Exception {
        GreenMail mail = new GreenMail(new ServerSetup(0, null, ServerSetup.PROTOCOL_SMTP));
        mail.setUser("ops@example.com", "ops", CANARY);
        mail.start();
        try (LogCapture log = LogCapture.open("ROOT");
                Gateway gateway = gateway("bactrian.alerts.mail=smtp://127.0.0.1:"
                        + mail.getSmtp().getPort() + "?to=ops@example.com&username=ops&password=" + CANARY)) {
            raise(gateway);
            await().atMost(PATIENCE).until(() -> mail.getReceivedMessages().length == 1);
            mend(gateway);
            await().atMost(PATIENCE).until(() -> mail.getReceivedMessages().length == 2);

            MimeMessage first = mail.getReceivedMessages()[0];
            MimeMessage second = mail.getReceivedMessages()[1];
            assertThat(first.getSubject()).startsWith("[Bactrian default] warning: The changed configuration");
            assertThat(GreenMailUtil.getBody(first)).contains("What to do: docs/operations.md#configuration-refused");
            assertThat(second.getSubject()).startsWith("[Bactrian default] Resolved: The files have no mistake");
            assertThat(second.getHeader("In-Reply-To")).containsExactly(first.getMessageID());
            assertThat(endpoints(gateway)).noneMatch(uri -> uri.contains(CANARY));
            assertThat(log.lines()).noneMatch(line -> line.contains(CANARY));
        } finally {
            mail.stop();
        }
    }

    @Test
    void a_receiver_that_fails_is_warned_of_once_and_tried_again() {
        receiver.answers(500);
        try (LogCapture log = LogCapture.open("io.bactrian.channel.AlertChannels");
                Gateway gateway = gateway("bactrian.alerts.webhook=" + receiver.url("/hook/" + CANARY))) {
            raise(gateway);
            awaitPost(3);
            receiver.answers(200);
            Post last = awaitPost(4);

            assertThat(last.json()).isEqualTo(receiver.posts().getFirst().json());
            assertThat(log.lines())
                    .filteredOn(line -> line.startsWith("Cannot send"))
                    .hasSize(1);
            assertThat(log.lines())
                    .contains(
                            "Cannot send alerts to the webhook: status 500; trying again for up to an hour, 1 waiting");
            assertThat(log.lines()).noneMatch(line -> line.contains(CANARY));
        }
    }

    @Test
    void a_wait_that_a_receiver_asks_for_is_kept() {
        receiver.answers(429, "Retry-After", "4");
        try (Gateway gateway = gateway("bactrian.alerts.webhook=" + receiver.url("/hook"))) {
            raise(gateway);
            awaitPost(2);

            long waited =
                    receiver.posts().get(1).nanos() - receiver.posts().get(0).nanos();
            assertThat(Duration.ofNanos(waited)).isGreaterThan(Duration.ofMillis(3_500));
        }
    }

    @Test
    void a_receiver_that_never_answers_holds_up_neither_other_channels_nor_requests() {
        try (Receiver silent = new Receiver().isSilent();
                LogCapture log = LogCapture.open("io.bactrian.channel.AlertChannels");
                Gateway gateway = gateway(
                        "bactrian.alerts.teams=" + silent.url("/silent"),
                        "bactrian.alerts.webhook=" + receiver.url("/hook"))) {
            raise(gateway);
            awaitPost(1);
            await().atMost(PATIENCE).until(() -> !silent.posts().isEmpty());
            mend(gateway);
            awaitPost(2);
            assertThat(gateway.ask().status()).isEqualTo(200);

            await().atMost(PATIENCE).until(() -> !log.lines().isEmpty());
            assertThat(log.lines())
                    .singleElement()
                    .asString()
                    .startsWith("Cannot send alerts to Teams: no answer in time;");
        }
    }

    @Test
    void a_mail_server_that_is_not_there_is_warned_of_without_its_password() {
        try (LogCapture log = LogCapture.open("ROOT");
                Gateway gateway = gateway(
                        "bactrian.alerts.mail=smtp://127.0.0.1:" + Ports.free()
                                + "?to=ops@example.com&username=ops&password=" + CANARY,
                        "bactrian.alerts.webhook=" + receiver.url("/hook"))) {
            raise(gateway);
            awaitPost(1);
            await().atMost(PATIENCE).until(() -> log.lines().stream()
                    .anyMatch(line -> line.startsWith("Cannot send alerts to the mail")));
            assertThat(log.lines()).noneMatch(line -> line.contains(CANARY));
        }
    }

    @Test
    void messages_that_wait_are_sent_by_the_configuration_that_follows() throws IOException {
        receiver.answers(503);
        try (Gateway gateway = gateway("bactrian.alerts.webhook=" + receiver.url("/old"))) {
            raise(gateway);
            awaitPost(1);
            Path file = gateway.directory().resolve("application.properties");
            receiver.answers(200);
            Files.writeString(
                    file, Files.readString(file).replace("/old", "/new").replace(MISTAKE, ""));

            await().atMost(PATIENCE).until(() -> receiver.posts().stream()
                    .anyMatch(post -> post.body().contains("[resolved]")));
            assertThat(receiver.posts()).anyMatch(post -> post.body().contains("[warning]"));
        }
    }

    @Test
    void a_misspelt_endpoint_is_a_mistake_at_the_start() {
        assertThatThrownBy(() -> gateway("bactrian.alerts.publish=jmss:topic:llm.alerts?password=" + CANARY))
                .rootCause()
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessageStartingWith("bactrian.alerts.publish: there is no component jmss")
                .hasMessageNotContaining(CANARY);
        assertThatThrownBy(() -> gateway(
                        "bactrian.alerts.mail=smtp://127.0.0.1:25?to=a@b.c&sujbect=x&username=u&password=" + CANARY))
                .rootCause()
                .isInstanceOf(InvalidConfiguration.class)
                .hasMessageStartingWith("bactrian.alerts.mail: ")
                .hasMessageContaining("has no option sujbect")
                .hasMessageNotContaining(CANARY);
    }

    private static Instant endsAt(Post post) {
        return Instant.parse(post.json().path(0).path("endsAt").asText());
    }

    private static final String MISTAKE = "\nbactrian.defaults.deadline=soon\n";

    /** Raises an alert: the files get a mistake. */
    private static void raise(Gateway gateway) {
        change(gateway, MISTAKE, true);
    }

    private static void mend(Gateway gateway) {
        change(gateway, MISTAKE, false);
    }

    private static void change(Gateway gateway, String mistake, boolean wrong) {
        try {
            Path file = gateway.directory().resolve("application.properties");
            String text = Files.readString(file).replace(mistake, "");
            Files.writeString(file, wrong ? text + mistake : text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Post awaitPost(int number) {
        await().atMost(PATIENCE).until(() -> receiver.posts().size() >= number);
        return receiver.posts().get(number - 1);
    }

    private static List<String> endpoints(Gateway gateway) {
        return gateway.context().getEndpoints().stream()
                .map(endpoint -> endpoint.getEndpointUri())
                .toList();
    }

    private Gateway gateway(String... more) {
        List<String> lines = new ArrayList<>(List.of("bactrian.health.period=1s"));
        lines.addAll(List.of(more));
        return Gateway.over(Map.of("p", p), lines.toArray(String[]::new));
    }

    @AfterEach
    void close() {
        receiver.close();
        p.close();
    }
}
