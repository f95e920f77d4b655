package io.bactrian.metrics;

import io.bactrian.policy.Candidate;
import io.bactrian.protocol.CallRecord;
import io.bactrian.protocol.Problem;
import io.bactrian.protocol.Usage;
import io.bactrian.request.RequestContext;
import io.bactrian.request.ResponseHeaders;
import io.bactrian.routing.Observer;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Clock;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log of requests, with one line for each: INFO for an answer or the caller's own mistake, WARN if a fallback
 * answered, ERROR if no target could. It never has a prompt, an answer or a key. Thread-safe.
 */
public final class RequestLog implements Observer {
    private static final Logger LOG = LoggerFactory.getLogger("bactrian.requests");

    private final Clock clock;

    public RequestLog(Clock clock) {
        this.clock = clock;
    }

    @Override
    public void done(RequestContext context) {
        Problem problem = context.problem();
        if (problem != null && problem.status() >= 429 && !context.isCancelled() && problem.status() != 499) {
            LOG.error("{}", line(context));
        } else if (problem == null
                && (ResponseHeaders.fallbacks(context) > 0
                        || !context.partialAnswer().rescues().isEmpty())) {
            LOG.warn("{}", line(context));
        } else if (LOG.isInfoEnabled()) {
            LOG.info("{}", line(context));
        }
    }

    /** The calls with known usage, including those whose answer the caller never saw. */
    private static List<CallRecord> paid(RequestContext context) {
        return context.trail().calls().stream()
                .filter(call -> call.usage() != null)
                .toList();
    }

    private static String parts(List<CallRecord> paid) {
        return paid.stream().map(call -> call.target() + "=" + call.usage()).collect(Collectors.joining(", "));
    }

    private static @Nullable Usage sum(List<CallRecord> paid) {
        Usage sum = null;
        for (CallRecord call : paid) {
            Usage usage = call.usage();
            sum = usage == null ? sum : usage.plus(sum);
        }
        return sum;
    }

    private String line(RequestContext context) {
        Problem problem = context.problem();
        Candidate by = context.answeredBy();
        StringBuilder line = new StringBuilder(200)
                .append(context.id())
                .append(" chain=")
                .append(context.chain().name());
        if (context.callerLeft()) {
            line.append(" the caller left");
        } else if (problem != null) {
            line.append(" failed status=")
                    .append(problem.status())
                    .append(" code=")
                    .append(problem.code());
        } else if (by != null) {
            line.append(" answered by ").append(by.target().name());
        } else if (context.lastResort() != null) {
            line.append(" answered by ").append(context.lastResort());
        }
        line.append(" attempts=\"").append(context.trail().label()).append('"');
        String skipped = ResponseHeaders.skipped(context);
        if (skipped != null) {
            line.append(" skipped=\"").append(skipped).append('"');
        }
        if (!context.partialAnswer().rescues().isEmpty()) {
            line.append(" rescued=\"")
                    .append(String.join(", ", context.partialAnswer().rescues()))
                    .append('"');
        }
        line.append(" ms=").append(clock.millis() - context.startedAt());
        if (context.firstContentAfter() >= 0) {
            line.append(" first=").append(context.firstContentAfter());
        }
        List<CallRecord> paid = paid(context);
        Usage usage = context.usage() != null ? context.usage() : sum(paid);
        if (usage != null) {
            line.append(" tokens=").append(usage);
        }
        if (paid.size() > 1) {
            line.append(" parts=\"").append(parts(paid)).append('"');
        }
        Double cost = Cost.of(context);
        if (cost != null) {
            line.append(" cost=$")
                    .append(BigDecimal.valueOf(cost)
                            .setScale(6, RoundingMode.HALF_UP)
                            .toPlainString());
        }
        if (context.reply().streams()) {
            line.append(" stream");
        }
        String drilled = context.drilledCalls().label();
        if (!drilled.isEmpty()) {
            line.append(" drill=\"").append(drilled).append('"');
        }
        if (context.demo()) {
            line.append(" demo");
        }
        return line.toString();
    }
}
