package io.bactrian.protocol;

import io.bactrian.config.Limits.Rescue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How one call asks a target. Immutable.
 *
 * @param stream whether for a stream
 * @param without what the target is known to refuse, and is asked without
 * @param negotiable what could be left out if the target refused it
 * @param rescue the way in which it is to finish what another began; null for a whole answer
 */
public record CallOptions(
        boolean stream,
        Set<Capability> without,
        Set<Capability> negotiable,
        @Nullable Rescue rescue) {
    public CallOptions {
        without = Set.copyOf(without);
        negotiable = Set.copyOf(negotiable);
    }

    /** For a whole answer, with all that the request has. */
    public static CallOptions plainly(boolean stream) {
        return new CallOptions(stream, Set.of(), Set.of(), null);
    }

    public boolean with(Capability capability) {
        return !without.contains(capability);
    }
}
