package io.bactrian.config;

import static io.bactrian.config.Declared.DEFAULT_CHAIN;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The reader of the steps of one chain, which finds the targets that they name. */
final class ChainStepReader {

    private final RawProperties raw;
    private final ConfigReport report;
    private final Declared declared;
    private final Map<String, Provider> providers;
    private final Map<String, Target> targets;
    private final LimitsResolver limits;

    ChainStepReader(
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
    }

    /** The steps of a chain with the targets that are on, each once. */
    List<Chain.Step> steps(String name) {
        String text = raw.text(key(name)).orElse("");
        if (text.isEmpty() && name.equals(DEFAULT_CHAIN)) {
            return List.of();
        }
        Map<String, Target> found = new LinkedHashMap<>();
        Set<String> off = new LinkedHashSet<>();
        List<Chain.Step> steps = new ArrayList<>();
        boolean ended = false;
        for (ChainSyntax.Written step : read(name, text)) {
            switch (step) {
                case ChainSyntax.Written.Stale stale -> ended = true;
                case ChainSyntax.Written.Static fixed -> ended = true;
                case ChainSyntax.Written.Target target -> {
                    notBehindTheEnd(name, text, ended);
                    candidate(name, text, target.name(), found, off).ifPresent(steps::add);
                }
                case ChainSyntax.Written.Group group -> {
                    notBehindTheEnd(name, text, ended);
                    group(name, text, group, found, off).ifPresent(steps::add);
                }
            }
        }
        if (steps.isEmpty() && !off.isEmpty()) {
            report.notice("chain %s %s: all of its providers are off (%s)"
                    .formatted(
                            name,
                            name.equals(DEFAULT_CHAIN) ? "is not as written" : "is left out",
                            String.join(", ", off)));
        }
        return steps;
    }

    /** Reads the steps, and reports those that are none. */
    private List<ChainSyntax.Written> read(String name, String text) {
        List<ChainSyntax.Written> steps = new ArrayList<>();
        int before = report.count();
        for (String step : split(name, text)) {
            try {
                steps.add(ChainSyntax.read(step));
            } catch (BadValue e) {
                report.mistake(key(name), text, e.right());
            }
        }
        boolean asks = steps.stream()
                .anyMatch(step ->
                        step instanceof ChainSyntax.Written.Target || step instanceof ChainSyntax.Written.Group);
        if (!asks && report.count() == before) {
            report.mistake(
                    key(name),
                    text,
                    "a chain has at least one step that can be asked: a target, provider/model, or a group of them");
        }
        return steps;
    }

    private void notBehindTheEnd(String name, String text, boolean ended) {
        if (ended) {
            report.mistake(key(name), text, "stale and static:<name> end a chain; targets come before them");
        }
    }

    /** The group of those members that are on; one that is left alone is a step of its own. */
    private Optional<Chain.Step> group(
            String chain, String text, ChainSyntax.Written.Group group, Map<String, Target> found, Set<String> off) {
        List<Chain.Member> members = new ArrayList<>();
        for (ChainSyntax.Written.Member member : group.members()) {
            candidate(chain, text, member.name(), found, off)
                    .ifPresent(entry -> members.add(new Chain.Member(entry, member.weight())));
        }
        return switch (members.size()) {
            case 0 -> Optional.empty();
            case 1 -> Optional.of(members.getFirst().entry());
            default -> Optional.of(new Chain.Group(group.kind(), members));
        };
    }

    /** The candidate of that name, if it is on and not there already. */
    private Optional<Chain.Entry> candidate(
            String chain, String text, String step, Map<String, Target> found, Set<String> off) {
        try {
            int slash = step.indexOf('/');
            String owner = slash < 0 ? target(step) : provider(step, slash);
            Provider provider = providers.get(owner);
            Target target = targets.get(step);
            if (target == null && slash >= 0 && provider != null && provider.on()) {
                target = TargetReader.writtenOut(provider, step.substring(slash + 1));
            }
            if (target == null) {
                if (!declared.on().contains(owner)) {
                    off.add(owner);
                }
                return Optional.empty();
            }
            return found.putIfAbsent(target.name(), target) == null
                    ? Optional.of(candidate(chain, target))
                    : Optional.empty();
        } catch (BadValue e) {
            report.mistake(key(chain), text, e.right());
            return Optional.empty();
        }
    }

    Chain.Entry candidate(String chain, Target target) {
        return new Chain.Entry(target, limits.resolve(chain, target));
    }

    /** What a chain ends with when no target can answer. */
    List<Chain.LastResort> lastResorts(String name) {
        String text = raw.text(key(name)).orElse("");
        List<Chain.LastResort> found = new ArrayList<>();
        List<ChainSyntax.Written> steps = text.isEmpty() ? List.of() : read(name, text);
        for (ChainSyntax.Written step : steps) {
            if (step instanceof ChainSyntax.Written.Stale) {
                found.add(new Chain.LastResort.Stale(
                        raw.get("bactrian.chains-options." + name + ".stale-tools", ValueParsers::bool)
                                .orElse(false)));
            } else if (step instanceof ChainSyntax.Written.Static fixed) {
                String what = fixed.name();
                raw.text("bactrian.static." + what)
                        .ifPresentOrElse(
                                words -> found.add(new Chain.LastResort.Static(what, words)),
                                () -> report.mistake(
                                        key(name),
                                        text,
                                        "static:%s has no text; set bactrian.static.%s = …".formatted(what, what)));
            }
        }
        return found.stream().distinct().toList();
    }

    private List<String> split(String name, String text) {
        try {
            return ChainSyntax.split(text);
        } catch (BadValue e) {
            report.mistake(key(name), text, e.right());
            return List.of();
        }
    }

    /** The name of a configured target's provider. */
    private String target(String step) {
        if (declared.targets().contains(step)) {
            return raw.text("bactrian.targets." + step + ".provider").orElse("");
        }
        if (declared.chains().contains(step)) {
            throw new BadValue(step + " is a chain; a step is a target or provider/model");
        }
        throw new BadValue(Suggestions.unknown("target", step, declared.targets())
                + "; a step may also be provider/model, with one of the providers "
                + String.join(", ", declared.providers()));
    }

    /** The name of the provider in a step that is written out. */
    private String provider(String step, int slash) {
        String name = step.substring(0, slash);
        if (!declared.providers().contains(name)) {
            throw new BadValue(Suggestions.unknown("provider", name, declared.providers()));
        }
        if (!ChainSyntax.model(step.substring(slash + 1))) {
            throw new BadValue("%s is not provider/model".formatted(step));
        }
        return name;
    }

    private static String key(String chain) {
        return "bactrian.chains." + chain;
    }
}
