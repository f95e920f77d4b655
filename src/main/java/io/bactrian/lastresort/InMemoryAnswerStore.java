package io.bactrian.lastresort;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.bactrian.config.StaleSettings;
import java.time.Clock;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The answer store in the memory of this process. Thread-safe. A long answer counts as several, so that the memory in
 * use is bounded.
 */
final class InMemoryAnswerStore implements AnswerStore {
    /** The number of bytes for which an answer counts as one more. */
    private static final int TYPICAL_BYTES = 16 << 10;

    private final Cache<String, StoredAnswer> answers;

    InMemoryAnswerStore(StaleSettings settings, Clock clock) {
        answers = Caffeine.newBuilder()
                .maximumWeight(settings.maxEntries())
                .weigher((String key, StoredAnswer stored) -> 1 + stored.document().length / TYPICAL_BYTES)
                .expireAfterWrite(settings.maxAge())
                .ticker(() -> TimeUnit.MILLISECONDS.toNanos(clock.millis()))
                .build();
    }

    @Override
    public @Nullable StoredAnswer find(String key) {
        return answers.getIfPresent(key);
    }

    @Override
    public boolean keep(String key, StoredAnswer answer) {
        answers.put(key, answer);
        return true;
    }
}
