package io.bactrian.provider;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.bactrian.config.Target;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import io.bactrian.protocol.CallOptions;
import io.bactrian.protocol.Capability;
import io.bactrian.provider.failure.RefusedCapability;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The capabilities that targets turned out to lack, so that they are asked without them from then on. Forgotten after a day:
 * models learn. Thread-safe.
 */
public final class MissingCapabilities {
    private static final Duration MEMORY = Duration.ofDays(1);

    /** Bounded, because callers may name models of their own. */
    private final Cache<String, Set<Capability>> known =
            Caffeine.newBuilder().maximumSize(10_000).expireAfterWrite(MEMORY).build();

    /** The capabilities that this target is asked without. */
    public Set<Capability> of(Target target) {
        Set<Capability> lacks = known.getIfPresent(target.key());
        return lacks == null ? Set.of() : lacks;
    }

    /**
     * Learns from a refusal.
     *
     * @param options how the target had been asked
     * @return what it refused and can be asked without; null if the refusal is about something else
     */
    public @Nullable Capability learn(Target target, CallOptions options, Failure failure) {
        boolean refused = failure.status() >= 400
                && failure.status() < 500
                && (failure.type() == FailureClass.UNSUPPORTED || failure.type() == FailureClass.INVALID_REQUEST);
        Capability capability = refused ? RefusedCapability.of(options, failure) : null;
        if (capability == null || !options.negotiable().contains(capability) || !options.with(capability)) {
            return null;
        }
        known.asMap().merge(target.key(), Set.of(capability), MissingCapabilities::both);
        return capability;
    }

    private static Set<Capability> both(Set<Capability> known, Set<Capability> more) {
        EnumSet<Capability> both = EnumSet.copyOf(known);
        both.addAll(more);
        return Set.copyOf(both);
    }
}
