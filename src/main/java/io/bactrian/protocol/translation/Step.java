package io.bactrian.protocol.translation;

import java.util.List;

/**
 * The result of one event of a provider's stream. Immutable.
 *
 * @param out the events or chunks for the caller, often none
 * @param progress true if the model produced something: text, a tool call, a thought
 * @param heartbeat true if the event was only a sign of a living connection
 */
public record Step<T>(List<T> out, boolean progress, boolean heartbeat) {
    public Step {
        out = List.copyOf(out);
    }

    static <T> Step<T> of(List<T> out) {
        return new Step<>(out, !out.isEmpty(), false);
    }

    static <T> Step<T> nothing() {
        return new Step<>(List.of(), false, false);
    }

    /** A thought of the model, which the caller's protocol does not show. */
    static <T> Step<T> thought() {
        return new Step<>(List.of(), true, false);
    }

    static <T> Step<T> ping() {
        return new Step<>(List.of(), false, true);
    }
}
