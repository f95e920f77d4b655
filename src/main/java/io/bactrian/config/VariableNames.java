package io.bactrian.config;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The translation of names of environment variables to property keys. */
final class VariableNames {

    private VariableNames() {}

    /** The variable that stands for a key. */
    static String of(String key) {
        return key.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_");
    }

    /**
     * The key that a variable stands for: a known one if it fits, else the one that the table of keys makes of it, with
     * names in lower case and {@code -} for {@code _} unless a known key spells them otherwise.
     */
    static Optional<String> key(String variable, Collection<String> known) {
        if (!variable.startsWith("BACTRIAN_")
                && !variable.equals(of(PropertyKeys.PORT))
                && !variable.equals(of(PropertyKeys.HOST))) {
            return Optional.empty();
        }
        return known.stream()
                .filter(key -> PropertyKeys.ours(key) && of(key).equals(variable))
                .findFirst()
                .or(() -> PropertyKeys.ALL.stream()
                        .flatMap(row -> reading(row, variable, known))
                        .min(Comparator.<Reading>comparingInt(reading -> reading.familiar() ? 0 : 1)
                                .thenComparing(Comparator.comparingInt(Reading::literal)
                                        .reversed())
                                .thenComparingInt(reading -> reading.key().length()))
                        .map(Reading::key));
    }

    /** One way to read a variable: with names that are known or not, and so many letters that are the table's own. */
    private record Reading(String key, boolean familiar, int literal) {}

    private static Stream<Reading> reading(PropertyKey row, String variable, Collection<String> known) {
        List<String> segments = row.segments();
        String regex = segments.stream()
                .map(segment -> PropertyKey.name(segment) ? "([A-Z0-9_]+)" : Pattern.quote(of(segment)))
                .collect(Collectors.joining("_"));
        Matcher matcher = Pattern.compile(regex).matcher(variable);
        if (!matcher.matches()) {
            return Stream.empty();
        }
        List<String> key = new ArrayList<>();
        boolean familiar = false;
        int literal = 0;
        int group = 1;
        for (String segment : segments) {
            if (!PropertyKey.name(segment)) {
                key.add(segment);
                literal += segment.length();
                continue;
            }
            String text = matcher.group(group++);
            Optional<String> spelt = spelt(String.join(".", key) + ".", text, known);
            familiar |= spelt.isPresent();
            String lower = text.toLowerCase(Locale.ROOT);
            key.add(spelt.orElse(segment.startsWith("<field") ? lower : lower.replace('_', '-')));
        }
        return Stream.of(new Reading(String.join(".", key), familiar, literal));
    }

    /** How the known keys spell a name that stands after a prefix. */
    private static Optional<String> spelt(String prefix, String text, Collection<String> known) {
        return known.stream()
                .filter(key -> key.startsWith(prefix))
                .map(key -> PropertyKey.split(key.substring(prefix.length())).getFirst())
                .filter(name -> of(name).equals(text))
                .findFirst();
    }
}
