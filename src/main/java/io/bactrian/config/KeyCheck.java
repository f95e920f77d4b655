package io.bactrian.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The check of every key against the table of keys, and of every value against the grammar of its key. */
final class KeyCheck {

    private static final String NAME = "[A-Za-z0-9_-]+";
    /** Prefixes that are easily confused. */
    private static final Map<String, String> SLIPS = Map.of(
            "bactrian.chains.", "bactrian.chains-options.",
            "bactrian.server.", "camel.server.");

    private final RawProperties raw;
    private final ConfigReport report;

    private KeyCheck(RawProperties raw, ConfigReport report) {
        this.raw = raw;
        this.report = report;
    }

    static void check(RawProperties raw, ConfigReport report) {
        KeyCheck check = new KeyCheck(raw, report);
        raw.keys().forEach(check::key);
    }

    private void key(String key) {
        PropertyKeys.find(key).ifPresentOrElse(row -> known(row, key), () -> report.mistake(key, unknown(key)));
    }

    private void known(PropertyKey row, String key) {
        for (String name : row.names(key).values()) {
            if (!name.matches(NAME)) {
                report.mistake(key, "the name \"%s\" may have letters, digits, - and _ only".formatted(name));
            }
        }
        Optional<String> text = raw.text(key);
        if (text.isEmpty()) {
            return;
        }
        try {
            row.value().of(text.get());
        } catch (BadValue e) {
            report.mistake(key, row.secret() ? "***" : text.get(), e.right());
        }
    }

    /** The value stays out: behind a misspelt key there may be a secret. */
    private static String unknown(String key) {
        return slip(key)
                .map(right -> "no such key; write " + right)
                .or(() -> dotted(key))
                .orElseGet(() -> "no such key; the nearest is " + nearest(key));
    }

    private static Optional<String> slip(String key) {
        return SLIPS.entrySet().stream()
                .filter(slip -> key.startsWith(slip.getKey()))
                .map(slip -> slip.getValue() + key.substring(slip.getKey().length()))
                .filter(right ->
                        PropertyKeys.find(right).filter(row -> !row.refused()).isPresent())
                .findFirst();
    }

    /** A name with dots, such as {@code bactrian.targets.gpt-4.1.model}. */
    private static Optional<String> dotted(String key) {
        List<String> segments = PropertyKey.split(key);
        return PropertyKeys.ALL.stream()
                .flatMap(row -> {
                    int at = (int) row.segments().stream()
                            .takeWhile(part -> !PropertyKey.name(part))
                            .count();
                    int end = segments.size() - (row.segments().size() - at - 1);
                    if (at == row.segments().size() || end - at < 2) {
                        return Stream.empty();
                    }
                    String name = String.join(".", segments.subList(at, end));
                    List<String> joined = new ArrayList<>(segments.subList(0, at));
                    joined.add(name.replace('.', '-'));
                    joined.addAll(segments.subList(end, segments.size()));
                    String right = String.join(".", joined);
                    return row.matches(right)
                            ? Stream.of("the name %s has a dot, but dots separate the parts of a key; write %s"
                                    .formatted(name, right))
                            : Stream.empty();
                })
                .findFirst();
    }

    private static String nearest(String key) {
        List<String> candidates = PropertyKeys.ALL.stream()
                .filter(row -> !row.refused())
                .map(row -> row.fill(key))
                .toList();
        return Suggestions.of(key, candidates).orElseThrow();
    }
}
