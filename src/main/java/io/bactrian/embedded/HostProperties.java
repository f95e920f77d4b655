package io.bactrian.embedded;

import io.bactrian.runtime.EmbeddedProperties;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.function.Predicate;
import org.apache.camel.CamelContext;

/** The gateway's properties among those of an application. Stateless. */
final class HostProperties {
    private static final String PREFIX = "bactrian.";
    private static final String SPRING = "org.springframework.core.env.ConfigurableEnvironment";

    private HostProperties() {}

    /**
     * The properties that begin with {@code bactrian.}, of Camel's properties component and of Spring's environment. Placeholders that
     * the application can resolve are resolved; others stay as they are.
     */
    static EmbeddedProperties of(CamelContext host) {
        // An engine that is off needs no other property: where tests run, placeholders of keys may have no value.
        EmbeddedProperties whether = of(host, EmbeddedProperties.ENABLED::equals);
        return whether.enabled() ? of(host, key -> key.startsWith(PREFIX)) : whether;
    }

    private static EmbeddedProperties of(CamelContext host, Predicate<String> keys) {
        Map<String, String> found = new LinkedHashMap<>();
        Properties properties = host.getPropertiesComponent().loadProperties(keys);
        // Not forEach: Camel's ordered properties keep their entries elsewhere and do not override it.
        for (Map.Entry<Object, Object> entry : properties.entrySet()) {
            found.put(entry.getKey().toString(), entry.getValue().toString());
        }
        if (host.getClassResolver().resolveClass(SPRING) != null) {
            found.putAll(SpringProperties.of(host, keys));
        }
        found.replaceAll((key, value) -> resolved(host, value));
        return new EmbeddedProperties(found);
    }

    private static String resolved(CamelContext host, String value) {
        try {
            return host.resolvePropertyPlaceholders(value);
        } catch (IllegalArgumentException e) {
            return value;
        }
    }
}
