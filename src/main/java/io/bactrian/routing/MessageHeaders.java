package io.bactrian.routing;

import io.bactrian.policy.Candidate;
import io.bactrian.policy.LastResortAnswer;
import io.bactrian.protocol.Problem;
import io.bactrian.request.RequestContext;
import io.bactrian.request.ResponseHeaders;
import java.util.Map;
import org.apache.camel.Message;

/** The outcome of a request as headers and body of a Camel message, as other people's routes read it. */
public final class MessageHeaders {
    public static final String CHAIN = "BactrianChain";
    public static final String TIMEOUT = "BactrianTimeout";
    public static final String MIN_QUALITY = "BactrianMinQuality";
    public static final String STATUS = "BactrianStatus";

    private MessageHeaders() {}

    static void describe(RequestContext context, Message message) {
        Problem problem = context.problem();
        Map<String, Object> headers = message.getHeaders();
        Candidate by = context.answeredBy();
        if (by != null) {
            headers.put("BactrianTarget", by.target().name());
            headers.put("BactrianDegraded", ResponseHeaders.degraded(context));
        }
        LastResortAnswer instead = context.lastResort();
        if (instead != null) {
            headers.put("BactrianTarget", instead.step());
            headers.put("BactrianDegraded", ResponseHeaders.degraded(context));
        }
        headers.put("BactrianAttempts", context.trail().label());
        String skipped = ResponseHeaders.skipped(context);
        if (skipped != null) {
            headers.put("BactrianSkipped", skipped);
        }
        headers.put("BactrianFallbacks", ResponseHeaders.fallbacks(context));
        headers.put(STATUS, problem == null ? 200 : problem.status());
        headers.put("Content-Type", "application/json");
        message.setBody(context.reply().body());
    }
}
