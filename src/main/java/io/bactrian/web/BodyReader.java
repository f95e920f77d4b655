package io.bactrian.web;

import io.bactrian.config.Bound;
import io.bactrian.config.RequestBounds;
import io.bactrian.protocol.RequestRejected;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.buffer.impl.BufferImpl;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.impl.RoutingContextInternal;
import java.util.Arrays;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The reader of request bodies. A body is read only if its caller is admitted and the endpoint takes one; its bytes are counted
 * as they come. What is not read is dropped. Belongs to one generation; thread-safe.
 */
final class BodyReader implements Handler<RoutingContext> {
    /** Where a request has the claim of its body. */
    static final String CLAIM = "bactrianBody";

    private static final int FIRST_BYTES = 64 << 10;

    private final Gate gate;
    private final RequestBounds bounds;
    private final BodiesInFlight bodies;
    private final BiConsumer<RoutingContext, BodiesInFlight.Claim> read;

    /** @param read has the claim of a body that is whole given back once the response has ended */
    BodyReader(
            Gate gate,
            RequestBounds bounds,
            BodiesInFlight bodies,
            BiConsumer<RoutingContext, BodiesInFlight.Claim> read) {
        this.gate = gate;
        this.bounds = bounds;
        this.bodies = bodies;
        this.read = read;
    }

    @Override
    public void handle(RoutingContext context) {
        HttpServerRequest request = context.request();
        request.resume();
        RoutingContextInternal internal = (RoutingContextInternal) context;
        long announced = announced(request);
        String caller = internal.seenHandler(RoutingContextInternal.BODY_HANDLER) || announced == 0
                ? null
                : gate.callerWithBody(context);
        if (caller == null) {
            context.next();
            return;
        }
        internal.visitHandler(RoutingContextInternal.BODY_HANDLER);
        long most = gate.mostBytes(context);
        if (announced > most) {
            context.fail(tooLarge());
            return;
        }
        String expected = request.getHeader(HttpHeaders.EXPECT);
        if (expected != null && request.version() != HttpVersion.HTTP_1_0) {
            if (!expected.equalsIgnoreCase("100-continue")) {
                context.fail(417);
                return;
            }
            request.response().writeContinue();
        }
        new Reading(context, caller, announced, most).begin();
    }

    /** The length of the body: 0 if there is none, -1 if it is not announced. */
    private static long announced(HttpServerRequest request) {
        String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        if (length != null) {
            try {
                return Math.max(0, Long.parseLong(length));
            } catch (NumberFormatException e) {
                return -1;
            }
        }
        boolean chunks =
                request.version() == HttpVersion.HTTP_2 || request.headers().contains(HttpHeaders.TRANSFER_ENCODING);
        return chunks ? -1 : 0;
    }

    /** One body as it comes. Belongs to the event loop. */
    private final class Reading {
        private final RoutingContext context;
        private final BodiesInFlight.Claim claim;
        private final long announced;
        private final long most;
        private byte[] bytes = new byte[0];
        private int size;
        private boolean over;
        private @Nullable Long timer;

        Reading(RoutingContext context, String caller, long announced, long most) {
            this.context = context;
            this.announced = announced;
            this.most = most;
            this.claim = bodies.claim(caller, bounds.maxBodies(), gate.severalCallers());
        }

        void begin() {
            HttpServerRequest request = context.request();
            request.handler(this::more).endHandler(v -> end()).exceptionHandler(this::broken);
            if (request.version() == HttpVersion.HTTP_2) {
                // The guard of the connection looks after HTTP/1 only.
                timer = context.vertx().setTimer(bounds.bodyTimeout().toMillis(), id -> late());
            }
        }

        private void more(Buffer buffer) {
            if (over) {
                return;
            }
            if ((long) size + buffer.length() > most) {
                refuse(tooLarge());
            } else if (!claim.take(buffer.length())) {
                refuse(tooMany());
            } else {
                add(buffer);
            }
        }

        private void add(Buffer buffer) {
            ByteBuf from = ((BufferImpl) buffer).getByteBuf();
            int length = from.readableBytes();
            if (size == 0 && length == announced && from.hasArray() && from.array().length == length) {
                bytes = from.array();
            } else {
                if (size + length > bytes.length) {
                    bytes = Arrays.copyOf(bytes, larger(size + length));
                }
                from.getBytes(from.readerIndex(), bytes, size, length);
            }
            size += length;
        }

        /** As many bytes as are announced once half of them have come, so that announcing alone takes no memory. */
        private int larger(int needed) {
            int larger =
                    Math.max(needed, Math.max(Math.min(FIRST_BYTES, (int) Math.max(0, announced)), 2 * bytes.length));
            return announced >= needed ? (int) Math.min(announced, larger) : larger;
        }

        private void end() {
            if (over) {
                return;
            }
            over = true;
            cancelTimer();
            if (size > 0) {
                byte[] whole = size == bytes.length ? bytes : Arrays.copyOf(bytes, size);
                ((RoutingContextInternal) context).setBody(BufferImpl.buffer(Unpooled.wrappedBuffer(whole)));
            }
            context.put(CLAIM, claim);
            read.accept(context, claim);
            context.next();
        }

        private void broken(Throwable cause) {
            stop();
            if (!context.response().ended() && !context.response().closed()) {
                context.fail(400);
            }
        }

        private void late() {
            if (!over) {
                refuse(ConnectionGuard.late("body", Bound.BODY_TIMEOUT));
            }
        }

        private void refuse(RequestRejected rejected) {
            stop();
            context.fail(rejected);
        }

        private void stop() {
            if (!over) {
                over = true;
                bytes = new byte[0];
                cancelTimer();
                claim.giveBack();
            }
        }

        private void cancelTimer() {
            Long running = timer;
            if (running != null) {
                context.vertx().cancelTimer(running);
            }
        }
    }

    /** The rejection of a body that is larger than one may be. */
    static RequestRejected tooLarge() {
        return new RequestRejected(
                        413, "invalid_request_error", "request_too_large", null, "The request body is too large.")
                .at(Bound.BODY);
    }

    /** The rejection of a body for which there is no room. */
    static RequestRejected tooMany() {
        return new RequestRejected(
                        503,
                        "service_unavailable_error",
                        "too_many_bytes",
                        null,
                        "The bodies of the requests in flight are too large together. Try again soon.")
                .at(Bound.BODIES);
    }
}
