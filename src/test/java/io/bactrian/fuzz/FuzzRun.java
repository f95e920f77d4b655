package io.bactrian.fuzz;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/**
 * A run of one target over many inputs. Each has a number, from which with the seed of the run follows all of it, so that a
 * finding can be had again. Used by one thread.
 *
 * @param seed of the run
 * @param first the number of the first input
 * @param inputs how many
 */
record FuzzRun(long seed, long first, long inputs) {
    /** The CPU of one input; waits for other processes do not count. */
    private static final long MOST_NANOS = 1_000_000_000L;

    /** The memory of one input, which has 256 KB at most. */
    private static final long MOST_BYTES = 256L << 20;

    private static final int MOST_FINDINGS = 20;
    private static final Path REPORTS = Path.of("target", "fuzz");
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** The run that the system properties {@code fuzz.seed}, {@code fuzz.first} and {@code fuzz.inputs} ask for. */
    static FuzzRun asked(long usualInputs) {
        return new FuzzRun(
                Long.getLong("fuzz.seed", 14), Long.getLong("fuzz.first", 0), Long.getLong("fuzz.inputs", usualInputs));
    }

    /** The findings, one of each kind; empty if all is well. The input of each is written to a file. */
    Map<String, String> findings(FuzzTarget target) {
        Map<String, String> findings = new LinkedHashMap<>();
        long slowest = 0;
        long largest = 0;
        long slow = first;
        for (long number = first; number < first + inputs && findings.size() < MOST_FINDINGS; number++) {
            long nanos = THREADS.getCurrentThreadCpuTime();
            long bytes = THREADS.getCurrentThreadAllocatedBytes();
            String finding = finding(target, number);
            nanos = THREADS.getCurrentThreadCpuTime() - nanos;
            bytes = THREADS.getCurrentThreadAllocatedBytes() - bytes;
            slow = nanos > slowest ? number : slow;
            slowest = Math.max(slowest, nanos);
            largest = Math.max(largest, bytes);
            if (finding == null && nanos > MOST_NANOS) {
                finding = "took " + nanos / 1_000_000 + " ms of CPU";
            } else if (finding == null && bytes > MOST_BYTES) {
                finding = "took " + (bytes >> 20) + " MB";
            }
            if (finding != null && findings.putIfAbsent(finding, report(target, number)) == null) {
                write(target, number, finding);
            }
        }
        System.out.printf(
                "%s: %,d inputs from number %d with seed %d; at most %d ms of CPU (number %d) and %d MB each; findings: %d%n",
                target.name(), inputs, first, seed, slowest / 1_000_000, slow, largest >> 20, findings.size());
        return findings;
    }

    private String finding(FuzzTarget target, long number) {
        try {
            target.check(new Random(seed * 0x9E3779B97F4A7C15L + number));
            return null;
        } catch (VirtualMachineError | Exception | AssertionError e) {
            return kind(e);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** An error and the first places of the gateway that it passed, by which two findings are the same. */
    private static String kind(Throwable e) {
        StringBuilder kind = new StringBuilder(e.getClass().getSimpleName());
        if (e instanceof AssertionError) {
            return kind.append(": ")
                    .append(String.valueOf(e.getMessage()).strip())
                    .toString();
        }
        int places = 0;
        for (StackTraceElement place : e.getStackTrace()) {
            if (place.getClassName().startsWith("io.bactrian") && places++ < 3) {
                kind.append(" at ").append(place);
            }
        }
        return kind.append(": ").append(e.getMessage()).toString().replaceAll("\\s+", " ");
    }

    private String report(FuzzTarget target, long number) {
        String input = target.input();
        return "-Dfuzz.seed=" + seed + " -Dfuzz.first=" + number + " -Dfuzz.inputs=1, " + file(target, number) + ": "
                + input.substring(0, Math.min(1000, input.length()));
    }

    private static Path file(FuzzTarget target, long number) {
        return REPORTS.resolve(target.name() + "-" + number + ".txt");
    }

    private static void write(FuzzTarget target, long number, String finding) {
        try {
            Files.createDirectories(REPORTS);
            Files.writeString(file(target, number), finding + "\n\n" + target.input());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
