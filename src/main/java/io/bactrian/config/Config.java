package io.bactrian.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The whole configuration, checked. Immutable; made by {@link ConfigReader}.
 *
 * @param providers by name, the ones that are off included
 * @param targets by name; only those of providers that are on
 * @param chains by name; only targets of providers that are on; never without {@code default} unless no provider is on
 * @param aliases other model names to the chain or target they stand for, in the order written; {@code *} is a wildcard
 * @param builtInNames whether the names of well-known models, and the bare ones of targets, are known without an alias
 * @param stale the memory behind the {@code stale} step
 * @param alerts where alerts are sent, and when
 * @param drills whether callers may ask for a fault drill
 * @param reload whether changes of the files take effect while the gateway runs
 * @param notices lines to log once at start (such as providers that are off)
 * @param limits finds the limits of a target in a chain, from the properties
 * @param models the meanings of the names that callers write
 * @param health the health monitor
 * @param queue the message queue
 * @param kafka requests from Kafka
 * @param genAi the names that metrics of models have
 */
public record Config(
        Map<String, Provider> providers,
        Map<String, Target> targets,
        Map<String, Chain> chains,
        Map<String, String> aliases,
        boolean builtInNames,
        Server server,
        boolean demo,
        StaleSettings stale,
        AlertSettings alerts,
        boolean drills,
        boolean reload,
        List<String> notices,
        LimitsResolver limits,
        ModelNames models,
        HealthSettings health,
        QueueSettings queue,
        KafkaSettings kafka,
        GenAiNames genAi) {

    public Config {
        providers = ordered(providers);
        targets = ordered(targets);
        chains = ordered(chains);
        aliases = ordered(aliases);
        notices = List.copyOf(notices);
    }

    public Config(
            Map<String, Provider> providers,
            Map<String, Target> targets,
            Map<String, Chain> chains,
            Map<String, String> aliases,
            boolean builtInNames,
            Server server,
            boolean demo,
            StaleSettings stale,
            AlertSettings alerts,
            boolean drills,
            boolean reload,
            List<String> notices,
            LimitsResolver limits,
            HealthSettings health,
            QueueSettings queue,
            KafkaSettings kafka,
            GenAiNames genAi) {
        this(
                providers,
                targets,
                chains,
                aliases,
                builtInNames,
                server,
                demo,
                stale,
                alerts,
                drills,
                reload,
                notices,
                limits,
                new ModelNames(
                        ordered(providers), ordered(targets), ordered(chains), ordered(aliases), builtInNames, limits),
                health,
                queue,
                kafka,
                genAi);
    }

    /** Every target that a chain or a property names, by its name. */
    public Map<String, Target> everyTarget() {
        Map<String, Target> all = new LinkedHashMap<>();
        for (Chain chain : chains.values()) {
            for (Chain.Entry entry : chain.candidates()) {
                all.putIfAbsent(entry.target().name(), entry.target());
            }
        }
        targets.forEach(all::putIfAbsent);
        return all;
    }

    /**
     * The chain that a caller's model name means; empty if none.
     *
     * <p>An absent or blank name is {@code default}. A chain comes before a target (a chain of that one target), then an
     * alias (an exact one before those with {@code *}, in the order written), then {@code provider/model} of a provider
     * that is on, then the built-in names: the bare model of a target, and well-known models.
     */
    public Optional<Chain> chain(@Nullable String model) {
        return models.chain(model == null || model.isBlank() ? Declared.DEFAULT_CHAIN : model);
    }

    /** Whether a name is one of the aliases, or matches one with a wildcard. */
    public boolean hasAlias(String name) {
        return aliases.keySet().stream().anyMatch(pattern -> ModelNames.matches(pattern, name));
    }

    /** A target's name, or {@code provider/model} of a provider that is on, as a candidate outside of any chain. */
    public Optional<Chain.Entry> candidate(String name) {
        return models.candidate(name);
    }

    private static <T> Map<String, T> ordered(Map<String, T> map) {
        return Collections.unmodifiableMap(new LinkedHashMap<>(map));
    }

    /**
     * The HTTP side.
     *
     * @param host where to listen
     * @param keys callers' keys: the key's name by the secret; empty = anyone
     * @param operators the names of the keys that may operate; without keys every caller may
     * @param open whether a reload may take the keys away and so let any caller in
     * @param hosts the names in the header {@code Host} that callers may use beside addresses and {@code localhost}
     * @param bounds the bounds of requests
     * @param maxInFlight requests at once
     * @param cors allowed origins
     * @param publicPaths the paths of own routes that need no key; {@code /hooks/*} is all below one
     * @param limits what single keys may do, by the key's name
     * @param sharedLimits the URL of the store in which nodes share these limits; empty if each has its own
     */
    public record Server(
            String host,
            int port,
            Map<String, String> keys,
            Set<String> operators,
            boolean open,
            List<String> hosts,
            RequestBounds bounds,
            int maxInFlight,
            List<String> cors,
            List<String> publicPaths,
            Map<String, CallerLimits> limits,
            String sharedLimits) {

        public Server {
            keys = Map.copyOf(keys);
            operators = Set.copyOf(operators);
            hosts = List.copyOf(hosts);
            cors = List.copyOf(cors);
            publicPaths = List.copyOf(publicPaths);
            limits = Map.copyOf(limits);
        }

        /** The chains that a caller is limited to; empty if it may ask every chain. */
        public Set<String> chains(String caller) {
            CallerLimits own = limits.get(caller);
            return own == null ? Set.of() : own.chains();
        }

        /** Whether only this machine can reach it. */
        public boolean local() {
            return Addresses.loopback(host);
        }

        @Override
        public String toString() {
            return "Server[" + host + ":" + port + ", " + keys.size() + " keys]";
        }
    }
}
