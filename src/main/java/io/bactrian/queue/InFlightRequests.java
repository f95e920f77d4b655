package io.bactrian.queue;

import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The requests that are being answered, by their ids. After a lost connection the broker delivers a request again while its first
 * delivery is still being answered: the second one waits for the answer of the first. Thread-safe.
 */
final class InFlightRequests {
    private final ConcurrentHashMap<String, Entry> byId = new ConcurrentHashMap<>();

    /** One request. */
    static final class Entry {
        private final String id;
        private final byte[] bodyHash;
        private final CompletableFuture<Optional<StoredReply>> result = new CompletableFuture<>();

        private Entry(String id, byte[] bodyHash) {
            this.id = id;
            this.bodyHash = bodyHash;
        }

        /** Hands the answer to those that wait for it. */
        void answered(StoredReply reply) {
            result.complete(Optional.of(reply));
        }

        /**
         * Waits for the end of the request.
         *
         * @param millis the longest wait
         * @return its answer; null if it ended without one, or did not end
         */
        @Nullable
        StoredReply await(long millis) throws InterruptedException {
            try {
                return result.get(millis, TimeUnit.MILLISECONDS).orElse(null);
            } catch (TimeoutException | ExecutionException e) {
                return null;
            }
        }
    }

    /**
     * Enters a request, or finds the same one that is being answered already.
     *
     * @return the new entry, which {@link #end} has to follow, or that of the earlier delivery
     */
    Entry enter(Entry mine) {
        Entry first = byId.putIfAbsent(mine.id, mine);
        // Another request under the same id is none of its business.
        return first == null || !Arrays.equals(first.bodyHash, mine.bodyHash) ? mine : first;
    }

    /**
     * The entry of a request that is not entered yet.
     *
     * @param bodyHash the hash of the body
     */
    static Entry entry(String id, byte[] bodyHash) {
        return new Entry(id, bodyHash);
    }

    /** Removes a request; those that wait for an answer that did not come go on by themselves. */
    void end(Entry mine) {
        byId.remove(mine.id, mine);
        mine.result.complete(Optional.empty());
    }
}
