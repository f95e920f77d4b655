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
 * Three simulated providers on one loopback port, for the time in which no key is set. They speak the wire protocols of the
 * real ones, need no key, know every model, and fail on demand. Thread-safe.
 */
public final class DemoProviders implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 10;

    private final DemoServer demo;
    private final HttpServer server;

    private DemoProviders(DemoServer demo, HttpServer server) {
        this.demo = demo;
        this.server = server;
    }

    /**
     * Listens on a free port of 127.0.0.1 and returns when it does. Not to be called on an event loop.
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

    /** The base URLs by provider (anthropic, openai, groq), to be set where the real ones would be. */
    public Map<String, URI> baseUrls() {
        Map<String, URI> urls = new LinkedHashMap<>();
        for (DemoProvider provider : DemoProvider.values()) {
            urls.put(provider.toString(), URI.create("http://127.0.0.1:" + server.actualPort() + provider.base()));
        }
        return urls;
    }

    /**
     * Lets a provider fail until told otherwise, requests under way excepted.
     *
     * @param kind 429, 500, 503, timeout, reset, cut (after 8 words), garbage or off
     * @throws IllegalArgumentException if there is no such provider or kind; the message lists those there are
     */
    public void fault(String provider, String kind) {
        demo.set(DemoProvider.named(provider), DemoFault.of(kind));
    }

    /**
     * The same, with the number of words or pieces that still arrive before a timeout or a cut.
     *
     * @throws IllegalArgumentException also if that is negative
     */
    public void fault(String provider, String kind, int afterTokens) {
        demo.set(DemoProvider.named(provider), DemoFault.of(kind, afterTokens));
    }

    /** What is set now, by provider; {@code off} for those that are well. */
    public Map<String, String> faults() {
        Map<String, String> all = new LinkedHashMap<>();
        Arrays.stream(DemoProvider.values())
                .forEach(p -> all.put(p.toString(), demo.fault(p).kind().toString()));
        return all;
    }

    /** Three commands to try: an answer, a stream, and the first provider's fall. */
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
            future.toCompletionStage().toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(failure, e);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException(failure, e);
        }
    }
}
