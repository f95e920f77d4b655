package io.bactrian.protocol;

import io.bactrian.config.Api;
import io.bactrian.config.Provider;
import java.util.Map;
import java.util.Objects;

/**
 * The protocols that providers may use, by the value of {@code bactrian.providers.<p>.api}. Immutable.
 *
 * @param all one for each value
 */
public record ProviderProtocols(Map<Api, ProviderProtocol> all) {
    public ProviderProtocols {
        all = Map.copyOf(all);
    }

    /** The protocol of a provider. */
    public ProviderProtocol of(Provider provider) {
        return Objects.requireNonNull(all.get(provider.api()), () -> "no protocol for api " + provider.api());
    }
}
