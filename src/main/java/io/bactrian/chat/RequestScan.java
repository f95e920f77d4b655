package io.bactrian.chat;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.bactrian.config.Feature;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One pass over a request's bytes that finds the top-level fields, checks that the whole is JSON, and notes what the gateway
 * reads. Building a tree of each request would cost more than all the rest of the way to an OpenAI-compatible provider.
 */
final class RequestScan {
    private static final Set<String> SILENT_EFFORTS = Set.of("none", "minimal");

    final List<Field> fields = new ArrayList<>();
    final Set<Feature> needs = EnumSet.noneOf(Feature.class);
    final Set<String> openAiOnly = new HashSet<>();
    final List<String> fallbacks = new ArrayList<>();

    @Nullable
    String model;

    boolean stream;
    boolean includeUsage;
    boolean thinks;
    int choices = 1;
    private boolean messages;
    private final byte[] body;

    /** A top-level field: the bytes from its name's opening quote to its value's end. */
    record Field(String name, int start, int end) {}

    private RequestScan(byte[] body) {
        this.body = body;
    }

    static RequestScan of(byte[] body) {
        RequestScan scan = new RequestScan(body);
        if (body.length > 1 && (body[0] == 0 || body[1] == 0 || (body[0] & 0xFE) == 0xFE)) {
            throw Refusal.invalid(null, "The request body must be JSON in UTF-8.");
        }
        try (JsonParser parser = Json.MAPPER.getFactory().createParser(body)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw Refusal.invalid(null, "The request body must be a JSON object.");
            }
            scan.object(parser);
            if (parser.nextToken() != null) {
                throw Refusal.invalid(null, "The request body must be one JSON object, with nothing behind it.");
            }
        } catch (com.fasterxml.jackson.core.JacksonException e) {
            throw Refusal.invalid(null, "The request body is not valid JSON: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw Refusal.invalid(null, "The request body cannot be read.");
        }
        if (!scan.messages) {
            throw Refusal.invalid("messages", "'messages' must be a non-empty array.");
        }
        return scan;
    }

    boolean streamable() {
        return !openAiOnly.contains("n") && !openAiOnly.contains("audio") && !openAiOnly.contains("logprobs");
    }

    private void object(JsonParser parser) throws IOException {
        Set<String> seen = new HashSet<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            int start = (int) parser.currentTokenLocation().getByteOffset();
            if (!seen.add(name)) {
                throw Refusal.invalid(name, "The field '" + name + "' is there twice.");
            }
            JsonToken token = parser.nextToken();
            field(parser, name, token);
            parser.skipChildren();
            parser.finishToken();
            int end = (int) parser.currentLocation().getByteOffset();
            fields.add(new Field(name, start, end));
        }
    }

    private void field(JsonParser parser, String name, JsonToken token) throws IOException {
        switch (name) {
            case "model" -> model = text(parser, name, token);
            case "stream" -> {
                if (!token.isBoolean() && token != JsonToken.VALUE_NULL) {
                    throw Refusal.invalid(name, "'stream' must be true or false.");
                }
                stream = token == JsonToken.VALUE_TRUE;
            }
            case "stream_options" ->
                within(parser, token, (field, value) -> {
                    if (field.equals("include_usage") && value == JsonToken.VALUE_TRUE) {
                        includeUsage = true;
                    }
                });
            case "fallbacks" -> names(parser, token);
            case "messages" -> messages(parser, token);
            case "tools", "functions" -> {
                if (token == JsonToken.START_ARRAY && parser.nextToken() != JsonToken.END_ARRAY) {
                    needs.add(Feature.TOOLS);
                    if (name.equals("functions")) {
                        openAiOnly.add(name);
                    }
                    skipRest(parser, 1);
                }
            }
            case "response_format" ->
                within(parser, token, (field, value) -> {
                    if (field.equals("type") && parser.getText().equals("json_schema")) {
                        needs.add(Feature.JSON_SCHEMA);
                    }
                });
            case "reasoning_effort" ->
                thinks |= token == JsonToken.VALUE_STRING && !SILENT_EFFORTS.contains(parser.getText());
            case "n" -> {
                if (token == JsonToken.VALUE_NUMBER_INT && parser.getIntValue() > 1) {
                    choices = parser.getIntValue();
                    openAiOnly.add("n");
                }
            }
            case "logprobs", "audio", "web_search_options" -> {
                if (token != JsonToken.VALUE_NULL && token != JsonToken.VALUE_FALSE) {
                    openAiOnly.add(name);
                }
                parser.skipChildren();
            }
            default -> parser.skipChildren();
        }
    }

    private static @Nullable String text(JsonParser parser, String name, JsonToken token) throws IOException {
        if (token == JsonToken.VALUE_NULL) {
            return null;
        }
        if (token != JsonToken.VALUE_STRING) {
            throw Refusal.invalid(name, "'" + name + "' must be a string.");
        }
        return parser.getText();
    }

    private void names(JsonParser parser, JsonToken token) throws IOException {
        if (token == JsonToken.VALUE_NULL) {
            return;
        }
        if (token != JsonToken.START_ARRAY) {
            throw Refusal.invalid("fallbacks", "'fallbacks' must be an array of target names or provider/model.");
        }
        JsonToken item;
        while ((item = parser.nextToken()) != JsonToken.END_ARRAY) {
            if (item != JsonToken.VALUE_STRING) {
                throw Refusal.invalid("fallbacks", "'fallbacks' must be an array of target names or provider/model.");
            }
            fallbacks.add(parser.getText());
        }
    }

    private void messages(JsonParser parser, JsonToken token) throws IOException {
        if (token != JsonToken.START_ARRAY) {
            throw Refusal.invalid("messages", "'messages' must be a non-empty array.");
        }
        for (int depth = 1; depth > 0; ) {
            JsonToken next = parser.nextToken();
            if (next.isStructStart()) {
                depth++;
                messages = true;
            } else if (next.isStructEnd()) {
                depth--;
            } else if (next == JsonToken.VALUE_STRING) {
                part(parser);
            }
        }
    }

    /** Looks at a string within the messages: the type of a content part tells what the target must see or hear. */
    private void part(JsonParser parser) throws IOException {
        String name = parser.currentName();
        if ("type".equals(name)) {
            switch (parser.getText()) {
                case "image_url" -> needs.add(Feature.IMAGES);
                case "input_audio" -> openAiOnly.add("audio");
                default -> {}
            }
        } else if ("file_id".equals(name)) {
            openAiOnly.add("file");
        }
    }

    private interface Visit {
        void field(String name, JsonToken value) throws IOException;
    }

    private static void within(JsonParser parser, JsonToken token, Visit visit) throws IOException {
        if (token != JsonToken.START_OBJECT) {
            parser.skipChildren();
            return;
        }
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            visit.field(name, parser.nextToken());
            parser.skipChildren();
        }
    }

    private static void skipRest(JsonParser parser, int depth) throws IOException {
        parser.skipChildren();
        for (int open = depth; open > 0; ) {
            JsonToken next = parser.nextToken();
            open += next.isStructStart() ? 1 : next.isStructEnd() ? -1 : 0;
        }
    }
}
