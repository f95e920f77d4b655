package io.bactrian.channel;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The waits between tries: 1 s, then twice as long each time, up to 5 min. Guarded by the lock of its owner. */
final class Backoff {
    private static final long FIRST = Duration.ofSeconds(1).toMillis();
    private static final long LONGEST = Duration.ofMinutes(5).toMillis();
    private static final long LONGEST_ASKED_FOR = Duration.ofMinutes(30).toMillis();
    private static final int MOST_DOUBLINGS = 10;

    private int failures;
    private long notBefore = Long.MIN_VALUE;

    /** True if a try may be made. After the clock was set back, the wait is no longer than it can be. */
    boolean isOver(long now) {
        return failures == 0 || now >= notBefore || notBefore - now > LONGEST_ASKED_FOR;
    }

    boolean isFailing() {
        return failures > 0;
    }

    void succeeded() {
        failures = 0;
    }

    /** @param asked the wait that the receiver asked for; null if it named none */
    void failed(long now, @Nullable Duration asked) {
        long wait = Math.min(LONGEST, FIRST << Math.min(failures, MOST_DOUBLINGS));
        failures++;
        notBefore = now + (asked == null ? wait : Math.clamp(asked.toMillis(), wait, LONGEST_ASKED_FOR));
    }
}
