package io.bactrian.runtime;

import io.bactrian.config.Config;
import io.bactrian.config.KafkaSettings;
import io.bactrian.config.QueueSettings;
import io.bactrian.queue.KafkaSteps;
import java.time.Duration;
import java.util.Properties;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.StartupSummaryLevel;
import org.apache.camel.component.http.HttpActivityListener;
import org.apache.camel.component.http.HttpComponent;
import org.apache.camel.main.Main;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.HttpResponse;

/** The settings of Camel and its HTTP components. Stateless. */
final class CamelSettings {
    static final int MAX_DRAIN_SECONDS = 45;
    private static final Duration LEAST_POLL_INTERVAL = Duration.ofMinutes(15);

    private CamelSettings() {}

    /** Sets defaults that properties may override, and the address of the HTTP server. */
    static void suggest(Main main, String name, Installation installation, Config config) {
        Config.Server server = config.server();
        main.configure()
                .withName(name)
                .withRoutesIncludePattern(installation.routes())
                .withShutdownTimeout(MAX_DRAIN_SECONDS)
                .withExtraShutdownTimeout(1)
                .withAutoConfigurationLogSummary(false);
        // Otherwise the file's host and port would override those of the environment.
        Properties listen = new Properties();
        listen.setProperty("camel.server.host", server.host());
        listen.setProperty("camel.server.port", Integer.toString(server.port()));
        queue(config.queue(), listen);
        kafka(config.kafka(), Generation.longestDeadline(config), listen);
        main.getCamelContext().getPropertiesComponent().setOverrideProperties(listen);
        main.configure()
                .httpServer()
                .withEnabled(installation.http())
                .withMaxBodySize(server.bounds().maxBody())
                .withFileUploadEnabled(false);
    }

    /** Keeps a context apart from what is meant for the application's: its settings in environment and command line, its JMX tree, its log. */
    static void seclude(Main main) {
        main.configure()
                .withAutoConfigurationEnvironmentVariablesEnabled(false)
                .withAutoConfigurationSystemPropertiesEnabled(false)
                .withJmxEnabled(false)
                .setStartupSummaryLevel(StartupSummaryLevel.Off);
    }

    /** The properties that the route of the queue refers to, with their defaults. */
    private static void queue(QueueSettings queue, Properties to) {
        to.setProperty("bactrian.queue.enabled", Boolean.toString(queue.enabled()));
        to.setProperty("bactrian.queue.requests", queue.requests());
        to.setProperty("bactrian.queue.replies", queue.replies());
        to.setProperty("bactrian.queue.keep-millis", Long.toString(queue.keep().toMillis()));
        to.setProperty("bactrian.nodes", Boolean.toString(queue.hasBroker()));
        to.setProperty("bactrian.queue.consumers", Integer.toString(queue.consumers()));
    }

    /** The properties that the route of Kafka refers to, with their defaults. */
    private static void kafka(KafkaSettings kafka, Duration longestDeadline, Properties to) {
        to.setProperty("bactrian.kafka.brokers", kafka.brokers());
        to.setProperty("bactrian.kafka.requests", kafka.requests());
        to.setProperty("bactrian.kafka.replies", kafka.replies());
        to.setProperty("bactrian.kafka.dead-letters", kafka.deadLetters());
        to.setProperty("bactrian.kafka.group", kafka.group());
        to.setProperty("bactrian.kafka.consumers", Integer.toString(kafka.consumers()));
        // A record may wait before its last try, and a try takes as long as a request may.
        to.setProperty(
                "bactrian.kafka.max-poll-interval",
                Long.toString(Math.max(
                        LEAST_POLL_INTERVAL.toMillis(),
                        longestDeadline.plus(KafkaSteps.LONGEST_STAY).toMillis())));
    }

    /** Sets what the routes depend on, regardless of the properties; docs/decisions has the reasons. */
    static void insist(CamelContext context) {
        context.setStreamCaching(false);
        for (String scheme : new String[] {"http", "https"}) {
            HttpComponent http = context.getComponent(scheme, HttpComponent.class);
            http.setAutomaticRetriesDisabled(true);
            http.setCookieManagementDisabled(true);
            http.setFollowRedirects(false);
            http.setHttpActivityListener(EXCHANGE_IN_CONTEXT);
        }
    }

    /** Makes camel-http put the exchange where the interceptor of the HTTP client finds it. */
    private static final HttpActivityListener EXCHANGE_IN_CONTEXT = new HttpActivityListener() {
        @Override
        public void onRequestSubmitted(
                Object source, Exchange exchange, HttpHost host, HttpRequest request, HttpEntity entity) {}

        @Override
        public void onResponseReceived(
                Object source,
                Exchange exchange,
                HttpHost host,
                HttpResponse response,
                HttpEntity entity,
                long elapsed) {}
    };
}
