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
 * The capabilities that targets turned out to lack, so that later calls do without them. They are forgotten after a day,
 * because models change. Thread-safe.
 */
public final class MissingCapabilities {
    private static final Duration EXPIRES_AFTER = Duration.ofDays(1);

    /** By {@link Target#key}; bounded, because callers may name models of their own. */
    private final Cache<String, Set<Capability>> known = Caffeine.newBuilder()
            .maximumSize(10_000)
            .expireAfterWrite(EXPIRES_AFTER)
            .build();

    /** The capabilities that the target is known to lack. */
    public Set<Capability> of(Target target) {
        Set<Capability> missing = known.getIfPresent(target.key());
        return missing == null ? Set.of() : missing;
    }

    /**
     * Learns from the failure of a call.
     *
     * @param options the options of that call
     * @return the capability that the target turned out to lack and that can be done without; null if the failure shows none
     */
    public @Nullable Capability learn(Target target, CallOptions options, Failure failure) {
        boolean rejected = failure.status() >= 400
                && failure.status() < 500
                && (failure.type() == FailureClass.UNSUPPORTED || failure.type() == FailureClass.INVALID_REQUEST);
        Capability capability = rejected ? RefusedCapability.of(options, failure) : null;
        if (capability == null || !options.negotiable().contains(capability) || !options.with(capability)) {
            return null;
        }
        known.asMap().merge(target.key(), Set.of(capability), MissingCapabilities::union);
        return capability;
    }

    private static Set<Capability> union(Set<Capability> known, Set<Capability> more) {
        EnumSet<Capability> union = EnumSet.copyOf(known);
        union.addAll(more);
        return Set.copyOf(union);
    }
}
