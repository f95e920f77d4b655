package io.bactrian.queue;

import io.bactrian.testing.Postgres;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * A measurement of the ledger: how many calls a second 50 threads get through, and how much CPU time of this process each takes.
 * Run it with the class path of the tests; arguments: {@code h2} or {@code postgres}, bytes of a reply, calls.
 */
public final class LedgerBench {
    private static final int THREADS = 50;
    private static final byte[] BODY = Sha256.of("x".repeat(500));
    private static final Map<String, String> PROPERTIES =
            Map.of("BactrianTarget", "openai/gpt", "BactrianAttempts", "openai/gpt:200:312ms", "BactrianStatus", "200");

    private LedgerBench() {}

    public static void main(String[] arguments) throws Exception {
        boolean h2 = arguments[0].equals("h2");
        StoredReply reply = new StoredReply(new byte[Integer.parseInt(arguments[1])], PROPERTIES);
        int calls = Integer.parseInt(arguments[2]);
        Path folder = Files.createTempDirectory("ledger");
        String url = AnswerLedgers.tuned("jdbc:h2:" + folder.resolve("answers"));
        try (Postgres postgres = h2 ? null : Postgres.start();
                InFlightFile inFlight = new InFlightFile(folder.resolve("in-flight"), Clock.systemUTC());
                JdbcAnswerLedger ledger = new JdbcAnswerLedger(
                        postgres == null ? url : postgres.url(), Duration.ofHours(1), inFlight, Clock.systemUTC())) {
            for (int round = 0; round < 3; round++) {
                String[] ids = Stream.generate(() -> "ID:" + UUID.randomUUID())
                        .limit(calls)
                        .toArray(String[]::new);
                measure("started, ended", ids, id -> {
                    ledger.started(id);
                    ledger.ended(id);
                });
                measure("find, not there", ids, id -> ledger.find(id, BODY));
                measure("store", ids, id -> ledger.store(id, BODY, reply));
                measure("find, there", ids, id -> {
                    if (ledger.find(id, BODY) == null) {
                        throw new IllegalStateException("lost: " + id);
                    }
                });
            }
        }
        try (Stream<Path> files = Files.list(folder)) {
            files.forEach(file -> System.out.printf(
                    "%s: %,d kB%n", file.getFileName(), file.toFile().length() / 1024));
        }
    }

    private static void measure(String what, String[] ids, Consumer<String> call) throws Exception {
        long cpu = cpu();
        long start = System.nanoTime();
        AtomicInteger next = new AtomicInteger();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < THREADS; i++) {
                threads.execute(() -> {
                    for (int n = next.getAndIncrement(); n < ids.length; n = next.getAndIncrement()) {
                        call.accept(ids[n]);
                    }
                });
            }
        }
        long nanos = System.nanoTime() - start;
        System.out.printf(
                "%-16s %,9.0f/s  %6.1f us CPU a call%n",
                what, ids.length * 1e9 / nanos, (cpu() - cpu) / 1e3 / ids.length);
    }

    private static long cpu() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }
}
