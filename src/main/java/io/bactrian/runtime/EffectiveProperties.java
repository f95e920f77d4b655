package io.bactrian.runtime;

import io.bactrian.config.Config;
import io.bactrian.config.ConfigDiff;
import io.bactrian.config.ConfigReader;
import io.bactrian.config.Overrides;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.apache.camel.CamelContext;

/**
 * The effective properties of file, environment and command line, with their placeholders resolved. Not changed after
 * creation.
 */
final class EffectiveProperties {
    private final Map<String, String> all;
    private final Map<String, String> properties;
    private final Set<String> unresolved;

    private EffectiveProperties(Map<String, String> all, Map<String, String> properties, Set<String> unresolved) {
        this.all = all;
        this.properties = properties;
        this.unresolved = unresolved;
    }

    /** Collects what Camel's properties component knows, with the overrides of environment and command line. */
    static EffectiveProperties of(CamelContext context) {
        Map<String, String> file = strings(context.getPropertiesComponent().loadProperties());
        return of(context, Overrides.apply(file, strings(System.getProperties()), System.getenv()));
    }

    /**
     * The properties of an engine in an application: the built-in ones, and over them those of the application.
     *
     * @param context has the built-in ones
     * @param host what the application, its environment and its command line say
     */
    static EffectiveProperties of(CamelContext context, EmbeddedProperties host) {
        return of(context, host.over(strings(context.getPropertiesComponent().loadProperties())));
    }

    private static EffectiveProperties of(CamelContext context, Map<String, String> effective) {
        Map<String, String> resolved = new LinkedHashMap<>();
        Set<String> unresolved = new LinkedHashSet<>();
        effective.forEach((key, value) -> {
            if (key.startsWith("bactrian.") || key.startsWith("camel.server.")) {
                try {
                    resolved.put(key, context.resolvePropertyPlaceholders(value));
                } catch (IllegalArgumentException e) {
                    unresolved.add(key);
                }
            }
        });
        return new EffectiveProperties(effective, resolved, unresolved);
    }

    private static Map<String, String> strings(Properties from) {
        Map<String, String> strings = new LinkedHashMap<>();
        // Not forEach: Camel's ordered properties keep their entries elsewhere and do not override it.
        for (Map.Entry<Object, Object> entry : from.entrySet()) {
            strings.put(entry.getKey().toString(), entry.getValue().toString());
        }
        return strings;
    }

    /** True if simulated providers are demanded, and not only a replacement for missing real ones. */
    boolean wishDemo() {
        return "on"
                .equalsIgnoreCase(properties.getOrDefault("bactrian.demo", "").strip());
    }

    /** The differences to earlier properties. */
    ConfigDiff since(EffectiveProperties before) {
        return ConfigDiff.between(before.all, all);
    }

    /**
     * The checked configuration.
     *
     * @param simulated base URLs of simulated providers; empty if there are none
     * @throws InvalidConfiguration if there are mistakes, including placeholders without a value
     */
    Config config(Map<String, URI> simulated) {
        ConfigReader.Result result = ConfigReader.read(properties, System.getenv(), simulated);
        if (unresolved.isEmpty() && result instanceof ConfigReader.Result.Read read) {
            return read.config();
        }
        List<String> mistakes = new ArrayList<>();
        unresolved.forEach(
                key -> mistakes.add(key + ": a placeholder has no value; give it a default, as in {{env:NAME:}}"));
        if (result instanceof ConfigReader.Result.Mistakes wrong) {
            wrong.lines().stream()
                    .filter(line -> unresolved.stream().noneMatch(key -> line.startsWith(key + ":")))
                    .forEach(mistakes::add);
        }
        throw new InvalidConfiguration(mistakes);
    }
}
