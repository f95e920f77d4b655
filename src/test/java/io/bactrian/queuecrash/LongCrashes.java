package io.bactrian.queuecrash;

import io.bactrian.queuecrash.QueueScene.Node;
import io.bactrian.testing.Folders;
import io.bactrian.testing.Postgres;
import io.bactrian.testing.Relay;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The long version of {@link QueueCrashIT}: arguments are options ({@code --kills}, {@code --messages}, {@code --consumers},
 * {@code --seed}, each with a number) and scenarios; none = all. Prints a table in Markdown; ends with 1 if a promise was broken.
 */
public final class LongCrashes {
    private static final Map<String, Integer> OPTIONS =
            new LinkedHashMap<>(Map.of("kills", 20, "messages", 1_000, "consumers", 20, "seed", 0));

    private final int kills;
    private final int messages;
    private final int consumers;
    private final Random random;
    private final List<String> rows = new ArrayList<>();
    private boolean broken;

    /** What a scenario does with its provider. */
    private interface Scenario {
        void run(CountingProvider provider) throws Exception;
    }

    private LongCrashes(Map<String, Integer> options) {
        kills = options.get("kills");
        messages = options.get("messages");
        consumers = options.get("consumers");
        int seed = options.get("seed") == 0 ? new Random().nextInt(1, Integer.MAX_VALUE) : options.get("seed");
        random = new Random(seed);
        say("seed " + seed);
    }

    public static void main(String[] arguments) throws Exception {
        Map<String, Integer> options = new LinkedHashMap<>(OPTIONS);
        List<String> wanted = new ArrayList<>();
        for (int i = 0; i < arguments.length; i++) {
            String name = arguments[i].replaceFirst("^--", "");
            if (arguments[i].startsWith("--") && options.containsKey(name) && i + 1 < arguments.length) {
                options.put(name, Integer.parseInt(arguments[++i]));
            } else {
                wanted.add(arguments[i]);
            }
        }
        LongCrashes crashes = new LongCrashes(options);
        Map<String, Scenario> scenarios = crashes.scenarios();
        if (!scenarios.keySet().containsAll(wanted)) {
            System.err.println("scenarios: " + String.join(", ", scenarios.keySet()));
            System.exit(2);
        }
        for (Map.Entry<String, Scenario> scenario : scenarios.entrySet()) {
            if (wanted.isEmpty() || wanted.contains(scenario.getKey())) {
                crashes.run(scenario.getKey(), scenario.getValue());
            }
        }
        System.out.println("\n| scenario | kills | requests | lost | twice | wrong | dead | asked again | given before"
                + " | stored before | |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---|");
        crashes.rows.forEach(System.out::println);
        System.exit(crashes.broken ? 1 : 0);
    }

    private Map<String, Scenario> scenarios() {
        Map<String, Scenario> scenarios = new LinkedHashMap<>();
        scenarios.put("embedded", this::embedded);
        scenarios.put("gateway", this::gateway);
        scenarios.put("broker", this::broker);
        scenarios.put("two", this::two);
        scenarios.put("rolling", this::rolling);
        scenarios.put("outage", this::outage);
        scenarios.put("postgres", this::postgres);
        scenarios.put("disk", this::disk);
        return scenarios;
    }

    private void run(String name, Scenario scenario) {
        say(name);
        try (CountingProvider provider = new CountingProvider(5, 100)) {
            scenario.run(provider);
        } catch (Exception | AssertionError e) {
            broken = true;
            e.printStackTrace();
            rows.add("| " + name + " | | | | | | | | | | failed: "
                    + e.toString().lines().findFirst().orElse("") + " |");
        }
    }

    private void row(String name, int ended, Tally tally, boolean kept, String remark) {
        broken |= !kept;
        String row = "| %s | %d | %d | %d | %d | %d | %d | %d | %d | %d | %s |"
                .formatted(
                        name,
                        ended,
                        tally.requests(),
                        tally.lost(),
                        tally.doubled(),
                        tally.wrong(),
                        tally.dead(),
                        tally.asked(),
                        tally.given(),
                        tally.stored(),
                        (kept ? "" : "BROKEN ") + remark);
        rows.add(row);
        say(row);
    }

    private String limit() {
        return "bactrian.queue.consumers=" + consumers;
    }

    /** A moment at which some of the requests under way have been asked; now and then just after a start. */
    private void moment(QueueScene scene) {
        scene.awaitCalls(1 + random.nextInt(random.nextInt(5) == 0 ? consumers : Math.max(1, messages / 2)));
        LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(random.nextInt(30_000)));
    }

    /** The gateway and its broker, one process, are killed again and again. */
    private void embedded(CountingProvider provider) {
        try (QueueScene scene = QueueScene.embedded(provider, limit())) {
            killed("embedded", scene);
        }
    }

    /** The gateway is killed, the broker lives. */
    private void gateway(CountingProvider provider) {
        try (QueueScene scene = QueueScene.withBroker(provider, limit())) {
            killed("gateway", scene);
        }
    }

    private void killed(String name, QueueScene scene) {
        Tally all = Tally.NONE;
        Node node = scene.gateway();
        for (int kill = 1; kill <= kills; kill++) {
            scene.send(messages);
            moment(scene);
            node.kill();
            node.restart();
            all = told(name, kill, all, scene.finish());
        }
        row(name, kills, all, all.kept() && all.asked() <= kills * consumers, "");
    }

    /** The broker is killed, the gateway lives. */
    private void broker(CountingProvider provider) {
        Tally all = Tally.NONE;
        try (QueueScene scene = QueueScene.withBroker(provider, limit())) {
            scene.gateway();
            for (int kill = 1; kill <= kills; kill++) {
                scene.send(messages);
                moment(scene);
                scene.broker().kill();
                scene.broker().restart();
                all = told("broker", kill, all, scene.finish());
            }
        }
        row("broker", kills, all, all.kept() && all.asked() == 0, "");
    }

    /** Two gateways on one broker: in turn one is killed, and started again only when the other has done the work. */
    private void two(CountingProvider provider) {
        Tally all = Tally.NONE;
        try (QueueScene scene = QueueScene.withBroker(provider, limit())) {
            List<Node> nodes = List.of(scene.gateway(), scene.gateway());
            for (int kill = 1; kill <= kills; kill++) {
                Node node = nodes.get(kill % 2);
                scene.send(messages);
                moment(scene);
                node.kill();
                all = told("two", kill, all, scene.finish().withoutStore());
                node.restart();
            }
        }
        row("two", kills, all, all.kept() && all.asked() <= kills * consumers, "");
    }

    /** Two gateways on one broker: in turn one is asked to end, as in a rollout, and started again. */
    private void rolling(CountingProvider provider) {
        Tally all = Tally.NONE;
        int ended = Math.min(kills, 20);
        int badly = 0;
        try (QueueScene scene = QueueScene.withBroker(provider, limit())) {
            List<Node> nodes = List.of(scene.gateway(), scene.gateway());
            for (int stop = 1; stop <= ended; stop++) {
                Node node = nodes.get(stop % 2);
                scene.send(messages);
                moment(scene);
                badly += node.stop() == 0 ? 0 : 1;
                node.restart();
                all = told("rolling", stop, all, scene.finish());
            }
        }
        row("rolling", ended, all, all.kept() && all.asked() == 0 && badly == 0, "SIGTERM; exit codes not 0: " + badly);
    }

    /** No provider answers for half a minute while requests wait. */
    private void outage(CountingProvider provider) {
        int waiting = 500;
        try (QueueScene scene = QueueScene.embedded(provider, limit())) {
            scene.gateway();
            scene.send(consumers);
            Tally before = scene.finish();
            provider.down(true);
            scene.send(waiting);
            long begun = System.nanoTime();
            scene.awaitCalls(1);
            int calls = provider.count();
            LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(30));
            int wasted = provider.count() - calls;
            provider.down(false);
            long back = System.nanoTime();
            Tally tally = scene.finish();
            row(
                    "outage",
                    0,
                    before.plus(tally),
                    tally.kept(),
                    "%d calls within %d s without an answer; all answered %.1f s after its end"
                            .formatted(
                                    wasted,
                                    Duration.ofNanos(back - begun).toSeconds(),
                                    (System.nanoTime() - back) / 1e9));
        }
    }

    /** Two gateways share a store in PostgreSQL, which goes away and comes back while one of them is killed. */
    private void postgres(CountingProvider provider) {
        Tally all = Tally.NONE;
        int ended = Math.min(kills, 20);
        try (Postgres database = Postgres.start();
                Relay relay = new Relay(port(database.url()))) {
            String url = database.url().replaceFirst(":\\d+/", ":" + relay.port() + "/");
            try (QueueScene scene = QueueScene.withBroker(provider, limit(), "bactrian.queue.store=" + url)) {
                scene.storedAt(database.url());
                List<Node> nodes = List.of(scene.gateway(), scene.gateway());
                for (int kill = 1; kill <= ended; kill++) {
                    Node node = nodes.get(kill % 2);
                    scene.send(messages);
                    moment(scene);
                    relay.cut(kill % 3 == 0);
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(100)));
                    node.kill();
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(1_000)));
                    relay.cut(false);
                    Tally one = scene.finish();
                    all = told("postgres", kill, all, kill % 3 == 0 ? one.withoutStore() : one);
                    node.restart();
                }
            }
        }
        row("postgres", ended, all, all.kept() && all.asked() <= ended * consumers, "away at every third kill");
    }

    private static int port(String url) {
        return Integer.parseInt(url.replaceFirst(".*:(\\d+)/.*", "$1"));
    }

    /** The disk of the embedded broker is full for a while; then the gateway is started again. */
    private void disk(CountingProvider provider) throws Exception {
        Path disk = Folders.temporary("bactrian-disk");
        if (new ProcessBuilder("mount", "-t", "tmpfs", "-o", "size=160m", "tmpfs", disk.toString())
                        .redirectErrorStream(true)
                        .start()
                        .waitFor()
                != 0) {
            rows.add("| disk | | | | | | | | | | skipped: mounting a small disk is not permitted |");
            return;
        }
        try (QueueScene scene = QueueScene.embedded(provider, limit(), "bactrian.queue.directory=" + disk)) {
            Node node = scene.gateway();
            // More than the journal has set aside on the disk, and less than the disk has room for.
            scene.send(600, "x".repeat(20_000));
            scene.awaitCalls(20);
            Path filler = fill(disk.resolve("filler"));
            LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(10));
            String said = "runs " + node.program().runs();
            Files.delete(filler);
            LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(10));
            int healed = scene.client().answered();
            node.kill();
            node.restart();
            Tally tally = scene.finish();
            row("disk", 1, tally, tally.kept(), said + "; answered 10 s after there was space: " + healed);
        } finally {
            new ProcessBuilder("umount", "-l", disk.toString()).start().waitFor();
        }
    }

    private static Path fill(Path file) throws IOException {
        byte[] block = new byte[65_536];
        try (OutputStream out = Files.newOutputStream(file)) {
            while (true) {
                out.write(block);
            }
        } catch (IOException e) {
            // Full.
            return file;
        }
    }

    private static Tally told(String name, int kill, Tally before, Tally one) {
        if (!one.kept() || kill % 10 == 0) {
            say(name + ", " + kill + ": " + one);
        }
        return before.plus(one);
    }

    private static void say(String text) {
        System.out.println(LocalTime.now().truncatedTo(ChronoUnit.SECONDS) + " " + text);
    }
}
