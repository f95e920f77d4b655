package io.bactrian.page;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The requests of one chain over the last ten minutes, second by second. Thread-safe. */
final class ChainTraffic {
    final WindowCounter requests = new WindowCounter(Traffic.SECONDS);
    final WindowCounter answered = new WindowCounter(Traffic.SECONDS);
    final WindowCounter failed = new WindowCounter(Traffic.SECONDS);
    final WindowCounter fallbacks = new WindowCounter(Traffic.SECONDS);
    final RecentTimes firstContent = new RecentTimes();

    private static final int MAX_ANSWERERS = 100;

    private final Map<String, WindowCounter> answers = new ConcurrentHashMap<>();
    private volatile @Nullable String latest;

    /** Counts an answer of a target or of a last resort. */
    void answered(String by) {
        answered.increment();
        WindowCounter own = answers.get(by);
        if (own == null && answers.size() < MAX_ANSWERERS) {
            own = answers.computeIfAbsent(by, name -> new WindowCounter(Traffic.SECONDS));
        }
        if (own != null) {
            own.increment();
        }
        // A write is dearer than a read, and mostly the same target answers.
        if (!by.equals(latest)) {
            latest = by;
        }
    }

    /** The target or last resort that answered last; null if there was no answer. */
    @Nullable
    String lastAnswer() {
        return latest;
    }

    /** The share of a target in the answers of the last ten minutes; null if there were none. */
    @Nullable
    Double share(String target) {
        long all = answered.growth(Traffic.SECONDS);
        WindowCounter own = answers.get(target);
        return all == 0 ? null : (Double) (own == null ? 0.0 : (double) own.growth(Traffic.SECONDS) / all);
    }

    void sample(long second) {
        requests.sample(second);
        answered.sample(second);
        failed.sample(second);
        fallbacks.sample(second);
        answers.values().forEach(counter -> counter.sample(second));
    }
}
