package io.bactrian.config;

import java.net.URI;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An account at an endpoint ({@code bactrian.providers.<name>}). Immutable.
 *
 * @param baseUrl without a trailing slash, such as {@code https://api.openai.com/v1}
 * @param keys the secrets, used in turn; empty for a keyless endpoint or a provider that is off
 * @param auth how a key is sent
 * @param headers extra request headers
 * @param query extra query parameters
 * @param maxConnections calls at once
 * @param proxy {@code http://host:port}, or null for a direct connection
 */
public record Provider(
        String name,
        Api api,
        URI baseUrl,
        List<String> keys,
        boolean keyless,
        Auth auth,
        Map<String, String> headers,
        Map<String, String> query,
        int maxConnections,
        @Nullable URI proxy) {

    public Provider {
        keys = List.copyOf(keys);
        headers = Map.copyOf(headers);
        query = Map.copyOf(query);
    }

    /** Whether the provider can be called: it has a key or needs none. */
    public boolean on() {
        return keyless || !keys.isEmpty();
    }

    /** The provider without its secrets, which a log line may quote. */
    @Override
    public String toString() {
        return "Provider[" + name + " " + api + " " + baseUrl + "]";
    }
}
