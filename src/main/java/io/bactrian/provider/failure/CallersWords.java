package io.bactrian.provider.failure;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.policy.Failure;
import io.bactrian.protocol.Capability;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The caller's own words in a refusal: a name that the provider quotes from a message, from metadata or from a schema is not one
 * of the fields that it refuses. Stateless.
 */
public final class CallersWords {
    /** What is quoted around a name to be sure that it is a quotation. */
    private static final int AROUND = 5;

    private static final Map<Capability, Pattern> NAMES = Map.of(
            Capability.PREFILL, Pattern.compile("prefill|must end with|(last|final) (message|role|turn)"),
            Capability.STREAMING, Pattern.compile(RefusedCapability.STREAM_NAMES),
            Capability.STREAM_OPTIONS, Pattern.compile("stream_options|include_usage"),
            Capability.STRUCTURED_OUTPUT, Pattern.compile(RefusedCapability.OUTPUT_NAMES),
            Capability.SAMPLING, Pattern.compile(RefusedCapability.SAMPLING_NAMES),
            Capability.EFFORT, Pattern.compile(RefusedCapability.EFFORT_NAMES),
            Capability.TOOLS_WITH_EFFORT, Pattern.compile(RefusedCapability.EFFORT_NAMES));

    /** What is wrong with this schema, and not with schemas. */
    private static final Pattern OF_A_SCHEMA =
            Pattern.compile("\\bschemas?\\b|additional_?propert|\\b(one|any|all)of\\b"
                    + "|\\$?\\bref\\b|\\$defs|\\bpattern|\\benums?\\b|keyword|recursi|propert(y|ies)|nest(ed|ing)|too (complex|deep"
                    + "|large|many)|complexity|grammar|min(imum|length|items)|max(imum|length|items)");

    private static final Pattern PLACES = Pattern.compile("schema|function|tool|propert|metadata|\\bkeys?\\b|nested");

    private CallersWords() {}

    /** True if a refusal that seems to be one of a capability may come from what this request says, and not from the target. */
    public static boolean mayExplain(Capability capability, Failure failure, JsonNode sent) {
        String words = words(failure);
        if (capability == Capability.STRUCTURED_OUTPUT
                && OF_A_SCHEMA.matcher(words).find()) {
            return true;
        }
        Pattern names = NAMES.get(capability);
        boolean keys = failure.param() == null;
        return names != null && isQuoted(names, words, sent, keys);
    }

    /** The same of a field, which may be a member of another one. */
    static boolean mayExplain(String field, Failure failure, JsonNode sent) {
        String name = field.substring(field.lastIndexOf('.') + 1);
        Pattern names = Pattern.compile(Pattern.quote(name.toLowerCase(Locale.ROOT)));
        return failure.param() == null && isQuoted(names, words(failure), sent, false);
    }

    /** The part of a sent body that asks for an answer in a schema. */
    public static JsonNode schema(JsonNode sent) {
        return sent.has("output_config") ? sent.path("output_config") : sent.path("tools");
    }

    private static String words(Failure failure) {
        return (failure.code() + " " + failure.reason()).toLowerCase(Locale.ROOT);
    }

    private static boolean isQuoted(Pattern names, String words, JsonNode sent, boolean keys) {
        Deque<JsonNode> left = new ArrayDeque<>();
        for (Map.Entry<String, JsonNode> field : sent.properties()) {
            boolean own = names.matcher(field.getKey()).matches();
            if (!own) {
                left.add(field.getValue());
            }
        }
        boolean ofAPlace = keys && PLACES.matcher(words).find();
        while (!left.isEmpty()) {
            JsonNode node = left.poll();
            if (node.isTextual() && isQuoted(names, words, node.textValue().toLowerCase(Locale.ROOT))) {
                return true;
            }
            for (Map.Entry<String, JsonNode> member : node.properties()) {
                if (ofAPlace
                        && names.matcher(member.getKey().toLowerCase(Locale.ROOT))
                                .matches()) {
                    return true;
                }
                left.add(member.getValue());
            }
            if (node.isArray()) {
                node.forEach(left::add);
            }
        }
        return false;
    }

    private static boolean isQuoted(Pattern names, String words, String text) {
        Matcher name = names.matcher(text);
        while (name.find()) {
            int from = Math.max(0, name.start() - AROUND);
            int end = Math.min(text.length(), name.end() + AROUND);
            if (words.contains(text.substring(from, end))) {
                return true;
            }
        }
        return false;
    }
}
