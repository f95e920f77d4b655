package io.bactrian.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The grammars of the values that are not durations or addresses. */
final class ValueParsers {

    private static final ObjectReader JSON_READER =
            new ObjectMapper().reader().with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    private static final Pattern SIZE = Pattern.compile("(\\d{1,9})\\s*([KMG]?)B?");

    private ValueParsers() {}

    static String text(String text) {
        return text;
    }

    /** Entries separated by commas; empty ones do not count. */
    static List<String> list(String text) {
        return Arrays.stream(text.split(",", -1))
                .map(String::strip)
                .filter(entry -> !entry.isEmpty())
                .toList();
    }

    /** As {@link #list}; each travels in a header, so it is printable ASCII without a space. */
    static List<String> secrets(String text) {
        List<String> secrets = list(text).stream().distinct().toList();
        if (!secrets.stream().allMatch(secret -> secret.matches("[\\x21-\\x7e]+"))) {
            throw new BadValue("a secret is printable ASCII without spaces");
        }
        return secrets;
    }

    static String header(String text) {
        if (text.chars().anyMatch(c -> c < ' ' || c > '~')) {
            throw new BadValue("a header's value is printable ASCII");
        }
        return text;
    }

    static boolean bool(String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new BadValue("true or false");
        };
    }

    static ValueParser<Integer> integer(int min, int max) {
        return text -> {
            if (!text.matches("[+-]?\\d{1,18}") || Long.parseLong(text) < min || Long.parseLong(text) > max) {
                throw new BadValue("a whole number from %d to %d".formatted(min, max));
            }
            return Integer.parseInt(text);
        };
    }

    static ValueParser<Double> decimal(String min, String max) {
        return decimal(min, max, "a number from %s to %s".formatted(min, max));
    }

    /**
     * A number that is not negative.
     *
     * @param right what would be right, in words that name the range
     */
    static ValueParser<Double> decimal(String min, String max, String right) {
        double least = Double.parseDouble(min);
        double most = Double.parseDouble(max);
        return text -> {
            boolean number = text.matches("\\d{0,9}(\\.\\d{0,15})?") && text.matches(".*\\d.*");
            if (!number || Double.parseDouble(text) < least || Double.parseDouble(text) > most) {
                throw new BadValue(right);
            }
            return Double.parseDouble(text);
        };
    }

    /** A size in a range, both ends included. */
    static ValueParser<Long> size(String min, String max) {
        long least = bytes(min);
        long most = bytes(max);
        return text -> {
            long bytes = bytes(text);
            if (bytes < least || bytes > most) {
                throw new BadValue("a size from %s to %s".formatted(min, max));
            }
            return bytes;
        };
    }

    /** A number of bytes: {@code 20MB}, {@code 512KB}, {@code 1GB} (in powers of 1024) or {@code 1048576}. */
    private static long bytes(String text) {
        Matcher matcher = SIZE.matcher(text.toUpperCase(Locale.ROOT));
        if (!matcher.matches()) {
            throw new BadValue("a size looks like 20MB, 512KB, 1GB or a number of bytes");
        }
        int shift = 10 * "KMG".indexOf(matcher.group(2)) + (matcher.group(2).isEmpty() ? 0 : 10);
        return Long.parseLong(matcher.group(1)) << shift;
    }

    static JsonNode json(String text) {
        try {
            return JSON_READER.readTree(text);
        } catch (JsonProcessingException e) {
            throw new BadValue("not JSON; a text needs quotes: " + TextNode.valueOf(text));
        }
    }

    /** One of an enum's constants, under its {@link #label}. */
    static <E extends Enum<?>> ValueParser<E> choice(Class<E> type) {
        Map<String, E> byLabel = Arrays.stream(type.getEnumConstants())
                .collect(Collectors.toMap(ValueParsers::label, constant -> constant, (a, b) -> a, LinkedHashMap::new));
        return text -> {
            E constant = byLabel.get(text);
            if (constant == null) {
                throw new BadValue("one of " + labels(type));
            }
            return constant;
        };
    }

    /** The spelling of an enum's constant in properties, such as {@code first-token}. */
    static String label(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The labels of all of an enum's constants. */
    static String labels(Class<? extends Enum<?>> type) {
        return Arrays.stream(type.getEnumConstants()).map(ValueParsers::label).collect(Collectors.joining(", "));
    }

    /**
     * Any of an enum's constants, in the order written.
     *
     * @param none the word for none of them, which stands alone
     */
    static <E extends Enum<?>> ValueParser<List<E>> choices(String none, Class<E> type) {
        ValueParser<E> choice = choice(type);
        return text -> {
            try {
                return text.equals(none)
                        ? List.of()
                        : list(text).stream().map(choice::of).distinct().toList();
            } catch (BadValue e) {
                throw new BadValue("%s, or any of %s".formatted(none, labels(type)));
            }
        };
    }

    /** What a target can do: all but prefill, changed by the labels written; a leading {@code -} takes one away. */
    static Set<Feature> features(String text) {
        ValueParser<Feature> choice = choice(Feature.class);
        Map<Feature, Boolean> said = new EnumMap<>(Feature.class);
        for (String entry : list(text)) {
            boolean can = !entry.startsWith("-");
            Feature feature;
            try {
                feature = choice.of(can ? entry : entry.substring(1).strip());
            } catch (BadValue e) {
                throw new BadValue(
                        "any of %s; a leading - says that the target cannot".formatted(labels(Feature.class)));
            }
            Boolean before = said.put(feature, can);
            if (before != null && before != can) {
                throw new BadValue(feature.label() + " is listed with and without a -");
            }
        }
        Set<Feature> features = EnumSet.complementOf(EnumSet.of(Feature.PREFILL));
        said.forEach((feature, can) -> {
            if (can) {
                features.add(feature);
            } else {
                features.remove(feature);
            }
        });
        return features;
    }
}
