package io.bactrian.metrics;

import io.bactrian.config.Chain;
import io.bactrian.config.Config;
import io.bactrian.config.Provider;
import io.bactrian.config.ProviderNames;
import io.bactrian.config.Target;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The meters of the targets and chains of one configuration. What only callers name has the label {@code other}, so that the
 * number of meters depends on the configuration alone. Thread-safe.
 */
final class MeterTable {
    /** Targets with a label of their own; further ones share {@code other}. */
    private static final int MOST_TARGETS = 500;

    private static final int MOST_CHAINS = 500;

    private final MeterRegistry registry;
    private final GenAi genAi;
    private final Map<String, TargetMeters> targets;
    private final Map<String, ChainMeters> chains;
    private final Set<String> providers;
    private final ChainMeters otherChain;
    private final Map<String, TargetMeters> others = new ConcurrentHashMap<>();

    private MeterTable(
            MeterRegistry registry,
            GenAi genAi,
            Map<String, TargetMeters> targets,
            Map<String, ChainMeters> chains,
            Set<String> providers) {
        this.registry = registry;
        this.genAi = genAi;
        this.targets = targets;
        this.chains = chains;
        this.providers = providers;
        this.otherChain = new ChainMeters(registry, genAi, Meters.OTHER);
    }

    /** The table in which nothing has a label of its own. */
    static MeterTable empty(MeterRegistry registry, GenAi genAi) {
        return new MeterTable(registry, genAi, Map.of(), Map.of(), Set.of());
    }

    /** The table of a new configuration. The meters of targets that stay as they were go on. */
    MeterTable of(Config config) {
        GenAi changed = new GenAi(registry, config.genAi());
        Map<String, TargetMeters> more = new HashMap<>();
        for (Target target : config.everyTarget().values()) {
            TargetMeters known = targets.get(target.name());
            if (more.size() < MOST_TARGETS) {
                more.put(
                        target.name(),
                        known != null && known.fits(changed, target) ? known : afresh(changed, target, known));
            }
        }
        Map<String, ChainMeters> ways = new HashMap<>();
        for (String chain : config.chains().keySet()) {
            if (ways.size() < MOST_CHAINS) {
                ways.put(chain, new ChainMeters(registry, changed, chain));
            }
        }
        return new MeterTable(
                registry, changed, more, ways, Set.copyOf(config.providers().keySet()));
    }

    /** @param known the meters that the target has had; null if it is new */
    private TargetMeters afresh(GenAi changed, Target target, @Nullable TargetMeters known) {
        TargetMeters fresh =
                new TargetMeters(registry, changed, target.name(), ProviderNames.of(target.provider()), target.model());
        if (known != null) {
            fresh.goOnFrom(known);
        }
        return fresh;
    }

    TargetMeters of(Target target) {
        TargetMeters own = targets.get(target.name());
        return own == null ? other(target.provider()) : own;
    }

    /** The meters of the target of this name, whatever its provider if it has no label of its own. */
    TargetMeters named(String target) {
        TargetMeters own = targets.get(target);
        return own == null ? other(Meters.OTHER, Meters.OTHER) : own;
    }

    private TargetMeters other(Provider provider) {
        return providers.contains(provider.name())
                ? other(provider.name(), ProviderNames.of(provider))
                : other(Meters.OTHER, Meters.OTHER);
    }

    private TargetMeters other(String provider, String label) {
        return others.computeIfAbsent(
                provider, name -> new TargetMeters(registry, genAi, Meters.OTHER, label, Meters.OTHER));
    }

    /** The label of a target. */
    String label(String target) {
        return targets.containsKey(target) ? target : Meters.OTHER;
    }

    ChainMeters of(Chain chain) {
        return chains.getOrDefault(chain.name(), otherChain);
    }

    /** Removes the meters of targets, chains and models that this configuration no longer has. */
    void removeOthers(@Nullable Config config, MeterTable before) {
        Set<String> models = new HashSet<>(Set.of(Meters.OTHER));
        Set<String> vendors = new HashSet<>(Set.of("", Meters.OTHER));
        if (config != null) {
            config.everyTarget().values().forEach(target -> models.add(target.model()));
            config.providers().values().forEach(provider -> vendors.add(ProviderNames.of(provider)));
        }
        boolean renamed = !before.genAi.equals(genAi);
        for (Meter meter : registry.getMeters()) {
            Meter.Id id = meter.getId();
            boolean old = renamed && id.getName().startsWith(GenAi.PREFIX);
            for (Tag tag : id.getTagsAsIterable()) {
                old |= switch (tag.getKey()) {
                    case "target", "from", "to" -> !isKnownTarget(tag.getValue());
                    case "chain" ->
                        !chains.containsKey(tag.getValue()) && !tag.getValue().equals(Meters.OTHER);
                    case GenAi.MODEL -> !models.contains(tag.getValue());
                    case GenAi.PROVIDER -> !vendors.contains(tag.getValue());
                    default -> false;
                };
            }
            if (old) {
                registry.remove(meter);
            }
        }
    }

    private boolean isKnownTarget(String label) {
        return targets.containsKey(label) || Meters.NO_TARGETS.contains(label);
    }
}
