package io.bactrian.web;

import io.netty.channel.Channel;
import io.netty.handler.traffic.GlobalTrafficShapingHandler;
import io.vertx.core.Future;
import io.vertx.core.Handler;
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
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The Vert.x that Camel makes its HTTP servers with: each connection of theirs gets a {@link ConnectionGuard}, and a server that
 * cannot listen is remembered, because Camel only logs that. Thread-safe.
 */
final class ServerVertx extends VertxWrapper {
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
        server.connectionHandler(connection -> {
            Channel channel = ((ConnectionBase) connection).channel();
            ConnectionGuard guard = channel.pipeline().get(ConnectionGuard.class);
            if (guard != null) {
                guard.watchResponses(channel);
            }
        });
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
        private final boolean tls;
        private final ConnectionGuard.Rejections rejections;
        private volatile @Nullable Throwable failure;
        private volatile String address = "";

        GuardedServer(VertxInternal vertx, HttpServerOptions options, ConnectionGuard.Rejections rejections) {
            super(vertx, options);
            this.tls = options.isSsl();
            this.rejections = rejections;
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
            // Camel would write a stack trace and go on.
            return super.listen(where).recover(e -> {
                failure = e;
                return Future.succeededFuture(this);
            });
        }

        @Override
        protected BiConsumer<Channel, SslChannelProvider> childHandler(
                ContextInternal context, SocketAddress where, @Nullable GlobalTrafficShapingHandler shaping) {
            BiConsumer<Channel, SslChannelProvider> initializer = super.childHandler(context, where, shaping);
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
