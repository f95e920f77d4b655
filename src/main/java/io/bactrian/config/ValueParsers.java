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
            throw new BadValue("a secret has no space and no character beyond ASCII");
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

    static ValueParser<Integer> integer(int least, int most) {
        String right = most == Integer.MAX_VALUE
                ? "a whole number of at least " + least
                : "a whole number from " + least + " to " + most;
        return text -> {
            if (!text.matches("[+-]?\\d{1,18}") || Long.parseLong(text) < least || Long.parseLong(text) > most) {
                throw new BadValue(right);
            }
            return Integer.parseInt(text);
        };
    }

    static ValueParser<Integer> integer(int least) {
        return integer(least, Integer.MAX_VALUE);
    }

    static double share(String text) {
        return decimal(text, 1, "a number from 0 to 1");
    }

    static double price(String text) {
        return decimal(text, 1_000_000, "US dollars per million tokens, such as 2.50");
    }

    private static double decimal(String text, double most, String right) {
        if (!text.matches("\\d{0,9}(\\.\\d{0,15})?") || !text.matches(".*\\d.*") || Double.parseDouble(text) > most) {
            throw new BadValue(right);
        }
        return Double.parseDouble(text);
    }

    /** A number of bytes: {@code 20MB}, {@code 512KB}, {@code 1GB} (in powers of 1024) or {@code 1048576}. */
    static long size(String text) {
        Matcher matcher = SIZE.matcher(text.toUpperCase(Locale.ROOT));
        if (!matcher.matches() || Long.parseLong(matcher.group(1)) == 0) {
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
    static <E extends Enum<E>> ValueParser<E> choice(Class<E> type) {
        Map<String, E> byLabel = Arrays.stream(type.getEnumConstants())
                .collect(Collectors.toMap(ValueParsers::label, constant -> constant, (a, b) -> a, LinkedHashMap::new));
        return text -> {
            E constant = byLabel.get(text);
            if (constant == null) {
                throw new BadValue("one of " + String.join(", ", byLabel.keySet()));
            }
            return constant;
        };
    }

    /** The spelling of an enum's constant in properties, such as {@code first-token}. */
    static String label(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Ways to rescue a stream, in the order written; {@code off} stands alone for none. */
    static List<Limits.Rescue> rescues(String text) {
        if (text.equals("off")) {
            return List.of();
        }
        ValueParser<Limits.Rescue> choice = choice(Limits.Rescue.class);
        try {
            return list(text).stream().map(choice::of).distinct().toList();
        } catch (BadValue e) {
            throw new BadValue("off, or any of prefill, replay, continue");
        }
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
                        "any of tools, images, json-schema, prefill, streaming; with a leading - what it cannot");
            }
            Boolean before = said.put(feature, can);
            if (before != null && before != can) {
                throw new BadValue(feature.label() + " stands there with and without a -");
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
