package io.bactrian.demo;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The form of an answer that a prompt asks for in words, as client libraries do for models without structured output: JSON in a
 * schema, in a template or like an example, or a single value. Immutable.
 *
 * @param schema the JSON schema of the answer; null for a single value
 * @param value the answer itself; null if there is a schema
 * @param fenced whether the JSON stands in a fenced code block
 */
record PromptedFormat(@Nullable JsonNode schema, @Nullable String value, boolean fenced) {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final int FLAGS = Pattern.CASE_INSENSITIVE | Pattern.DOTALL;

    /** The schema of any object: one with an answer. */
    private static final JsonNode ANY_OBJECT = JSON.objectNode()
            .put("type", "object")
            .set("properties", JSON.objectNode().set("answer", JSON.objectNode().put("type", "string")));

    /** A request for JSON, and not only a mention of it. */
    private static final Pattern ASKS = Pattern.compile(
            "\\b(?:answer|respond|reply|return|output|response|result|format(?:ted)?)\\b[^.!?]{0,80}?"
                    + "\\b(?:in|as|with|within|only|valid|an?|the|correct|be)\\b[^.!?]{0,40}?"
                    + "\\bjson(?:_schema)?\\b(?!\\s+(?:parser|library|file|path|web|patch|editor|viewer))"
                    + "|\\b(?:generate|produce|give|provide|write|create|extract)\\b[^.!?]{0,80}?"
                    + "\\b(?:in|as|into)\\s+(?:(?:an?|the|valid|strict)\\s+)*json\\b"
                    + "|\\b(?:answer|respond|reply|return|output|give|send)\\s+(?:me\\s+|us\\s+)?json\\b"
                    + "|\\bjson\\s+(?:only|object|format|output|response)\\s*:"
                    + "|\\bin\\s+json\\s+that\\s+match",
            FLAGS);

    /** A question about JSON. */
    private static final Pattern QUESTION =
            Pattern.compile("\\b(?:how|why|explain|describe|what is|what's|difference)\\b[^.!?]*$", FLAGS);

    /** The instructions of agents are long, and mention JSON in passing. */
    private static final int MAX_INSTRUCTIONS = 8_000;

    private static final Pattern FENCE = Pattern.compile(
            "\\b(?:in|within|inside|using|use)\\s+an?\\s+(?:markdown\\s+)?(?:```\\s*json|json)?[^.]{0,20}"
                    + "(?:code\\s*-?block|code\\s+fence|fenced)",
            FLAGS);
    private static final Pattern NO_FENCE = Pattern.compile(
            "\\b(?:not|no|without|remove|never|avoid)\\b[^.]{0,60}(?:code\\s*-?block|code\\s+fence|fenced|```)", FLAGS);

    /** The words of LangChain4j for what is no object. */
    private static final Pattern ENUM = Pattern.compile(
            "answer strictly with (?:one|zero or more) of these enums[^:]*:\\s*\\n\\s*([^\\s:]+)", FLAGS);

    private static final Pattern ONE_VALUE =
            Pattern.compile("answer strictly in the following format:\\s*(?:one of \\[([^\\],]+)|([^\\n]+))", FLAGS);

    private static final Pattern TEMPLATE = Pattern.compile(
            "(?:following|this) (?:json )?(?:format|structure|template)[^{\\[\\n]{0,40}:\\s*(?=[{\\[])", FLAGS);

    /** The form of an answer in a schema that the request has in a field of its own. */
    static PromptedFormat of(JsonNode schema) {
        return new PromptedFormat(schema, null, false);
    }

    /** The form of an answer in JSON mode: an object as the prompt describes it, or any. */
    static PromptedFormat object(@Nullable PromptedFormat prompted) {
        if (prompted != null && prompted.value != null) {
            // LangChain4j takes a single value in this field.
            boolean bare = prompted.value.matches("true|false|-?\\d+(\\.\\d+)?");
            String json = bare ? prompted.value : JSON.textNode(prompted.value).toString();
            return new PromptedFormat(null, "{\"value\":" + json + "}", false);
        }
        return of(prompted == null || prompted.schema == null ? ANY_OBJECT : prompted.schema);
    }

    /** An answer in this form, with a given text for strings. */
    String sample(String text) {
        if (schema == null) {
            return String.valueOf(value);
        }
        String json = SchemaSample.of(schema, text).toString();
        return fenced ? "```json\n" + json + "\n```" : json;
    }

    /**
     * The form that the instructions or the last message of a request ask for; null if neither does.
     *
     * @param instructions the system messages
     * @param message the last message of the user
     */
    static @Nullable PromptedFormat of(String instructions, String message) {
        PromptedFormat asked = of(message);
        PromptedFormat instructed = instructions.length() > MAX_INSTRUCTIONS ? null : of(instructions);
        if (asked == null || instructed == null) {
            return asked == null ? instructed : asked;
        }
        // Instructor has the schema in the system message, and the fence in the last one.
        return describes(instructions) && !describes(message)
                ? new PromptedFormat(instructed.schema, instructed.value, asked.fenced || instructed.fenced)
                : asked;
    }

    private static @Nullable PromptedFormat of(String text) {
        Matcher constant = ENUM.matcher(text);
        if (constant.find()) {
            return new PromptedFormat(null, constant.group(1), false);
        }
        Matcher one = ONE_VALUE.matcher(text);
        if (one.find()) {
            return new PromptedFormat(null, one.group(1) != null ? one.group(1).strip() : value(one.group(2)), false);
        }
        String words = text.replaceAll("\\n\\s*\\n", ". ").replace('\n', ' ');
        if (!asks(words)) {
            return null;
        }
        boolean fenced = FENCE.matcher(words).find() && !NO_FENCE.matcher(words).find();
        return new PromptedFormat(schema(text), null, fenced);
    }

    private static boolean asks(String words) {
        Matcher asks = ASKS.matcher(words);
        while (asks.find()) {
            if (!QUESTION.matcher(words.substring(0, asks.start())).find()) {
                return true;
            }
        }
        return false;
    }

    private static String value(String format) {
        return switch (format.strip()) {
            case "yyyy-MM-dd" -> "2026-11-23";
            case "HH:mm:ss" -> "12:00:00";
            case "yyyy-MM-ddTHH:mm:ss" -> "2026-11-23T12:00:00";
            default -> format.contains("floating") ? "1.0" : format.contains("integer") ? "1" : format.strip();
        };
    }

    private static JsonNode schema(String text) {
        List<JsonNode> written = objects(text);
        for (int i = written.size() - 1; i >= 0; i--) {
            if (isSchema(written.get(i))) {
                return written.get(i);
            }
        }
        Matcher template = TEMPLATE.matcher(text);
        if (template.find()) {
            return JsonTemplate.schema(text.substring(template.end()));
        }
        return written.isEmpty() ? ANY_OBJECT : JsonTemplate.like(written.getLast());
    }

    /** Whether a text describes JSON by a schema or a template, and not by an example. */
    private static boolean describes(String text) {
        return objects(text).stream().anyMatch(PromptedFormat::isSchema)
                || TEMPLATE.matcher(text).find();
    }

    private static boolean isSchema(JsonNode json) {
        return json.path("properties").isObject()
                || json.has("$ref")
                || json.has("anyOf")
                || json.has("oneOf")
                || (json.path("type").asText().equals("array") && json.has("items"));
    }

    /** The JSON objects in a text, from left to right. */
    private static List<JsonNode> objects(String text) {
        List<JsonNode> found = new ArrayList<>();
        for (int at = text.indexOf('{'); at >= 0; at = text.indexOf('{', at)) {
            String rest = text.substring(at);
            try (JsonParser parser = DemoServer.JSON.getFactory().createParser(rest)) {
                JsonNode object = parser.readValueAsTree();
                found.add(object);
                at += (int) parser.currentLocation().getCharOffset();
            } catch (IOException e) {
                at++;
            }
        }
        return found;
    }
}
