package io.bactrian.demo;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.net.URI;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Three simulated providers on one loopback port, for a gateway without API keys. They serve the wire protocols of the
 * real ones, need no key, accept every model name, and fail on demand. Thread-safe.
 */
public final class DemoProviders implements AutoCloseable {
    private static final long TIMEOUT_SECONDS = 10;

    private final DemoServer demo;
    private final HttpServer server;

    private DemoProviders(DemoServer demo, HttpServer server) {
        this.demo = demo;
        this.server = server;
    }

    /**
     * Starts listening on a free port of 127.0.0.1 and returns when the port is open. Must not be called on an event
     * loop.
     *
     * @throws IllegalStateException if it cannot listen
     */
    public static DemoProviders start(Vertx vertx) {
        return start(vertx, Pace.HUMAN);
    }

    static DemoProviders start(Vertx vertx, Pace pace) {
        DemoServer demo = new DemoServer(vertx, pace);
        HttpServerOptions options =
                new HttpServerOptions().setHost("127.0.0.1").setPort(0).setHttp2ClearTextEnabled(false);
        HttpServer server = vertx.createHttpServer(options).requestHandler(demo::handle);
        await(server.listen(), "the simulated providers cannot listen");
        return new DemoProviders(demo, server);
    }

    /** The base URL by provider name (anthropic, openai, groq), for use in place of the real one. */
    public Map<String, URI> baseUrls() {
        Map<String, URI> urls = new LinkedHashMap<>();
        for (DemoProvider provider : DemoProvider.values()) {
            urls.put(provider.toString(), URI.create("http://127.0.0.1:" + server.actualPort() + provider.base()));
        }
        return urls;
    }

    /**
     * Makes a provider fail until its fault is set to {@code off}; requests in flight are not affected.
     *
     * @param kind 429, 500, 503, timeout, reset, cut (after 8 words), garbage or off
     * @throws IllegalArgumentException if there is no such provider or kind; the message lists the known ones
     */
    public void fault(String provider, String kind) {
        demo.set(DemoProvider.named(provider), DemoFault.of(kind));
    }

    /**
     * The same with the number of tokens that are sent before a timeout or a cut.
     *
     * @throws IllegalArgumentException also if the number is negative
     */
    public void fault(String provider, String kind, int afterTokens) {
        demo.set(DemoProvider.named(provider), DemoFault.of(kind, afterTokens));
    }

    /** The current fault by provider name; {@code off} for a provider without one. */
    public Map<String, String> faults() {
        Map<String, String> all = new LinkedHashMap<>();
        Arrays.stream(DemoProvider.values())
                .forEach(p -> all.put(p.toString(), demo.fault(p).kind().toString()));
        return all;
    }

    /** Three commands to try: a request, a streamed request, and a fault of the first provider. */
    public String curlHints(int gatewayPort) {
        return """
            curl http://127.0.0.1:%1$d/v1/chat/completions -H 'content-type: application/json' \
            -d '{"model":"default","messages":[{"role":"user","content":"Are you there?"}]}'
            curl -N http://127.0.0.1:%1$d/v1/chat/completions -H 'content-type: application/json' \
            -d '{"model":"default","stream":true,"messages":[{"role":"user","content":"Are you there?"}]}'
            curl -X POST 'http://127.0.0.1:%1$d/demo/anthropic/fault?kind=503'
            """.formatted(gatewayPort);
    }

    /** Stops listening and closes every connection. */
    @Override
    public void close() {
        await(server.close(), "the simulated providers cannot stop");
    }

    private static void await(Future<?> future, String failure) {
        try {
            future.toCompletionStage().toCompletableFuture().get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(failure, e);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException(failure, e);
        }
    }
}
