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
import io.bactrian.protocol.Omissions;
import io.bactrian.protocol.ProviderProtocols;
import io.bactrian.provider.MissingCapabilities;
import io.bactrian.provider.failure.RefusedParts;
import io.bactrian.request.CurrentCall;
import io.bactrian.request.RequestContext;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The ways in which candidates can finish an answer that broke off after content was sent. Thread-safe. */
public final class Rescues {
    /** The failures of a rescue that concern the way in which the target was called, or its text, but not its health. */
    private static final Set<FailureClass> OF_THE_WAY = Set.of(FailureClass.UNSUPPORTED, FailureClass.INVALID_REQUEST);

    private final MissingCapabilities missing;
    private final ProviderProtocols protocols;

    public Rescues(MissingCapabilities missing, ProviderProtocols protocols) {
        this.missing = missing;
        this.protocols = protocols;
    }

    /** The best remaining way in which a candidate can finish the answer; null if there is none. */
    @Nullable
    Rescue way(Candidate candidate, RequestContext context) {
        for (Rescue way : candidate.waysLeft()) {
            if (way == Rescue.REPLAY
                    || (way == Rescue.PREFILL && takesPrefill(candidate.target(), context))
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
                && !missing.of(target, context.learner()).contains(Capability.PREFILL)
                && !context.leftOut(target).capabilities().contains(Capability.PREFILL)
                && !context.partialAnswer().text().isBlank();
    }

    /** True if an answer that broke off with this failure may be finished by another call, which is a fallback too. */
    static boolean allowed(RequestContext context, Candidate candidate, Failure failure) {
        ChatRequest request = context.request();
        boolean returnedRefusal = failure.type() == FailureClass.CONTENT_POLICY
                && context.currentCall().options().rescue() == null
                && candidate.limits().contentPolicy() == ContentPolicy.RETURN;
        return context.plan().fallback()
                && request.streamable()
                && context.partialAnswer().isTextOnly()
                && context.reply().joinable()
                && !returnedRefusal;
    }

    /**
     * Learns from the failure of a call which capabilities and ways of finishing its target lacks.
     *
     * @return the failure as it is reported: UNSUPPORTED, with the other way, if the target may be called in another way
     */
    Lesson learn(Candidate candidate, RequestContext context, Failure failure) {
        CurrentCall refused = context.currentCall();
        Capability capability =
                missing.learn(candidate.target(), context.learner(), refused.options(), failure, refused::sentBody);
        if (capability != null) {
            context.leaveOut(candidate.target(), Omissions.of(capability));
        }
        Rescue way = context.currentCall().options().rescue();
        if (capability != null && (way == null || way(candidate, context) != null)) {
            return new Lesson(failure.as(FailureClass.UNSUPPORTED), AnotherWay.NOW);
        }
        if (way == null) {
            return ofTheRequest(candidate, context, failure);
        }
        boolean ofTheWay = OF_THE_WAY.contains(failure.type());
        if (ofTheWay) {
            candidate.failedWay(way);
        }
        if (!ofTheWay || way(candidate, context) == null) {
            return new Lesson(failure, AnotherWay.NO);
        }
        return new Lesson(
                failure.as(FailureClass.UNSUPPORTED), way == Rescue.PREFILL ? AnotherWay.NOW : AnotherWay.LATER);
    }

    /** Learns from the refusal of a request which of its parts the target does not take. */
    private Lesson ofTheRequest(Candidate candidate, RequestContext context, Failure failure) {
        CurrentCall call = context.currentCall();
        RefusedParts parts = missing.learn(
                candidate.target(), context.learner(), call.options(), failure, call::sentBody, call.sentHeaders());
        if (!parts.once().isEmpty()) {
            context.leaveOut(candidate.target(), parts.once());
        }
        boolean again = !parts.once().isEmpty() || !parts.lasting().isEmpty();
        return new Lesson(
                parts.named() ? failure.as(FailureClass.UNSUPPORTED) : failure, again ? AnotherWay.NOW : AnotherWay.NO);
    }

    /** A failure as it is reported, and the other way in which its target may be called, if there is one. */
    record Lesson(Failure failure, AnotherWay anotherWay) {}
}
