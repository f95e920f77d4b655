package io.bactrian.request;

import io.bactrian.policy.Candidate;
import io.bactrian.policy.FailureClass;
import io.bactrian.policy.LastResortAnswer;
import io.bactrian.protocol.CallerProtocol;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What every answer and error says of itself: who answered, who was tried, how good it is. */
public final class ResponseHeaders {
    public static final String REQUEST_ID = "x-request-id";

    public static final String TARGET = "x-bactrian-target";
    public static final String ATTEMPTS = "x-bactrian-attempts";
    public static final String SKIPPED = "x-bactrian-skipped";
    public static final String FALLBACKS = "x-bactrian-fallbacks";
    public static final String DEGRADED = "x-bactrian-degraded";
    public static final String QUALITY = "x-bactrian-quality";
    public static final String DROPPED = "x-bactrian-dropped";
    /** The drills that a request met. The request header of that name orders them. */
    public static final String DRILL = "x-bactrian-drill";

    public static final String DEMO = "x-bactrian-demo";
    /** RFC 9111: seconds since the answer was given. */
    public static final String AGE = "age";

    private static final Pattern FIELD = Pattern.compile("[A-Za-z0-9_.\\[\\]-][A-Za-z0-9_.\\[\\] -]{0,63}");
    private static final int MAX_DROPPED = 20;

    private ResponseHeaders() {}

    /** The id of a request, under each name that the caller's protocol has for it. */
    public static Map<String, String> ids(CallerProtocol protocol, String id) {
        Map<String, String> ids = new LinkedHashMap<>();
        for (String name : protocol.requestIdHeaders()) {
            ids.put(name, id);
        }
        return ids;
    }

    /**
     * The response headers, by lower-case name.
     *
     * @param underWay whether the call that answers is still going on, and so not in the trail yet
     */
    public static Map<String, String> of(RequestContext context, boolean underWay) {
        AttemptTrail trail = context.trail();
        return of(context, context.answeredBy(), underWay ? trail.label(context.flowing()) : trail.label());
    }

    /** The same while nothing of an answer has been given away: whoever has begun one may still fail unseen. */
    public static Map<String, String> soFar(RequestContext context) {
        return of(context, null, context.trail().label(null));
    }

    private static Map<String, String> of(RequestContext context, @Nullable Candidate by, String attempts) {
        Map<String, String> labels = ids(context.request().protocol(), context.id());
        if (by != null) {
            labels.put(TARGET, by.target().name());
        }
        if (!attempts.isEmpty()) {
            labels.put(ATTEMPTS, attempts);
        }
        String skipped = skipped(context);
        if (skipped != null) {
            labels.put(SKIPPED, skipped);
        }
        labels.put(FALLBACKS, Integer.toString(fallbacks(context, by)));
        LastResortAnswer instead = context.lastResort();
        if (instead != null) {
            instead(context, instead, labels);
        }
        if (by != null) {
            labels.put(DEGRADED, degraded(context));
            labels.put(QUALITY, Double.toString(by.target().quality()));
            String dropped = dropped(context);
            if (!dropped.isEmpty()) {
                labels.put(DROPPED, dropped);
            }
        }
        String drilled = context.drilledCalls().label();
        if (!drilled.isEmpty()) {
            labels.put(DRILL, drilled);
        }
        if (context.demo()) {
            labels.put(DEMO, "true");
        }
        return labels;
    }

    private static void instead(RequestContext context, LastResortAnswer instead, Map<String, String> labels) {
        labels.put(TARGET, instead.step());
        labels.put(DEGRADED, degraded(context));
        labels.put(QUALITY, Double.toString(instead.quality()));
        if (instead.origin() != null) {
            labels.put(AGE, Long.toString(instead.origin().ageSeconds()));
        }
    }

    /** How many candidates before the one that answered failed or were skipped; all that did if none answered. */
    public static int fallbacks(RequestContext context) {
        return fallbacks(context, context.answeredBy());
    }

    private static int fallbacks(RequestContext context, @Nullable Candidate by) {
        if (context.lastResort() != null) {
            return context.plan().candidates().size();
        }
        int failed = 0;
        for (Candidate candidate : context.plan().candidates()) {
            if (candidate == by) {
                break;
            }
            FailureClass why = candidate.lastFailure();
            failed += why == null || why == FailureClass.CANCELLED ? 0 : 1;
        }
        return failed;
    }

    /** {@code false}, or the reasons why the answer is not the best one. */
    public static String degraded(RequestContext context) {
        LastResortAnswer instead = context.lastResort();
        if (instead != null) {
            boolean another = instead.origin() != null
                    && context.plan().candidates().stream()
                            .anyMatch(s -> s.target().quality() > instead.quality());
            return another ? "quality, " + instead.kind() : instead.kind();
        }
        Candidate by = context.answeredBy();
        boolean worse = by != null
                && context.plan().candidates().stream()
                        .limit(by.index())
                        .anyMatch(s -> s.target().quality() > by.target().quality());
        String features = context.currentCall().dropped().isEmpty() ? "" : "features";
        return worse && !features.isEmpty()
                ? "quality, features"
                : worse ? "quality" : features.isEmpty() ? "false" : features;
    }

    /** The harmless parameters that were left out. The caller has named them: only what is fit for a header is said. */
    private static String dropped(RequestContext context) {
        return context.currentCall().dropped().stream()
                .filter(name -> FIELD.matcher(name).matches())
                .limit(MAX_DROPPED)
                .collect(Collectors.joining(", "));
    }

    /** Who was passed over without a call and why; null if nobody. */
    public static @Nullable String skipped(RequestContext context) {
        StringBuilder out = new StringBuilder();
        for (Candidate candidate : context.plan().candidates()) {
            String why = candidate.skipped();
            if (why != null) {
                out.append(out.isEmpty() ? "" : ", ")
                        .append(candidate.target().name())
                        .append('=')
                        .append(why);
            }
        }
        return out.isEmpty() ? null : out.toString();
    }
}
