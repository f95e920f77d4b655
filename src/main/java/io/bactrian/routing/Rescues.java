package io.bactrian.routing;

import io.bactrian.config.Feature;
import io.bactrian.config.Limits.ContentPolicy;
import io.bactrian.config.Limits.Rescue;
import io.bactrian.config.Target;
import io.bactrian.policy.Candidate;
import io.bactrian.policy.FailedAttempt.AnotherWay;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import io.bactrian.protocol.Capability;
import io.bactrian.protocol.ChatRequest;
import io.bactrian.protocol.ProviderProtocols;
import io.bactrian.provider.MissingCapabilities;
import io.bactrian.request.RequestContext;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Decides who can finish an answer that broke off after words were spoken, and in which way. Thread-safe. */
public final class Rescues {
    /** Failures of a call that say nothing against the target but how it was asked, or what it said. */
    private static final Set<FailureClass> OF_THE_WAY = Set.of(FailureClass.UNSUPPORTED, FailureClass.INVALID_REQUEST);

    private final MissingCapabilities missing;
    private final ProviderProtocols protocols;

    public Rescues(MissingCapabilities missing, ProviderProtocols protocols) {
        this.missing = missing;
        this.protocols = protocols;
    }

    /** The best way left in which this candidate can finish the answer; null if there is none. */
    @Nullable
    Rescue way(Candidate asked, RequestContext context) {
        for (Rescue way : asked.waysLeft()) {
            if (way == Rescue.REPLAY
                    || (way == Rescue.PREFILL && takesPrefill(asked.target(), context))
                    || (way == Rescue.CONTINUE
                            && !context.partialAnswer().text().isBlank())) {
                return way;
            }
        }
        return null;
    }

    private boolean takesPrefill(Target target, RequestContext context) {
        boolean thinks =
                context.request().thinks() && !protocols.of(target.provider()).prefillsWhileThinking();
        return target.supports(Feature.PREFILL)
                && !thinks
                && !missing.of(target).contains(Capability.PREFILL)
                && !context.partialAnswer().text().isBlank();
    }

    /** Whether an answer that broke off with this failure may be finished: who wants no fallback wants none here either. */
    static boolean allowed(RequestContext context, Candidate asked, Failure failure) {
        ChatRequest request = context.request();
        boolean refusal = failure.type() == FailureClass.CONTENT_POLICY
                && context.currentCall().options().rescue() == null
                && asked.limits().contentPolicy() == ContentPolicy.RETURN;
        return context.plan().fallback()
                && request.streamable()
                && context.partialAnswer().isTextOnly()
                && context.reply().joinable()
                && !refusal;
    }

    /**
     * Learns from the failure of a call, and says whether its target may be asked in another way.
     *
     * @return the failure as it is to be told: what only the gateway's own way of asking had caused is none of the caller's
     */
    Lesson learn(Candidate asked, RequestContext context, Failure failure) {
        Capability capability =
                missing.learn(asked.target(), context.currentCall().options(), failure);
        Rescue way = context.currentCall().options().rescue();
        if (capability != null && (way == null || way(asked, context) != null)) {
            return new Lesson(failure.as(FailureClass.UNSUPPORTED), AnotherWay.NOW);
        }
        boolean ofTheWay = way != null && OF_THE_WAY.contains(failure.type());
        if (way != null && ofTheWay) {
            asked.failedWay(way);
        }
        if (!ofTheWay || way(asked, context) == null) {
            return new Lesson(failure, AnotherWay.NO);
        }
        return new Lesson(
                failure.as(FailureClass.UNSUPPORTED), way == Rescue.PREFILL ? AnotherWay.NOW : AnotherWay.LATER);
    }

    /** What a failure taught. */
    record Lesson(Failure failure, AnotherWay anotherWay) {}
}
