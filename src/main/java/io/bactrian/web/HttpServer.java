package io.bactrian.web;

import io.bactrian.config.Config;
import io.bactrian.protocol.CallerProtocols;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.CorsHandler;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import org.apache.camel.CamelContext;
import org.apache.camel.component.platform.http.main.DefaultMainHttpServerFactory;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpServer;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.main.HttpManagementServerConfigurationProperties;
import org.apache.camel.main.HttpServerConfigurationProperties;
import org.apache.camel.support.DefaultRegistry;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP server, which outlives every generation: each request goes to the one that serves when it comes, and stays there.
 * Thread-safe.
 */
public final class HttpServer implements AutoCloseable {
    private static final int FIRST = Integer.MIN_VALUE;

    private final ServerHandlers handlers;
    private volatile @Nullable GenerationRouter serving;
    private volatile @Nullable CamelContext host;

    /** @param protocols in whose formats errors are written that no generation sees */
    public HttpServer(CallerProtocols protocols) {
        this.handlers = new ServerHandlers(protocols);
    }

    /** From now on every request goes here; those that came before are not touched. */
    public void serve(GenerationRouter generationRouter) {
        serving = generationRouter;
    }

    /** From now on every request is refused. */
    public void turnAway() {
        serving = null;
    }

    /** The HTTP server of Camel only logs that it cannot listen, and goes on. */
    public static void needFree(Config.Server server) throws IOException {
        try (ServerSocket probe = new ServerSocket()) {
            probe.bind(new InetSocketAddress(server.host(), server.port()));
        } catch (IOException e) {
            throw new IOException("cannot listen on %s:%d: %s".formatted(server.host(), server.port(), e.getMessage()));
        }
    }

    /**
     * Starts the HTTP server as the first generation has it configured.
     *
     * @param context of that generation
     */
    public void listen(Vertx vertx, GenerationRouter first, CamelContext context) throws Exception {
        HttpServerConfigurationProperties settings = first.settings();
        if (settings == null) {
            return;
        }
        DefaultCamelContext server = new DefaultCamelContext(new Lobby());
        server.getCamelContextExtension().setName("bactrian-http");
        server.getRegistry().bind("vertx", vertx);
        server.setSSLContextParameters(context.getSSLContextParameters());
        host = server;
        DefaultMainHttpServerFactory servers = new DefaultMainHttpServerFactory();
        server.addService(servers.newHttpServer(server, settings), true, true);
        HttpManagementServerConfigurationProperties management = first.management();
        if (management != null) {
            server.addService(servers.newHttpManagementServer(server, management), true, true);
        }
        server.start();
    }

    /** The port it listens on; 0 if it does not. */
    public int port() {
        VertxPlatformHttpServer http = http();
        return http == null ? 0 : http.getPort();
    }

    /** The address it listens on; empty if it does not. */
    public String host() {
        VertxPlatformHttpServer http = http();
        return http == null ? "" : http.getHost();
    }

    private @Nullable VertxPlatformHttpServer http() {
        CamelContext server = host;
        return server == null ? null : server.hasService(VertxPlatformHttpServer.class);
    }

    @Override
    public void close() {
        CamelContext server = host;
        if (server != null) {
            server.stop();
        }
    }

    /** Sees the server's router before the server listens, so that no request gets by. */
    private final class Lobby extends DefaultRegistry {
        @Override
        public void bind(String id, Class<?> type, Object bean) {
            super.bind(id, type, bean);
            if (bean instanceof VertxPlatformHttpRouter router && !router.isManagementServer()) {
                router.route().order(FIRST).failureHandler(handlers::failed);
                router.route().order(FIRST).handler(ServerHandlers::noForms);
                router.route().order(FIRST).handler(HttpServer.this::cors);
                router.route().handler(HttpServer.this::lead);
            }
        }
    }

    private void cors(RoutingContext context) {
        GenerationRouter generationRouter = serving;
        CorsHandler cors = generationRouter == null ? null : generationRouter.cors();
        if (cors == null) {
            context.next();
        } else {
            cors.handle(context);
        }
    }

    private void lead(RoutingContext context) {
        GenerationRouter generationRouter = enter();
        HttpServerResponse response = context.response();
        if (generationRouter == null) {
            handlers.stopping(context);
        } else if (response.closed() || response.ended()) {
            generationRouter.leave();
        } else {
            generationRouter.serve(context);
        }
    }

    /** Counts a request in where it will be served: a generation that serves no more and is empty stays so. */
    private @Nullable GenerationRouter enter() {
        while (true) {
            GenerationRouter generationRouter = serving;
            if (generationRouter == null) {
                return null;
            }
            generationRouter.arrive();
            if (generationRouter == serving) {
                return generationRouter;
            }
            generationRouter.leave();
        }
    }
}
