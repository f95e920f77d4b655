package io.bactrian.web;

import io.netty.channel.Channel;
import io.netty.handler.traffic.GlobalTrafficShapingHandler;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.impl.HttpServerImpl;
import io.vertx.core.impl.ContextInternal;
import io.vertx.core.impl.VertxInternal;
import io.vertx.core.impl.VertxWrapper;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.core.net.impl.SslChannelProvider;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The Vert.x that Camel makes its HTTP servers with: their connections are spread over event loops, each gets a
 * {@link ConnectionGuard}, and a server that cannot listen is remembered, because Camel only logs that. Thread-safe.
 */
final class ServerVertx extends VertxWrapper {
    private static final AtomicInteger FREE_PORTS = new AtomicInteger();

    private final ConnectionGuard.Rejections rejections;
    private final List<GuardedServer> servers = new CopyOnWriteArrayList<>();

    ServerVertx(Vertx vertx, ConnectionGuard.Rejections rejections) {
        super((VertxInternal) vertx);
        this.rejections = rejections;
    }

    @Override
    public io.vertx.core.http.HttpServer createHttpServer(HttpServerOptions options) {
        // The guard rejects what is larger; the decoder counts a little differently.
        options.setMaxInitialLineLength(2 * RequestFraming.MAX_REQUEST_LINE)
                .setMaxHeaderSize(2 * RequestFraming.MAX_HEAD);
        GuardedServer server = new GuardedServer(delegate, options, rejections);
        servers.add(server);
        return server;
    }

    /**
     * Checks that each server listens.
     *
     * @throws IOException with a message that names the address, if one does not
     */
    void needListening() throws IOException {
        for (GuardedServer server : servers) {
            Throwable failure = server.failure;
            if (failure != null) {
                throw new IOException("cannot listen on " + server.address + ": " + failure.getMessage());
            }
        }
    }

    private static final class GuardedServer extends HttpServerImpl {
        private final HttpServerOptions settings;
        private final ConnectionGuard.Rejections rejections;
        private final List<GuardedServer> twins = new CopyOnWriteArrayList<>();
        private volatile @Nullable Throwable failure;
        private volatile String address = "";

        GuardedServer(VertxInternal vertx, HttpServerOptions options, ConnectionGuard.Rejections rejections) {
            super(vertx, options);
            this.settings = options;
            this.rejections = rejections;
            connectionHandler(connection -> {
                Channel channel = ((ConnectionBase) connection).channel();
                ConnectionGuard guard = channel.pipeline().get(ConnectionGuard.class);
                if (guard != null) {
                    guard.watchResponses(channel);
                }
            });
        }

        /** Another server for the connections of this one, on an event loop of its own. */
        private GuardedServer twin() {
            GuardedServer twin = new GuardedServer(vertx, settings, rejections);
            twin.plainHandler(requestHandler());
            return twin;
        }

        private void plainHandler(Handler<HttpServerRequest> handler) {
            super.requestHandler(handler);
        }

        /** Writes media types in lower case, because routes compare them letter by letter. */
        @Override
        public synchronized HttpServerImpl requestHandler(Handler<HttpServerRequest> handler) {
            super.requestHandler(request -> {
                String type = request.getHeader(HttpHeaders.CONTENT_TYPE);
                String plain = type == null ? null : ContentTypes.plain(type);
                if (plain != type) {
                    request.headers().set(HttpHeaders.CONTENT_TYPE, String.valueOf(plain));
                }
                handler.handle(request);
            });
            return this;
        }

        @Override
        public synchronized Future<io.vertx.core.http.HttpServer> listen(SocketAddress where) {
            address = where.host() + ":" + where.port();
            // A free port has a number of its own until it is bound, by which servers share it.
            SocketAddress shared = where.port() == 0
                    ? SocketAddress.sharedRandomPort(FREE_PORTS.incrementAndGet(), where.host())
                    : where;
            // Camel would write a stack trace and go on.
            return super.listen(shared).compose(server -> spread(shared)).recover(e -> {
                failure = e;
                return Future.succeededFuture(this);
            });
        }

        /** Spreads the connections over one event loop for each processor: a server has one only. */
        private Future<io.vertx.core.http.HttpServer> spread(SocketAddress shared) {
            List<Future<io.vertx.core.http.HttpServer>> listening = new ArrayList<>();
            for (int i = 1; i < Runtime.getRuntime().availableProcessors(); i++) {
                GuardedServer twin = twin();
                twins.add(twin);
                ContextInternal context = vertx.createEventLoopContext();
                Promise<io.vertx.core.http.HttpServer> listens = context.promise();
                context.runOnContext(v -> twin.listenToo(shared).onComplete(listens));
                listening.add(listens.future());
            }
            return Future.all(listening).map(this);
        }

        private Future<io.vertx.core.http.HttpServer> listenToo(SocketAddress shared) {
            return super.listen(shared);
        }

        @Override
        public synchronized void close(Promise<Void> completion) {
            twins.forEach(twin -> twin.close(Promise.promise()));
            super.close(completion);
        }

        @Override
        protected BiConsumer<Channel, SslChannelProvider> childHandler(
                ContextInternal context, SocketAddress where, @Nullable GlobalTrafficShapingHandler shaping) {
            BiConsumer<Channel, SslChannelProvider> initializer = super.childHandler(context, where, shaping);
            boolean tls = settings.isSsl();
            return (channel, provider) -> {
                if (!tls) {
                    channel.pipeline().addLast(new ConnectionGuard(rejections));
                }
                initializer.accept(channel, provider);
                if (tls) {
                    channel.pipeline().addLast(new ConnectionGuard(rejections));
                }
            };
        }
    }
}
