package io.bactrian.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.JsonSchemaException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The steps that one check of a schema or of an answer may still take, whatever its keywords, references and patterns are. A
 * step is about as much work as one keyword does for a small value. A check also ends after three seconds and when its thread is
 * interrupted. Belongs to the thread of the check.
 */
final class SchemaSteps {
    private static final ThreadLocal<@Nullable SchemaSteps> CURRENT = new ThreadLocal<>();
    private static final long MOST_NANOS = 3_000_000_000L;
    /** How many characters are as much work as one step. */
    static final int CHARACTERS_PER_STEP = 64;

    /** Counts between two looks at the clock. */
    private static final int CLOCK_EVERY = 64;

    private static final int YIELD_EVERY = 2_048;

    private final long until = System.nanoTime() + MOST_NANOS;
    private final Set<String> prepared = new HashSet<>();
    private long left;
    private int counts;

    private SchemaSteps(long most) {
        this.left = most;
    }

    /** A check that is over before it has a verdict. */
    static final class TooMany extends JsonSchemaException {
        private static final long serialVersionUID = 1L;

        TooMany() {
            super("the check takes too long");
        }

        @Override
        public synchronized Throwable fillInStackTrace() {
            return this;
        }
    }

    /**
     * Does some work of at most so many steps.
     *
     * @throws TooMany if it would take more
     */
    static void within(long most, Runnable work) {
        CURRENT.set(new SchemaSteps(most));
        try {
            work.run();
        } finally {
            CURRENT.remove();
        }
    }

    /** Counts steps of the check in progress, if there is one. */
    static void take(long steps) {
        SchemaSteps current = CURRENT.get();
        if (current != null) {
            current.count(steps);
        }
    }

    /** Counts the characters that a step looks at. */
    static void takeText(long characters) {
        take(characters / CHARACTERS_PER_STEP);
    }

    /** Counts the characters of a text each of which may be looked at once for each other. */
    static void takeSquared(long characters) {
        take(characters * characters / (CHARACTERS_PER_STEP * CHARACTERS_PER_STEP));
    }

    /** Whether a part of the schema is seen for the first time in this check. */
    static boolean isNew(String location) {
        SchemaSteps current = CURRENT.get();
        return current != null && current.prepared.add(location);
    }

    /** Counts a value with all that is in it. */
    static void takeAll(JsonNode value) {
        take(1);
        if (value.isTextual()) {
            takeText(value.textValue().length());
        } else if (value.isContainerNode()) {
            for (JsonNode part : value) {
                takeAll(part);
            }
        }
    }

    /** Counts values that are put into a set: those with the same hash are compared with each other. */
    static void takeSet(JsonNode values) {
        Map<Integer, Integer> sameHash = new HashMap<>();
        for (JsonNode value : values) {
            takeAll(value);
            take(sameHash.merge(value.hashCode(), 1, Integer::sum) / 8);
        }
    }

    private void count(long steps) {
        left -= steps;
        counts++;
        if (counts % YIELD_EVERY == 0) {
            // Virtual threads take turns only if they wait.
            Thread.yield();
        }
        boolean late = counts % CLOCK_EVERY == 0
                && (System.nanoTime() > until || Thread.currentThread().isInterrupted());
        if (left < 0 || late) {
            throw new TooMany();
        }
    }
}
