package io.bactrian.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One row of the table of property keys.
 *
 * @param pattern such as {@code bactrian.chains.<c>}; {@code <x>} is a name without dots, {@code <x*>} all of the rest
 * @param value the grammar of its values
 * @param secret whether its value is kept out of every message
 * @param refused whether the key is known only in order to say why it is not allowed
 */
record PropertyKey(String pattern, ValueParser<?> value, boolean secret, boolean refused) {

    static PropertyKey of(String pattern, ValueParser<?> value) {
        return new PropertyKey(pattern, value, false, false);
    }

    static PropertyKey secret(String pattern, ValueParser<?> value) {
        return new PropertyKey(pattern, value, true, false);
    }

    static PropertyKey refused(String pattern, String why) {
        ValueParser<?> refusal = text -> {
            throw new BadValue(why);
        };
        return new PropertyKey(pattern, refusal, false, true);
    }

    List<String> segments() {
        return split(pattern);
    }

    boolean matches(String key) {
        List<String> pattern = segments();
        List<String> segments = split(key);
        for (int i = 0; i < pattern.size(); i++) {
            if (i >= segments.size() || segments.get(i).isEmpty()) {
                return false;
            }
            if (rest(pattern.get(i))) {
                return true;
            }
            if (!name(pattern.get(i)) && !pattern.get(i).equals(segments.get(i))) {
                return false;
            }
        }
        return pattern.size() == segments.size();
    }

    /** The names in a key that matches, by their place holder. */
    Map<String, String> names(String key) {
        List<String> pattern = segments();
        List<String> segments = split(key);
        Map<String, String> names = new TreeMap<>();
        for (int i = 0; i < pattern.size(); i++) {
            if (name(pattern.get(i)) && !rest(pattern.get(i))) {
                names.put(pattern.get(i), segments.get(i));
            }
        }
        return names;
    }

    /** The pattern with the names that a misspelt key has in the same places. */
    String fill(String key) {
        List<String> segments = split(key);
        List<String> filled = new ArrayList<>();
        for (String part : segments()) {
            int at = filled.size();
            boolean known =
                    name(part) && at < segments.size() && !segments.get(at).isEmpty();
            if (known && rest(part)) {
                filled.addAll(segments.subList(at, segments.size()));
            } else {
                filled.add(known ? segments.get(at) : part.replace("*", ""));
            }
        }
        return String.join(".", filled);
    }

    static List<String> split(String key) {
        return List.of(key.split("\\.", -1));
    }

    static boolean name(String segment) {
        return segment.startsWith("<");
    }

    private static boolean rest(String segment) {
        return segment.endsWith("*>");
    }
}
