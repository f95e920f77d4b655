package io.bactrian.metrics;

import io.bactrian.chat.Conversation;
import io.bactrian.chat.Labels;
import io.bactrian.chat.Trail;
import io.bactrian.policy.Candidate;
import io.bactrian.protocol.Problem;
import io.bactrian.protocol.Usage;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Clock;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes one line for each request: INFO for an answer or the caller's own mistake, WARN when a fallback answered, ERROR when
 * nobody could. Never a prompt, an answer or a key. Thread-safe.
 */
public final class RequestLog {
    private static final Logger LOG = LoggerFactory.getLogger("bactrian.requests");

    private final Clock clock;

    public RequestLog(Clock clock) {
        this.clock = clock;
    }

    /** Writes the line of a request that has ended. */
    public void write(Conversation conversation) {
        Problem problem = conversation.problem();
        if (problem != null && problem.status() >= 429 && !conversation.hasLeft() && problem.status() != 499) {
            LOG.error("{}", line(conversation));
        } else if (problem == null
                && (Labels.fallbacks(conversation) > 0
                        || !conversation.spoken().rescues().isEmpty())) {
            LOG.warn("{}", line(conversation));
        } else if (LOG.isInfoEnabled()) {
            LOG.info("{}", line(conversation));
        }
    }

    /** What each call cost, those included of which the caller has seen nothing. */
    private static List<Trail.Call> paid(Conversation conversation) {
        return conversation.trail().calls().stream()
                .filter(call -> call.usage() != null)
                .toList();
    }

    private static String parts(List<Trail.Call> paid) {
        return paid.stream().map(call -> call.target() + "=" + call.usage()).collect(Collectors.joining(", "));
    }

    private static @Nullable Usage sum(List<Trail.Call> paid) {
        Usage sum = null;
        for (Trail.Call call : paid) {
            Usage usage = call.usage();
            sum = usage == null ? sum : usage.plus(sum);
        }
        return sum;
    }

    private String line(Conversation conversation) {
        Problem problem = conversation.problem();
        Candidate by = conversation.answeredBy();
        StringBuilder line = new StringBuilder(200)
                .append(conversation.id())
                .append(" chain=")
                .append(conversation.chain().name());
        if (conversation.hasLeft()) {
            line.append(" the caller left");
        } else if (problem != null) {
            line.append(" failed status=")
                    .append(problem.status())
                    .append(" code=")
                    .append(problem.code());
        } else if (by != null) {
            line.append(" answered by ").append(by.target().name());
        } else if (conversation.standIn() != null) {
            line.append(" answered by ").append(conversation.standIn());
        }
        line.append(" attempts=\"").append(conversation.trail().label()).append('"');
        String skipped = Labels.skipped(conversation);
        if (skipped != null) {
            line.append(" skipped=\"").append(skipped).append('"');
        }
        if (!conversation.spoken().rescues().isEmpty()) {
            line.append(" rescued=\"")
                    .append(String.join(", ", conversation.spoken().rescues()))
                    .append('"');
        }
        line.append(" ms=").append(clock.millis() - conversation.startedAt());
        if (conversation.firstContentAfter() >= 0) {
            line.append(" first=").append(conversation.firstContentAfter());
        }
        List<Trail.Call> paid = paid(conversation);
        Usage usage = conversation.usage() != null ? conversation.usage() : sum(paid);
        if (usage != null) {
            line.append(" tokens=").append(usage);
        }
        if (paid.size() > 1) {
            line.append(" parts=\"").append(parts(paid)).append('"');
        }
        Double cost = Cost.of(conversation);
        if (cost != null) {
            line.append(" cost=$")
                    .append(BigDecimal.valueOf(cost)
                            .setScale(6, RoundingMode.HALF_UP)
                            .toPlainString());
        }
        if (conversation.reply().streams()) {
            line.append(" stream");
        }
        String drilled = conversation.drilled().label();
        if (!drilled.isEmpty()) {
            line.append(" drill=\"").append(drilled).append('"');
        }
        if (conversation.demo()) {
            line.append(" demo");
        }
        return line.toString();
    }
}
