package io.bactrian.monitor;

import io.bactrian.config.HealthSettings;
import io.bactrian.config.PlaceNames;
import io.bactrian.health.Breakers;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.jspecify.annotations.Nullable;

/** The steps of the route {@code health}: start the probes that are due, and publish the document of each round. Thread-safe. */
public final class HealthSteps implements AutoCloseable {
    /** The time that the first probes may need before the first document. */
    private static final long START_MILLIS = 3_000;
    /** Without a method, an address with a query would be asked with GET. */
    private static final Map<String, Object> WEB_HEADERS =
            Map.of(Exchange.HTTP_METHOD, "POST", Exchange.CONTENT_TYPE, "application/json");

    private static final String TOPIC = "jms:topic:llm.health";
    /** Options for a document that is of no use later, and need not outlive the broker. */
    private static final String PASSING = "?deliveryPersistent=false&timeToLive=30000";

    private final HealthMonitor monitor;
    private final HealthDocument document;
    private final HealthSettings settings;
    private final Clock clock;
    private final ChangeLog changes = new ChangeLog();
    private final List<Place> places;
    private long roundAt;
    private @Nullable String gist;
    private boolean news;

    /** A place to which documents go. */
    private record Place(Publisher publisher, boolean onlyNews) {}

    public HealthSteps(
            HealthMonitor monitor,
            HealthDocument document,
            HealthSettings settings,
            ProducerTemplate template,
            Clock clock) {
        this.monitor = monitor;
        this.document = document;
        this.settings = settings;
        this.clock = clock;
        this.places = settings.publish().stream()
                .map(uri -> new Place(publisher(uri, template), uri.startsWith("log:")))
                .toList();
    }

    private static Publisher publisher(String uri, ProducerTemplate template) {
        String whole = whole(uri);
        boolean web = uri.startsWith("http:") || uri.startsWith("https:");
        return new Publisher(
                PlaceNames.of(uri), json -> template.sendBodyAndHeaders(whole, json, web ? WEB_HEADERS : Map.of()));
    }

    /** The URI with the options that the usual places need. */
    private static String whole(String uri) {
        if (uri.startsWith("log:") && !uri.contains("?")) {
            return uri + "?plain=true";
        }
        return uri.equals(TOPIC) ? uri + PASSING : uri;
    }

    /** Takes over from an earlier generation. */
    public synchronized void serve(Breakers breakers) {
        monitor.serve(breakers);
        long first = settings.timeout().toMillis() + START_MILLIS;
        roundAt = clock.millis() + Math.min(settings.period().toMillis(), first);
    }

    /** Starts the probes that are due. Leaves the document of the round as the body, null between two rounds. */
    public synchronized void probe(Exchange exchange) {
        exchange.getMessage().setBody(null);
        if (!settings.on() || roundAt == 0) {
            return;
        }
        monitor.probe();
        long now = clock.millis();
        changes.look(document.reports(), now);
        long period = settings.period().toMillis();
        if (now >= roundAt || roundAt - now > 2 * period) {
            roundAt = Math.max(roundAt + period, now + period / 2);
            String latest = document.gist(now);
            news = !latest.equals(gist);
            gist = latest;
            exchange.getMessage().setBody(document.json(now));
        }
    }

    /** Publishes the body to every place: to a log only if it has news, so that it is not filled. Returns at once. */
    public synchronized void publish(Exchange exchange) {
        String json = exchange.getMessage().getBody(String.class);
        if (json != null) {
            for (Place place : places) {
                if (news || !place.onlyNews()) {
                    place.publisher().publish(json);
                }
            }
        }
    }

    /** Ends probes and publishers: another generation goes on, or the program ends. */
    @Override
    public void close() {
        monitor.close();
        places.forEach(place -> place.publisher().close());
    }
}
