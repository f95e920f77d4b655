package io.bactrian.testing;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The names in queries for Prometheus, as far as the gateway's dashboard and rules have any. Stateless. */
public final class PromQuery {
    private static final Pattern METRIC =
            Pattern.compile("\\b(?:bactrian|gen_ai|process|jvm|system)_\\w+(?=[{\\[) ]|$)");
    private static final Pattern SELECTOR = Pattern.compile("(\\w+)(?:=~|!~|!=|=)\"");
    private static final Pattern GROUPING = Pattern.compile("by \\(([^)]*)\\)");

    private PromQuery() {}

    /** The metrics, as they are written. */
    public static List<String> metrics(String query) {
        String bare = GROUPING.matcher(query.replaceAll("\\{[^}]*}", "{")).replaceAll("");
        return METRIC.matcher(bare).results().map(MatchResult::group).toList();
    }

    /** The labels that select and group. */
    public static Set<String> labels(String query) {
        Set<String> labels = SELECTOR.matcher(query)
                .results()
                .map(match -> match.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
        GROUPING.matcher(query)
                .results()
                .forEach(match -> labels.addAll(List.of(match.group(1).split(", "))));
        return labels;
    }
}
