package io.bactrian.config;

import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** The reader of {@code bactrian.providers.*}. */
final class ProviderReader {

    private static final int MAX_CONNECTIONS = 2000;

    private final RawProperties raw;
    private final Proxies proxies;
    private final ConfigReport report;

    ProviderReader(RawProperties raw, Proxies proxies, ConfigReport report) {
        this.raw = raw;
        this.proxies = proxies;
        this.report = report;
    }

    static boolean on(RawProperties raw, String name) {
        String prefix = prefix(name);
        return raw.get(prefix + "keyless", ValueParsers::bool).orElse(false)
                || !keys(raw, prefix).isEmpty();
    }

    /** The providers by name; those without a base URL are left out, which is a mistake. */
    Map<String, Provider> read(Declared declared, Map<String, URI> simulated) {
        Map<String, Provider> providers = new LinkedHashMap<>();
        for (String name : declared.providers()) {
            URI stand = simulated.get(name);
            Optional<Provider> provider = stand == null
                    ? configured(name, declared)
                    : Optional.of(simulated(name, stand, keys(raw, prefix(name)).size()));
            provider.ifPresent(found -> providers.put(name, found));
        }
        return providers;
    }

    private Optional<Provider> configured(String name, Declared declared) {
        String prefix = prefix(name);
        if (!declared.on().contains(name)) {
            report.notice("provider %s is off: no %sapi-key".formatted(name, prefix));
        }
        if (raw.text(prefix + "base-url").isEmpty()) {
            String guess = Suggestions.likely(
                            name,
                            declared.providers().stream()
                                    .filter(other ->
                                            raw.text(prefix(other) + "base-url").isPresent())
                                    .toList())
                    .map(near -> "; or did you mean " + near + "?")
                    .orElse("");
            report.mistake(prefix + "base-url", "not set; provider " + name + " needs one" + guess);
        }
        Api api = raw.get(prefix + "api", ValueParsers.choice(Api.class)).orElse(Api.OPENAI);
        List<String> keys = keys(raw, prefix);
        boolean keyless = raw.get(prefix + "keyless", ValueParsers::bool).orElse(false);
        return raw.get(prefix + "base-url", Addresses::baseUrl)
                .map(baseUrl -> new Provider(
                        name,
                        api,
                        baseUrl,
                        keys,
                        keyless,
                        raw.get(prefix + "auth", ValueParsers.choice(Auth.class))
                                .orElse(auth(api, keyless && keys.isEmpty())),
                        raw.under(prefix + "headers."),
                        raw.under(prefix + "query."),
                        raw.get(prefix + "max-connections", Ranges.CONNECTIONS).orElse(MAX_CONNECTIONS),
                        raw.get(prefix + "proxy", Addresses::proxy)
                                .or(() -> declared.on().contains(name) ? proxies.of(baseUrl) : Optional.empty())
                                .orElse(null)));
    }

    /** Never sees a real key; of several it has as many of its own, so that a pool can be tried out. */
    private static Provider simulated(String name, URI baseUrl, int configured) {
        Api api = name.equals("anthropic") ? Api.ANTHROPIC : Api.OPENAI;
        List<String> keys = configured < 2
                ? List.of()
                : IntStream.rangeClosed(1, configured)
                        .mapToObj(i -> "simulated-" + i)
                        .toList();
        return new Provider(name, api, baseUrl, keys, true, Auth.NONE, Map.of(), Map.of(), MAX_CONNECTIONS, null);
    }

    private static Auth auth(Api api, boolean none) {
        if (none) {
            return Auth.NONE;
        }
        return api == Api.ANTHROPIC ? Auth.X_API_KEY : Auth.BEARER;
    }

    /** An ill-formed key still turns its provider on: what is to be reported is the key, not that it is missing. */
    private static List<String> keys(RawProperties raw, String prefix) {
        String key = prefix + "api-key";
        return raw.get(key, ValueParsers::secrets)
                .or(() -> raw.get(key, ValueParsers::list))
                .orElse(List.of());
    }

    private static String prefix(String name) {
        return "bactrian.providers." + name + ".";
    }
}
