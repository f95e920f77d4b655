package io.bactrian.runtime;

import io.bactrian.config.PlaceNames;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.CamelContext;
import org.apache.camel.NoSuchEndpointException;
import org.apache.camel.ResolveEndpointFailedException;
import org.apache.camel.component.jms.JmsEndpoint;
import org.jspecify.annotations.Nullable;

/** The check of the endpoint URIs that a property names: each must be one that Camel can send to. Stateless. */
final class PublisherCheck {
    private PublisherCheck() {}

    /** One line for each URI that is no endpoint. No URI is quoted whole, because it may hold a secret. */
    static List<String> mistakes(CamelContext context, String key, List<String> uris) {
        List<String> mistakes = new ArrayList<>();
        for (String uri : uris) {
            String mistake = mistake(context, uri);
            if (mistake != null) {
                mistakes.add("%s = %s: %s".formatted(key, PlaceNames.of(uri), mistake));
            }
        }
        return mistakes;
    }

    private static @Nullable String mistake(CamelContext context, String uri) {
        if (!uri.matches("(?s)[A-Za-z][A-Za-z0-9+.-]*:.+")) {
            return "not the URI of a Camel endpoint, such as log:bactrian.health";
        }
        try {
            Object endpoint = context.getEndpoint(uri);
            return uri.startsWith("jms:") && lacksBroker(endpoint)
                    ? "there is no broker; set bactrian.queue.broker-url, such as tcp://localhost:61616"
                    : null;
        } catch (NoSuchEndpointException e) {
            return "there is no component " + PlaceNames.scheme(uri)
                    + "; correct the name, or add its jar (docs/routes.md)";
        } catch (ResolveEndpointFailedException e) {
            return StartupErrors.unknownOption(e, uri);
        } catch (RuntimeException e) {
            return "not a URI that the component " + PlaceNames.scheme(uri) + " takes";
        }
    }

    private static boolean lacksBroker(Object endpoint) {
        return endpoint instanceof JmsEndpoint jms && jms.getConfiguration().getConnectionFactory() == null;
    }
}
