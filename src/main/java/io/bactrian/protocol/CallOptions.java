package io.bactrian.protocol;

import io.bactrian.config.Limits.Rescue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The options of one call to a target. Immutable.
 *
 * @param stream whether a stream is asked for
 * @param without the capabilities that the target is known to lack, so that it is asked without them
 * @param fields the fields that the target refused, so that it is asked without them, as {@link Omissions} names them
 * @param negotiable the capabilities that the target could be asked without if it refused them
 * @param rescue the way in which the call continues an answer that another call began; null for a whole answer
 */
public record CallOptions(
        boolean stream,
        Set<Capability> without,
        Set<String> fields,
        Set<Capability> negotiable,
        @Nullable Rescue rescue) {
    public CallOptions {
        without = Set.copyOf(without);
        fields = Set.copyOf(fields);
        negotiable = Set.copyOf(negotiable);
    }

    public CallOptions(boolean stream, Set<Capability> without, Set<Capability> negotiable, @Nullable Rescue rescue) {
        this(stream, without, Set.of(), negotiable, rescue);
    }

    /** The options for a whole answer to the request as it is. */
    public static CallOptions plainly(boolean stream) {
        return new CallOptions(stream, Set.of(), Set.of(), null);
    }

    public boolean with(Capability capability) {
        return !without.contains(capability);
    }

    /** The parts that the target is asked without. */
    public Omissions omissions() {
        return new Omissions(without, fields);
    }
}
