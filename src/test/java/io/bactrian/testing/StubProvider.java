package io.bactrian.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A provider on a real socket that does as its script says and keeps a log of what reached it. Thread-safe.
 *
 * <p>Without a script it answers {@code Reply.text("Hello from the stub.")}. {@code GET .../models} has a log and a reply of
 * its own, so that probes do not use up the script.
 */
public final class StubProvider implements AutoCloseable {
    private final StubProtocol wire;
    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
    private final AtomicInteger accepted = new AtomicInteger();
    private final List<Call> calls = new CopyOnWriteArrayList<>();
    private final List<Call> probes = new CopyOnWriteArrayList<>();
    private final List<RuntimeException> failures = new CopyOnWriteArrayList<>();
    private final int port;
    private volatile Function<Call, Reply> script = call -> Reply.text("Hello from the stub.");
    private volatile Reply models;
    private volatile @Nullable ServerSocket server;

    private StubProvider(StubProtocol wire) {
        this.wire = wire;
        this.models = Reply.status(200, wire.models());
        this.port = listen(0);
    }

    public static StubProvider openai() {
        return new StubProvider(new OpenAiStub());
    }

    public static StubProvider anthropic() {
        return new StubProvider(new AnthropicStub());
    }

    /** The wire protocol, as {@code bactrian.providers.<p>.api} names it. */
    public String api() {
        return wire instanceof AnthropicStub ? "anthropic" : "openai";
    }

    /** For example {@code http://127.0.0.1:4711/v1}. */
    public String baseUrl() {
        return "http://127.0.0.1:" + port + "/v1";
    }

    public int port() {
        return port;
    }

    /** Reply n for call n from now on; the last one for all that follow. */
    public StubProvider answers(Reply... replies) {
        List<Reply> all = List.of(replies);
        AtomicInteger next = new AtomicInteger();
        return on(call -> all.get(Math.min(next.getAndIncrement(), all.size() - 1)));
    }

    public StubProvider on(Function<Call, Reply> newScript) {
        script = newScript;
        return this;
    }

    public StubProvider onModels(Reply reply) {
        models = reply;
        return this;
    }

    /** The calls in order of arrival, without those for the list of models. */
    public List<Call> calls() {
        return List.copyOf(calls);
    }

    /** Call n, from 1. */
    public Call call(int n) {
        return calls.get(n - 1);
    }

    public Call lastCall() {
        return calls.getLast();
    }

    /** The calls for the list of models. */
    public List<Call> probes() {
        return List.copyOf(probes);
    }

    public void forget() {
        calls.clear();
        probes.clear();
    }

    public int openConnections() {
        return connections.size();
    }

    public int acceptedConnections() {
        return accepted.get();
    }

    /** From now on connections are refused and open ones are gone, as when a process dies. */
    public void die() {
        try {
            ServerSocket socket = server;
            if (socket != null) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        connections.forEach(c -> c.close(true));
    }

    /** Listens again, on the port of before. */
    public void revive() {
        listen(port);
    }

    /** Closes everything; fails if a script threw. */
    @Override
    public void close() {
        die();
        if (!failures.isEmpty()) {
            throw new IllegalStateException("a stub's script failed", failures.getFirst());
        }
    }

    private int listen(int wanted) {
        try {
            ServerSocket socket = new ServerSocket();
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), wanted), 4096);
            server = socket;
            Thread.ofVirtual().name("stub-" + socket.getLocalPort()).start(() -> accept(socket));
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void accept(ServerSocket from) {
        try {
            while (true) {
                Socket socket = from.accept();
                socket.setTcpNoDelay(true);
                Connection connection = new Connection(socket, this, accepted.incrementAndGet());
                connections.add(connection);
                connection.start();
                if (from.isClosed()) {
                    connection.close(true);
                }
            }
        } catch (IOException e) {
            // Closed: no more connections.
        }
    }

    StubProtocol wire() {
        return wire;
    }

    Reply take(Call call) {
        String path = call.path().split("\\?", 2)[0];
        if (call.method().equals("GET") && path.endsWith("/models")) {
            probes.add(call);
            return models;
        }
        synchronized (calls) {
            call.numbered(calls.size() + 1);
            calls.add(call);
        }
        if (!wire.serves(path)) {
            return Reply.error(404, "not_found_error", null, "no such path: " + path);
        }
        try {
            return script.apply(call);
        } catch (RuntimeException e) {
            failed(e);
            return Reply.status(500, "the stub's script failed: " + e);
        }
    }

    void failed(RuntimeException e) {
        failures.add(e);
    }

    void ended(Connection connection) {
        connections.remove(connection);
    }
}
