package io.bactrian.testing;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A connection that a stub has accepted: one thread reads, so that the client's leaving shows at once, another answers,
 * request by request. A client that shuts down its sending side counts as gone.
 */
final class Connection {
    private static final byte[] CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] BAD =
            "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final Socket socket;
    private final StubProvider stub;
    private final int number;
    private final BlockingQueue<Optional<Call>> requests = new LinkedBlockingQueue<>();
    private final CountDownLatch left = new CountDownLatch(1);
    private volatile @Nullable Call current;

    Connection(Socket socket, StubProvider stub, int number) {
        this.socket = socket;
        this.stub = stub;
        this.number = number;
    }

    void start() {
        Thread.ofVirtual().name("stub-read-" + number).start(this::read);
        Thread.ofVirtual().name("stub-answer-" + number).start(this::answer);
    }

    private void read() {
        try {
            InputStream in = new BufferedInputStream(socket.getInputStream());
            int count = 0;
            for (Http.Head head = Http.readHead(in); head != null; head = Http.readHead(in)) {
                if ("100-continue".equalsIgnoreCase(head.headers().get("expect"))) {
                    write(CONTINUE);
                }
                byte[] body = Http.readBody(in, head.headers());
                requests.add(Optional.of(new Call(head.requestLine(), head.headers(), body, number, ++count)));
            }
        } catch (Http.NotHttp e) {
            refuse();
        } catch (IOException e) {
            // The client reset the connection or the stub closed it: both end below.
        } finally {
            Call call = current;
            if (call != null) {
                call.markClientLeft();
            }
            left.countDown();
            requests.add(Optional.empty());
        }
    }

    private void refuse() {
        try {
            write(BAD);
        } catch (IOException e) {
            // Nobody there to be told.
        }
    }

    private void answer() {
        try {
            boolean open = true;
            while (open) {
                Optional<Call> call = requests.take();
                open = call.isPresent() && answer(call.get());
            }
        } catch (IOException e) {
            // The client is gone; the call says when.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            close(false);
            stub.ended(this);
        }
    }

    private boolean answer(Call call) throws IOException {
        current = call;
        if (gone()) {
            call.markClientLeft();
        }
        Reply reply = stub.take(call);
        Exchange exchange = new Exchange(call, this, stub.wire());
        Reply.After after;
        try {
            after = reply.send(exchange);
        } catch (IOException e) {
            call.markClientLeft();
            throw e;
        } catch (RuntimeException e) {
            stub.failed(e);
            after = Reply.status(500, "the stub's script failed: " + e).send(exchange);
        }
        if (after == Reply.After.RESET) {
            close(true);
            return false;
        }
        current = null;
        return after == Reply.After.KEEP && !"close".equalsIgnoreCase(call.header("connection"));
    }

    void write(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    boolean gone() {
        return left.getCount() == 0;
    }

    /** Waits; true as soon as the client has left. */
    boolean leavesWithin(long nanos) {
        try {
            return left.await(nanos, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    void close(boolean reset) {
        try {
            if (reset) {
                socket.setSoLinger(true, 0);
            }
            socket.close();
        } catch (IOException e) {
            // Already closed.
        }
    }
}
