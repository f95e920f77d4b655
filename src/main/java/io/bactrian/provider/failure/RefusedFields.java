package io.bactrian.provider.failure;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import io.bactrian.protocol.Omissions;
import io.bactrian.provider.failure.NamedFields.Place;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A reader of refusals of fields: finds the fields of the sent request that a refusal names. Stateless. */
final class RefusedFields {

    /** The words with which providers reject a field or a value that they do not know or do not accept at all. */
    private static final Pattern UNKNOWN = Pattern.compile("unsupported|(not|n't|never)( yet| currently| be)?"
            + " (support\\w*|permitted|allow\\w*|available|accept\\w*|implemented|recogni[sz]ed|compatible|known|a valid"
            + " (field|parameter|property|argument))|unrecogni[sz]ed|unknown|unexpected|extra[_"
            + " ](forbidden|inputs?|fields?|propert)|additional propert|disabled|deprecated|no longer|only the"
            + " default|only \\S{1,20} (is|are) (allowed|supported|accepted|permitted)|only"
            + " (allowed|supported|available|valid) (for|on|by|in)\\b|unavailable|not marked as ignorable|cannot find"
            + " field|could not be mapped|no such (field|parameter|property)|invalid"
            + " (field|parameter|property|argument|beta)");

    /** The words with which they reject a value. */
    private static final Pattern VALUE = Pattern.compile("invalid|must be|should be|at most|maximum"
            + "|too (long|many|large|big|short|small)|pattern|exceed|not a valid|is not one of|expected|requires?\\b");

    /** The words with which they reject a value because of another field. */
    private static final Pattern CONFLICT = Pattern.compile(
            "cannot both|not both|mutually exclusive|may only be|must be (unset|omitted|absent|removed|set"
                    + " to)|incompatible|not compatible|or unset|conflicts? with|only (be"
                    + " )?(allowed|supported|available|valid|used|set|specified)"
                    + " (when|with|if|together)|(when|while|with|if) (\\S+ )?(thinking|reasoning)\\b|\\b(tools with|with"
                    + " tools)\\b|not (be )?(used|combined|specified) (together|with)");

    /** A number out of its range, or a value of another type or missing: a mistake wherever it is made. */
    private static final Pattern MISTAKE =
            Pattern.compile("decimal|integer|\\brange\\b|<=|>=|between \\S+ and|invalid[_ ]type"
                    + "|greater than|less than|required|missing");

    /** A field that must be there, as DeepSeek wants the reasoning of earlier answers. */
    private static final Pattern DEMAND = Pattern.compile(
            "(must|should|has to|needs to) be (passed|provided|included|returned|sent|present)|\\bmissing\\b|field"
                    + " required");

    /** The schema of a tool or an answer, whose properties have names of the caller's. */
    private static final Pattern SCHEMA = Pattern.compile("schema for (function|tool|response)|invalid schema");

    /** Fields of the caller's own words: what is said about them is about the words. */
    private static final Set<String> OF_CONTENT = Set.of(
            "messages", "content", "text", "prompt", "system", "input", "arguments", "tool_calls", "tools", "model");

    /** Two names of one limit: each is left out for the other. */
    private static final Map<String, String> OTHER_NAMES =
            Map.of("max_tokens", "max_completion_tokens", "max_completion_tokens", "max_tokens");

    /** The values of these may be any JSON, in which a name means nothing. */
    private static final Set<String> OF_ANY_JSON = Set.of("arguments", "input", "input_schema", "parameters", "schema");

    /** The members of messages that every provider knows. */
    private static final Set<String> KNOWN = Set.of("role", "content", "tool_call_id", "name");

    private RefusedFields() {}

    static boolean isRejection(String words) {
        return UNKNOWN.matcher(words).find() || VALUE.matcher(words).find();
    }

    static RefusedParts of(String words, Failure failure, JsonNode sent) {
        if (SCHEMA.matcher(words).find()) {
            return RefusedParts.NONE;
        }
        boolean unknown = !DEMAND.matcher(words).find()
                && (failure.type() == FailureClass.UNSUPPORTED
                        || UNKNOWN.matcher(words).find());
        String refusing = OwnWords.refusing(failure.reason());
        String rejecting = OwnWords.sentences(refusing, RefusedFields::isRejectionOfAName);
        Set<Place> places = NamedFields.places(failure);
        Set<Place> beside = NamedFields.in(rejecting);
        Set<Place> named = NamedFields.in(refusing);
        RefusedParts found = parts(places, words, unknown, sent);
        if (!found.named()) {
            found = parts(beside, words, unknown, sent);
        }
        if (!found.named()) {
            found = parts(named, words, unknown, sent);
        }
        if (!found.named() && Stream.concat(places.stream(), named.stream()).noneMatch(RefusedFields::isOfContent)) {
            found = parts(fieldsIn(rejecting.toLowerCase(Locale.ROOT), sent), words, unknown, sent);
        }
        return withoutTheSecond(found);
    }

    private static boolean isRejectionOfAName(String sentence) {
        String words = sentence.toLowerCase(Locale.ROOT);
        return UNKNOWN.matcher(words).find() || CONFLICT.matcher(words).find();
    }

    private static boolean isOfContent(Place place) {
        return OF_CONTENT.contains(place.name());
    }

    /** The fields of the request whose names stand somewhere among the words. */
    private static Set<Place> fieldsIn(String words, JsonNode sent) {
        Set<Place> found = new LinkedHashSet<>();
        sent.fieldNames().forEachRemaining(name -> {
            if (NamedFields.isUnmistakable(name) && isWord(name, words)) {
                found.add(new Place(null, name));
            }
        });
        return found;
    }

    private static RefusedParts parts(Set<Place> places, String words, boolean unknown, JsonNode sent) {
        RefusedParts found = RefusedParts.NONE;
        for (Place place : places) {
            RefusedParts part = part(place, words, unknown, sent);
            found = new RefusedParts(
                    found.lasting().plus(part.lasting()),
                    found.once().plus(part.once()),
                    found.named() || part.named());
        }
        return found;
    }

    /** Of the two that must not be there together, one stays. */
    private static RefusedParts withoutTheSecond(RefusedParts found) {
        boolean both = found.once().fields().containsAll(Set.of("temperature", "top_p"));
        return both ? RefusedParts.once(Omissions.of(Set.of("top_p"))) : found;
    }

    private static boolean isWord(String name, String words) {
        return Pattern.compile("(?<![\\w.])" + Pattern.quote(name) + "(?!\\w)")
                .matcher(words)
                .find();
    }

    private static RefusedParts part(Place place, String words, boolean unknown, JsonNode sent) {
        String name = place.name();
        boolean alone = place.root() == null || place.root().equals(name);
        if (alone && sent.has(name) && !OF_CONTENT.contains(name)) {
            return field(name, words, unknown, sent);
        }
        String root = root(place, sent);
        return root == null ? RefusedParts.NONE : member(root, name, words, unknown, sent);
    }

    private static RefusedParts field(String name, String words, boolean unknown, JsonNode sent) {
        boolean conflict = CONFLICT.matcher(words).find();
        boolean mistake = MISTAKE.matcher(words).find();
        String other = OTHER_NAMES.get(name);
        if (other != null) {
            boolean renamed = unknown
                    && !sent.has(other)
                    && !mistake
                    && sent.path("messages").isArray();
            return renamed && (words.contains(other) || !VALUE.matcher(words).find())
                    ? RefusedParts.lasting(Omissions.of(Set.of(name)))
                    : unknown || VALUE.matcher(words).find() ? RefusedParts.NEEDED : RefusedParts.NONE;
        }
        boolean dispensable = Dispensable.isField(name);
        if (sent.path(name).isNull()) {
            Omissions empty = Omissions.of(Set.of(name));
            return dispensable ? RefusedParts.lasting(empty) : RefusedParts.once(empty);
        }
        if (!dispensable) {
            boolean value = VALUE.matcher(words).find() && !mistake;
            return unknown || conflict || value ? RefusedParts.NEEDED : RefusedParts.NONE;
        }
        if (conflict) {
            return RefusedParts.once(Omissions.of(Set.of(name)));
        }
        if (unknown && !mistake) {
            return RefusedParts.lasting(Omissions.of(Set.of(name)));
        }
        return Dispensable.isOfTheUser(name) && VALUE.matcher(words).find()
                ? RefusedParts.once(Omissions.of(Set.of(name)))
                : RefusedParts.NONE;
    }

    private static RefusedParts member(String root, String name, String words, boolean unknown, JsonNode sent) {
        if (Dispensable.isOfTheUser(root) && VALUE.matcher(words).find() && !unknown) {
            return RefusedParts.once(Omissions.of(Set.of(root)));
        }
        boolean empty = isEmptyWhereverItIs(sent.path(root), name);
        if (!empty && (!unknown || OF_CONTENT.contains(name))) {
            return RefusedParts.NONE;
        }
        Set<String> lasting = new LinkedHashSet<>();
        Set<String> once = new LinkedHashSet<>();
        if (Dispensable.isMember(root, name, sent) || (empty && Dispensable.isMemberIfEmpty(root, name))) {
            lasting.add(root + "." + name);
        } else if (isNullWhereverItIs(sent.path(root), name) && !name.equals("content")) {
            once.add(root + "." + name);
        } else {
            return unknown ? RefusedParts.NEEDED : RefusedParts.NONE;
        }
        if (Dispensable.isOfTheCache(name)) {
            lasting.addAll(everywhere(name, sent));
        }
        if (root.equals("messages")) {
            foreign(sent, Dispensable.isReasoning(name), lasting, once);
        }
        return new RefusedParts(Omissions.of(lasting), Omissions.of(once), true);
    }

    /** The name in every field that has it and can do without it: what is refused in one place is refused in all. */
    private static Set<String> everywhere(String name, JsonNode sent) {
        Set<String> fields = new LinkedHashSet<>();
        sent.properties().forEach(field -> {
            String root = field.getKey();
            if (root.equals(name)) {
                fields.add(name);
            } else if (!Dispensable.isField(root)
                    && Dispensable.isMember(root, name, sent)
                    && contains(field.getValue(), name)) {
                fields.add(root + "." + name);
            }
        });
        return fields;
    }

    /** The members of messages that only some providers know: who refuses one refuses the others, one after the other. */
    private static void foreign(JsonNode sent, boolean reasoning, Set<String> lasting, Set<String> once) {
        JsonNode messages = sent.path("messages");
        for (JsonNode message : messages) {
            if (!message.path("role").asText().equals("assistant")) {
                continue;
            }
            message.fieldNames().forEachRemaining(name -> {
                if (KNOWN.contains(name) || (!reasoning && Dispensable.isReasoning(name))) {
                    return;
                }
                boolean empty = isEmpty(message.path(name));
                if (Dispensable.isMember("messages", name, sent)
                        || (empty && Dispensable.isMemberIfEmpty("messages", name))) {
                    lasting.add("messages." + name);
                } else if (isNullWhereverItIs(messages, name)) {
                    once.add("messages." + name);
                }
            });
        }
    }

    /** The top-level field in which the name is a member: the one that the refusal names, else the messages, else the first. */
    private static @Nullable String root(Place place, JsonNode sent) {
        if (place.root() != null && contains(sent.path(place.root()), place.name())) {
            return place.root();
        }
        if (contains(sent.path("messages"), place.name())) {
            return "messages";
        }
        for (Map.Entry<String, JsonNode> field : sent.properties()) {
            boolean toolName = place.name().equals("name") || field.getKey().equals("response_format");
            if (!toolName && contains(field.getValue(), place.name())) {
                return field.getKey();
            }
        }
        return null;
    }

    private static boolean contains(JsonNode value, String name) {
        if (value.has(name)) {
            return true;
        }
        if (value.isArray()) {
            for (JsonNode item : value) {
                if (contains(item, name)) {
                    return true;
                }
            }
            return false;
        }
        for (Map.Entry<String, JsonNode> member : value.properties()) {
            if (!OF_ANY_JSON.contains(member.getKey()) && contains(member.getValue(), name)) {
                return true;
            }
        }
        return false;
    }

    /** True if the name is there and says nothing wherever it is, as in {@code "refusal": null}. */
    private static boolean isEmptyWhereverItIs(JsonNode value, String name) {
        Set<Boolean> empty = new LinkedHashSet<>();
        value.findValues(name).forEach(found -> empty.add(isEmpty(found)));
        return empty.contains(true) && !empty.contains(false);
    }

    private static boolean isNullWhereverItIs(JsonNode value, String name) {
        List<JsonNode> all = value.findValues(name);
        return !all.isEmpty() && all.stream().allMatch(JsonNode::isNull);
    }

    private static boolean isEmpty(JsonNode value) {
        return value.isNull() || (value.isContainerNode() && value.isEmpty());
    }
}
