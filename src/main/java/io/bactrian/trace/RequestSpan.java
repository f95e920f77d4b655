package io.bactrian.trace;

import io.bactrian.config.Limits.Rescue;
import io.bactrian.config.ProviderNames;
import io.bactrian.config.Target;
import io.bactrian.policy.Candidate;
import io.bactrian.policy.Decision;
import io.bactrian.policy.Failure;
import io.bactrian.policy.LastResortAnswer;
import io.bactrian.protocol.CallOptions;
import io.bactrian.protocol.Problem;
import io.bactrian.request.CallTrace;
import io.bactrian.request.RequestContext;
import io.bactrian.request.RequestTrace;
import io.bactrian.request.ResponseHeaders;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapPropagator;
import java.net.URI;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The span of one request. Thread-safe. */
final class RequestSpan implements RequestTrace {
    private final Tracer tracer;
    private final TextMapPropagator propagator;
    private final Span span;
    private final String operation;
    /** Has the span and nothing else: the caller's baggage is not for providers. */
    private final Context context;

    private final AtomicInteger calls = new AtomicInteger();
    /** The candidates that were told to be skipped, and why. Guarded by itself. */
    private final Map<Candidate, String> told = new HashMap<>();

    RequestSpan(Tracer tracer, TextMapPropagator propagator, Span span, String operation) {
        this.tracer = tracer;
        this.propagator = propagator;
        this.span = span;
        this.operation = operation;
        this.context = Context.root().with(span);
    }

    @Override
    public String id() {
        return span.getSpanContext().getTraceId();
    }

    @Override
    public CallTrace call(RequestContext request, Candidate candidate, CallOptions options) {
        Target target = candidate.target();
        SpanBuilder call = tracer.spanBuilder(operation + " " + target.model())
                .setParent(context)
                .setSpanKind(SpanKind.CLIENT);
        int number = calls.incrementAndGet();
        if (span.isRecording()) {
            URI address = target.provider().baseUrl();
            call.setAttribute(Names.OPERATION, operation)
                    .setAttribute(Names.PROVIDER, ProviderNames.of(target.provider()))
                    .setAttribute(Names.ASKED_MODEL, target.model())
                    .setAttribute(Names.ADDRESS, String.valueOf(address.getHost()))
                    .setAttribute(Names.PORT, (long) port(address))
                    .setAttribute(Names.TARGET, target.name())
                    .setAttribute(Names.ATTEMPT, (long) number);
            if (options.stream()) {
                call.setAttribute(Names.STREAM, true);
            }
            if (candidate.isTrial()) {
                call.setAttribute(Names.TRIAL, true);
            }
            Rescue way = options.rescue();
            if (way != null) {
                call.setAttribute(Names.RESCUE, way.name().toLowerCase(Locale.ROOT));
            }
        }
        return new CallSpan(call.startSpan(), propagator);
    }

    private static int port(URI address) {
        return address.getPort() >= 0 ? address.getPort() : "http".equals(address.getScheme()) ? 80 : 443;
    }

    @Override
    public void decided(RequestContext request) {
        if (!span.isRecording()) {
            return;
        }
        synchronized (told) {
            for (Candidate candidate : request.plan().candidates()) {
                String reason = candidate.skipped();
                if (reason != null && !reason.equals(told.put(candidate, reason))) {
                    span.addEvent(
                            Names.SKIPPED,
                            Attributes.of(Names.TARGET, candidate.target().name(), Names.REASON, reason));
                }
            }
        }
    }

    @Override
    public void waited(Candidate candidate, Decision.Wait reason, long millis) {
        span.addEvent(
                Names.WAITED,
                Attributes.of(
                        Names.TARGET,
                        candidate.target().name(),
                        Names.REASON,
                        reason.name().toLowerCase(Locale.ROOT),
                        Names.MILLIS,
                        millis));
    }

    @Override
    public void rescued(Candidate by, Rescue way) {
        span.addEvent(
                Names.RESCUED,
                Attributes.of(
                        Names.TARGET,
                        by.target().name(),
                        Names.RESCUE,
                        way.name().toLowerCase(Locale.ROOT)));
    }

    @Override
    public void lastResort(LastResortAnswer answer) {
        span.addEvent(Names.LAST_RESORT, Attributes.of(Names.TARGET, answer.step(), Names.REASON, answer.kind()));
    }

    @Override
    public void end(@Nullable RequestContext request, int status) {
        if (span.isRecording()) {
            if (status > 0) {
                span.setAttribute(Names.STATUS, (long) status);
            }
            if (request == null) {
                rejected(status);
            } else {
                decided(request);
                describe(request, status);
            }
        }
        span.end();
    }

    private void rejected(int status) {
        span.setAttribute(Names.OUTCOME, status >= 500 ? "failed" : "refused");
        if (status >= 400) {
            span.setAttribute(Names.ERROR, Integer.toString(status));
        }
        if (status >= 500) {
            span.setStatus(StatusCode.ERROR);
        }
    }

    private void describe(RequestContext request, int status) {
        span.setAttribute(Names.ASKED_MODEL, request.request().model())
                .setAttribute(Names.CHAIN, request.chain().name())
                .setAttribute(Names.STREAM, request.reply().streams())
                .setAttribute(Names.FALLBACKS, (long) ResponseHeaders.fallbacks(request));
        String attempts = request.trail().label();
        if (!attempts.isEmpty()) {
            span.setAttribute(Names.ATTEMPTS, attempts);
        }
        if (!request.caller().isEmpty()) {
            span.setAttribute(Names.CALLER, request.caller());
        }
        Candidate by = request.answeredBy();
        LastResortAnswer instead = request.lastResort();
        if (by != null || instead != null) {
            span.setAttribute(
                            Names.TARGET,
                            by != null ? by.target().name() : String.valueOf(instead == null ? null : instead.step()))
                    .setAttribute(Names.DEGRADED, ResponseHeaders.degraded(request));
        }
        Problem problem = request.problem();
        if (request.callerLeft()) {
            span.setAttribute(Names.OUTCOME, "cancelled").setAttribute(Names.ERROR, "CANCELLED");
        } else if (problem == null) {
            span.setAttribute(Names.OUTCOME, "answered");
        } else {
            boolean failed = problem.status() >= 500 || problem.status() == 429;
            Failure cause = request.trail().firstCause();
            span.setAttribute(Names.OUTCOME, failed ? "failed" : "refused")
                    .setAttribute(
                            Names.ERROR,
                            cause != null ? cause.type().name() : Integer.toString(Math.max(status, problem.status())));
            if (failed) {
                span.setStatus(StatusCode.ERROR);
            }
        }
    }
}
