package io.bactrian.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads configurations written as lines of {@code key = value}. */
final class Reading {

    /** A provider that is on and two targets of it, for tests to which these do not matter. */
    static final String BASE = """
            bactrian.providers.local.base-url = http://localhost:11434/v1
            bactrian.providers.local.keyless = true
            bactrian.targets.small.provider = local
            bactrian.targets.small.model = small-1
            bactrian.targets.large.provider = local
            bactrian.targets.large.model = large-1
            """;

    private Reading() {}

    static Map<String, String> properties(String lines) {
        Map<String, String> properties = new LinkedHashMap<>();
        lines.lines().filter(line -> !line.isBlank()).forEach(line -> {
            String[] parts = line.split("=", 2);
            properties.put(parts[0].strip(), parts[1]);
        });
        return properties;
    }

    static ConfigReader.Result result(String lines, Map<String, String> environment, Map<String, URI> simulated) {
        return ConfigReader.read(properties(lines), environment, simulated);
    }

    static Config config(String lines, Map<String, String> environment, Map<String, URI> simulated) {
        ConfigReader.Result result = result(lines, environment, simulated);
        assertThat(result).isInstanceOf(ConfigReader.Result.Read.class);
        return ((ConfigReader.Result.Read) result).config();
    }

    static Config config(String lines) {
        return config(lines, Map.of(), Map.of());
    }

    static List<String> mistakes(String lines) {
        return mistakes(lines, Map.of());
    }

    static List<String> mistakes(String lines, Map<String, String> environment) {
        return switch (result(lines, environment, Map.of())) {
            case ConfigReader.Result.Read read -> List.of();
            case ConfigReader.Result.Mistakes mistakes -> mistakes.lines();
        };
    }

    /** The only mistake of lines that are added to {@link #BASE}. */
    static String mistake(String lines) {
        List<String> mistakes = mistakes(BASE + lines);
        assertThat(mistakes).hasSize(1);
        return mistakes.getFirst();
    }

    static List<String> candidates(Chain chain) {
        return chain.candidates().stream().map(entry -> entry.target().name()).toList();
    }
}
