package io.bactrian.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** The rights that callers gain by a change: lines for the log, with names and never with a secret. */
public final class Widening {
    private Widening() {}

    /** True if callers need no key any more. */
    public static boolean opens(Config.Server before, Config.Server after) {
        return !before.keys().isEmpty() && after.keys().isEmpty();
    }

    /** One line for each right that callers have gained; empty if there is none. */
    public static List<String> of(Config.Server before, Config.Server after) {
        List<String> lines = new ArrayList<>();
        if (opens(before, after)) {
            lines.add(
                    "bactrian.server.open = true: callers need no key any more, and all of them may operate the gateway");
            return lines;
        }
        if (!before.keys().isEmpty()) {
            Set<String> operators = new TreeSet<>(after.operators());
            operators.removeAll(before.operators());
            operators.forEach(
                    name -> lines.add("bactrian.server.operators: %s may operate the gateway now".formatted(name)));
        }
        before.limits().keySet().stream()
                .filter(name -> !before.chains(name).isEmpty()
                        && after.keys().containsValue(name)
                        && after.chains(name).isEmpty())
                .sorted()
                .forEach(name -> lines.add(
                        "bactrian.server.limits.%s.chains: %s may ask every chain now".formatted(name, name)));
        return lines;
    }
}
