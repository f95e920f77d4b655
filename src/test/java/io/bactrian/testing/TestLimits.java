package io.bactrian.testing;

import io.bactrian.config.Limits;
import io.bactrian.config.Limits.ContentPolicy;
import io.bactrian.config.Limits.InvalidRequest;
import io.bactrian.config.Limits.Rescue;
import io.bactrian.config.Limits.StreamCommit;
import io.bactrian.config.Limits.UpstreamStreaming;
import java.time.Duration;
import java.util.List;

/** Limits with the contract's defaults, some of which a test may change. */
public final class TestLimits {
    private int maxAttempts = 3;
    private int maxTotalAttempts = 8;
    private Duration patience = Duration.ofSeconds(5);
    private Duration waitForQuality = Duration.ZERO;
    private Duration maxWait = Duration.ofSeconds(30);
    private int breakerFailures = 5;
    private ContentPolicy contentPolicy = ContentPolicy.RETURN;
    private InvalidRequest invalidRequest = InvalidRequest.SECOND_OPINION;
    private StreamCommit streamCommit = StreamCommit.FIRST_TOKEN;
    private StreamCommit streamCommitTools = StreamCommit.COMPLETE;

    public static Limits defaults() {
        return new TestLimits().build();
    }

    public TestLimits maxAttempts(int calls) {
        maxAttempts = calls;
        return this;
    }

    public TestLimits maxTotalAttempts(int calls) {
        maxTotalAttempts = calls;
        return this;
    }

    public TestLimits breakerFailures(int calls) {
        breakerFailures = calls;
        return this;
    }

    public TestLimits patience(Duration longest) {
        patience = longest;
        return this;
    }

    public TestLimits contentPolicy(ContentPolicy policy) {
        contentPolicy = policy;
        return this;
    }

    public TestLimits invalidRequest(InvalidRequest policy) {
        invalidRequest = policy;
        return this;
    }

    public TestLimits streamCommit(StreamCommit commit) {
        streamCommit = commit;
        return this;
    }

    public TestLimits streamCommitTools(StreamCommit commit) {
        streamCommitTools = commit;
        return this;
    }

    public TestLimits waitForQuality(Duration longest) {
        waitForQuality = longest;
        return this;
    }

    public TestLimits maxWait(Duration longest) {
        maxWait = longest;
        return this;
    }

    public Limits build() {
        return new Limits(
                Duration.ofSeconds(600),
                Duration.ofSeconds(3),
                Duration.ofSeconds(10),
                Duration.ofSeconds(60),
                Duration.ofSeconds(120),
                Duration.ofSeconds(20),
                maxAttempts,
                maxTotalAttempts,
                Duration.ofMillis(500),
                Duration.ofSeconds(30),
                patience,
                breakerFailures,
                Duration.ofSeconds(60),
                streamCommit,
                List.of(Rescue.PREFILL, Rescue.REPLAY),
                streamCommitTools,
                UpstreamStreaming.AUTO,
                contentPolicy,
                invalidRequest,
                null,
                0.05,
                200,
                maxWait,
                0,
                waitForQuality);
    }
}
