package io.bactrian.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/** A port that leads to another one, and can be cut or held: a server that is away, as its clients see it. Thread-safe. */
public final class Relay implements AutoCloseable {
    private static final long LOOK_NANOS = 5_000_000;

    private final int target;
    private final ServerSocket server;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private volatile boolean cut;
    private volatile boolean held;
    private volatile boolean closed;

    public Relay(int target) {
        this.target = target;
        try {
            server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().name("relay").start(this::accept);
    }

    public int port() {
        return server.getLocalPort();
    }

    /** From now on connections end at once, those that are open too; or they lead through again. */
    public void cut(boolean now) {
        cut = now;
        if (now) {
            sockets.forEach(Relay::close);
        }
    }

    /** From now on connections stay open, and nothing comes through; or what waits comes through. */
    public void hold(boolean now) {
        held = now;
    }

    private void accept() {
        try {
            while (true) {
                Socket from = server.accept();
                sockets.add(from);
                if (cut) {
                    close(from);
                    continue;
                }
                Socket to = new Socket(InetAddress.getLoopbackAddress(), target);
                sockets.add(to);
                Thread.ofVirtual().start(() -> copy(from, to));
                Thread.ofVirtual().start(() -> copy(to, from));
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    private void copy(Socket from, Socket to) {
        byte[] part = new byte[8192];
        try {
            for (int length = from.getInputStream().read(part);
                    length >= 0;
                    length = from.getInputStream().read(part)) {
                while (held && !closed) {
                    LockSupport.parkNanos(LOOK_NANOS);
                }
                to.getOutputStream().write(part, 0, length);
            }
        } catch (IOException e) {
            // One of the two has left.
        } finally {
            close(from);
            close(to);
            sockets.remove(from);
            sockets.remove(to);
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // It is closed.
        }
    }

    @Override
    public void close() {
        closed = true;
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        cut(true);
    }
}
