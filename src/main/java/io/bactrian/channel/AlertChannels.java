package io.bactrian.channel;

import io.bactrian.alert.AlertJson;
import io.bactrian.alert.AlertMessage;
import io.bactrian.alert.Severity;
import io.bactrian.config.AlertSettings;
import io.bactrian.config.AlertSettings.PagerDutyAccount;
import io.bactrian.config.MailAddress;
import io.bactrian.config.PlaceNames;
import io.bactrian.protocol.Json;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.TemplatedRouteBuilder;

/**
 * The channels of one configuration, and their routes: {@code direct:alert-post} for everything that is posted, and a route from
 * the template {@code alert-publish} for each Camel endpoint and for mail. Thread-safe.
 */
public final class AlertChannels {
    private static final String POST = "direct:alert-post";
    private static final String TEMPLATE = "alert-publish";
    private static final String MAIL_LOGIN = "bactrian-alert-mail-login";
    /** The log of alerts itself, which every alert is written to anyway. */
    private static final String LOG = "log:bactrian.alerts";

    private static final int MOST_IN_A_ROUND = 10;
    /** What a chat takes without complaint. */
    private static final int ONE_A_SECOND = 1;

    private final AlertSettings settings;
    private final Outboxes outboxes;
    private final DeliveryCount count;
    private final Clock clock;
    private final ProducerTemplate producer;
    private final Map<String, String> endpoints = new LinkedHashMap<>();
    private final List<String> boxes = new ArrayList<>();
    private final List<AlertChannel> channels;

    /** A counter of messages, by the kind of channel: {@code publish}, {@code webhook}, {@code mail} and so on. */
    @FunctionalInterface
    public interface DeliveryCount {
        /** @param sent false if the message was given up */
        void count(String channel, boolean sent);
    }

    public AlertChannels(
            AlertSettings settings, Outboxes outboxes, CamelContext context, DeliveryCount count, Clock clock) {
        this.settings = settings;
        this.outboxes = outboxes;
        this.count = count;
        this.clock = clock;
        this.producer = context.createProducerTemplate();
        this.channels = channels();
        MailAddress mail = settings.mail();
        if (mail != null && !mail.username().isEmpty()) {
            context.getRegistry().bind(MAIL_LOGIN, AlertMail.authenticator(mail));
        }
    }

    private List<AlertChannel> channels() {
        List<AlertChannel> all = new ArrayList<>();
        String cluster = settings.cluster();
        for (String uri : settings.publish()) {
            if (!uri.equals(LOG)) {
                String route = TEMPLATE + "-" + (endpoints.size() + 1);
                endpoints.put(route, uri);
                queued(all, uri, PlaceNames.of(uri), MOST_IN_A_ROUND, message -> publish(route, message));
            }
        }
        URI webhook = settings.webhook();
        if (webhook != null) {
            queued(
                    all,
                    "webhook",
                    "the webhook",
                    ONE_A_SECOND,
                    message -> post(HttpPost.of(webhook, WebhookText.body(message, cluster, webhook))));
        }
        URI teams = settings.teams();
        if (teams != null) {
            queued(
                    all,
                    "teams",
                    "Teams",
                    ONE_A_SECOND,
                    message -> post(HttpPost.of(teams, TeamsCard.body(message, cluster))));
        }
        PagerDutyAccount pager = settings.pagerDuty();
        if (pager != null) {
            queued(
                    all,
                    "pagerduty",
                    "PagerDuty",
                    MOST_IN_A_ROUND,
                    message ->
                            post(HttpPost.of(pager.url(), PagerDutyEvent.body(message, cluster, pager.routingKey()))));
        }
        MailAddress mail = settings.mail();
        if (mail != null) {
            String route = "alert-mail";
            endpoints.put(route, AlertMail.endpoint(mail, mail.username().isEmpty() ? "" : MAIL_LOGIN));
            queued(all, "mail", "the mail server", MOST_IN_A_ROUND, message -> mail(route, message));
        }
        URI alertmanager = settings.alertmanager();
        if (alertmanager != null) {
            all.add(outboxes.alertmanager());
        }
        return List.copyOf(all);
    }

    /** Takes over the messages that wait, which those before it sent until now. */
    public void serve() {
        outboxes.keepOnly(boxes);
        URI alertmanager = settings.alertmanager();
        if (alertmanager != null) {
            outboxes.alertmanager().by(state -> {
                post(AlertmanagerState.post(alertmanager, state, settings.cluster(), clock.millis()));
                count.count("alertmanager", true);
            });
        }
    }

    private void queued(List<AlertChannel> all, String id, String shown, int most, QueuedChannel.Sender sender) {
        boxes.add(id);
        // A URI may have a secret in it, and is no bounded label.
        String kind = id.contains(":") ? "publish" : id;
        all.add(new QueuedChannel(shown, outboxes.of(id), sender, sent -> count.count(kind, sent), most, clock));
    }

    /** The Camel endpoints that messages go to, by the property that names them. */
    public Map<String, List<String>> endpoints() {
        Map<String, List<String>> byProperty = new LinkedHashMap<>();
        endpoints.forEach((route, uri) -> byProperty
                .computeIfAbsent(
                        route.startsWith(TEMPLATE) ? "bactrian.alerts.publish" : "bactrian.alerts.mail",
                        property -> new ArrayList<>())
                .add(uri));
        return byProperty;
    }

    /** The parts of route files that are needed: {@code direct:alert-post} and the template {@code alert-publish}, or none. */
    public boolean isPosting() {
        return settings.webhook() != null
                || settings.teams() != null
                || settings.pagerDuty() != null
                || settings.alertmanager() != null;
    }

    /** Creates the routes to the endpoints from the route template, which must have been loaded. */
    public void open(CamelContext context) throws Exception {
        for (Map.Entry<String, String> endpoint : endpoints.entrySet()) {
            TemplatedRouteBuilder.builder(context, TEMPLATE)
                    .routeId(endpoint.getKey())
                    .prefixId(endpoint.getKey() + "-")
                    .parameter("name", endpoint.getKey())
                    .parameter("address", endpoint.getValue())
                    .add();
        }
    }

    /** Takes messages in, for every channel; those of drills go to the log only. Never waits. */
    void add(List<AlertMessage> messages) {
        messages.forEach(AlertLog::write);
        Severity least = Severity.valueOf(settings.minSeverity().toUpperCase(Locale.ROOT));
        List<AlertMessage> sent = messages.stream()
                .filter(message -> outboxes.takes(message, least))
                .toList();
        if (!sent.isEmpty()) {
            channels.forEach(channel -> channel.add(sent));
        }
    }

    /** The channels that have something to send. */
    List<AlertChannel> due(long now) {
        return channels.stream().filter(channel -> channel.isDue(now)).toList();
    }

    private void publish(String route, AlertMessage message) throws NotDelivered {
        send("direct:" + route, exchange -> {
            exchange.getMessage()
                    .setBody(new String(
                            Json.bytes(AlertJson.message(message, settings.cluster())), StandardCharsets.UTF_8));
            exchange.getMessage().setHeader(Exchange.CONTENT_TYPE, "application/json");
        });
    }

    private void mail(String route, AlertMessage message) throws NotDelivered {
        send("direct:" + route, exchange -> {
            exchange.getMessage().setBody(AlertMail.body(message, settings.cluster()));
            exchange.getMessage().setHeaders(AlertMail.headers(message, settings.cluster()));
        });
    }

    private void post(HttpPost post) throws NotDelivered {
        send(POST, exchange -> exchange.setProperty(HttpPostSteps.POST, post));
    }

    private void send(String address, Consumer<Exchange> filler) throws NotDelivered {
        Exchange done = producer.send(address, filler::accept);
        if (done.getException() != null) {
            throw HttpPostSteps.explain(done.getException());
        }
    }
}
