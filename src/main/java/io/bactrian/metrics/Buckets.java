package io.bactrian.metrics;

import java.time.Duration;
import java.util.Arrays;
import java.util.stream.DoubleStream;
import java.util.stream.LongStream;

/** The bounds of the histograms' buckets, fixed so that those of several gateways can be added up. Stateless. */
final class Buckets {
    /** Requests and calls: the conventions' bounds, and longer ones up to the default deadline. 10 ms to 655 s. */
    static final Duration[] DURATION = millis(LongStream.iterate(10, n -> n * 2).limit(17));

    /** Until the first token: the conventions' bounds, and longer ones for models that think. 1 ms to 60 s. */
    static final Duration[] FIRST_TOKEN = millis(LongStream.of(
            1, 5, 10, 20, 40, 60, 80, 100, 250, 500, 750, 1_000, 2_500, 5_000, 7_500, 10_000, 15_000, 30_000, 60_000));

    /** For one token. 10 ms to 2.5 s. */
    static final Duration[] PER_TOKEN =
            millis(LongStream.of(10, 25, 50, 75, 100, 150, 200, 300, 400, 500, 750, 1_000, 2_500));

    /** The gateway's own time. 0.1 ms to 1 s. */
    static final Duration[] OVERHEAD = Arrays.stream(
                    new long[] {100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 1_000_000
                    })
            .mapToObj(micros -> Duration.ofNanos(micros * 1_000))
            .toArray(Duration[]::new);

    /** Waits. 10 ms to 5 min. */
    static final Duration[] WAIT =
            millis(LongStream.of(10, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000));

    /** Tokens of a call. 1 to 1,048,576. */
    static final double[] TOKENS = DoubleStream.iterate(1, n -> n * 4).limit(11).toArray();

    private Buckets() {}

    private static Duration[] millis(LongStream bounds) {
        return bounds.mapToObj(Duration::ofMillis).toArray(Duration[]::new);
    }
}
