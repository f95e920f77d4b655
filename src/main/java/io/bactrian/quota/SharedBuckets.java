package io.bactrian.quota;

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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * The token buckets of a store, by key. A change is made by reading the state, and writing the next one unless it has changed. What
 * several requests ask of one bucket at the same time is asked at once. Thread-safe.
 */
final class SharedBuckets extends AbstractProxyManager<String> {
    private static final ExpirationAfterWriteStrategy WHEN_FULL =
            ExpirationAfterWriteStrategy.basedOnTimeForRefillingBucketUpToMax(Duration.ofSeconds(10));

    private final QuotaStore store;

    SharedBuckets(QuotaStore store) {
        super(ClientSideConfig.getDefault());
        this.store = store;
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
            while (!Thread.currentThread().isInterrupted()) {
                QuotaStore.State before = store.read(key);
                long nanos = TimeUnit.MILLISECONDS.toNanos(before.now());
                MutableBucketEntry entry = new MutableBucketEntry(before.bytes());
                CommandResult<T> result = request.getCommand().execute(entry, nanos);
                if (!entry.isStateModified()) {
                    return result;
                }
                byte[] after = entry.getStateBytes(request.getBackwardCompatibilityVersion());
                if (store.replace(key, before, after, WHEN_FULL.calculateTimeToLiveMillis(entry.get(), nanos))) {
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
