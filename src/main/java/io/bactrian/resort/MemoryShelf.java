package io.bactrian.resort;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.bactrian.config.StaleSettings;
import java.time.Clock;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A shelf in this process. Long answers take the room of several, so that the memory in use is bounded. */
final class MemoryShelf implements Shelf {
    /** An answer of so many bytes counts once more. */
    private static final int USUAL = 16 << 10;

    private final Cache<String, Kept> answers;

    MemoryShelf(StaleSettings settings, Clock clock) {
        answers = Caffeine.newBuilder()
                .maximumWeight(settings.maxEntries())
                .weigher((String key, Kept kept) -> 1 + kept.document().length / USUAL)
                .expireAfterWrite(settings.maxAge())
                .ticker(() -> TimeUnit.MILLISECONDS.toNanos(clock.millis()))
                .build();
    }

    @Override
    public @Nullable Kept find(String key) {
        return answers.getIfPresent(key);
    }

    @Override
    public boolean keep(String key, Kept answer) {
        answers.put(key, answer);
        return true;
    }
}
