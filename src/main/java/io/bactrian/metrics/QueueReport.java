package io.bactrian.metrics;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.protocol.Json;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The state of the queue at one moment, as {@code GET /status}, the metrics and the page show it. What became of requests is
 * counted since the start of the process; a request that is delivered again counts again. Immutable.
 *
 * @param requests the name of the queue
 * @param trouble why the broker cannot be used, for operators; null if it can
 * @param warning what operators have to see to although the broker can be used; null if nothing
 * @param waiting the requests at the broker; null if that is unknown
 * @param inFlight the requests that this gateway has taken and not yet ended
 * @param ended what became of requests
 * @param redelivered requests that were taken and had been delivered before
 * @param classes the dead letters by their class
 * @param pause the pause of the consumption; null if there is none
 */
public record QueueReport(
        String requests,
        @Nullable String trouble,
        @Nullable String warning,
        @Nullable Waiting waiting,
        long inFlight,
        Ended ended,
        long redelivered,
        Map<String, Long> classes,
        @Nullable Pause pause) {

    /**
     * Requests at the broker.
     *
     * @param depth how many
     * @param oldestMillis the age of the oldest one in milliseconds; 0 if there is none
     */
    public record Waiting(long depth, long oldestMillis) {}

    /**
     * The ends of requests, as {@code QueueOutcome} has them.
     *
     * @param replayed requests that got the reply of an earlier delivery
     * @param later requests that wait for a target at the broker
     */
    public record Ended(long answered, long replayed, long later, long expired, long deadLetters) {}

    /**
     * A pause of the consumption.
     *
     * @param since epoch milliseconds
     * @param why for operators
     */
    public record Pause(long since, String why) {}

    /** As JSON. What is unknown, and what is not so now, is absent. */
    public ObjectNode json() {
        ObjectNode out =
                Json.MAPPER.createObjectNode().put("requests", requests).put("connected", trouble == null);
        if (trouble != null) {
            out.put("trouble", trouble);
        }
        if (warning != null) {
            out.put("warning", warning);
        }
        if (waiting != null) {
            out.put("depth", waiting.depth()).put("oldestMillis", waiting.oldestMillis());
        }
        out.put("inFlight", inFlight)
                .put("answered", ended.answered())
                .put("replayed", ended.replayed())
                .put("redelivered", redelivered)
                .put("later", ended.later())
                .put("expired", ended.expired())
                .put("deadLetters", ended.deadLetters());
        ObjectNode byClass = out.putObject("deadLetterClasses");
        classes.forEach(byClass::put);
        if (pause != null) {
            out.putObject("paused")
                    .put("since", Instant.ofEpochMilli(pause.since()).toString())
                    .put("why", pause.why());
        }
        return out;
    }
}
