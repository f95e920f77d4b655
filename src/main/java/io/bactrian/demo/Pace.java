package io.bactrian.demo;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** How long simulated providers take, in ranges from which each wait is drawn. Immutable. */
record Pace(Duration beforeAnswer, Duration beforeToken) {
    static final Pace HUMAN = new Pace(Duration.ofMillis(240), Duration.ofMillis(25));

    /** For tests. */
    static final Pace FAST = new Pace(Duration.ofMillis(1), Duration.ofMillis(1));

    /** Milliseconds, up to two times the shortest. */
    long answerMillis() {
        return ThreadLocalRandom.current().nextLong(beforeAnswer.toMillis(), 2 * beforeAnswer.toMillis());
    }

    /** Milliseconds, up to 1.6 times the shortest. */
    long tokenMillis() {
        return ThreadLocalRandom.current().nextLong(beforeToken.toMillis(), 1 + beforeToken.toMillis() * 8 / 5);
    }
}
