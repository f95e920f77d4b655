package io.bactrian.web;

import io.bactrian.config.Config;
import io.bactrian.config.Target;
import io.bactrian.routing.CallerScope;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The metrics that a caller may see who is limited to certain chains: none of other chains, their targets, the cost, the queue or
 * the whole gateway. Stateless.
 */
final class VisibleMetrics {
    private static final Pattern LABEL = Pattern.compile("(\\w+)=\"((?:[^\"\\\\]|\\\\.)*)\"");
    private static final String QUEUE = "bactrian_queue";
    private static final String COST = "bactrian_cost";
    private static final String OWN = "bactrian_";
    private static final String INFO = "bactrian_info{";
    /** What stands in the place of a target that did not answer. */
    private static final Set<String> NO_TARGET = Set.of("none", "stale", "static");

    private VisibleMetrics() {}

    /** @param scrape in Prometheus' own form, or as OpenMetrics */
    static byte[] of(byte[] scrape, CallerScope scope, Config config) {
        Set<String> targets = scope.targets();
        Set<String> ends = new HashSet<>(targets);
        ends.addAll(NO_TARGET);
        Set<String> providers = new HashSet<>();
        Set<String> models = new HashSet<>();
        for (Target target : config.everyTarget().values()) {
            if (targets.contains(target.name())) {
                providers.add(target.provider().name());
                models.add(target.model());
            }
        }
        Map<String, Set<String>> visible = Map.of(
                "chain", scope.models(),
                "target", targets,
                "from", ends,
                "to", ends,
                "provider", providers,
                "gen_ai_request_model", models);
        StringBuilder out = new StringBuilder(scrape.length);
        for (String line : new String(scrape, StandardCharsets.UTF_8).split("\n")) {
            if (line.startsWith("#") || isVisible(line, visible)) {
                out.append(line).append('\n');
            }
        }
        return out.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static boolean isVisible(String line, Map<String, Set<String>> visible) {
        if (line.startsWith(QUEUE) || line.startsWith(COST)) {
            return false;
        }
        boolean named = false;
        Matcher label = LABEL.matcher(line);
        while (label.find()) {
            Set<String> values = visible.get(label.group(1));
            if (values != null && !label.group(2).isEmpty()) {
                if (!values.contains(unescaped(label.group(2)))) {
                    return false;
                }
                named = true;
            }
        }
        return named || !line.startsWith(OWN) || line.startsWith(INFO);
    }

    private static String unescaped(String value) {
        return value.indexOf('\\') < 0 ? value : value.replace("\\\"", "\"").replace("\\\\", "\\");
    }
}
