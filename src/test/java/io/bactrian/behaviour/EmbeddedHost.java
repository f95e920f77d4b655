package io.bactrian.behaviour;

import io.bactrian.testing.StubProvider;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.LambdaRouteBuilder;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;

/** A Camel application that has the jar on its class path, and routes of its own. For one thread. */
final class EmbeddedHost implements AutoCloseable {
    private final CamelContext context = new DefaultCamelContext();

    private EmbeddedHost() {}

    /** An application with these properties; not started yet. */
    static EmbeddedHost with(String... lines) {
        EmbeddedHost host = new EmbeddedHost();
        for (String line : lines) {
            int end = line.indexOf('=');
            host.context.getPropertiesComponent().addInitialProperty(line.substring(0, end), line.substring(end + 1));
        }
        return host;
    }

    /** An application with these providers, none with a key, and a default chain over all of them; not started yet. */
    static EmbeddedHost over(Map<String, StubProvider> providers, String... more) {
        return with(LiveGateway.lines(providers, more).toArray(String[]::new));
    }

    EmbeddedHost routes(LambdaRouteBuilder routes) throws Exception {
        RouteBuilder.addRoutes(context, routes);
        return this;
    }

    EmbeddedHost start() {
        context.start();
        return this;
    }

    CamelContext context() {
        return context;
    }

    /** The exchange after an endpoint has had it. */
    Exchange ask(String address, Object body, String... headers) {
        try (ProducerTemplate template = context.createProducerTemplate()) {
            return template.request(address, exchange -> {
                exchange.getMessage().setBody(body);
                for (int i = 0; i < headers.length; i += 2) {
                    exchange.getMessage().setHeader(headers[i], headers[i + 1]);
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String text(Exchange exchange) {
        return exchange.getMessage().getBody(String.class);
    }

    @Override
    public void close() {
        context.stop();
    }
}
