package io.bactrian.page;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.protocol.CallRecord;
import io.bactrian.protocol.Json;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Something that people who watch the gateway want to see at once. Immutable.
 *
 * @param time epoch milliseconds
 * @param request the id of the request; null if it is about none
 * @param caller the name of the key of the request's caller; empty if it has none
 * @param from the target that it went away from, or that it is about
 * @param to the target or last resort that answered
 * @param type the failure class, or the reason why {@code from} was skipped
 * @param millis until the first content, or the end of a request that failed
 * @param text a few words; may be empty
 * @param trail the calls of the request
 * @param leftOut how many like it, shortly before, have no event of their own
 */
public record PageEvent(
        long time,
        Kind kind,
        @Nullable String request,
        String caller,
        @Nullable String chain,
        @Nullable String from,
        @Nullable String to,
        @Nullable String type,
        @Nullable Long millis,
        String text,
        List<CallRecord> trail,
        long leftOut) {

    /** The kinds of events. */
    public enum Kind {
        /** A request was answered by another candidate than the first. */
        FALLBACK,
        /** A stream broke off and was finished. */
        RESCUE,
        /** A request got no answer. */
        FAILED,
        /** A last resort answered. */
        DEGRADED,
        /** An alert opened or was resolved. */
        ALERT,
        /** A breaker changed its state. */
        BREAKER,
        /** An operator did something. */
        OPERATOR
    }

    public PageEvent {
        trail = List.copyOf(trail);
    }

    /** An event about a target, or about none, but not about a request. */
    static PageEvent of(long time, Kind kind, @Nullable String target, String text) {
        return new PageEvent(time, kind, null, "", null, target, null, null, null, text, List.of(), 0);
    }

    /** The event without some targets, and without its text, which may name them. */
    PageEvent within(Predicate<String> visible) {
        return new PageEvent(
                time,
                kind,
                request,
                caller,
                chain,
                from != null && visible.test(from) ? from : null,
                to != null && visible.test(to) ? to : null,
                type,
                millis,
                "",
                trail.stream().filter(call -> visible.test(call.target())).toList(),
                leftOut);
    }

    /** The event as JSON. */
    ObjectNode json(long id, boolean withRequest) {
        ObjectNode out = Json.MAPPER
                .createObjectNode()
                .put("id", id)
                .put("time", Instant.ofEpochMilli(time).toString())
                .put("kind", kind.name().toLowerCase(Locale.ROOT))
                .put("request", withRequest ? request : null)
                .put("chain", chain)
                .put("from", from)
                .put("to", to)
                .put("class", type)
                .put("millis", millis)
                .put("text", text)
                .put("leftOut", leftOut);
        ArrayNode calls = out.putArray("trail");
        for (CallRecord call : trail) {
            calls.addObject()
                    .put("target", call.target())
                    .put("class", call.outcome())
                    .put("status", call.status())
                    .put("millis", call.millis());
        }
        return out;
    }
}
