package io.bactrian.protocol.translation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The translation of content parts of Chat Completions to content blocks of Messages. Not thread-safe. */
final class ChatParts {
    private static final Set<String> IMAGES = Set.of("image/jpeg", "image/png", "image/gif", "image/webp");

    private final Set<String> dropped;

    ChatParts(Set<String> dropped) {
        this.dropped = dropped;
    }

    /** The blocks of a content field. Blank text is left out, because the API rejects it. */
    ArrayNode blocks(JsonNode content, String param) {
        ArrayNode blocks = ExactJson.array();
        if (content.isTextual()) {
            add(blocks, text(content.textValue()));
        } else if (content.isArray()) {
            for (int i = 0; i < content.size(); i++) {
                add(blocks, block(content.get(i), param + "[" + i + "]"));
            }
        } else if (!content.isNull() && !content.isMissingNode()) {
            throw new Untranslatable.Invalid("The content must be a text or a list of parts.", param);
        }
        return blocks;
    }

    private static void add(ArrayNode blocks, @Nullable ObjectNode block) {
        if (block != null) {
            blocks.add(block);
        }
    }

    private @Nullable ObjectNode block(JsonNode part, String param) {
        if (part.isTextual()) {
            return text(part.textValue());
        }
        if (ExactJson.has(part, "prompt_cache_breakpoint")) {
            dropped.add("prompt_cache_breakpoint");
        }
        return switch (ExactJson.text(part, "type", "")) {
            case "text" -> text(required(part, "text", param));
            case "refusal" -> text(required(part, "refusal", param));
            case "image_url" -> image(part.path("image_url"), param);
            case "thinking", "reasoning" -> {
                dropped.add("thinking blocks");
                yield null;
            }
            case "file" -> file(part.path("file"), param);
            case "input_audio" ->
                throw new Untranslatable.Ineligible("audio", "The Messages protocol accepts no audio.");
            case "" -> throw new Untranslatable.Invalid("The content part has no type.", param + ".type");
            default ->
                throw new Untranslatable.Ineligible("content", "The Messages protocol has no such content part.");
        };
    }

    private static @Nullable ObjectNode text(String text) {
        return text.isBlank() ? null : ExactJson.textBlock(text);
    }

    private ObjectNode image(JsonNode image, String param) {
        if (ExactJson.has(image, "detail")) {
            dropped.add("image_url.detail");
        }
        String url = image.isTextual() ? image.textValue() : required(image, "url", param + ".image_url");
        ObjectNode block = ExactJson.typed("image");
        if (url.regionMatches(true, 0, "http://", 0, 7) || url.regionMatches(true, 0, "https://", 0, 8)) {
            block.putObject("source").put("type", "url").put("url", url);
            return block;
        }
        DataUrl data = DataUrl.isData(url) ? DataUrl.parse(url) : DataUrl.bare(url);
        if (data != null && IMAGES.contains(data.mediaType())) {
            block.set("source", base64(data));
        } else if (data != null || DataUrl.isData(url)) {
            throw new Untranslatable.Ineligible(
                    "images", "The Messages protocol accepts JPEG, PNG, GIF and WebP images in base64.");
        } else {
            throw new Untranslatable.Invalid(
                    "The image is neither a web address nor a data URL.", param + ".image_url.url");
        }
        return block;
    }

    private ObjectNode file(JsonNode file, String param) {
        if (ExactJson.has(file, "file_id")) {
            throw new Untranslatable.Ineligible("file", "A file id is valid only at the vendor that issued it.");
        }
        String given = required(file, "file_data", param + ".file");
        DataUrl data = DataUrl.isData(given) ? DataUrl.parse(given) : DataUrl.bare(given);
        ObjectNode block = ExactJson.typed("document");
        if (data != null && data.mediaType().equals(MediaTypes.PDF)) {
            block.set("source", base64(data));
        } else if (data != null && data.mediaType().equals("text/plain")) {
            block.set("source", plain(data, param));
        } else {
            throw new Untranslatable.Ineligible(
                    "file", "The Messages protocol accepts PDF and plain text documents in base64.");
        }
        if (ExactJson.has(file, "filename")) {
            block.set("title", file.get("filename"));
        }
        return block;
    }

    private static ObjectNode base64(DataUrl data) {
        return ExactJson.typed("base64").put("media_type", data.mediaType()).put("data", data.data());
    }

    private static ObjectNode plain(DataUrl data, String param) {
        String text = data.decoded();
        if (text == null) {
            throw new Untranslatable.Invalid("The file is not base64.", param + ".file.file_data");
        }
        return ExactJson.typed("text").put("media_type", "text/plain").put("data", text);
    }

    private static String required(JsonNode node, String field, String param) {
        String value = ExactJson.text(node, field);
        if (value == null) {
            throw new Untranslatable.Invalid("The field is missing or not a text.", param + "." + field);
        }
        return value;
    }
}
