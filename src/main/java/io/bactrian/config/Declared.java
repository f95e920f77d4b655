package io.bactrian.config;

import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The names that a configuration declares, whether what they name is complete, broken or off.
 *
 * @param on the providers that have a key or need none
 */
record Declared(Set<String> providers, Set<String> on, Set<String> targets, Set<String> chains) {

    static final String DEFAULT_CHAIN = "default";

    static Declared of(RawProperties raw, Set<String> simulated) {
        Set<String> providers = raw.names("bactrian.providers.");
        providers.addAll(simulated);
        Set<String> on = providers.stream()
                .filter(name -> simulated.contains(name) || ProviderReader.on(raw, name))
                .collect(Collectors.toCollection(LinkedHashSet::new));
        Set<String> chains = new LinkedHashSet<>();
        raw.keys().stream()
                .filter(key -> key.startsWith("bactrian.chains."))
                .filter(key -> PropertyKeys.find(key).isPresent())
                .forEach(key -> chains.add(key.substring("bactrian.chains.".length())));
        chains.add(DEFAULT_CHAIN);
        return new Declared(
                Collections.unmodifiableSet(providers),
                Collections.unmodifiableSet(on),
                Collections.unmodifiableSet(raw.names("bactrian.targets.")),
                Collections.unmodifiableSet(chains));
    }
}
