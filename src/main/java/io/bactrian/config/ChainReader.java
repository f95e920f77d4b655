package io.bactrian.config;

import static io.bactrian.config.Declared.DEFAULT_CHAIN;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads {@code bactrian.chains.*}. */
final class ChainReader {

    private static final List<String> DEFAULT_STEPS =
            List.of("anthropic/claude-sonnet-5-5", "openai/gpt-6.1-terra", "groq/openai/gpt-oss-120b");

    private final Settings settings;
    private final Report report;
    private final Declared declared;
    private final Map<String, Provider> providers;
    private final Map<String, Target> targets;
    private final LimitsResolver limits;

    ChainReader(
            Settings settings,
            Report report,
            Declared declared,
            Map<String, Provider> providers,
            Map<String, Target> targets,
            LimitsResolver limits) {
        this.settings = settings;
        this.report = report;
        this.declared = declared;
        this.providers = providers;
        this.targets = targets;
        this.limits = limits;
    }

    /** The chains by name; those without any provider that is on are left out. */
    Map<String, Chain> read() {
        Map<String, Chain> chains = new LinkedHashMap<>();
        int before = report.count();
        add(chains, DEFAULT_CHAIN, written(DEFAULT_CHAIN));
        if (!chains.containsKey(DEFAULT_CHAIN) && report.count() == before) {
            add(chains, DEFAULT_CHAIN, standard());
        }
        for (String name : declared.chains()) {
            if (declared.targets().contains(name)) {
                report.mistake(key(name), "a target has this name too; a caller could mean either, so rename one");
            }
            if (!name.equals(DEFAULT_CHAIN)) {
                add(chains, name, written(name));
            }
        }
        checkOptions();
        return chains;
    }

    private void add(Map<String, Chain> chains, String name, Collection<Target> found) {
        if (!found.isEmpty()) {
            List<Chain.Candidate> candidates = found.stream()
                    .map(target -> new Chain.Candidate(target, limits.resolve(name, target)))
                    .toList();
            chains.put(name, new Chain(name, candidates, limits.resolve(name, null)));
        }
    }

    /** The targets of a chain's steps that are on, each once. */
    private Collection<Target> written(String name) {
        String text = settings.text(key(name)).orElse("");
        if (text.isEmpty() && name.equals(DEFAULT_CHAIN)) {
            return List.of();
        }
        Map<String, Target> found = new LinkedHashMap<>();
        Set<String> off = new LinkedHashSet<>();
        try {
            List<String> steps = Steps.split(text);
            if (steps.isEmpty()) {
                throw new BadValue("a chain has at least one step: a target or provider/model");
            }
            steps.forEach(step -> step(name, text, step, found, off));
        } catch (BadValue e) {
            report.mistake(key(name), text, e.right());
        }
        if (found.isEmpty() && !off.isEmpty()) {
            report.notice("chain %s %s: all of its providers are off (%s)"
                    .formatted(
                            name,
                            name.equals(DEFAULT_CHAIN) ? "is not as written" : "is left out",
                            String.join(", ", off)));
        }
        return found.values();
    }

    private void step(String chain, String text, String step, Map<String, Target> found, Set<String> off) {
        try {
            Steps.built(step);
            int slash = step.indexOf('/');
            String owner = slash < 0 ? target(step) : provider(step, slash);
            Provider provider = providers.get(owner);
            Target target = targets.get(step);
            if (target == null && slash >= 0 && provider != null && provider.on()) {
                target = TargetReader.writtenOut(provider, step.substring(slash + 1));
            }
            if (target != null) {
                found.putIfAbsent(target.name(), target);
            } else if (!declared.on().contains(owner)) {
                off.add(owner);
            }
        } catch (BadValue e) {
            report.mistake(key(chain), text, e.right());
        }
    }

    /** The name of a configured target's provider. */
    private String target(String step) {
        if (declared.targets().contains(step)) {
            return settings.text("bactrian.targets." + step + ".provider").orElse("");
        }
        if (declared.chains().contains(step)) {
            throw new BadValue(step + " is a chain; a step is a target or provider/model");
        }
        throw new BadValue(Nearest.unknown("target", step, declared.targets())
                + "; a step may also be provider/model, with one of the providers "
                + String.join(", ", declared.providers()));
    }

    /** The name of the provider in a step that is written out. */
    private String provider(String step, int slash) {
        String name = step.substring(0, slash);
        if (!declared.providers().contains(name)) {
            throw new BadValue(Nearest.unknown("provider", name, declared.providers()));
        }
        if (!Steps.model(step.substring(slash + 1))) {
            throw new BadValue("%s is not provider/model".formatted(step));
        }
        return name;
    }

    /** The default chain where none is written: the well-known models that are on, else every target. */
    private Collection<Target> standard() {
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
                            "no step of it is on and no target is configured; write for example %s/<model>"
                                    .formatted(provider.name())));
        }
        return standard;
    }

    /** Whether a target would be there, had it no mistake of its own. */
    private boolean meant(String target) {
        return settings.text("bactrian.targets." + target + ".provider")
                .map(provider -> !declared.providers().contains(provider)
                        || declared.on().contains(provider))
                .orElse(true);
    }

    private void checkOptions() {
        String prefix = "bactrian.chains-options.";
        for (String name : settings.names(prefix)) {
            if (!declared.chains().contains(name)) {
                report.mistake(prefix + name, Nearest.unknown("chain", name, declared.chains()));
            }
        }
    }

    private static String key(String chain) {
        return "bactrian.chains." + chain;
    }
}
