package io.bactrian.web;

import io.bactrian.config.Bound;
import io.bactrian.config.Config;
import io.bactrian.config.RequestBounds;
import io.bactrian.protocol.CallerProtocols;
import io.bactrian.protocol.RequestRejected;
import io.bactrian.routing.OwnContexts;
import io.netty.buffer.ByteBuf;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.CorsHandler;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.function.Consumer;
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
 * The HTTP server, which outlives every generation: each request goes to the generation that serves when it arrives, and stays
 * there to its end. Thread-safe.
 */
public final class HttpServer implements AutoCloseable {
    private static final int FIRST = Integer.MIN_VALUE;

    private final ServerHandlers handlers;
    private volatile @Nullable GenerationRouter serving;
    private boolean away;
    private volatile @Nullable CamelContext host;

    /**
     * @param protocols the formats of the errors that the server writes itself
     * @param bounds is told of each bound that a caller reaches
     */
    public HttpServer(CallerProtocols protocols, Consumer<Bound> bounds) {
        this.handlers = new ServerHandlers(protocols, bounds);
    }

    /** Sends every request from now on to this generation; earlier ones stay where they are. */
    public synchronized void serve(GenerationRouter generationRouter) {
        if (!away) {
            serving = generationRouter;
        }
    }

    /** Rejects every request from now on, whatever is to serve later. */
    public synchronized void turnAway() {
        away = true;
        serving = null;
    }

    /**
     * Checks that the address is free, because Camel's HTTP server only logs that it cannot listen.
     *
     * @throws IOException with a message that names the address, if it is not free
     */
    public static void needFree(Config.Server server) throws IOException {
        try (ServerSocket probe = new ServerSocket()) {
            probe.bind(new InetSocketAddress(server.host(), server.port()));
        } catch (IOException e) {
            throw new IOException("cannot listen on %s:%d: %s".formatted(server.host(), server.port(), e.getMessage()));
        }
    }

    /**
     * Starts the HTTP server with the settings of the first generation; does nothing if it has none.
     *
     * @param context the Camel context of that generation
     * @throws IOException with a message that names the address, if another program listens there
     */
    public void listen(Vertx vertx, GenerationRouter first, CamelContext context) throws Exception {
        HttpServerConfigurationProperties settings = first.settings();
        if (settings == null) {
            return;
        }
        DefaultCamelContext server = new DefaultCamelContext(new RouterRegistry());
        OwnContexts.add(server);
        server.getCamelContextExtension().setName("bactrian-http");
        ServerVertx guarded = new ServerVertx(vertx, new Guards());
        server.getRegistry().bind("vertx", guarded);
        server.setSSLContextParameters(context.getSSLContextParameters());
        host = server;
        DefaultMainHttpServerFactory servers = new DefaultMainHttpServerFactory();
        server.addService(servers.newHttpServer(server, settings), true, true);
        HttpManagementServerConfigurationProperties management = first.management();
        if (management != null) {
            server.addService(servers.newHttpManagementServer(server, management), true, true);
        }
        server.start();
        guarded.needListening();
    }

    /** The port on which it listens; 0 if it does not. */
    public int port() {
        VertxPlatformHttpServer http = http();
        return http == null ? 0 : http.getPort();
    }

    /** The address on which it listens; empty if it does not. */
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

    /** A registry that adds the handlers to the server's router before the server listens, so that they see every request. */
    private final class RouterRegistry extends DefaultRegistry {
        @Override
        public void bind(String id, Class<?> type, Object bean) {
            super.bind(id, type, bean);
            if (bean instanceof VertxPlatformHttpRouter router && !router.isManagementServer()) {
                router.route().order(FIRST).failureHandler(handlers::failed);
                router.route().order(FIRST).handler(ServerHandlers::noForms);
                router.route().order(FIRST).handler(HttpServer.this::cors);
                router.route().handler(HttpServer.this::dispatch);
            }
        }
    }

    /** The guards' view of the generation that serves. */
    private final class Guards implements ConnectionGuard.Rejections {
        @Override
        public RequestBounds bounds() {
            GenerationRouter generationRouter = serving;
            return generationRouter == null ? RequestBounds.USUAL : generationRouter.bounds();
        }

        @Override
        public ByteBuf response(String path, RequestRejected rejected) {
            return handlers.response(path, rejected);
        }

        @Override
        public void reached(Bound bound) {
            handlers.reached(bound);
        }
    }

    private void cors(RoutingContext context) {
        GenerationRouter generationRouter = serving;
        CorsHandler cors = generationRouter == null ? null : generationRouter.cors();
        if (cors == null) {
            context.next();
        } else {
            // Every response depends on the origin, also that to a request without one.
            context.response().putHeader("vary", "Origin");
            if (PageCookie.isOwnOrigin(context.request())) {
                context.next();
            } else {
                cors.handle(context);
            }
        }
    }

    private void dispatch(RoutingContext context) {
        GenerationRouter generationRouter = enter();
        HttpServerResponse response = context.response();
        if (generationRouter == null) {
            handlers.stopping(context);
        } else if (response.closed() || response.ended()) {
            generationRouter.leave();
        } else {
            try {
                generationRouter.serve(context);
            } catch (RequestRejected e) {
                handlers.respond(context, e);
            }
        }
    }

    /**
     * Counts a request in at the generation that will serve it; null if none serves. It is counted before that is certain, so
     * that a generation which no longer serves and is empty stays empty.
     */
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
