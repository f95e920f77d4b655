package io.bactrian.severalnodes;

import io.bactrian.testing.Broker;
import io.bactrian.testing.Postgres;
import io.bactrian.testing.Relay;
import io.bactrian.testing.Reply;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * What two gateways do as one, measured: arguments are options ({@code --minutes}, {@code --store}, {@code --broker},
 * {@code --no-nginx}) and parts; none = all. Prints a table in Markdown; ends with 1 if a promise was broken.
 */
public final class NodesRun implements AutoCloseable {
    private static final Set<String> OPTIONS = Set.of("--minutes", "--store", "--broker");
    private static final int RATE = 40;
    /** A rate at which few requests are under way at once, so that what is counted is not what was on its way. */
    private static final int SLOW_RATE = 10;

    private static final int LIMIT = 600;
    private static final int TOKENS = 6_000;
    /** Tokens that a request costs, as the provider counts them. */
    private static final int COST = 30;

    private static final int PROMPT = 20;

    private static final int QUESTIONS = 1_000;
    /** How long a node is asked before its answers are timed, and by how many at once. */
    private static final Duration WARM = Duration.ofSeconds(60);

    private static final int CALLERS = 8;
    private static final String WITHOUT_MONITOR = "bactrian.health.period=0s";
    private static final List<String> ALL_CALLERS = List.of("boss", "plenty");

    private final Map<String, String> options;
    private final Postgres postgres;
    private final Broker ownBroker;
    private final String broker;
    private final String store;
    private final Optional<Path> nginx;
    private final List<String> rows = new ArrayList<>();
    private boolean broken;

    private interface Part {
        void run() throws Exception;
    }

    private NodesRun(Map<String, String> options, boolean front) {
        this.options = options;
        nginx = front ? Nginx.installed() : Optional.empty();
        postgres = options.containsKey("store") ? null : Postgres.start();
        store = options.getOrDefault("store", postgres == null ? "" : postgres.url());
        ownBroker = options.containsKey("broker") ? null : Broker.start();
        broker = options.getOrDefault("broker", ownBroker == null ? "" : ownBroker.url());
        say("store %s, broker %s, %s"
                .formatted(
                        postgres == null ? "given" : "PostgreSQL of its own",
                        ownBroker == null ? "given" : "of its own",
                        nginx.map(path -> "nginx in front").orElse("nodes asked in turn")));
    }

    public static void main(String[] arguments) throws Exception {
        Map<String, String> options = new HashMap<>();
        List<String> wanted = new ArrayList<>();
        boolean front = true;
        for (int i = 0; i < arguments.length; i++) {
            if (arguments[i].equals("--no-nginx")) {
                front = false;
            } else if (OPTIONS.contains(arguments[i]) && i + 1 < arguments.length) {
                options.put(arguments[i].substring(2), arguments[++i]);
            } else {
                wanted.add(arguments[i]);
            }
        }
        boolean broken;
        try (NodesRun run = new NodesRun(options, front)) {
            Map<String, Part> parts = run.parts();
            if (!parts.keySet().containsAll(wanted)) {
                System.err.println("parts: " + String.join(", ", parts.keySet()));
                System.exit(2);
            }
            for (Map.Entry<String, Part> part : parts.entrySet()) {
                if (wanted.isEmpty() || wanted.contains(part.getKey())) {
                    run.run(part.getKey(), part.getValue());
                }
            }
            System.out.println("\n| part | result | promised | |\n|---|---|---|---|");
            run.rows.forEach(System.out::println);
            broken = run.broken;
        }
        System.exit(broken ? 1 : 0);
    }

    private Map<String, Part> parts() {
        Map<String, Part> parts = new LinkedHashMap<>();
        parts.put("breaker", this::breaker);
        parts.put("dying", this::dying);
        parts.put("limits", this::limits);
        parts.put("outage", this::outage);
        parts.put("stale", this::stale);
        parts.put("cost", this::cost);
        return parts;
    }

    private void run(String name, Part part) {
        say(name);
        try {
            part.run();
        } catch (Exception | AssertionError e) {
            e.printStackTrace();
            row(name, "failed: " + e.toString().lines().findFirst().orElse(""), "", false);
        }
    }

    private void row(String part, String result, String promised, boolean kept) {
        broken |= !kept;
        String row = "| %s | %s | %s | %s |".formatted(part, result, promised, kept ? "kept" : "**broken**");
        rows.add(row);
        say(row);
    }

    private NodesScene scene(int nodes, String... more) throws Exception {
        List<String> lines = new ArrayList<>(List.of(more));
        lines.add("bactrian.queue.broker-url=" + broker);
        NodesScene scene = new NodesScene(nodes, nginx, lines.toArray(String[]::new));
        scene.good.on(call -> answer());
        scene.failing.on(call -> answer());
        pause(Duration.ofSeconds(2));
        return scene;
    }

    private static Reply answer() {
        return Reply.text("word ".repeat(COST - PROMPT).strip());
    }

    /** The time from an open breaker at one node to an open breaker at the other. */
    private void breaker() throws Exception {
        // The monitor would take the target for down after two failures, and spare it the calls that open its breaker.
        try (NodesScene scene = scene(2, WITHOUT_MONITOR)) {
            List<Long> millis = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                scene.failing.on(call -> Reply.status(500, "{}"));
                URI one = scene.nodes.getFirst();
                until(() -> scene.breaker(one).equals("OPEN"), () -> askAll(scene, one));
                long open = System.nanoTime();
                until(() -> scene.breaker(scene.nodes.get(1)).equals("OPEN"), () -> LockSupport.parkNanos(1_000_000));
                millis.add((System.nanoTime() - open) / 1_000_000);
                scene.failing.on(call -> answer());
                for (URI node : scene.nodes) {
                    scene.mend(node);
                    until(() -> scene.breaker(node).equals("CLOSED"), () -> askAll(scene, node));
                }
                pause(Duration.ofMillis(500));
            }
            long[] sorted = millis.stream().mapToLong(l -> l).sorted().toArray();
            row(
                    "breaker",
                    "known to the other node after %d ms (median), %d ms (longest of %d)"
                            .formatted(sorted[sorted.length / 2], sorted[sorted.length - 1], sorted.length),
                    "1 s",
                    sorted[sorted.length - 1] <= 1_000);
        }
    }

    /** Asks for all callers: what the requests of one alone show of a target holds for that one. */
    private static void askAll(NodesScene scene, URI node) {
        ALL_CALLERS.forEach(caller -> scene.ask(node, caller, "default"));
    }

    private static void until(Callable<Boolean> done, Runnable meanwhile) throws Exception {
        long begun = System.nanoTime();
        while (!done.call()) {
            if (System.nanoTime() - begun > 60_000_000_000L) {
                throw new IllegalStateException("not within a minute");
            }
            meanwhile.run();
        }
    }

    /** The calls that reach a provider after its death, with one node and with two. */
    private void dying() throws Exception {
        for (String death : List.of("500", "silence", "500, no monitor")) {
            String[] more = death.contains("monitor") ? new String[] {WITHOUT_MONITOR} : new String[0];
            int[] calls = new int[3];
            for (int nodes = 1; nodes <= 2; nodes++) {
                try (NodesScene scene = scene(nodes, more)) {
                    scene.askAtRate(SLOW_RATE, Duration.ofSeconds(8), ALL_CALLERS, "default");
                    List<String> calledAt = new CopyOnWriteArrayList<>();
                    long died = System.nanoTime();
                    scene.failing.forget();
                    scene.failing.on(call -> {
                        boolean probe = new String(call.body(), StandardCharsets.UTF_8).contains("Say 'ok'");
                        calledAt.add("%.1f%s".formatted((System.nanoTime() - died) / 1e9, probe ? "p" : ""));
                        return death.startsWith("500") ? Reply.status(500, "{}") : Reply.silence();
                    });
                    List<NodesScene.Seen> seen =
                            scene.askAtRate(SLOW_RATE, Duration.ofSeconds(40), ALL_CALLERS, "default");
                    calls[nodes] = scene.failing.calls().size();
                    long unanswered =
                            seen.stream().filter(one -> one.status() != 200).count();
                    say("%s, %d node(s): %d calls, %d of %d requests unanswered; after %s s (p: a probe)"
                            .formatted(death, nodes, calls[nodes], unanswered, seen.size(), calledAt));
                    if (unanswered > 0) {
                        row("dying: " + death, unanswered + " requests had no answer", "none", false);
                    }
                }
            }
            row(
                    "dying: " + death,
                    "%d calls reach it in 40 s with one node, %d with two".formatted(calls[1], calls[2]),
                    "twice as many",
                    calls[2] <= 2 * calls[1]);
        }
    }

    /** The requests and tokens that pass in some minutes. */
    private void limits() throws Exception {
        Duration time = Duration.ofSeconds(Math.round(60 * Double.parseDouble(options.getOrDefault("minutes", "3"))));
        for (int nodes = 1; nodes <= 2; nodes++) {
            try (NodesScene scene = scene(nodes, "bactrian.shared.limits=" + store)) {
                scene.askAtRate(RATE, Duration.ofSeconds(5), ALL_CALLERS, "only-good");
                limit(scene, nodes, "requests", 25, LIMIT, 1, time);
                limit(scene, nodes, "tokens", 10, TOKENS, COST, time);
            }
        }
    }

    private void limit(NodesScene scene, int nodes, String key, int rate, int perMinute, int cost, Duration time) {
        // Full at first, whatever an earlier run has taken.
        pause(Duration.ofSeconds(65));
        long begun = System.nanoTime();
        List<NodesScene.Seen> seen = scene.askAtRate(rate, time, List.of(key), "only-good");
        double minutes = (System.nanoTime() - begun) / 60e9;
        for (URI node : scene.nodes) {
            say("  " + String.join(", ", scene.metrics(node, "bactrian_shared_limits_total")));
        }
        long passed = seen.stream().filter(one -> one.status() == 200).count();
        double allowed = perMinute * (1 + minutes) / cost;
        double off = 100 * (passed - allowed) / allowed;
        row(
                "limits: %s, %d node(s)".formatted(key, nodes),
                "%d of %d requests pass in %.1f min, %.0f may: %+.2f %%"
                        .formatted(passed, seen.size(), minutes, allowed, off),
                "within 2 %",
                Math.abs(off) <= 2);
    }

    /** A store that is cut off, and one that is silent, while requests come in. */
    private void outage() throws Exception {
        if (postgres == null) {
            say("skipped: only with a store of its own");
            return;
        }
        int port = URI.create(postgres.url().substring("jdbc:".length())).getPort();
        try (Relay relay = new Relay(port);
                NodesScene scene =
                        scene(2, "bactrian.shared.limits=" + postgres.url().replace(":" + port, ":" + relay.port()))) {
            for (String kind : List.of("cut off", "silent")) {
                scene.askAtRate(RATE, Duration.ofSeconds(10), List.of("plenty"), "only-good");
                Thread trouble = Thread.ofVirtual().start(() -> {
                    pause(Duration.ofSeconds(5));
                    trouble(relay, kind, true);
                    pause(Duration.ofSeconds(10));
                    trouble(relay, kind, false);
                });
                List<NodesScene.Seen> seen =
                        scene.askAtRate(RATE, Duration.ofSeconds(25), List.of("plenty"), "only-good");
                trouble.join();
                pause(Duration.ofSeconds(5));
                long refused = seen.stream().filter(one -> one.status() != 200).count();
                long slowest =
                        seen.stream().mapToLong(NodesScene.Seen::micros).max().orElse(0) / 1000;
                row(
                        "outage: " + kind + " for 10 s",
                        "%d of %d requests refused, the slowest took %d ms".formatted(refused, seen.size(), slowest),
                        "none, 1 s",
                        refused == 0 && slowest <= 1_000);
            }
            List<Long> told = scene.programs.stream()
                    .map(program -> program.out()
                            .lines()
                            .filter(line -> line.contains("bactrian.limits"))
                            .peek(line -> say("  " + line))
                            .count())
                    .toList();
            row(
                    "outage: lines in the logs",
                    told + " at the nodes",
                    "2 each for both times",
                    told.equals(List.of(4L, 4L)));
        }
    }

    private static void trouble(Relay relay, String kind, boolean now) {
        if (kind.equals("silent")) {
            relay.hold(now);
        } else {
            relay.cut(now);
        }
    }

    /** An answer that one node has stored, given by the other. */
    private void stale() throws Exception {
        if (postgres == null) {
            say("skipped: only with a store of its own");
            return;
        }
        try (NodesScene scene = scene(2, "bactrian.stale.store=" + postgres.url())) {
            String question = "Asked before? " + System.nanoTime();
            scene.ask(scene.nodes.get(0), "boss", "kept", question);
            pause(Duration.ofSeconds(2));
            scene.failing.on(call -> Reply.status(500, "{}"));
            NodesScene.Seen seen = scene.ask(scene.nodes.get(1), "boss", "kept", question);
            row(
                    "stale",
                    "the other node answers %d from %s".formatted(seen.status(), seen.target()),
                    "stale",
                    seen.target().equals("stale"));
        }
    }

    /** Asks a node for a while, so that its code is compiled. */
    private static void warm(NodesScene scene) {
        long until = System.nanoTime() + WARM.toNanos();
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < CALLERS; i++) {
                callers.execute(() -> {
                    while (System.nanoTime() < until) {
                        scene.ask(scene.nodes.getFirst(), "plenty", "only-good");
                        scene.ask(scene.nodes.getFirst(), "both", "only-good");
                    }
                });
            }
        }
    }

    /** What a request takes longer with a store, one after the other at a node with it and one without. */
    private void cost() throws Exception {
        try (NodesScene without = scene(1);
                NodesScene with = scene(1, "bactrian.shared.limits=" + store)) {
            warm(without);
            warm(with);
            for (String key : List.of("plenty", "both")) {
                long[][] micros = new long[2][QUESTIONS];
                for (int i = -QUESTIONS / 10; i < QUESTIONS; i++) {
                    long first = without.ask(without.nodes.getFirst(), key, "only-good")
                            .micros();
                    long second =
                            with.ask(with.nodes.getFirst(), key, "only-good").micros();
                    if (i >= 0) {
                        micros[0][i] = first;
                        micros[1][i] = second;
                    }
                }
                Stream.of(micros).forEach(Arrays::sort);
                double added = (micros[1][QUESTIONS / 2] - micros[0][QUESTIONS / 2]) / 1000.0;
                row(
                        key.equals("both") ? "cost: requests and tokens" : "cost: requests",
                        "median %.2f ms without a store, %.2f ms with it: %+.2f ms (p95 %.2f, %.2f ms)"
                                .formatted(
                                        micros[0][QUESTIONS / 2] / 1000.0,
                                        micros[1][QUESTIONS / 2] / 1000.0,
                                        added,
                                        micros[0][QUESTIONS * 95 / 100] / 1000.0,
                                        micros[1][QUESTIONS * 95 / 100] / 1000.0),
                        "0.3 ms",
                        added <= 0.3);
            }
        }
    }

    private static void pause(Duration time) {
        LockSupport.parkNanos(time.toNanos());
    }

    private static void say(String line) {
        System.err.println(LocalTime.now().truncatedTo(ChronoUnit.SECONDS) + " " + line);
    }

    @Override
    public void close() {
        if (ownBroker != null) {
            ownBroker.close();
        }
        if (postgres != null) {
            postgres.close();
        }
    }
}
