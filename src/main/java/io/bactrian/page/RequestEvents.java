package io.bactrian.page;

import io.bactrian.policy.Candidate;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import io.bactrian.policy.LastResortAnswer;
import io.bactrian.protocol.CallRecord;
import io.bactrian.protocol.Problem;
import io.bactrian.request.RequestContext;
import io.bactrian.request.ResponseHeaders;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The events that requests become. No text of a caller or a provider gets into them. Stateless. */
final class RequestEvents {
    private static final Pattern CODE = Pattern.compile("[a-z0-9_]{1,40}");

    private RequestEvents() {}

    /**
     * The event of a request that has ended.
     *
     * @param leftOut how many like it have no event of their own
     */
    static PageEvent of(RequestContext context, PageEvent.Kind kind, long leftOut, long now) {
        List<CallRecord> trail = context.trail().calls();
        Candidate away = away(context);
        Failure broken = context.partialAnswer().broken();
        boolean rescue = kind == PageEvent.Kind.RESCUE;
        String from =
                rescue ? broke(trail) : away == null ? null : away.target().name();
        String type = rescue && broken != null ? broken.type().name() : away == null ? null : reason(away);
        long first = context.firstContentAfter();
        return new PageEvent(
                now,
                kind,
                context.id(),
                context.caller(),
                context.chain().name(),
                from,
                to(context),
                type,
                first >= 0 && kind != PageEvent.Kind.FAILED ? first : now - context.startedAt(),
                text(context, kind),
                trail,
                leftOut);
    }

    /** The first candidate that failed or was passed over; the one that began the answer of a request that failed is among them. */
    private static @Nullable Candidate away(RequestContext context) {
        for (Candidate candidate : context.plan().candidates()) {
            if (reason(candidate) != null && (candidate != context.answeredBy() || context.problem() != null)) {
                return candidate;
            }
        }
        return null;
    }

    private static @Nullable String reason(Candidate candidate) {
        FailureClass type = candidate.lastFailure();
        String skipped = candidate.skipped();
        return skipped != null ? skipped : type == null || type == FailureClass.CANCELLED ? null : type.name();
    }

    /** The target whose answer broke off. */
    private static @Nullable String broke(List<CallRecord> trail) {
        String target = null;
        for (CallRecord call : trail) {
            Failure failure = call.failure();
            if (failure != null && failure.type() != FailureClass.CANCELLED) {
                target = call.target();
            }
        }
        return target;
    }

    private static @Nullable String to(RequestContext context) {
        LastResortAnswer lastResort = context.lastResort();
        Candidate by = context.answeredBy();
        return context.problem() != null
                ? null
                : lastResort != null
                        ? lastResort.step()
                        : by == null ? null : by.target().name();
    }

    private static String text(RequestContext context, PageEvent.Kind kind) {
        Problem problem = context.problem();
        if (problem != null) {
            String code = problem.code();
            return code != null && CODE.matcher(code).matches()
                    ? problem.status() + " " + code
                    : Integer.toString(problem.status());
        }
        if (kind == PageEvent.Kind.RESCUE) {
            return "stream broke off, continued by "
                    + String.join(", ", context.partialAnswer().rescues());
        }
        String degraded = ResponseHeaders.degraded(context);
        return degraded.equals("false") ? "" : "degraded: " + degraded;
    }
}
