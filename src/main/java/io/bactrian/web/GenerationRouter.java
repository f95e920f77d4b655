package io.bactrian.web;

import io.bactrian.config.Config;
import io.bactrian.protocol.CallerProtocols;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import io.vertx.ext.web.handler.CorsHandler;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.CamelContext;
import org.apache.camel.Service;
import org.apache.camel.component.platform.http.PlatformHttpConstants;
import org.apache.camel.component.platform.http.spi.PlatformHttpEngine;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpEngine;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.apache.camel.main.HttpManagementServerConfigurationProperties;
import org.apache.camel.main.HttpServerConfigurationProperties;
import org.apache.camel.main.MainHttpServerFactory;
import org.apache.camel.support.service.ServiceSupport;
import org.jspecify.annotations.Nullable;

/**
 * The doors of one generation, which the {@link HttpServer} leads to, and how many requests are behind them. Its Camel gets no HTTP
 * server of its own: what is configured for one is kept for the front. Thread-safe.
 */
public final class GenerationRouter {
    private final Router router;
    private final @Nullable CorsHandler cors;
    private final AtomicInteger inside = new AtomicInteger();
    /** One for all requests. Whoever else takes its place on a response only lets the generation wait for its deadline. */
    private final Handler<Void> left = v -> inside.decrementAndGet();

    private volatile @Nullable HttpServerConfigurationProperties settings;
    private volatile @Nullable HttpManagementServerConfigurationProperties management;

    /** Makes the platform-http of a Camel that is about to be configured register its doors here. */
    public GenerationRouter(Vertx vertx, CamelContext context, Config.Server server, CallerProtocols protocols) {
        this.router = Router.router(vertx);
        this.cors = ServerHandlers.cors(server, protocols);
        context.getRegistry().bind("vertx", vertx);
        context.getRegistry().bind("bactrian-server", MainHttpServerFactory.class, new Absent());
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

    /** Whether no request is inside. */
    public boolean empty() {
        return inside.get() == 0;
    }

    void arrive() {
        inside.incrementAndGet();
    }

    void leave() {
        inside.decrementAndGet();
    }

    /** Serves a request that has arrived. */
    void serve(RoutingContext context) {
        context.response().endHandler(left);
        router.handleContext(context);
    }

    @Nullable
    CorsHandler cors() {
        return cors;
    }

    /** What the server is to be set to; null if there is to be none. */
    @Nullable
    HttpServerConfigurationProperties settings() {
        return settings;
    }

    @Nullable
    HttpManagementServerConfigurationProperties management() {
        return management;
    }

    private Handler<RoutingContext> bodies() {
        HttpServerConfigurationProperties set = settings;
        BodyHandler bodies = set != null && set.isFileUploadEnabled() && set.getFileUploadDirectory() != null
                ? BodyHandler.create(set.getFileUploadDirectory())
                : BodyHandler.create(false);
        if (set != null && set.getMaxBodySize() != null) {
            bodies.setBodyLimit(set.getMaxBodySize());
        }
        return context -> {
            context.request().resume();
            bodies.handle(context);
        };
    }

    /** Knows no port, so that doors ask for the router of port 0, which is this wing's. */
    private static final class Engine extends VertxPlatformHttpEngine {
        @Override
        public int getServerPort() {
            return 0;
        }
    }

    private final class Absent implements MainHttpServerFactory {
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
