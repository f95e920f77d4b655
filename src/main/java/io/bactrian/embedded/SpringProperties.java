package io.bactrian.embedded;

import io.bactrian.api.EngineStartException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.camel.CamelContext;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.PropertySource;

/** The properties of Spring's environment, which Camel asks for single ones only. Loaded only where Spring is there. Stateless. */
final class SpringProperties {
    private SpringProperties() {}

    /** The properties with such keys, by the precedence of Spring; none if the application has no environment. */
    static Map<String, String> of(CamelContext host, Predicate<String> keys) {
        Map<String, String> found = new LinkedHashMap<>();
        ConfigurableEnvironment environment =
                host.getRegistry().lookupByNameAndType("environment", ConfigurableEnvironment.class);
        if (environment == null) {
            return found;
        }
        for (PropertySource<?> source : environment.getPropertySources()) {
            if (source instanceof EnumerablePropertySource<?> listed) {
                for (String key : listed.getPropertyNames()) {
                    if (keys.test(key)) {
                        found.put(key, value(environment, key));
                    }
                }
            }
        }
        return found;
    }

    private static String value(ConfigurableEnvironment environment, String key) {
        try {
            String value = environment.getProperty(key);
            return value == null ? "" : value;
        } catch (IllegalArgumentException e) {
            throw new EngineStartException(
                    List.of(key + ": a placeholder has no value; give it a default, as in ${NAME:}"), e);
        }
    }
}
