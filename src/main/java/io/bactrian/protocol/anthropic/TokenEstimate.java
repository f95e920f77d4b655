package io.bactrian.protocol.anthropic;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.protocol.Json;
import java.util.Map;
import java.util.Set;

/**
 * A good guess at the tokens of a Messages request for models whose tokens no provider counts. Texts count by their characters,
 * at rates that lie between the tokenizers in use; images and documents by the size of their data, as their pixels and pages are
 * not read. Stateless.
 */
final class TokenEstimate {
    /** The tokens of one character, in thousandths. */
    private static final int ASCII = 250;

    private static final int LETTER_WITH_ACCENT = 450;
    private static final int WIDE = 900;

    /** The first code point of East Asian scripts and emoji. */
    private static final int FIRST_WIDE = 0x2E80;

    private static final int THOUSAND = 1000;

    /** The tokens of the frame around each message, and around each tool. */
    private static final int PER_MESSAGE = 4;

    private static final int PER_TOOL = 12;

    /** The tokens of an image: providers shrink large ones. */
    private static final int MIN_IMAGE = 80;

    private static final int MAX_IMAGE = 1600;
    private static final int CHARACTERS_PER_IMAGE_TOKEN = 150;

    /** The tokens of a page of a document, and of a document whose size is not known. */
    private static final int MIN_DOCUMENT = 1500;

    private static final int CHARACTERS_PER_DOCUMENT_TOKEN = 30;

    /** The fields that are not given to the model as text, and the reasoning of earlier turns, which providers drop. */
    private static final Set<String> SILENT =
            Set.of("type", "role", "id", "tool_use_id", "cache_control", "thinking", "signature", "media_type");

    private TokenEstimate() {}

    static int of(JsonNode request) {
        long thousandths = content(request.path("system"));
        for (JsonNode message : request.path("messages")) {
            thousandths += PER_MESSAGE * THOUSAND + content(message.path("content"));
        }
        for (JsonNode tool : request.path("tools")) {
            thousandths += PER_TOOL * THOUSAND + json(tool);
        }
        return (int) Math.clamp(Math.ceilDiv(thousandths, THOUSAND), 1, Integer.MAX_VALUE);
    }

    /** A text, or a list of blocks. */
    private static long content(JsonNode content) {
        if (content.isTextual()) {
            return text(content.textValue());
        }
        long sum = 0;
        for (JsonNode block : content) {
            sum += block(block);
        }
        return sum;
    }

    private static long block(JsonNode block) {
        if (block.isTextual()) {
            return text(block.textValue());
        }
        return switch (block.path("type").asText()) {
            case "thinking", "redacted_thinking" -> 0;
            case "image" -> THOUSAND * image(block.path("source"));
            case "document" -> document(block);
            case "tool_use" -> json(block.path("name")) + json(block.path("input"));
            case "tool_result" -> content(block.path("content"));
            default -> fields(block);
        };
    }

    private static long image(JsonNode source) {
        int length = source.path("data").asText("").length();
        return length == 0 ? MAX_IMAGE : Math.clamp(length / CHARACTERS_PER_IMAGE_TOKEN, MIN_IMAGE, MAX_IMAGE);
    }

    private static long document(JsonNode block) {
        JsonNode source = block.path("source");
        long heading = text(block.path("title").asText(""))
                + text(block.path("context").asText(""));
        String data = source.path("data").asText("");
        return heading
                + switch (source.path("type").asText()) {
                    case "text" -> text(data);
                    case "content" -> content(source.path("content"));
                    default -> THOUSAND * Math.max(MIN_DOCUMENT, (long) data.length() / CHARACTERS_PER_DOCUMENT_TOKEN);
                };
    }

    /** All texts of a block of another type. */
    private static long fields(JsonNode value) {
        if (value.isTextual()) {
            return text(value.textValue());
        }
        long sum = 0;
        for (Map.Entry<String, JsonNode> field : value.properties()) {
            sum += SILENT.contains(field.getKey()) ? 0 : fields(field.getValue());
        }
        if (value.isArray()) {
            for (JsonNode item : value) {
                sum += fields(item);
            }
        }
        return sum;
    }

    /** A value that the model is given as JSON. */
    private static long json(JsonNode value) {
        return value.isMissingNode() ? 0 : text(new String(Json.bytes(value), UTF_8));
    }

    /** Blanks in a row count once: an indent is one token. */
    private static long text(String text) {
        long sum = 0;
        boolean blank = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean space = c <= ' ';
            if (!space || !blank) {
                sum += c < 0x80 ? ASCII : c < FIRST_WIDE ? LETTER_WITH_ACCENT : WIDE;
            }
            blank = space;
        }
        return sum;
    }
}
