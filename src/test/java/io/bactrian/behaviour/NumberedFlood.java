package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Exchange;
import io.bactrian.testing.Reply;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A flood of numbered words, sent as fast as they are taken, and a count of the bytes that were. Thread-safe.
 *
 * @param api the protocol of the stream
 * @param wordLength how much longer each word is than its number
 * @param bytes after how many the stream ends as whole
 */
record NumberedFlood(String api, int wordLength, long bytes, AtomicLong sent) implements Reply {
    private static final int AT_ONCE = 32 << 10;

    NumberedFlood(String api, int wordLength, long bytes) {
        this(api, wordLength, bytes, new AtomicLong());
    }

    @Override
    public After send(Exchange x) throws IOException {
        HandWrittenStream stream = new HandWrittenStream(api);
        String[] word = stream.sse(stream.token("<#>" + ".".repeat(wordLength))).split("#", 2);
        x.streamHead(200, Map.of());
        x.chunk(stream.sse(stream.start()).getBytes(StandardCharsets.UTF_8));
        int number = 0;
        for (long written = 0; written < bytes; ) {
            StringBuilder some = new StringBuilder();
            while (some.length() < AT_ONCE) {
                some.append(word[0]).append(number++).append(word[1]);
            }
            x.chunk(some.toString().getBytes(StandardCharsets.US_ASCII));
            written += some.length();
            sent.addAndGet(some.length());
        }
        for (String event : stream.end()) {
            x.chunk(stream.sse(event).getBytes(StandardCharsets.UTF_8));
            x.pause(Duration.ofMillis(20));
        }
        x.endChunks();
        return After.KEEP;
    }

    /** Waits until nothing of them was taken for so long, which should be longer than a busy machine lets a thread wait. */
    static void awaitStandstill(Duration time, NumberedFlood... floods) {
        await().until(() -> Stream.of(floods).allMatch(flood -> flood.sent.get() > 0));
        AtomicLong seen = new AtomicLong();
        AtomicLong since = new AtomicLong();
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(100))
                .until(() -> {
                    long sent = Stream.of(floods)
                            .mapToLong(flood -> flood.sent.get())
                            .sum();
                    if (seen.getAndSet(sent) != sent) {
                        since.set(System.nanoTime());
                    }
                    return System.nanoTime() - since.get() > time.toNanos();
                });
    }

    /** No word is missing or in the wrong place. */
    static void assertInOrder(String answer) {
        Matcher words = Pattern.compile("<(\\d+)>").matcher(answer);
        int next = 0;
        while (words.find()) {
            if (Integer.parseInt(words.group(1)) != next++) {
                assertThat(words.group(1)).as("word %s", next).isEqualTo(Integer.toString(next - 1));
            }
        }
        assertThat(next).isPositive();
    }
}
