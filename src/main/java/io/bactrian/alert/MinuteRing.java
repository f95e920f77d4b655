package io.bactrian.alert;

import io.bactrian.alert.Observation.Fallback;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** The counts of requests of the last ten minutes. Thread-safe, without a lock. */
final class MinuteRing {
    private static final int MINUTES = 10;
    private static final long MINUTE = 60_000;
    /** The ways to fall back that are counted in one minute; further ones count as fallbacks only. */
    private static final int MAX_WAYS = 50;

    private final AtomicReferenceArray<@Nullable Slot> slots = new AtomicReferenceArray<>(MINUTES);

    /** One minute. */
    private static final class Slot {
        final long minute;
        final LongAdder requests = new LongAdder();
        final LongAdder fallbacks = new LongAdder();
        final Map<Fallback, LongAdder> ways = new ConcurrentHashMap<>();

        Slot(long minute) {
            this.minute = minute;
        }
    }

    /**
     * The counts together.
     *
     * @param mostFrequent null if there were no fallbacks
     * @param shareNow the share of fallbacks in this minute and the one before; 0 if there were no requests
     */
    record Sum(long requests, long fallbacks, @Nullable Fallback mostFrequent, double shareNow) {}

    void request(long now) {
        slot(now).requests.increment();
    }

    /** Counts a request that another candidate than the first one answered. */
    void fallback(Fallback way, long now) {
        Slot slot = slot(now);
        slot.requests.increment();
        slot.fallbacks.increment();
        if (slot.ways.size() < MAX_WAYS || slot.ways.containsKey(way)) {
            slot.ways.computeIfAbsent(way, w -> new LongAdder()).increment();
        }
    }

    private Slot slot(long now) {
        long minute = now / MINUTE;
        int place = (int) Math.floorMod(minute, (long) MINUTES);
        Slot found = slots.get(place);
        while (found == null || found.minute != minute) {
            Slot fresh = new Slot(minute);
            if (slots.compareAndSet(place, found, fresh)) {
                return fresh;
            }
            found = slots.get(place);
        }
        return found;
    }

    Sum sum(long now) {
        long oldest = now / MINUTE - MINUTES + 1;
        long requests = 0;
        long fallbacks = 0;
        long requestsNow = 0;
        long fallbacksNow = 0;
        Map<Fallback, Long> ways = new HashMap<>();
        for (int i = 0; i < MINUTES; i++) {
            Slot slot = slots.get(i);
            if (slot != null && slot.minute >= oldest && slot.minute <= now / MINUTE) {
                requests += slot.requests.sum();
                fallbacks += slot.fallbacks.sum();
                boolean recent = slot.minute >= now / MINUTE - 1;
                requestsNow += recent ? slot.requests.sum() : 0;
                fallbacksNow += recent ? slot.fallbacks.sum() : 0;
                slot.ways.forEach((way, count) -> ways.merge(way, count.sum(), Long::sum));
            }
        }
        Fallback most = ways.entrySet().stream()
                .max(Comparator.<Map.Entry<Fallback, Long>>comparingLong(Map.Entry::getValue)
                        .thenComparing(entry -> entry.getKey().toString()))
                .map(Map.Entry::getKey)
                .orElse(null);
        return new Sum(requests, fallbacks, most, requestsNow == 0 ? 0 : (double) fallbacksNow / requestsNow);
    }
}
