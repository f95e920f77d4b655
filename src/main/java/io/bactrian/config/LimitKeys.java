package io.bactrian.config;

import static io.bactrian.config.LimitKey.Reach.ATTEMPT;
import static io.bactrian.config.LimitKey.Reach.MODEL;
import static io.bactrian.config.LimitKey.Reach.REQUEST;

import io.bactrian.config.Limits.ContentPolicy;
import io.bactrian.config.Limits.Rescue;
import io.bactrian.config.Limits.StreamCommit;
import io.bactrian.config.Limits.UpstreamStreaming;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The table of limits. */
final class LimitKeys {

    static final LimitKey<Duration> DEADLINE = timeout("deadline", REQUEST, Duration.ofSeconds(600));
    static final LimitKey<Duration> CONNECT_TIMEOUT = timeout("connect-timeout", ATTEMPT, Duration.ofSeconds(3));
    static final LimitKey<Duration> FIRST_TOKEN_TIMEOUT =
            timeout("first-token-timeout", ATTEMPT, Duration.ofSeconds(10));
    static final LimitKey<Duration> FIRST_TOKEN_TIMEOUT_THINKING =
            timeout("first-token-timeout-thinking", ATTEMPT, Duration.ofSeconds(60));
    static final LimitKey<Duration> RESPONSE_TIMEOUT = timeout("response-timeout", ATTEMPT, Duration.ofSeconds(120));
    static final LimitKey<Duration> IDLE_TIMEOUT = timeout("idle-timeout", ATTEMPT, Duration.ofSeconds(20));
    static final LimitKey<Integer> MAX_ATTEMPTS = limit("max-attempts", ValueParsers.integer(1), 3, ATTEMPT);
    static final LimitKey<Integer> MAX_TOTAL_ATTEMPTS =
            limit("max-total-attempts", ValueParsers.integer(1), 8, REQUEST);
    static final LimitKey<Duration> BACKOFF = limit("backoff", Durations::parse, Duration.ofMillis(500), ATTEMPT);
    static final LimitKey<Duration> MAX_BACKOFF =
            limit("max-backoff", Durations::parse, Duration.ofSeconds(30), ATTEMPT);
    static final LimitKey<Duration> PATIENCE = limit("patience", Durations::parse, Duration.ofSeconds(5), ATTEMPT);
    static final LimitKey<Integer> BREAKER_FAILURES = limit("breaker.failures", ValueParsers.integer(1), 5, MODEL);
    static final LimitKey<Duration> BREAKER_OPEN_FOR = timeout("breaker.open-for", MODEL, Duration.ofSeconds(60));
    static final LimitKey<StreamCommit> STREAM_COMMIT =
            limit("stream-commit", ValueParsers.choice(StreamCommit.class), StreamCommit.FIRST_TOKEN, REQUEST);
    static final LimitKey<List<Rescue>> STREAM_RESCUE =
            limit("stream-rescue", ValueParsers::rescues, List.of(Rescue.PREFILL, Rescue.REPLAY), ATTEMPT);
    static final LimitKey<StreamCommit> STREAM_COMMIT_TOOLS =
            limit("stream-commit-tools", ValueParsers.choice(StreamCommit.class), StreamCommit.COMPLETE, REQUEST);
    static final LimitKey<UpstreamStreaming> UPSTREAM_STREAMING =
            limit("upstream-streaming", ValueParsers.choice(UpstreamStreaming.class), UpstreamStreaming.AUTO, ATTEMPT);
    static final LimitKey<ContentPolicy> CONTENT_POLICY =
            limit("content-policy", ValueParsers.choice(ContentPolicy.class), ContentPolicy.RETURN, ATTEMPT);
    static final LimitKey<Optional<Duration>> HEDGE_DELAY =
            limit("hedge-delay", LimitKeys::hedgeDelay, Optional.empty(), ATTEMPT);
    static final LimitKey<Double> HEDGE_SHARE = limit("hedge-share", ValueParsers::share, 0.05, REQUEST);
    static final LimitKey<Integer> MAX_WAITING = limit("max-waiting", ValueParsers.integer(0), 200, REQUEST);
    static final LimitKey<Double> MIN_QUALITY = limit("min-quality", ValueParsers::share, 0.0, REQUEST);
    static final LimitKey<Duration> WAIT_FOR_QUALITY =
            limit("wait-for-quality", Durations::parse, Duration.ZERO, REQUEST);

    static final List<LimitKey<?>> ALL = List.of(
            DEADLINE,
            CONNECT_TIMEOUT,
            FIRST_TOKEN_TIMEOUT,
            FIRST_TOKEN_TIMEOUT_THINKING,
            RESPONSE_TIMEOUT,
            IDLE_TIMEOUT,
            MAX_ATTEMPTS,
            MAX_TOTAL_ATTEMPTS,
            BACKOFF,
            MAX_BACKOFF,
            PATIENCE,
            BREAKER_FAILURES,
            BREAKER_OPEN_FOR,
            STREAM_COMMIT,
            STREAM_RESCUE,
            STREAM_COMMIT_TOOLS,
            UPSTREAM_STREAMING,
            CONTENT_POLICY,
            HEDGE_DELAY,
            HEDGE_SHARE,
            MAX_WAITING,
            MIN_QUALITY,
            WAIT_FOR_QUALITY);

    private LimitKeys() {}

    private static <T> LimitKey<T> limit(String name, ValueParser<T> value, T builtIn, LimitKey.Reach reach) {
        return new LimitKey<>(name, value, builtIn, reach);
    }

    private static LimitKey<Duration> timeout(String name, LimitKey.Reach reach, Duration builtIn) {
        return limit(name, Durations::positive, builtIn, reach);
    }

    private static Optional<Duration> hedgeDelay(String text) {
        try {
            return text.equals("p95") ? Optional.empty() : Optional.of(Durations.parse(text));
        } catch (BadValue e) {
            throw new BadValue("p95, or a duration such as 800ms: " + e.right());
        }
    }
}
