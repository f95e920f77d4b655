package io.bactrian.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** The layers of properties, on top of each other as in Camel Main: {@code -D}, environment, file. */
public final class Overrides {

    /** Variables that Kubernetes makes for a service called bactrian. */
    private static final Pattern KUBERNETES = Pattern.compile(".*_(SERVICE_HOST|SERVICE_PORT(_.*)?|PORT(_\\d+_.*)?)");

    private Overrides() {}

    /**
     * The effective properties. The strongest layer that names a key wins, even with an empty value.
     *
     * @param file all of the file's properties; their order is kept, new keys follow
     * @param system system properties; only the gateway's keys are taken
     * @param environment {@code BACTRIAN_CHAINS_DEFAULT} is {@code bactrian.chains.default}; what names no key is
     *     passed over
     */
    public static Map<String, String> apply(
            Map<String, String> file, Map<String, String> system, Map<String, String> environment) {
        Map<String, String> effective = new LinkedHashMap<>(file);
        Map<String, String> ours = new TreeMap<>(system);
        ours.keySet().removeIf(key -> !PropertyKeys.ours(key));
        List<String> known = new ArrayList<>(file.keySet());
        known.addAll(ours.keySet());
        new TreeMap<>(environment).forEach((variable, value) -> VariableNames.key(variable, known)
                .ifPresent(key -> effective.put(key, value)));
        effective.putAll(ours);
        return effective;
    }

    /** A line for each variable of the environment that looks like a property and is none. */
    static List<String> unmatched(Map<String, String> environment) {
        return new TreeMap<>(environment)
                .keySet().stream()
                        .filter(variable -> variable.startsWith("BACTRIAN_"))
                        .filter(variable -> !KUBERNETES.matcher(variable).matches())
                        .filter(variable ->
                                VariableNames.key(variable, List.of()).isEmpty())
                        .map(variable -> "environment variable %s names no property%s"
                                .formatted(
                                        variable,
                                        guess(variable)
                                                .map(near -> "; did you mean " + near + "?")
                                                .orElse("")))
                        .toList();
    }

    private static Optional<String> guess(String variable) {
        return Suggestions.likely(
                variable,
                PropertyKeys.ALL.stream()
                        .filter(row -> !row.refused() && !row.pattern().contains("<"))
                        .map(row -> VariableNames.of(row.pattern()))
                        .toList());
    }
}
