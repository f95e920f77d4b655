package io.bactrian.demo;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The speed of simulated providers. Immutable.
 *
 * @param beforeAnswer the shortest wait before an answer
 * @param beforeToken the shortest wait before a token
 */
record Pace(Duration beforeAnswer, Duration beforeToken) {
    static final Pace HUMAN = new Pace(Duration.ofMillis(240), Duration.ofMillis(25));

    /** For tests. */
    static final Pace FAST = new Pace(Duration.ofMillis(1), Duration.ofMillis(1));

    /** A random wait in milliseconds, between the shortest and twice the shortest. */
    long answerMillis() {
        return ThreadLocalRandom.current().nextLong(beforeAnswer.toMillis(), 2 * beforeAnswer.toMillis());
    }

    /** A random wait in milliseconds, between the shortest and 1.6 times the shortest. */
    long tokenMillis() {
        return ThreadLocalRandom.current().nextLong(beforeToken.toMillis(), 1 + beforeToken.toMillis() * 8 / 5);
    }
}
