package io.bactrian.config;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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
 * @param identity the name together with a digest of everything above but the number of calls: what was learnt of a provider
 *     holds as long as this stays the same. Never shown
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
        @Nullable URI proxy,
        String identity) {

    public Provider {
        keys = List.copyOf(keys);
        headers = Map.copyOf(headers);
        query = Map.copyOf(query);
    }

    public Provider(
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
        this(
                name,
                api,
                baseUrl,
                keys,
                keyless,
                auth,
                headers,
                query,
                maxConnections,
                proxy,
                identity(name, api, baseUrl, keys, auth, new TreeMap<>(headers), new TreeMap<>(query), proxy));
    }

    private static String identity(String name, @Nullable Object... parts) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] all = digest.digest(Arrays.toString(parts).getBytes(StandardCharsets.UTF_8));
            return name + "~" + HexFormat.of().formatHex(all, 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
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
