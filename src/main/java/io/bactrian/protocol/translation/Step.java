package io.bactrian.protocol.translation;

import java.util.List;

/**
 * What one event of a provider's stream led to.
 *
 * @param out what goes to the caller now, often nothing
 * @param progress whether the model did something: spoke, called a tool, thought
 * @param heartbeat whether the event was nothing but a sign of life
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

    /** The model thinks, which the caller's dialect does not show. */
    static <T> Step<T> thought() {
        return new Step<>(List.of(), true, false);
    }

    static <T> Step<T> heard() {
        return new Step<>(List.of(), false, true);
    }
}
