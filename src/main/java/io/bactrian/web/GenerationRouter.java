package io.bactrian.web;

import io.bactrian.config.Config;
import io.bactrian.config.RequestBounds;
import io.bactrian.protocol.CallerProtocols;
import io.bactrian.protocol.RequestRejected;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import io.vertx.ext.web.handler.CorsHandler;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.CamelContext;
import org.apache.camel.Processor;
import org.apache.camel.Service;
import org.apache.camel.component.platform.http.PlatformHttpConstants;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.apache.camel.component.platform.http.spi.PlatformHttpConsumer;
import org.apache.camel.component.platform.http.spi.PlatformHttpEngine;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpEngine;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.apache.camel.main.HttpManagementServerConfigurationProperties;
import org.apache.camel.main.HttpServerConfigurationProperties;
import org.apache.camel.main.MainHttpServerFactory;
import org.apache.camel.support.service.ServiceSupport;
import org.jspecify.annotations.Nullable;

/**
 * The router of one generation: its HTTP endpoints, to which the {@link HttpServer} passes requests, and the number of its
 * requests in flight. Its Camel context gets no HTTP server of its own: the settings for one are kept for the
 * {@code HttpServer}. Thread-safe.
 */
public final class GenerationRouter {
    private final Router router;
    private final RequestBounds bounds;
    private final Gate gate;
    private final BodyReader reader;
    private final @Nullable CorsHandler cors;
    private final AtomicInteger inFlight = new AtomicInteger();
    /** One for all requests. If it is replaced on a response, the generation only waits longer before it stops. */
    private final Handler<Void> left = v -> inFlight.decrementAndGet();

    private volatile @Nullable HttpServerConfigurationProperties settings;
    private volatile @Nullable HttpManagementServerConfigurationProperties management;

    /** Binds beans to a Camel context that is about to be configured, so that its platform-http endpoints register here. */
    public GenerationRouter(
            Vertx vertx,
            CamelContext context,
            Config.Server server,
            CallerProtocols protocols,
            Admission admission,
            BodiesInFlight inBodies) {
        this.router = Router.router(vertx);
        this.gate = new Gate(server, admission, protocols);
        this.reader = new BodyReader(gate, server.bounds(), inBodies, this::follow);
        this.bounds = server.bounds();
        this.cors = ServerHandlers.cors(server, protocols);
        context.getRegistry().bind("vertx", vertx);
        context.getRegistry().bind("bactrian-server", MainHttpServerFactory.class, new NoServer());
        context.getRegistry()
                .bind(PlatformHttpConstants.PLATFORM_HTTP_ENGINE_NAME, PlatformHttpEngine.class, new Engine());
        String name = VertxPlatformHttpRouter.PLATFORM_HTTP_ROUTER_NAME_ZERO;
        context.getRegistry().bind(name, new VertxPlatformHttpRouter(null, vertx, router, name) {
            @Override
            public Handler<RoutingContext> bodyHandler() {
                return bodies();
            }
        });
    }

    /** True if no request is in flight. */
    public boolean empty() {
        return inFlight.get() == 0;
    }

    void arrive() {
        inFlight.incrementAndGet();
    }

    void leave() {
        inFlight.decrementAndGet();
    }

    private void follow(RoutingContext context, BodiesInFlight.Claim claim) {
        context.response().endHandler(v -> {
            leave();
            claim.responded();
        });
    }

    /**
     * Serves a request that has arrived.
     *
     * @throws RequestRejected if it may not be served
     */
    void serve(RoutingContext context) {
        context.response().endHandler(left);
        gate.check(context);
        router.handleContext(context);
    }

    RequestBounds bounds() {
        return bounds;
    }

    /** The handler of other origins; null if none are allowed. */
    @Nullable
    CorsHandler cors() {
        return cors;
    }

    /** The settings of the HTTP server; null if there is to be none. */
    @Nullable
    HttpServerConfigurationProperties settings() {
        return settings;
    }

    /** The settings of the management server; null if there is to be none. */
    @Nullable
    HttpManagementServerConfigurationProperties management() {
        return management;
    }

    private Handler<RoutingContext> bodies() {
        HttpServerConfigurationProperties set = settings;
        if (set == null || !set.isFileUploadEnabled() || set.getFileUploadDirectory() == null) {
            return reader;
        }
        BodyHandler bodies = BodyHandler.create(set.getFileUploadDirectory());
        if (set.getMaxBodySize() != null) {
            bodies.setBodyLimit(set.getMaxBodySize());
        }
        return context -> {
            context.request().resume();
            bodies.handle(context);
        };
    }

    /** An engine with port 0, so that endpoints register at the router of port 0, which is the one above. */
    private final class Engine extends VertxPlatformHttpEngine {
        @Override
        public PlatformHttpConsumer createConsumer(PlatformHttpEndpoint endpoint, Processor processor) {
            String name = VertxPlatformHttpRouter.getRouterNameFromPort(getServerPort());
            return new EndpointConsumer(endpoint, processor, name, gate);
        }

        @Override
        public int getServerPort() {
            return 0;
        }
    }

    /** A factory that keeps the settings and makes no server. */
    private final class NoServer implements MainHttpServerFactory {
        @Override
        public Service newHttpServer(CamelContext context, HttpServerConfigurationProperties configuration) {
            settings = configuration;
            return new ServiceSupport() {};
        }

        @Override
        public Service newHttpManagementServer(
                CamelContext context, HttpManagementServerConfigurationProperties configuration) {
            management = configuration;
            return new ServiceSupport() {};
        }
    }
}
