package io.bactrian.protocol;

import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;

/**
 * The parts of requests that a target refused, and that it is asked without. Immutable.
 *
 * @param capabilities the parts that are written in another form
 * @param fields the fields that are left out: {@code field}, or {@code field.member} for a member at any depth of a field, or
 *     {@code header:value} for a value of a header
 */
public record Omissions(Set<Capability> capabilities, Set<String> fields) {
    public static final Omissions NONE = new Omissions(Set.of(), Set.of());

    public Omissions {
        capabilities = Set.copyOf(capabilities);
        fields = Set.copyOf(fields);
    }

    public static Omissions of(Capability capability) {
        return new Omissions(Set.of(capability), Set.of());
    }

    public static Omissions of(Set<String> fields) {
        return fields.isEmpty() ? NONE : new Omissions(Set.of(), fields);
    }

    public boolean isEmpty() {
        return capabilities.isEmpty() && fields.isEmpty();
    }

    /** These and others. */
    public Omissions plus(Omissions others) {
        if (others.isEmpty()) {
            return this;
        }
        if (isEmpty()) {
            return others;
        }
        Set<Capability> all = EnumSet.noneOf(Capability.class);
        all.addAll(capabilities);
        all.addAll(others.capabilities);
        Set<String> names = new LinkedHashSet<>(fields);
        names.addAll(others.fields);
        return new Omissions(all, names);
    }

    /** Whether others are among these. */
    public boolean contains(Omissions others) {
        return capabilities.containsAll(others.capabilities) && fields.containsAll(others.fields);
    }

    /** The name among the fields for a value of a header. */
    public static String header(String name, String value) {
        return name + ":" + value;
    }

    /** The values of a header, which are separated by commas. */
    public static Set<String> values(String header) {
        Set<String> values = new LinkedHashSet<>();
        for (String value : header.split(",")) {
            if (!value.isBlank()) {
                values.add(value.strip());
            }
        }
        return values;
    }

    /** The headers without the values that were refused; the same object if none was. */
    public Map<String, String> without(Map<String, String> headers) {
        if (fields.isEmpty() || headers.isEmpty()) {
            return headers;
        }
        Map<String, String> left = new LinkedHashMap<>();
        headers.forEach((name, value) -> {
            StringJoiner kept = new StringJoiner(",");
            boolean refused = false;
            for (String one : values(value)) {
                if (fields.contains(header(name, one))) {
                    refused = true;
                } else {
                    kept.add(one);
                }
            }
            if (!refused) {
                left.put(name, value);
            } else if (kept.length() > 0) {
                left.put(name, kept.toString());
            }
        });
        return left.equals(headers) ? headers : left;
    }
}
