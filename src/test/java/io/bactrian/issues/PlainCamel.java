package io.bactrian.issues;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.function.Consumer;
import org.apache.camel.CamelContext;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.LambdaRouteBuilder;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpServer;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpServerConfiguration;
import org.apache.camel.impl.DefaultCamelContext;

/** Camel as it comes, with none of this project's settings. */
final class PlainCamel implements AutoCloseable {
    private final DefaultCamelContext context = new DefaultCamelContext();
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private PlainCamel() {
        context.getPropertiesComponent().addInitialProperty("bactrian.embedded.enabled", "false");
    }

    /** Camel with these routes. */
    static PlainCamel with(LambdaRouteBuilder routes) throws Exception {
        PlainCamel camel = new PlainCamel();
        RouteBuilder.addRoutes(camel.context, routes);
        camel.context.start();
        return camel;
    }

    /** Camel with these routes behind an HTTP server on a free port. */
    static PlainCamel serving(LambdaRouteBuilder routes) throws Exception {
        return serving(server -> server.getBodyHandler().setUploadsDirectory("target/file-uploads"), routes);
    }

    static PlainCamel serving(Consumer<VertxPlatformHttpServerConfiguration> settings, LambdaRouteBuilder routes)
            throws Exception {
        PlainCamel camel = new PlainCamel();
        VertxPlatformHttpServerConfiguration server = new VertxPlatformHttpServerConfiguration();
        server.setBindHost("127.0.0.1");
        server.setBindPort(0);
        settings.accept(server);
        camel.context.addService(new VertxPlatformHttpServer(server));
        RouteBuilder.addRoutes(camel.context, routes);
        camel.context.start();
        return camel;
    }

    CamelContext context() {
        return context;
    }

    ProducerTemplate template() {
        return context.createProducerTemplate();
    }

    <T> HttpResponse<T> post(String path, String body, HttpResponse.BodyHandler<T> handler, String... headers)
            throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path))
                .timeout(Duration.ofSeconds(30))
                .POST(HttpRequest.BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), handler);
    }

    private int port() {
        return context.hasService(VertxPlatformHttpServer.class).getPort();
    }

    HttpResponse<String> post(String path, String body, String... headers) throws Exception {
        return post(path, body, HttpResponse.BodyHandlers.ofString(), headers);
    }

    @Override
    public void close() {
        context.stop();
        client.close();
    }
}
