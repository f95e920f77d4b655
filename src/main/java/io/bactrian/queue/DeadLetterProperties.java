package io.bactrian.queue;

import io.bactrian.routing.MessageHeaders;
import java.util.Map;

/** The properties that a dead letter has beside those of the request as it came. Stateless. */
final class DeadLetterProperties {
    private static final int MAX_REASON = 500;

    private DeadLetterProperties() {}

    /**
     * The properties by their names.
     *
     * @param type a failure class, or a word of the gateway's own in the manner of one
     * @param attempts the calls that were made, as headers have them
     * @param reason in words, for operators; a long one is cut
     */
    static Map<String, String> of(String type, String attempts, String reason) {
        return Map.of(
                "BactrianFailureClass",
                type,
                MessageHeaders.ATTEMPTS,
                attempts,
                "BactrianReason",
                reason.length() > MAX_REASON ? reason.substring(0, MAX_REASON) : reason);
    }
}
