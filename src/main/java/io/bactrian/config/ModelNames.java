package io.bactrian.config;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a caller's model name stands for. */
final class ModelNames {

    private ModelNames() {}

    static Optional<Chain> chain(Config config, String name) {
        return direct(config, name)
                .or(() -> alias(config.aliases(), name)
                        .flatMap(meaning -> direct(config, meaning).or(() -> single(config, meaning))))
                .or(() -> single(config, name));
    }

    static Optional<Chain.Entry> candidate(Config config, String name) {
        return Optional.ofNullable(config.targets().get(name))
                .or(() -> writtenOut(config, name))
                .map(target -> new Chain.Entry(target, config.limits().resolve(null, target)));
    }

    private static Optional<Chain> direct(Config config, String name) {
        return Optional.ofNullable(config.chains().get(name))
                .or(() -> config.targets().containsKey(name) ? single(config, name) : Optional.empty());
    }

    private static Optional<Chain> single(Config config, String name) {
        return candidate(config, name)
                .map(entry -> Chain.of(
                        entry.target().name(), List.of(entry), config.limits().resolve(null, null)));
    }

    private static Optional<Target> writtenOut(Config config, String name) {
        int slash = name.indexOf('/');
        Provider provider = slash < 0 ? null : config.providers().get(name.substring(0, slash));
        String model = name.substring(slash + 1);
        return provider != null && provider.on() && ChainSyntax.model(model)
                ? Optional.of(TargetReader.writtenOut(provider, model))
                : Optional.empty();
    }

    private static Optional<String> alias(Map<String, String> aliases, String name) {
        String exact = aliases.get(name);
        if (exact != null) {
            return Optional.of(exact);
        }
        return aliases.entrySet().stream()
                .filter(alias -> matches(alias.getKey(), name))
                .map(Map.Entry::getValue)
                .findFirst();
    }

    /** Whether a name has the parts of a pattern between its {@code *} in their order, each at its first place. */
    static boolean matches(String pattern, String name) {
        List<String> parts = List.of(pattern.split("\\*", -1));
        if (parts.size() == 1) {
            return pattern.equals(name);
        }
        String last = parts.getLast();
        if (!name.startsWith(parts.getFirst()) || !name.endsWith(last)) {
            return false;
        }
        int at = parts.getFirst().length();
        for (String part : parts.subList(1, parts.size() - 1)) {
            int found = name.indexOf(part, at);
            if (found < 0) {
                return false;
            }
            at = found + part.length();
        }
        return at <= name.length() - last.length();
    }
}
