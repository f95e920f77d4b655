package io.bactrian.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The gateway's own properties as texts: trimmed, an empty one as if not set. Immutable. */
final class RawProperties {

    private final Map<String, String> all = new LinkedHashMap<>();

    RawProperties(Map<String, String> properties) {
        properties.forEach((key, value) -> {
            if (PropertyKeys.ours(key)) {
                all.put(key, value.strip());
            }
        });
    }

    /** Every key, those with an empty value included. */
    Set<String> keys() {
        return Collections.unmodifiableSet(all.keySet());
    }

    Optional<String> text(String key) {
        return Optional.ofNullable(all.get(key)).filter(text -> !text.isEmpty());
    }

    /** The value of a key; one that is no such value counts as not set, because {@link KeyCheck} has reported it. */
    <T> Optional<T> get(String key, ValueParser<T> value) {
        return text(key).flatMap(text -> {
            try {
                return Optional.of(value.of(text));
            } catch (BadValue e) {
                return Optional.empty();
            }
        });
    }

    /** The names that stand right after a prefix, in the order written. */
    Set<String> names(String prefix) {
        Set<String> names = new LinkedHashSet<>();
        under(prefix).forEach((rest, text) -> {
            if (PropertyKeys.find(prefix + rest).isPresent()) {
                names.add(PropertyKey.split(rest).getFirst());
            }
        });
        return names;
    }

    /** The texts of the keys with a prefix, by the rest of the key. */
    Map<String, String> under(String prefix) {
        Map<String, String> texts = new LinkedHashMap<>();
        all.forEach((key, text) -> {
            if (key.startsWith(prefix) && !text.isEmpty()) {
                texts.put(key.substring(prefix.length()), text);
            }
        });
        return texts;
    }
}
