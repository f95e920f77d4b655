package io.bactrian.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.benmanes.caffeine.cache.Cache;
import io.bactrian.config.Target;
import io.bactrian.health.TargetStores;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import io.bactrian.protocol.CallOptions;
import io.bactrian.protocol.Capability;
import io.bactrian.protocol.Json;
import io.bactrian.protocol.Omissions;
import io.bactrian.provider.failure.RefusedCapability;
import io.bactrian.provider.failure.RefusedParts;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The capabilities that targets turned out to lack, and the fields that they refused, so that later calls do without them. They are forgotten after a day,
 * because models change. Thread-safe.
 */
public final class MissingCapabilities {
    private static final Duration EXPIRES_AFTER = Duration.ofDays(1);

    /** The most fields that are remembered of a target: callers may name any. */
    private static final int MAX_FIELDS = 100;

    /** By {@link Target#key}. */
    private final Cache<String, Omissions> known;

    public MissingCapabilities() {
        this(new TargetStores());
    }

    public MissingCapabilities(TargetStores stores) {
        this.known = stores.store(EXPIRES_AFTER);
    }

    /** The capabilities that the target is known to lack. */
    public Set<Capability> of(Target target) {
        return omissions(target).capabilities();
    }

    /** The parts of requests that the target is known to refuse. */
    public Omissions omissions(Target target) {
        Omissions missing = known.getIfPresent(target.key());
        return missing == null ? Omissions.NONE : missing;
    }

    /**
     * Learns from the failure of a call.
     *
     * @param options the options of that call
     * @return the capability that the target turned out to lack and that can be done without; null if the failure shows none
     */
    public @Nullable Capability learn(Target target, CallOptions options, Failure failure) {
        Capability capability = blamesTheRequest(failure) ? RefusedCapability.of(options, failure) : null;
        if (capability == null || !options.negotiable().contains(capability) || !options.with(capability)) {
            return null;
        }
        known.asMap().merge(target.key(), Omissions.of(capability), Omissions::plus);
        return capability;
    }

    /**
     * Learns from a refusal which parts of the request the target does not take, and remembers those that it never takes.
     *
     * @param options the options of the call; one that negotiates nothing teaches nothing
     * @param sent the body that was sent, read only if the failure blames the request
     * @param headers the caller's headers that were passed on
     */
    public RefusedParts learn(
            Target target, CallOptions options, Failure failure, Supplier<byte[]> sent, Map<String, String> headers) {
        boolean open = blamesTheRequest(failure)
                && !failure.certain()
                && !options.negotiable().isEmpty();
        JsonNode body = open ? Json.parse(sent.get()) : null;
        if (body == null) {
            return RefusedParts.NONE;
        }
        RefusedParts parts = RefusedParts.of(options, failure, body, headers);
        Omissions lasting = parts.lasting();
        if (omissions(target).fields().size() + lasting.fields().size() > MAX_FIELDS) {
            return new RefusedParts(Omissions.NONE, parts.once().plus(lasting), parts.named());
        }
        if (!lasting.isEmpty()) {
            known.asMap().merge(target.key(), lasting, Omissions::plus);
        }
        return parts;
    }

    private static boolean blamesTheRequest(Failure failure) {
        return failure.status() >= 400
                && failure.status() < 500
                && (failure.type() == FailureClass.UNSUPPORTED || failure.type() == FailureClass.INVALID_REQUEST);
    }
}
