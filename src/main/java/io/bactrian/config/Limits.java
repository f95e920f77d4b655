package io.bactrian.config;

import static io.bactrian.config.Limit.Scope.ATTEMPT;
import static io.bactrian.config.Limit.Scope.MODEL;
import static io.bactrian.config.Limit.Scope.REQUEST;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The limits and policy that hold for one target in one chain, resolved from target, provider, chain and defaults in this
 * order. Immutable.
 *
 * <p>Each {@link Limit} is the only place that says what its limit is: the table of keys, the reader, {@code docs/reference.md}
 * and {@code application.properties} follow from it. {@code mvn test -Dtest=ReferenceTest -Dupdate=true} writes the last two
 * again after a change.
 */
public record Limits(
        @Limit(
                key = "deadline",
                builtIn = "600s",
                min = "1ms",
                max = "24h",
                scope = REQUEST,
                meaning = "the whole request, with all attempts and waits; a caller may shorten it")
        Duration deadline,

        @Limit(
                key = "connect-timeout",
                builtIn = "3s",
                min = "1ms",
                max = "10m",
                scope = ATTEMPT,
                meaning = "connecting to the provider, TCP and TLS")
        Duration connectTimeout,

        @Limit(
                key = "first-token-timeout",
                builtIn = "10s",
                min = "1ms",
                max = "24h",
                scope = ATTEMPT,
                meaning = "in a stream, until the first content; the last candidate left has the whole deadline, or"
                        + " first-token-timeout-thinking if the call is the trial of its breaker")
        Duration firstTokenTimeout,

        @Limit(
                key = "first-token-timeout-thinking",
                builtIn = "60s",
                min = "1ms",
                max = "24h",
                scope = ATTEMPT,
                meaning = "the same where the request asks for reasoning or the target thinks")
        Duration firstTokenTimeoutThinking,

        @Limit(
                key = "response-timeout",
                builtIn = "120s",
                min = "1ms",
                max = "24h",
                scope = ATTEMPT,
                meaning = "without a stream, one attempt until its whole answer; while other candidates are left, at"
                        + " most an equal share of the time to the deadline")
        Duration responseTimeout,

        @Limit(
                key = "idle-timeout",
                builtIn = "20s",
                min = "1ms",
                max = "24h",
                scope = ATTEMPT,
                meaning = "between two events of a stream")
        Duration idleTimeout,

        @Limit(
                key = "max-attempts",
                builtIn = "3",
                min = "1",
                max = "100",
                scope = ATTEMPT,
                meaning = "calls to one target within one request")
        int maxAttempts,

        @Limit(
                key = "max-total-attempts",
                builtIn = "8",
                min = "1",
                max = "1000",
                scope = REQUEST,
                meaning = "calls to all targets within one request")
        int maxTotalAttempts,

        @Limit(
                key = "backoff",
                builtIn = "500ms",
                min = "0s",
                max = "1h",
                scope = ATTEMPT,
                meaning = "first wait before the same target is asked again; doubles each time, jittered between half"
                        + " and the whole of it")
        Duration backoff,

        @Limit(
                key = "max-backoff",
                builtIn = "30s",
                min = "0s",
                max = "1h",
                scope = ATTEMPT,
                meaning = "longest of these waits")
        Duration maxBackoff,

        @Limit(
                key = "patience",
                builtIn = "5s",
                min = "0s",
                max = "24h",
                scope = ATTEMPT,
                meaning = "longest wait on a target while another candidate is left")
        Duration patience,

        @Limit(
                key = "breaker.failures",
                builtIn = "5",
                min = "1",
                max = "1000000",
                scope = MODEL,
                meaning = "counted failures in a row that open a target's circuit breaker")
        int breakerFailures,

        @Limit(
                key = "breaker.open-for",
                builtIn = "60s",
                min = "1ms",
                max = "24h",
                scope = MODEL,
                meaning = "time until an open breaker lets one trial call through; doubles on each failed trial, up to"
                        + " 8x")
        Duration breakerOpenFor,

        @Limit(
                key = "stream-commit",
                builtIn = "first-token",
                scope = REQUEST,
                meaning = "when a stream goes out: as it comes, or once the answer is complete")
        StreamCommit streamCommit,

        @Limit(
                key = "stream-rescue",
                builtIn = "prefill, replay",
                none = "off",
                scope = ATTEMPT,
                meaning = "ways to finish a stream that broke after content was sent, tried in this order; prefill: a"
                        + " target that supports it goes on from the text sent; replay: asked again from the"
                        + " start, what it repeats is dropped; continue: any model, told to go on; the seam is the"
                        + " model's own")
        List<Rescue> streamRescue,

        @Limit(
                key = "stream-commit-tools",
                builtIn = "complete",
                scope = REQUEST,
                meaning = "when a tool call in a stream goes out: as it comes, or once the call is complete")
        StreamCommit streamCommitTools,

        @Limit(
                key = "upstream-streaming",
                builtIn = "auto",
                scope = ATTEMPT,
                meaning = "ask providers with a stream for callers that wait for one document; auto: where nothing is"
                        + " lost by it")
        UpstreamStreaming upstreamStreaming,

        @Limit(
                key = "content-policy",
                builtIn = "return",
                scope = ATTEMPT,
                meaning = "what a provider's policy refusal does: return it to the caller, or ask the next target")
        ContentPolicy contentPolicy,

        @Limit(
                key = "invalid-request",
                builtIn = "second-opinion",
                scope = ATTEMPT,
                meaning = "what a provider's 400 or 422 does that is not surely the caller's own mistake;"
                        + " second-opinion: one candidate at another provider is asked, and if that refuses too, the"
                        + " first refusal is returned; return: it is returned at once; next: every candidate is asked")
        InvalidRequest invalidRequest,

        @Limit(
                key = "hedge-delay",
                builtIn = "p95",
                min = "0s",
                max = "24h",
                none = "p95",
                scope = ATTEMPT,
                meaning = "in a hedge group, the wait for one target before the next is asked too; p95: of its recent"
                        + " times to first token")
        @Nullable
        Duration hedgeDelay,

        @Limit(
                key = "hedge-share",
                builtIn = "0.05",
                min = "0",
                max = "1",
                scope = REQUEST,
                meaning = "largest share of recent requests that is hedged")
        double hedgeShare,

        @Limit(
                key = "max-waiting",
                builtIn = "200",
                min = "0",
                max = "1000000",
                scope = REQUEST,
                meaning =
                        "requests that may wait at once for a target to come back; further ones get the error at once")
        int maxWaiting,

        @Limit(
                key = "max-wait",
                builtIn = "30s",
                min = "0s",
                max = "24h",
                scope = REQUEST,
                meaning = "longest time that a request waits while no target can be asked, because all are open or"
                        + " cooling down; 0s: not at all")
        Duration maxWait,

        @Limit(
                key = "min-quality",
                builtIn = "0",
                min = "0",
                max = "1",
                scope = REQUEST,
                meaning = "targets of a lower quality are not tried")
        double minQuality,

        @Limit(
                key = "wait-for-quality",
                builtIn = "0s",
                min = "0s",
                max = "24h",
                scope = REQUEST,
                meaning = "how long to wait for a better target that is only rate limited or open before a worse one is"
                        + " used")
        Duration waitForQuality) {

    /** The moment at which content goes out to the caller: as it comes, or when the answer (or the tool call) is whole. */
    public enum StreamCommit {
        FIRST_TOKEN,
        COMPLETE
    }

    /** A way to finish a stream that broke after content was sent. */
    public enum Rescue {
        PREFILL,
        REPLAY,
        CONTINUE
    }

    /** The choice to ask a provider with a stream although the caller waits for one document. */
    public enum UpstreamStreaming {
        ON,
        OFF,
        AUTO
    }

    /** The effect of a provider's policy refusal. */
    public enum ContentPolicy {
        RETURN,
        NEXT
    }

    /** The effect of a provider's refusal of a request that is not surely invalid everywhere. */
    public enum InvalidRequest {
        SECOND_OPINION,
        RETURN,
        NEXT
    }

    public Limits {
        streamRescue = List.copyOf(streamRescue);
    }
}
