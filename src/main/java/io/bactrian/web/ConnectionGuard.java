package io.bactrian.web;

import io.bactrian.config.Bound;
import io.bactrian.config.RequestBounds;
import io.bactrian.protocol.RequestRejected;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The guard of one connection, in front of everything that reads HTTP: lets only well-framed requests through, and limits the
 * time for a head, for a body and between requests. What it rejects, it answers itself, and then closes the connection.
 * Belongs to the event loop of the connection.
 */
final class ConnectionGuard extends ChannelDuplexHandler {
    private static final String HANDLER = "handler";
    private static final String DECODER = "httpDecoder";
    /** How long a connection may be unused, longer than the pools of official SDKs keep one. */
    private static final Duration IDLE = Duration.ofMinutes(5);

    private static final Duration LINGER = Duration.ofSeconds(2);
    /** More than a body that is refused: many clients read no answer while they send, and lose it if the connection is reset. */
    private static final int LINGER_BYTES = 64 << 20;

    private final Rejections rejections;
    private final RequestFraming framing;
    private @Nullable ByteBuf held;
    private @Nullable Future<?> looking;

    private State state = State.OPEN;
    private long since = System.nanoTime();
    private long answered;
    private boolean answering;
    private boolean closing;
    private boolean paused;
    private boolean refused;
    private long dropped;
    private long unread;

    private enum State {
        OPEN,
        /** The last answer is on its way. */
        CLOSING,
        /** The last answer is out; what still comes is dropped, so that the caller can read it. */
        LINGERING
    }

    /** The bounds of a guard, the form of its answers, and the listener to what it rejects. */
    interface Rejections {
        RequestBounds bounds();

        /** The response to a request, whole as on the wire. */
        ByteBuf response(String path, RequestRejected rejected);

        void reached(Bound bound);
    }

    ConnectionGuard(Rejections rejections) {
        this(rejections, new RequestFraming());
    }

    private ConnectionGuard(Rejections rejections, RequestFraming framing) {
        this.rejections = rejections;
        this.framing = framing;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        Duration shortest =
                rejections.bounds().headTimeout().compareTo(rejections.bounds().bodyTimeout()) < 0
                        ? rejections.bounds().headTimeout()
                        : rejections.bounds().bodyTimeout();
        long every = Math.clamp(shortest.toMillis() / 4, 250, 5_000);
        looking = ctx.executor().scheduleWithFixedDelay(() -> look(ctx), every, every, TimeUnit.MILLISECONDS);
    }

    /** The change from HTTP/1 to HTTP/2 removes all handlers; HTTP/2 has limits as well. */
    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        stop();
        if (ctx.channel().isActive() && framing.mayBecomeHttp2()) {
            ctx.pipeline().addFirst(new ConnectionGuard(rejections, RequestFraming.http2()));
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
        stop();
        super.channelInactive(ctx);
    }

    private void stop() {
        Future<?> task = looking;
        looking = null;
        if (task != null) {
            task.cancel(false);
        }
        release();
    }

    private void release() {
        ByteBuf rest = held;
        held = null;
        if (rest != null) {
            rest.release();
        }
    }

    /** Watches the responses of HTTP/1, which are messages only between the server and its encoder. */
    void watchResponses(Channel channel) {
        if (channel.pipeline().get(DECODER) != null) {
            channel.pipeline().addBefore(HANDLER, "bactrian-responses", new Responses());
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
        if (!(msg instanceof ByteBuf bytes)) {
            ctx.fireChannelRead(msg);
        } else if (state == State.LINGERING) {
            dropped += bytes.readableBytes();
            bytes.release();
            if (dropped > LINGER_BYTES) {
                ctx.close();
            }
        } else if (framing.isHttp2()) {
            since = System.nanoTime();
            ctx.fireChannelRead(bytes);
        } else {
            read(ctx, joined(bytes));
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        ctx.fireChannelWritabilityChanged();
        goOn(ctx);
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
        if (framing.isHttp2()) {
            since = System.nanoTime();
        }
        ctx.write(msg, promise);
    }

    /** What is held, with what has come. */
    private ByteBuf joined(ByteBuf bytes) {
        ByteBuf before = held;
        held = null;
        if (before == null) {
            return bytes;
        }
        before.discardSomeReadBytes();
        before.writeBytes(bytes);
        bytes.release();
        return before;
    }

    /** Passes on what is good, one request at a time: the next one once the answer to the last one is on its way. */
    private void read(ChannelHandlerContext ctx, ByteBuf bytes) {
        while (bytes.isReadable() && state == State.OPEN && mayPass(ctx)) {
            boolean inBody = framing.inBody();
            boolean inHead = framing.inHead();
            long heads = framing.heads();
            int good = framing.good(bytes);
            if (inBody != framing.inBody() || inHead != framing.inHead() || heads != framing.heads()) {
                since = System.nanoTime();
            }
            if (framing.isHttp2() && ctx.pipeline().get(DECODER) != null) {
                // Asked for where it is not spoken.
                ctx.close();
                break;
            }
            RequestRejected fault = framing.fault();
            if (good == bytes.readableBytes() && fault == null) {
                ctx.fireChannelRead(bytes);
                return;
            }
            if (good > 0) {
                ctx.fireChannelRead(bytes.readRetainedSlice(good));
            }
            if (fault != null) {
                reject(ctx, fault);
            } else if (good == 0) {
                break;
            }
        }
        if (bytes.isReadable() && ctx.isRemoved()) {
            ctx.fireChannelRead(bytes);
        } else if (bytes.isReadable() && state == State.OPEN && looking != null) {
            held = own(ctx, bytes);
            if (!paused && held.readableBytes() > RequestFraming.MAX_HEAD) {
                paused = true;
                ctx.channel().config().setAutoRead(false);
            }
        } else {
            bytes.release();
        }
    }

    private boolean mayPass(ChannelHandlerContext ctx) {
        return framing.inBody()
                || framing.mayBecomeHttp2()
                || (unanswered() == 0 && ctx.channel().isWritable());
    }

    /** Goes on with what is held, if that may be passed on now. */
    private void goOn(ChannelHandlerContext ctx) {
        ByteBuf rest = held;
        if (rest != null && state == State.OPEN && mayPass(ctx)) {
            held = null;
            read(ctx, rest);
            // Outside of a read, answers would wait for its end to be sent.
            ctx.fireChannelReadComplete();
        }
        if (paused && (held == null || held.readableBytes() <= RequestFraming.MAX_HEAD)) {
            paused = false;
            ctx.channel().config().setAutoRead(true);
        }
    }

    /** The unfinished rest in a buffer of its own, so that it does not hold a large one. */
    private static ByteBuf own(ChannelHandlerContext ctx, ByteBuf bytes) {
        if (bytes.refCnt() == 1 && bytes.readerIndex() == 0 && bytes.maxCapacity() == Integer.MAX_VALUE) {
            return bytes;
        }
        ByteBuf rest = ctx.alloc().buffer(Math.max(256, bytes.readableBytes() * 2));
        rest.writeBytes(bytes);
        bytes.release();
        return rest;
    }

    private long unanswered() {
        return framing.heads() - answered;
    }

    private void look(ChannelHandlerContext ctx) {
        long now = System.nanoTime();
        ChannelOutboundBuffer out = ctx.channel().unsafe().outboundBuffer();
        long pending = out == null ? 0 : out.totalPendingWriteBytes();
        boolean reads = pending == 0 || pending != unread;
        unread = pending;
        boolean waits = held != null && !mayPass(ctx);
        if (state == State.OPEN && !ctx.channel().config().isAutoRead() && !paused) {
            // The gateway itself does not read on.
            since = now;
            return;
        }
        Duration spent = Duration.ofNanos(now - since);
        RequestBounds bounds = rejections.bounds();
        if (state == State.LINGERING) {
            closeAfter(ctx, spent, LINGER);
        } else if (framing.isHttp2()) {
            closeAfter(ctx, spent, IDLE.multipliedBy(3));
        } else if (framing.inBody()) {
            if (spent.compareTo(bounds.bodyTimeout()) > 0) {
                reject(ctx, late("body", Bound.BODY_TIMEOUT));
            }
        } else if (ctx.pipeline().get(HANDLER) == null && !framing.inHead()) {
            // Nothing has been asked, or for a protocol that was not taken up.
            closeAfter(ctx, spent, bounds.headTimeout());
        } else if (unanswered() > 0) {
            return;
        } else if (pending > 0) {
            since = reads ? now : since;
            closeAfter(ctx, spent, bounds.bodyTimeout());
        } else if (framing.inHead() && !waits) {
            if (spent.compareTo(bounds.headTimeout()) > 0) {
                reject(ctx, late("head", Bound.HEAD_TIMEOUT));
            }
        } else {
            closeAfter(ctx, spent, framing.heads() == 0 ? bounds.headTimeout() : IDLE);
        }
    }

    private void closeAfter(ChannelHandlerContext ctx, Duration spent, Duration limit) {
        if (spent.compareTo(limit) > 0) {
            if (state != State.LINGERING) {
                rejections.reached(Bound.IDLE);
            }
            ctx.close();
        }
    }

    /** The rejection of a head or a body that has not come in time. */
    static RequestRejected late(String what, Bound bound) {
        return new RequestRejected(
                        408,
                        "invalid_request_error",
                        "request_timeout",
                        null,
                        "The " + what + " of the request came too slowly.")
                .at(bound);
    }

    /** Answers in the place of the server, unless the request has its answer, and lets nothing more through. */
    private void reject(ChannelHandlerContext ctx, RequestRejected why) {
        state = State.CLOSING;
        release();
        why.count(rejections::reached);
        if (answering || (framing.inBody() && unanswered() == 0)) {
            ctx.close();
        } else {
            refused = true;
            ctx.writeAndFlush(rejections.response(framing.path(), why)).addListener(done -> linger(ctx));
        }
    }

    /** Ends the own side, and gives the caller a moment to read the answer: a close at once could take it away. */
    private void linger(ChannelHandlerContext ctx) {
        if (state == State.LINGERING || !ctx.channel().isActive()) {
            return;
        }
        state = State.LINGERING;
        since = System.nanoTime();
        release();
        ctx.channel().config().setAutoRead(true);
        if (ctx.channel() instanceof SocketChannel socket && ctx.pipeline().get("ssl") == null) {
            socket.shutdownOutput();
        } else {
            ctx.close();
        }
    }

    /** The responses of this connection as they begin and end. */
    private final class Responses extends ChannelOutboundHandlerAdapter {
        @Override
        public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
            if (refused) {
                // The guard itself has answered.
                ReferenceCountUtil.release(msg);
                promise.tryFailure(new ClosedChannelException());
                return;
            }
            if (msg instanceof HttpResponse response) {
                if (response.status().codeClass() == HttpStatusClass.INFORMATIONAL) {
                    ctx.write(msg, promise);
                    return;
                }
                answering = true;
                closing = response.headers().contains(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE, true);
            }
            if (!(msg instanceof LastHttpContent)) {
                ctx.write(msg, promise);
                return;
            }
            answering = false;
            answered++;
            since = System.nanoTime();
            ChannelHandlerContext guard = ctx.pipeline().context(ConnectionGuard.this);
            if (closing && guard != null) {
                state = State.CLOSING;
                ctx.write(msg, promise.unvoid().addListener(done -> linger(guard)));
                return;
            }
            ctx.write(msg, promise);
            if (held != null && guard != null) {
                guard.executor().execute(() -> goOn(guard));
            }
        }
    }
}
