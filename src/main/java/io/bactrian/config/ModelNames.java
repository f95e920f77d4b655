package io.bactrian.config;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The meanings of the model names that callers write. A name is resolved once and then kept, so that requests do not read the
 * configuration again; a name without a meaning is not kept. Thread-safe.
 */
final class ModelNames {

    private static final int MAX_KEPT = 10_000;
    /** A longer name, which only the wildcard of an alias can match, is resolved each time: callers must not fill the memory. */
    private static final int MAX_KEPT_LENGTH = 400;

    private final Map<String, Provider> providers;
    private final Map<String, Target> targets;
    private final Map<String, Chain> chains;
    private final Map<String, String> aliases;
    private final @Nullable BuiltInNames builtIn;
    private final LimitsResolver limits;
    private final Cache<String, Chain> keptChains = store();
    private final Cache<String, Chain.Entry> keptCandidates = store();

    /** @param builtIn whether the names that applications have built in are known */
    ModelNames(
            Map<String, Provider> providers,
            Map<String, Target> targets,
            Map<String, Chain> chains,
            Map<String, String> aliases,
            boolean builtIn,
            LimitsResolver limits) {
        this.providers = providers;
        this.targets = targets;
        this.chains = chains;
        this.aliases = aliases;
        this.builtIn = builtIn ? new BuiltInNames(chains, targets) : null;
        this.limits = limits;
    }

    private static <T> Cache<String, T> store() {
        return Caffeine.newBuilder()
                .maximumSize(MAX_KEPT)
                .executor(Runnable::run)
                .build();
    }

    Optional<Chain> chain(String name) {
        return Optional.ofNullable(chains.get(name)).or(() -> kept(keptChains, name, this::resolve));
    }

    Optional<Chain.Entry> candidate(String name) {
        return kept(keptCandidates, name, this::resolveCandidate);
    }

    private static <T> Optional<T> kept(Cache<String, T> store, String name, Function<String, Optional<T>> resolver) {
        @Nullable T kept = store.getIfPresent(name);
        if (kept != null) {
            return Optional.of(kept);
        }
        Optional<T> resolved = resolver.apply(name);
        if (name.length() <= MAX_KEPT_LENGTH) {
            resolved.ifPresent(meaning -> store.put(name, meaning));
        }
        return resolved;
    }

    private Optional<Chain> resolve(String name) {
        return direct(name)
                .or(() -> alias(name).flatMap(meaning -> direct(meaning).or(() -> single(meaning))))
                .or(() -> single(name))
                .or(() -> builtIn == null
                        ? Optional.empty()
                        : builtIn.meaning(name).flatMap(this::direct));
    }

    private Optional<Chain> direct(String name) {
        return Optional.ofNullable(chains.get(name))
                .or(() -> targets.containsKey(name) ? single(name) : Optional.empty());
    }

    private Optional<Chain> single(String name) {
        return candidate(name)
                .map(entry -> Chain.of(entry.target().name(), List.of(entry), limits.resolve(null, null)));
    }

    private Optional<Chain.Entry> resolveCandidate(String name) {
        return Optional.ofNullable(targets.get(name))
                .or(() -> writtenOut(name))
                .map(target -> new Chain.Entry(target, limits.resolve(null, target)));
    }

    private Optional<Target> writtenOut(String name) {
        int slash = name.indexOf('/');
        Provider provider = slash < 0 ? null : providers.get(name.substring(0, slash));
        String model = name.substring(slash + 1);
        return provider != null && provider.on() && ChainSyntax.model(model)
                ? Optional.of(TargetReader.writtenOut(provider, model))
                : Optional.empty();
    }

    private Optional<String> alias(String name) {
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
