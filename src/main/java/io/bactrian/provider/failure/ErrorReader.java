package io.bactrian.provider.failure;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * The reader of one {@link ErrorBody} from a document. It accepts values of any JSON type. Used once, by one thread.
 */
final class ErrorReader {

    private final Set<String> keys = new LinkedHashSet<>();
    private final Map<String, String> headers = new HashMap<>();
    private int status;
    private @Nullable String code;
    private @Nullable String type;
    private @Nullable String param;
    private @Nullable String retryDelay;
    private String message = "";
    private String quoted = "";

    ErrorBody read(JsonNode json) {
        JsonNode root = json.isArray() ? json.path(0) : json; // Gemini wraps its errors in an array
        JsonNode error = root.path("error");
        JsonNode groq = root.path("x_groq").path("error"); // Groq: the reason why a stream stopped early
        JsonNode choice = root.path("choices").path(0).path("error");
        if (error.isObject()) {
            fields(error);
        } else if (ErrorBody.isPresent(error)) {
            fields(root);
            word(error);
        } else if (ErrorBody.isPresent(groq)) {
            keys.add("x_groq.error");
            fields(groq);
            word(groq);
        } else if (choice.isObject()) {
            fields(choice);
        } else {
            fields(root);
            word(root);
        }
        return new ErrorBody(status, keys, code, type, param, message, quoted, retryDelay, headers);
    }

    private void fields(JsonNode error) {
        code = key(error.path("code"));
        type = first(key(error.path("type")), key(error.path("error_type")));
        String state = key(error.path("status")); // Google's status word, or a number
        param = text(error.path("param"));
        status(error.path("status_code"), error.path("statusCode"), error.path("code"), error.path("status"));
        message(error.path("message"));
        key(error.path("innererror").path("code"));
        detail(error.path("detail"));
        details(error.path("details"));
        metadata(error.path("metadata"));
        if (state != null && !isNumber(state)) {
            type = first(type, state);
        }
    }

    /** Reads an error that is only a word or a sentence. */
    private void word(JsonNode error) {
        String word = text(error);
        if (word == null) {
            return;
        }
        message = message.isEmpty() ? word : message;
        if (!word.contains(" ")) {
            code = first(code, key(error));
        }
    }

    private void message(JsonNode node) {
        String words = text(node.isObject() ? node.path("message") : node);
        message = words == null ? "" : words;
        detail(node.path("detail")); // Mistral's validation errors come inside the message
    }

    /** Reads validation errors in the form of FastAPI (Mistral, vLLM): a sentence, or one entry per field. */
    private void detail(JsonNode detail) {
        StringJoiner sentences = new StringJoiner("; ");
        for (JsonNode entry : detail) {
            StringJoiner place = new StringJoiner(".");
            for (JsonNode step : entry.path("loc")) {
                place.add(step.asText());
            }
            key(entry.path("type"));
            param = first(param, place.length() == 0 ? null : place.toString());
            sentences.add(place + ": " + entry.path("msg").asText());
        }
        String sentence = text(detail);
        if (message.isEmpty()) {
            message = sentence == null ? sentences.toString() : sentence;
        }
    }

    /** Reads Anthropic's {@code error_code}, or Google's list of typed details. */
    private void details(JsonNode details) {
        code = first(code, key(details.path("error_code")));
        for (JsonNode entry : details) {
            key(entry.path("reason"));
            for (JsonNode violation : entry.path("violations")) {
                key(violation.path("quotaId"));
            }
            retryDelay = first(retryDelay, text(entry.path("retryDelay")));
        }
    }

    private void metadata(JsonNode metadata) {
        key(metadata.path("limit_source"));
        if (!metadata.path("reasons").isEmpty()) {
            keys.add("metadata.reasons");
        }
        for (Map.Entry<String, JsonNode> header : metadata.path("headers").properties()) {
            headers.put(
                    header.getKey().toLowerCase(Locale.ROOT), header.getValue().asText());
        }
        String raw = text(metadata.path("raw"));
        if (raw != null) {
            JsonNode behind = ErrorBody.parse(raw.getBytes(StandardCharsets.UTF_8));
            JsonNode error = behind.path("error");
            quoted = error.isObject()
                    ? error.path("message").asText() + " " + error.path("code").asText("")
                    : raw;
        }
    }

    private void status(JsonNode... candidates) {
        for (JsonNode candidate : candidates) {
            String number = text(candidate);
            if (status == 0 && number != null && number.matches("[45][0-9][0-9]")) {
                status = Integer.parseInt(number);
            }
        }
    }

    private @Nullable String key(JsonNode node) {
        String key = text(node);
        if (key != null) {
            keys.add(key.toLowerCase(Locale.ROOT));
        }
        return key;
    }

    private static @Nullable String text(JsonNode node) {
        return node.isValueNode() && !node.isNull() && !node.asText().isBlank() ? node.asText() : null;
    }

    private static boolean isNumber(String text) {
        return text.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    private static @Nullable String first(@Nullable String one, @Nullable String other) {
        return one != null ? one : other;
    }
}
