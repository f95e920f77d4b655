package io.bactrian.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import io.bactrian.config.Target;
import io.bactrian.health.TargetStores;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import io.bactrian.protocol.CallOptions;
import io.bactrian.protocol.Capability;
import io.bactrian.protocol.Json;
import io.bactrian.protocol.Omissions;
import io.bactrian.provider.failure.CallersWords;
import io.bactrian.provider.failure.RefusedCapability;
import io.bactrian.provider.failure.RefusedParts;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The capabilities that targets turned out to lack, and the fields that they refused, so that later calls do without them. What
 * one caller's request shows holds for that caller alone, and for a short time; it holds for all, and for a day, because models
 * change, once another caller's request has shown it too, or another request where callers have no names. Thread-safe.
 */
public final class MissingCapabilities {
    private static final Duration EXPIRES_AFTER = Duration.ofDays(1);
    private static final Duration UNCONFIRMED = Duration.ofMinutes(10);
    private static final int MAX = 10_000;
    private static final byte[] NOTHING = {};

    /** The most fields that are remembered of a target: callers may name any. */
    private static final int MAX_FIELDS = 100;

    /** By {@link Target#key}. */
    private final Cache<String, Omissions> known;

    /** By caller and target. */
    private final Cache<String, Omissions> unconfirmed;

    /** By target and part: the first that showed it. */
    private final Cache<String, Refused> refused = Caffeine.newBuilder()
            .maximumSize(MAX)
            .expireAfterWrite(EXPIRES_AFTER)
            .build();

    /** The caller whose request was refused, and a hash of what was refused. */
    private record Refused(String caller, int what) {}

    public MissingCapabilities() {
        this(new TargetStores());
    }

    public MissingCapabilities(TargetStores stores) {
        this(stores, Ticker.systemTicker());
    }

    MissingCapabilities(TargetStores stores, Ticker ticker) {
        known = stores.store(EXPIRES_AFTER);
        unconfirmed = Caffeine.newBuilder()
                .maximumSize(MAX)
                .expireAfterWrite(UNCONFIRMED)
                .ticker(ticker)
                .build();
    }

    /**
     * The capabilities that the target is known to lack.
     *
     * @param caller as for {@link #omissions}
     */
    public Set<Capability> of(Target target, String caller) {
        return omissions(target, caller).capabilities();
    }

    /**
     * The parts of requests that the target is known to refuse.
     *
     * @param caller the name of the caller's key; empty where callers have none
     */
    public Omissions omissions(Target target, String caller) {
        Omissions missing = known.getIfPresent(target.key());
        Omissions all = missing == null ? Omissions.NONE : missing;
        if (unconfirmed.estimatedSize() == 0) {
            return all;
        }
        Omissions own = unconfirmed.getIfPresent(name(target, caller));
        return own == null ? all : all.plus(own);
    }

    /**
     * Learns from the failure of a call.
     *
     * @param caller as for {@link #omissions}
     * @param options the options of that call
     * @param sent the body that was sent, read only if the failure shows something
     * @return the capability without which the target may be asked now; null if the failure shows none
     */
    public @Nullable Capability learn(
            Target target, String caller, CallOptions options, Failure failure, Supplier<byte[]> sent) {
        Capability capability = blamesTheRequest(failure) ? RefusedCapability.of(options, failure) : null;
        if (capability == null || !options.negotiable().contains(capability) || !options.with(capability)) {
            return null;
        }
        byte[] bytes = sent.get();
        JsonNode body = Json.parse(bytes);
        if (body == null || !CallersWords.mayExplain(capability, failure, body)) {
            int what = capability == Capability.STRUCTURED_OUTPUT && body != null
                    ? CallersWords.schema(body).hashCode()
                    : Arrays.hashCode(bytes);
            remember(target, caller, Omissions.of(capability), what);
        }
        return capability;
    }

    /**
     * Learns from a refusal which parts of the request the target does not take, and remembers those that it never takes.
     *
     * @param caller as for {@link #omissions}
     * @param options the options of the call; one that negotiates nothing teaches nothing
     * @param sent the body that was sent, read only if the failure blames the request
     * @param headers the caller's headers that were passed on
     */
    public RefusedParts learn(
            Target target,
            String caller,
            CallOptions options,
            Failure failure,
            Supplier<byte[]> sent,
            Map<String, String> headers) {
        boolean open = blamesTheRequest(failure)
                && !failure.certain()
                && !options.negotiable().isEmpty();
        byte[] bytes = open ? sent.get() : NOTHING;
        JsonNode body = open ? Json.parse(bytes) : null;
        if (body == null) {
            return RefusedParts.NONE;
        }
        RefusedParts parts = RefusedParts.of(options, failure, body, headers);
        Omissions lasting = parts.lasting();
        boolean many =
                omissions(target, caller).fields().size() + lasting.fields().size() > MAX_FIELDS;
        if (many || parts.mayBeQuoted(failure, body)) {
            return new RefusedParts(Omissions.NONE, parts.once().plus(lasting), parts.named());
        }
        if (!lasting.isEmpty()) {
            remember(target, caller, lasting, Arrays.hashCode(bytes));
        }
        return parts;
    }

    /** Remembers parts for the caller, and for all those that another one has shown already. */
    private void remember(Target target, String caller, Omissions parts, int what) {
        Refused now = new Refused(caller, what);
        Set<Capability> capabilities = EnumSet.noneOf(Capability.class);
        Set<String> fields = new LinkedHashSet<>();
        for (Capability capability : parts.capabilities()) {
            if (isConfirmed(target.key() + '\n' + capability, now)) {
                capabilities.add(capability);
            }
        }
        for (String field : parts.fields()) {
            if (isConfirmed(target.key() + "\n." + field, now)) {
                fields.add(field);
            }
        }
        Omissions confirmed = new Omissions(capabilities, fields);
        if (!confirmed.isEmpty()) {
            known.asMap().merge(target.key(), confirmed, Omissions::plus);
        }
        unconfirmed.asMap().merge(name(target, caller), parts, Omissions::plus);
    }

    private boolean isConfirmed(String part, Refused now) {
        Refused first = refused.get(part, p -> now);
        boolean another = !now.caller().equals(first.caller());
        return another || (now.caller().isEmpty() && now.what() != first.what());
    }

    private static String name(Target target, String caller) {
        return caller + '\n' + target.key();
    }

    private static boolean blamesTheRequest(Failure failure) {
        return failure.concern() != Failure.Concern.REQUEST
                && failure.status() >= 400
                && failure.status() < 500
                && (failure.type() == FailureClass.UNSUPPORTED || failure.type() == FailureClass.INVALID_REQUEST);
    }
}
