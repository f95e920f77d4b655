package io.bactrian.quota;

import io.bactrian.quota.QuotaStore.State;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.distributed.ExpirationAfterWriteStrategy;
import io.github.bucket4j.distributed.proxy.AbstractProxyManager;
import io.github.bucket4j.distributed.proxy.ClientSideConfig;
import io.github.bucket4j.distributed.proxy.optimization.Optimizations;
import io.github.bucket4j.distributed.remote.CommandResult;
import io.github.bucket4j.distributed.remote.MutableBucketEntry;
import io.github.bucket4j.distributed.remote.Request;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The token buckets of a store, by key. A change is made by writing the state after the one that was last seen, unless another node
 * has changed it: one round trip as long as none has, and one or two more for each that did. An amount is refused by what the store holds
 * only. What several requests ask of one bucket at the same time is asked at once. Thread-safe.
 */
final class SharedBuckets extends AbstractProxyManager<String> {
    private static final ExpirationAfterWriteStrategy WHEN_FULL =
            ExpirationAfterWriteStrategy.basedOnTimeForRefillingBucketUpToMax(Duration.ofSeconds(10));

    /** How long a state that was seen is expected, in nanoseconds. */
    private static final long EXPECTED = TimeUnit.SECONDS.toNanos(10);

    private final QuotaStore store;
    private final LongSupplier nanoTime;
    /** One for each bucket. */
    private final Map<String, Seen> seen = new ConcurrentHashMap<>();

    /** A state, and when this node saw it in nanoseconds. */
    private record Seen(State state, long at) {}

    SharedBuckets(QuotaStore store) {
        this(store, System::nanoTime);
    }

    /** @param nanoTime the nanoseconds since some moment */
    SharedBuckets(QuotaStore store, LongSupplier nanoTime) {
        super(ClientSideConfig.getDefault());
        this.store = store;
        this.nanoTime = nanoTime;
    }

    /** The bucket of a quota a minute. */
    Bucket of(String key, int perMinute) {
        BucketConfiguration configuration = BucketConfiguration.builder()
                .addLimit(MinuteQuota.limit(perMinute))
                .build();
        return builder().withOptimization(Optimizations.batching()).build(key, () -> configuration);
    }

    @Override
    protected <T> CommandResult<T> execute(String key, Request<T> request) {
        try {
            State state = expected(key);
            boolean guessed = state != null;
            while (!Thread.currentThread().isInterrupted()) {
                if (state == null) {
                    state = store.read(key);
                    saw(key, state);
                    guessed = false;
                }
                long nanos = TimeUnit.MILLISECONDS.toNanos(state.now());
                MutableBucketEntry entry = new MutableBucketEntry(state.bytes());
                CommandResult<T> result = request.getCommand().execute(entry, nanos);
                if (entry.isStateModified()) {
                    byte[] next = entry.getStateBytes(request.getBackwardCompatibilityVersion());
                    long fullIn = WHEN_FULL.calculateTimeToLiveMillis(entry.get(), nanos);
                    QuotaStore.Change change = store.replace(key, state, next, fullIn);
                    saw(key, change.state());
                    if (change.made()) {
                        return result;
                    }
                    boolean told = !Arrays.equals(change.state().bytes(), state.bytes());
                    state = told ? change.state() : null;
                    guessed = false;
                } else if (guessed) {
                    state = null;
                } else {
                    return result;
                }
            }
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new StoreFailed(e);
        }
        throw new StoreFailed(new InterruptedException());
    }

    /** The state that a bucket still has if no other node has changed it, as of now; null if none was seen lately. */
    private @Nullable State expected(String key) {
        Seen last = seen.get(key);
        if (last == null) {
            return null;
        }
        long age = nanoTime.getAsLong() - last.at();
        return age < EXPECTED
                ? new State(last.state().bytes(), last.state().now() + TimeUnit.NANOSECONDS.toMillis(age))
                : null;
    }

    private void saw(String key, State state) {
        seen.put(key, new Seen(state, nanoTime.getAsLong()));
    }

    /** The failure of a store. */
    static final class StoreFailed extends RuntimeException {
        private static final long serialVersionUID = 1;

        StoreFailed(Exception cause) {
            super(cause);
        }
    }

    @Override
    public boolean isAsyncModeSupported() {
        return false;
    }

    @Override
    public boolean isExpireAfterWriteSupported() {
        return true;
    }

    @Override
    protected <T> CompletableFuture<CommandResult<T>> executeAsync(String key, Request<T> request) {
        throw new UnsupportedOperationException();
    }

    @Override
    protected CompletableFuture<Void> removeAsync(String key) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void removeProxy(String key) {
        throw new UnsupportedOperationException();
    }
}
