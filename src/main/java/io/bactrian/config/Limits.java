package io.bactrian.config;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The limits and policy that hold for one target in one chain, resolved from target, provider, chain and defaults in this
 * order. Immutable. The names are those of the property keys.
 *
 * @param hedgeDelay null for the p95 of the target's recent time to first token
 */
public record Limits(
        Duration deadline,
        Duration connectTimeout,
        Duration firstTokenTimeout,
        Duration firstTokenTimeoutThinking,
        Duration responseTimeout,
        Duration idleTimeout,
        int maxAttempts,
        int maxTotalAttempts,
        Duration backoff,
        Duration maxBackoff,
        Duration patience,
        int breakerFailures,
        Duration breakerOpenFor,
        StreamCommit streamCommit,
        List<Rescue> streamRescue,
        StreamCommit streamCommitTools,
        UpstreamStreaming upstreamStreaming,
        ContentPolicy contentPolicy,
        @Nullable Duration hedgeDelay,
        double hedgeShare,
        int maxWaiting,
        double minQuality,
        Duration waitForQuality) {

    /** When words go out to the caller: as they come, or when the answer (or the tool call) is whole. */
    public enum StreamCommit {
        FIRST_TOKEN,
        COMPLETE
    }

    /** A way to finish a stream that broke after words were spoken. */
    public enum Rescue {
        PREFILL,
        REPLAY,
        CONTINUE
    }

    /** Whether a provider is asked with a stream although the caller waits for one document. */
    public enum UpstreamStreaming {
        ON,
        OFF,
        AUTO
    }

    /** What a provider's policy refusal does. */
    public enum ContentPolicy {
        RETURN,
        NEXT
    }

    public Limits {
        streamRescue = List.copyOf(streamRescue);
    }
}
