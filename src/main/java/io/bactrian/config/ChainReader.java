package io.bactrian.config;

import static io.bactrian.config.Declared.DEFAULT_CHAIN;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The reader of {@code bactrian.chains.*}. */
final class ChainReader {

    private static final List<String> DEFAULT_STEPS =
            List.of("anthropic/claude-sonnet-5-5", "openai/gpt-6.1-terra", "groq/openai/gpt-oss-120b");

    private final RawProperties raw;
    private final ConfigReport report;
    private final Declared declared;
    private final Map<String, Provider> providers;
    private final Map<String, Target> targets;
    private final LimitsResolver limits;
    private final ChainStepReader reader;

    ChainReader(
            RawProperties raw,
            ConfigReport report,
            Declared declared,
            Map<String, Provider> providers,
            Map<String, Target> targets,
            LimitsResolver limits) {
        this.raw = raw;
        this.report = report;
        this.declared = declared;
        this.providers = providers;
        this.targets = targets;
        this.limits = limits;
        this.reader = new ChainStepReader(raw, report, declared, providers, targets, limits);
    }

    /** The chains by name; those without any provider that is on are left out. */
    Map<String, Chain> read() {
        Map<String, Chain> chains = new LinkedHashMap<>();
        int before = report.count();
        add(chains, DEFAULT_CHAIN, reader.steps(DEFAULT_CHAIN));
        if (!chains.containsKey(DEFAULT_CHAIN) && report.count() == before) {
            add(chains, DEFAULT_CHAIN, standard());
        }
        for (String name : declared.chains()) {
            if (declared.targets().contains(name)) {
                report.mistake(key(name), "a target has this name too; a caller could mean either, so rename one");
            }
            if (!name.equals(DEFAULT_CHAIN)) {
                add(chains, name, reader.steps(name));
            }
        }
        checkOptions();
        return chains;
    }

    private void add(Map<String, Chain> chains, String name, Collection<Chain.Step> steps) {
        if (!steps.isEmpty()) {
            Chain.Order order = raw.get(
                            "bactrian.chains-options." + name + ".order", ValueParsers.choice(Chain.Order.class))
                    .orElse(Chain.Order.WRITTEN);
            boolean mix = raw.get("bactrian.chains-options." + name + ".embeddings-mix", ValueParsers::bool)
                    .orElse(false);
            chains.put(
                    name,
                    new Chain(
                            name,
                            List.copyOf(steps),
                            reader.lastResorts(name),
                            order,
                            limits.resolve(name, null),
                            mix));
        }
    }

    /** The default chain where none is written: the well-known models that are on, else every target. */
    private Collection<Chain.Step> standard() {
        List<Target> standard = new ArrayList<>();
        for (String step : DEFAULT_STEPS) {
            int slash = step.indexOf('/');
            Provider provider = providers.get(step.substring(0, slash));
            if (provider != null && provider.on()) {
                standard.add(TargetReader.writtenOut(provider, step.substring(slash + 1)));
            }
        }
        if (standard.isEmpty()) {
            standard.addAll(targets.values());
        }
        if (standard.isEmpty() && declared.targets().stream().noneMatch(this::meant)) {
            providers.values().stream()
                    .filter(Provider::on)
                    .findFirst()
                    .ifPresent(provider -> report.mistake(
                            key(DEFAULT_CHAIN),
                            "no provider of its built-in steps is on, and no target is configured; write for example %s/<model>"
                                    .formatted(provider.name())));
        }
        return standard.stream()
                .map(target -> (Chain.Step) reader.candidate(DEFAULT_CHAIN, target))
                .toList();
    }

    /** Whether a target would be there, had it no mistake of its own. */
    private boolean meant(String target) {
        return raw.text("bactrian.targets." + target + ".provider")
                .map(provider -> !declared.providers().contains(provider)
                        || declared.on().contains(provider))
                .orElse(true);
    }

    private void checkOptions() {
        String prefix = "bactrian.chains-options.";
        for (String name : raw.names(prefix)) {
            if (!declared.chains().contains(name)) {
                report.mistake(prefix + name, Suggestions.unknown("chain", name, declared.chains()));
            }
        }
    }

    private static String key(String chain) {
        return "bactrian.chains." + chain;
    }
}
