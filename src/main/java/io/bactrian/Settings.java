package io.bactrian;

import io.bactrian.config.Config;
import io.bactrian.config.ConfigReader;
import io.bactrian.config.Overrides;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.camel.CamelContext;

/** The effective properties: the file's, the environment's and the command line's, with their placeholders filled in. */
final class Settings {
    private final Map<String, String> properties;

    private Settings(Map<String, String> properties) {
        this.properties = properties;
    }

    /**
     * Collects what Camel's properties component knows.
     *
     * @throws Mistakes if a placeholder names nothing
     */
    static Settings of(CamelContext context) {
        Map<String, String> file = strings(context.getPropertiesComponent().loadProperties());
        Map<String, String> effective = Overrides.apply(file, strings(System.getProperties()), System.getenv());
        Map<String, String> resolved = new LinkedHashMap<>();
        List<String> mistakes = new ArrayList<>();
        effective.forEach((key, value) -> {
            if (key.startsWith("bactrian.") || key.startsWith("camel.server.")) {
                try {
                    resolved.put(key, context.resolvePropertyPlaceholders(value));
                } catch (IllegalArgumentException e) {
                    mistakes.add(key + ": a placeholder names nothing; give it a default, as in {{env:NAME:}}");
                }
            }
        });
        if (!mistakes.isEmpty()) {
            throw new Mistakes(mistakes);
        }
        return new Settings(resolved);
    }

    private static Map<String, String> strings(Properties from) {
        Map<String, String> strings = new LinkedHashMap<>();
        // Not forEach: Camel's ordered properties keep their entries elsewhere and do not override it.
        for (Map.Entry<Object, Object> entry : from.entrySet()) {
            strings.put(entry.getKey().toString(), entry.getValue().toString());
        }
        return strings;
    }

    /**
     * The checked configuration.
     *
     * @param simulated base URLs of simulated providers, empty if there are none
     * @throws Mistakes if there are any
     */
    Config config(Map<String, URI> simulated) {
        return switch (ConfigReader.read(properties, System.getenv(), simulated)) {
            case ConfigReader.Result.Read read -> read.config();
            case ConfigReader.Result.Mistakes wrong -> throw new Mistakes(wrong.lines());
        };
    }
}
