package io.bactrian.severalnodes;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.protocol.Json;
import io.bactrian.testing.Program;
import io.bactrian.testing.StubProvider;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.core.ConditionTimeoutException;

/** Gateways of the built jar with the same configuration, a front before them, and two providers: one that fails, one that does not. */
final class NodesScene implements AutoCloseable {
    private static final String KEYS = "boss:key-of-boss, requests:key-of-requests, tokens:key-of-tokens,"
            + " plenty:key-of-plenty, both:key-of-both";

    final StubProvider failing = StubProvider.openai();
    final StubProvider good = StubProvider.openai();
    final List<Program> programs = new ArrayList<>();
    final List<URI> nodes = new ArrayList<>();
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
    private final AtomicInteger next = new AtomicInteger();
    private final Optional<Nginx> nginx;

    /** An answer as the caller sees it. */
    record Seen(int status, String target, String attempts, long micros) {}

    NodesScene(int count, Optional<Path> front, String... more) throws IOException {
        for (int i = 1; i <= count; i++) {
            List<String> lines = new ArrayList<>(List.of(
                    "camel.server.port=0",
                    "camel.server.host=127.0.0.1",
                    "bactrian.node=node-" + i,
                    "bactrian.queue.enabled=false",
                    "bactrian.server.keys=" + KEYS,
                    "bactrian.server.limits.requests.requests-per-minute=600",
                    "bactrian.server.limits.tokens.tokens-per-minute=6000",
                    "bactrian.server.limits.plenty.requests-per-minute=1000000",
                    "bactrian.server.limits.both.requests-per-minute=1000000",
                    "bactrian.server.limits.both.tokens-per-minute=100000000",
                    "bactrian.providers.failing.base-url=" + failing.baseUrl(),
                    "bactrian.providers.failing.keyless=true",
                    "bactrian.providers.good.base-url=" + good.baseUrl(),
                    "bactrian.providers.good.keyless=true",
                    "bactrian.defaults.first-token-timeout=2s",
                    "bactrian.defaults.response-timeout=2s",
                    "bactrian.defaults.breaker.open-for=10s",
                    "bactrian.chains.default=failing/model, good/model",
                    "bactrian.chains.only-good=good/model",
                    "bactrian.chains.kept=failing/model, stale"));
            lines.addAll(List.of(more));
            Program program = Program.with(lines.toArray(String[]::new))
                    .option("-XX:TieredStopAtLevel=4")
                    .run();
            programs.add(program);
            try {
                nodes.add(awaited(program));
            } catch (RuntimeException | Error e) {
                programs.forEach(Program::close);
                throw e;
            }
        }
        nginx = front.isPresent() ? Optional.of(Nginx.before(front.get(), nodes)) : Optional.empty();
    }

    /** The address of a node, which may take long to start on a busy machine. */
    private static URI awaited(Program program) {
        for (int i = 0; i < 2 && program.runs(); i++) {
            try {
                return program.uri("");
            } catch (ConditionTimeoutException e) {
                // Once more.
            }
        }
        return program.uri("");
    }

    /** The address that callers use: nginx, else the nodes in turn. */
    URI front() {
        return nginx.map(Nginx::uri).orElseGet(() -> nodes.get(Math.floorMod(next.getAndIncrement(), nodes.size())));
    }

    Seen ask(URI node, String key, String chain) {
        return ask(node, key, chain, "Question " + ThreadLocalRandom.current().nextLong());
    }

    Seen ask(URI node, String key, String chain, String question) {
        String body =
                "{\"model\":\"" + chain + "\",\"messages\":[{\"role\":\"user\",\"content\":\"" + question + "\"}]}";
        long begun = System.nanoTime();
        try {
            HttpResponse<String> response = client.send(
                    HttpRequest.newBuilder(node.resolve("/v1/chat/completions"))
                            .header("authorization", "Bearer key-of-" + key)
                            .header("content-type", "application/json")
                            .timeout(Duration.ofSeconds(60))
                            .POST(HttpRequest.BodyPublishers.ofString(body))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            return new Seen(
                    response.statusCode(),
                    response.headers().firstValue("x-bactrian-target").orElse(""),
                    response.headers().firstValue("x-bactrian-attempts").orElse(""),
                    (System.nanoTime() - begun) / 1000);
        } catch (IOException e) {
            return new Seen(0, "", e.toString(), (System.nanoTime() - begun) / 1000);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Asks so often a second, for a time and for these callers in turn, whatever the answers take. */
    List<Seen> askAtRate(int perSecond, Duration time, List<String> keys, String chain) {
        List<Future<Seen>> asked = new ArrayList<>();
        long begun = System.nanoTime();
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (long i = 0; System.nanoTime() - begun < time.toNanos(); i++) {
                // Not in step with the nodes, or each would know one caller alone.
                String key = keys.get((int) (i / 2 % keys.size()));
                asked.add(callers.submit(() -> ask(front(), key, chain)));
                long due = begun + (i + 1) * 1_000_000_000L / perSecond;
                LockSupport.parkNanos(Math.max(0, due - System.nanoTime()));
            }
        }
        return asked.stream().map(Future::resultNow).toList();
    }

    /** The state of the target that fails, as a node tells it. */
    JsonNode target(URI node) throws Exception {
        HttpResponse<String> response = client.send(
                HttpRequest.newBuilder(node.resolve("/status"))
                        .header("authorization", "Bearer key-of-boss")
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        for (JsonNode target : Json.MAPPER.readTree(response.body()).path("targets")) {
            if (target.path("name").asText().startsWith("failing/")) {
                return target;
            }
        }
        throw new IllegalStateException(response.body());
    }

    /** The lines of the metrics of a node that begin with a name. */
    List<String> metrics(URI node, String name) {
        try {
            HttpResponse<String> response = client.send(
                    HttpRequest.newBuilder(node.resolve("/metrics"))
                            .header("authorization", "Bearer key-of-boss")
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            return response.body().lines().filter(line -> line.startsWith(name)).toList();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    String breaker(URI node) throws Exception {
        return target(node).path("breaker").asText();
    }

    /** Closes the breaker by hand. */
    void mend(URI node) throws Exception {
        client.send(
                HttpRequest.newBuilder(node.resolve("/admin/targets/failing%2Fmodel/close"))
                        .header("authorization", "Bearer key-of-boss")
                        .POST(HttpRequest.BodyPublishers.noBody())
                        .build(),
                HttpResponse.BodyHandlers.discarding());
    }

    @Override
    public void close() {
        nginx.ifPresent(Nginx::close);
        programs.forEach(Program::close);
        failing.close();
        good.close();
    }
}
