package io.bactrian.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Metrics in Prometheus' text form, read without its libraries. Immutable. */
public record MetricsText(Map<String, String> types, List<Sample> samples) {
    private static final Pattern TYPE = Pattern.compile("# TYPE (\\S+) (\\S+)");
    private static final Pattern SAMPLE = Pattern.compile("([a-zA-Z_:][\\w:]*)(?:\\{(.*)})? (\\S+)");
    private static final Pattern LABEL = Pattern.compile("(\\w+)=\"((?:[^\"\\\\]|\\\\.)*)\"");
    private static final Pattern PART = Pattern.compile("_(bucket|count|sum)$");

    /** One line: a metric with its labels and its value. */
    public record Sample(String name, Map<String, String> labels, double value) {}

    /** Reads a scrape; every line of it must be well-formed. */
    public static MetricsText of(String text) {
        Map<String, String> types = new TreeMap<>();
        List<Sample> samples = new ArrayList<>();
        for (String line : text.lines().toList()) {
            Matcher type = TYPE.matcher(line);
            Matcher sample = SAMPLE.matcher(line);
            if (type.matches()) {
                if (types.put(type.group(1), type.group(2)) != null) {
                    throw new AssertionError("twice: " + line);
                }
            } else if (sample.matches()) {
                samples.add(new Sample(
                        sample.group(1), labels(sample.group(2)), Double.parseDouble(inJava(sample.group(3)))));
            } else if (!line.startsWith("# HELP ")) {
                throw new AssertionError("not a line of metrics: " + line);
            }
        }
        return new MetricsText(types, List.copyOf(samples));
    }

    private static String inJava(String value) {
        return value.replace("+Inf", "Infinity");
    }

    private static Map<String, String> labels(String text) {
        Map<String, String> labels = new TreeMap<>();
        Matcher label = LABEL.matcher(text == null ? "" : text);
        while (label.find()) {
            labels.put(label.group(1), label.group(2));
        }
        return labels;
    }

    /** The metric that a line belongs to: a histogram's for its buckets, its count and its sum. */
    private String family(Sample sample) {
        String base = PART.matcher(sample.name()).replaceFirst("");
        return types.containsKey(sample.name()) ? sample.name() : base;
    }

    /** The labels of every metric, without {@code le}. */
    public Map<String, Set<String>> labelNames() {
        Map<String, Set<String>> names = new TreeMap<>();
        for (Sample sample : samples) {
            Set<String> of = names.computeIfAbsent(family(sample), n -> new TreeSet<>());
            of.addAll(sample.labels().keySet());
            of.remove("le");
        }
        return names;
    }

    /** The sum of all lines of this name that have these labels, given as name and value in turn. */
    public double value(String name, String... labels) {
        return samples.stream()
                .filter(sample -> sample.name().equals(name))
                .filter(sample -> {
                    for (int i = 0; i < labels.length; i += 2) {
                        if (!labels[i + 1].equals(sample.labels().get(labels[i]))) {
                            return false;
                        }
                    }
                    return true;
                })
                .mapToDouble(Sample::value)
                .sum();
    }

    /** The values of a label, wherever it occurs in metrics whose name begins so. */
    public Set<String> labelValues(String prefix, String label) {
        return samples.stream()
                .filter(sample ->
                        sample.name().startsWith(prefix) && sample.labels().containsKey(label))
                .map(sample -> sample.labels().get(label))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
