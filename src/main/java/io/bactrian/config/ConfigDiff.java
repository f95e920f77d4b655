package io.bactrian.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The differences between two sets of properties, by name and never by value. Immutable.
 *
 * @param words such as {@code provider openai changed}, in the order written
 * @param atStartOnly changed keys that take effect only at the start
 */
public record ConfigDiff(List<String> words, List<String> atStartOnly) {
    /** The kinds of things with a name that a key is about. */
    private static final Map<String, String> SUBJECTS = Map.of(
            "providers", "provider",
            "targets", "target",
            "chains", "chain",
            "chains-options", "chain",
            "static", "text");

    /** The HTTP server and the broker are set up once; the size of bodies is each generation's own. */
    private static final Pattern AT_START =
            Pattern.compile("camel\\.(server|management|ssl)\\.(?!maxbodysize$).*|bactrian\\.queue\\.(port|directory)");

    public ConfigDiff {
        words = List.copyOf(words);
        atStartOnly = List.copyOf(atStartOnly);
    }

    /** Compares all properties, the gateway's and Camel's. */
    public static ConfigDiff between(Map<String, String> before, Map<String, String> after) {
        Set<String> keys = new LinkedHashSet<>(after.keySet());
        keys.addAll(before.keySet());
        keys.removeIf(key -> before.getOrDefault(key, "").equals(after.getOrDefault(key, "")));
        Set<String> known = subjects(before);
        Set<String> now = subjects(after);
        Map<String, String> words = new LinkedHashMap<>();
        List<String> atStartOnly = new ArrayList<>();
        for (String key : keys) {
            String subject = subject(key);
            words.put(
                    subject,
                    subject + (!known.contains(subject) ? " added" : now.contains(subject) ? " changed" : " removed"));
            if (AT_START.matcher(key.replace("-", "").toLowerCase(Locale.ROOT)).matches()) {
                atStartOnly.add(key);
            }
        }
        return new ConfigDiff(List.copyOf(words.values()), atStartOnly);
    }

    private static Set<String> subjects(Map<String, String> properties) {
        Set<String> subjects = new LinkedHashSet<>();
        properties.keySet().forEach(key -> subjects.add(subject(key)));
        return subjects;
    }

    private static String subject(String key) {
        String[] parts = key.split("\\.", 4);
        String kind = parts.length > 2 && parts[0].equals("bactrian") ? SUBJECTS.get(parts[1]) : null;
        return kind == null ? key : kind + " " + parts[2];
    }
}
