package io.bactrian.runtime;

import io.bactrian.config.Config;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.component.http.HttpActivityListener;
import org.apache.camel.component.http.HttpComponent;
import org.apache.camel.main.Main;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.HttpResponse;

/** What Camel is set to. */
final class CamelSettings {
    static final int MAX_DRAIN_SECONDS = 45;

    private CamelSettings() {}

    /** What holds unless a property says otherwise. */
    static void suggest(Main main, String name, Path directory, Config.Server server) {
        Path routes = directory.resolve(ConfigSnapshot.ROUTES);
        main.configure()
                .withName(name)
                .withRoutesIncludePattern(
                        Files.isDirectory(routes)
                                ? "file:" + routes + "/*.camel.yaml"
                                : "classpath:routes/*.camel.yaml")
                .withShutdownTimeout(MAX_DRAIN_SECONDS)
                .withExtraShutdownTimeout(1)
                .withAutoConfigurationLogSummary(false);
        // The file's host and port would come back over those of the environment.
        Properties listen = new Properties();
        listen.setProperty("camel.server.host", server.host());
        listen.setProperty("camel.server.port", Integer.toString(server.port()));
        main.getCamelContext().getPropertiesComponent().setOverrideProperties(listen);
        main.configure()
                .httpServer()
                .withEnabled(true)
                .withMaxBodySize(server.maxBody())
                .withFileUploadEnabled(false);
    }

    /** What the routes stand on, whatever the properties say; see docs/decisions for why. */
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

    /** Makes camel-http put the exchange where the HTTP client's interceptor finds it. */
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
