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

/**
 * The response headers of planned requests, for answers and errors: the target that answered, the calls made, and the quality.
 * Stateless.
 */
public final class ResponseHeaders {
    public static final String TARGET = "x-bactrian-target";
    public static final String ATTEMPTS = "x-bactrian-attempts";
    public static final String SKIPPED = "x-bactrian-skipped";
    public static final String FALLBACKS = "x-bactrian-fallbacks";
    public static final String DEGRADED = "x-bactrian-degraded";
    public static final String QUALITY = "x-bactrian-quality";
    public static final String DROPPED = "x-bactrian-dropped";
    /** The drills that failed calls of the request. The request header of the same name asks for them. */
    public static final String DRILL = "x-bactrian-drill";

    public static final String DEMO = "x-bactrian-demo";
    /** Set if a count of tokens is an estimate of the gateway. */
    public static final String ESTIMATE = "x-bactrian-estimate";
    /** The age of a stale answer in seconds, as RFC 9111 defines it. */
    public static final String AGE = "age";

    private static final Pattern FIELD = Pattern.compile("[A-Za-z0-9_.\\[\\]-][A-Za-z0-9_.\\[\\] -]{0,63}");
    private static final int MAX_DROPPED = 20;

    private ResponseHeaders() {}

    /** The id of a request, under each header name that the caller's protocol has for it. */
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
     * @param running whether the call that answers has not ended yet, so that the trail has no record of it
     */
    public static Map<String, String> of(RequestContext context, boolean running) {
        AttemptTrail trail = context.trail();
        return of(context, context.answeredBy(), running ? trail.label(context.flowing()) : trail.label());
    }

    /** The response headers before any content is sent: the target that has begun to answer may still fail and be replaced. */
    public static Map<String, String> soFar(RequestContext context) {
        return of(context, null, context.trail().label(null));
    }

    private static Map<String, String> of(RequestContext context, @Nullable Candidate by, String attempts) {
        Map<String, String> headers = ids(context.request().protocol(), context.id());
        if (by != null) {
            headers.put(TARGET, by.target().name());
        }
        if (!attempts.isEmpty()) {
            headers.put(ATTEMPTS, attempts);
        }
        String skipped = skipped(context);
        if (skipped != null) {
            headers.put(SKIPPED, skipped);
        }
        headers.put(FALLBACKS, Integer.toString(fallbacks(context, by)));
        LastResortAnswer lastResort = context.lastResort();
        if (lastResort != null) {
            addLastResort(context, lastResort, headers);
        }
        if (by != null) {
            headers.put(DEGRADED, degraded(context));
            headers.put(QUALITY, Double.toString(by.target().quality()));
            String dropped = dropped(context);
            if (!dropped.isEmpty()) {
                headers.put(DROPPED, dropped);
            }
        }
        String drilled = context.drilledCalls().label();
        if (!drilled.isEmpty()) {
            headers.put(DRILL, drilled);
        }
        if (context.demo()) {
            headers.put(DEMO, "true");
        }
        return headers;
    }

    private static void addLastResort(
            RequestContext context, LastResortAnswer lastResort, Map<String, String> headers) {
        headers.put(TARGET, lastResort.step());
        headers.put(DEGRADED, degraded(context));
        headers.put(QUALITY, Double.toString(lastResort.quality()));
        if (lastResort.origin() != null) {
            headers.put(AGE, Long.toString(lastResort.origin().ageSeconds()));
        }
    }

    /**
     * The number of candidates that failed or were skipped before the one that answered: all that did if none answered, every
     * candidate if a last resort did.
     */
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
            FailureClass type = candidate.lastFailure();
            failed += type == null || type == FailureClass.CANCELLED ? 0 : 1;
        }
        return failed;
    }

    /** The value of {@code x-bactrian-degraded}: {@code false}, or the reasons separated by commas. */
    public static String degraded(RequestContext context) {
        LastResortAnswer lastResort = context.lastResort();
        if (lastResort != null) {
            boolean worse = lastResort.origin() != null
                    && context.plan().candidates().stream()
                            .anyMatch(c -> c.target().quality() > lastResort.quality());
            return worse ? "quality, " + lastResort.kind() : lastResort.kind();
        }
        Candidate by = context.answeredBy();
        boolean worse = by != null
                && context.plan().candidates().stream()
                        .limit(by.index())
                        .anyMatch(c -> c.target().quality() > by.target().quality());
        String features = context.currentCall().dropped().isEmpty() ? "" : "features";
        return worse && !features.isEmpty()
                ? "quality, features"
                : worse ? "quality" : features.isEmpty() ? "false" : features;
    }

    /** The harmless parameters that were left out. The names come from the caller: only those fit for a header are listed. */
    private static String dropped(RequestContext context) {
        return context.currentCall().dropped().stream()
                .filter(name -> FIELD.matcher(name).matches())
                .limit(MAX_DROPPED)
                .collect(Collectors.joining(", "));
    }

    /** The skipped candidates and the reasons, as in {@code x-bactrian-skipped}; null if there are none. */
    public static @Nullable String skipped(RequestContext context) {
        StringBuilder out = new StringBuilder();
        for (Candidate candidate : context.plan().candidates()) {
            String reason = candidate.skipped();
            if (reason != null) {
                out.append(out.isEmpty() ? "" : ", ")
                        .append(candidate.target().name())
                        .append('=')
                        .append(reason);
            }
        }
        return out.isEmpty() ? null : out.toString();
    }
}
