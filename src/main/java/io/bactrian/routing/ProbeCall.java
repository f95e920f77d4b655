package io.bactrian.routing;

import io.bactrian.config.LimitsResolver;
import io.bactrian.config.Probe;
import io.bactrian.config.Service;
import io.bactrian.config.Target;
import io.bactrian.policy.CallFailed;
import io.bactrian.policy.FailedAttempt.AnotherWay;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import io.bactrian.policy.FallbackPolicy;
import io.bactrian.protocol.Usage;
import io.bactrian.request.Cancellation;
import io.bactrian.request.ProbeRequest;
import io.bactrian.request.RequestContext;
import java.time.Clock;
import java.time.Duration;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.jspecify.annotations.Nullable;

/**
 * A call of the health monitor: it takes the route of one call to the provider, like a request, but no circuit breaker and no
 * connection permit. Thread-safe.
 */
public final class ProbeCall {
    /** A target that refuses a part of the question is asked again without it, but not for ever. */
    private static final int MOST_CALLS = 3;

    private static final int FORBIDDEN = 403;

    private final ProducerTemplate template;
    private final Rescues rescues;
    private final LimitsResolver limits;
    private final String prompt;
    private final Duration timeout;
    private final boolean demo;
    private final Clock clock;

    /**
     * @param prompt the question
     * @param timeout the limit of one call
     * @param demo whether simulated providers answer
     */
    public ProbeCall(
            ProducerTemplate template,
            Rescues rescues,
            LimitsResolver limits,
            String prompt,
            Duration timeout,
            boolean demo,
            Clock clock) {
        this.template = template;
        this.rescues = rescues;
        this.limits = limits;
        this.prompt = prompt;
        this.timeout = timeout;
        this.demo = demo;
        this.clock = clock;
    }

    /**
     * The result of a call.
     *
     * @param failure null if it succeeded
     * @param anotherKey whether the provider has another key that may be used for the target
     * @param usage null if it is not known
     */
    public record Result(
            @Nullable Failure failure,
            boolean anotherKey,
            long millis,
            @Nullable Usage usage) {}

    /** Makes a call and waits for its end. */
    public Result ask(Target target, Probe kind, Cancellation cancellation) {
        String route = kind == Probe.MODELS
                ? RouteNames.listModels(target.provider().name())
                : RouteNames.attempt(target.provider().name(), Service.CHAT);
        for (int call = 1; ; call++) {
            RequestContext context = ProbeRequest.of(
                    target, limits.resolve(null, target), prompt, timeout, clock.millis(), demo, cancellation);
            Exchange exchange = template.request("direct:" + route, e -> ExchangeProperties.set(e, context));
            boolean again = call < MOST_CALLS && !cancellation.isCancelled();
            Result result = result(kind, context, exchange.getException(), again);
            if (result != null) {
                return result;
            }
        }
    }

    /** A provider need not have a list of models, nor show it to every key: that says nothing of the target. */
    private static Failure ofList(Failure failure) {
        boolean withheld = failure.type() == FailureClass.MODEL_UNAVAILABLE
                || (failure.type() == FailureClass.AUTHENTICATION && failure.status() == FORBIDDEN);
        return withheld ? failure.as(FailureClass.UNSUPPORTED) : failure;
    }

    /** The result; null if the target should be asked in another way. */
    private @Nullable Result result(Probe kind, RequestContext context, @Nullable Throwable thrown, boolean again) {
        boolean called = context.currentCall().isOpen();
        context.currentCall().end();
        long began = context.plan().deadlineAt() - timeout.toMillis();
        long millis = Math.max(0, clock.millis() - began);
        if (thrown == null) {
            context.currentCall().tracked().probeSucceeded(kind == Probe.CHAT);
            return new Result(null, false, millis, context.usage());
        }
        CallFailed failed = context.isCancelled()
                ? new CallFailed(Failure.of(FailureClass.CANCELLED, "the probe is no longer wanted"))
                : Navigator.failure(thrown);
        Failure failure = kind == Probe.MODELS ? ofList(failed.failure()) : failed.failure();
        if (!called) {
            return new Result(failure, false, millis, null);
        }
        if (again && failed.staleConnection()) {
            return null;
        }
        Rescues.Lesson lesson = rescues.learn(context.candidate(), context, failure);
        if (again && lesson.anotherWay() == AnotherWay.NOW) {
            return null;
        }
        boolean anotherKey =
                context.currentCall().tracked().probeFailed(failure, FallbackPolicy.fullBackoff(context.candidate()));
        return new Result(failure, anotherKey, millis, null);
    }
}
