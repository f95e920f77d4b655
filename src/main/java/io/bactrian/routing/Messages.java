package io.bactrian.routing;

import io.bactrian.chat.Conversation;
import io.bactrian.chat.Labels;
import io.bactrian.policy.Candidate;
import io.bactrian.policy.LastResortAnswer;
import io.bactrian.protocol.Problem;
import java.util.Map;
import org.apache.camel.Message;

/** The outcome of a request as headers and body of a Camel message, as other people's routes read it. */
public final class Messages {
    public static final String CHAIN = "BactrianChain";
    public static final String TIMEOUT = "BactrianTimeout";
    public static final String MIN_QUALITY = "BactrianMinQuality";
    public static final String STATUS = "BactrianStatus";

    private Messages() {}

    static void describe(Conversation conversation, Message message) {
        Problem problem = conversation.problem();
        Map<String, Object> headers = message.getHeaders();
        Candidate by = conversation.answeredBy();
        if (by != null) {
            headers.put("BactrianTarget", by.target().name());
            headers.put("BactrianDegraded", Labels.degraded(conversation));
        }
        LastResortAnswer instead = conversation.standIn();
        if (instead != null) {
            headers.put("BactrianTarget", instead.step());
            headers.put("BactrianDegraded", Labels.degraded(conversation));
        }
        headers.put("BactrianAttempts", conversation.trail().label());
        String skipped = Labels.skipped(conversation);
        if (skipped != null) {
            headers.put("BactrianSkipped", skipped);
        }
        headers.put("BactrianFallbacks", Labels.fallbacks(conversation));
        headers.put(STATUS, problem == null ? 200 : problem.status());
        headers.put("Content-Type", "application/json");
        message.setBody(conversation.reply().body());
    }
}
