package io.bactrian.protocol.translation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Set;

/** The translation of content blocks of Messages to content parts of Chat Completions. Not thread-safe. */
final class MessagesBlocks {
    private final Set<String> dropped;

    MessagesBlocks(Set<String> dropped) {
        this.dropped = dropped;
    }

    /** The part of a user message for one block. */
    ObjectNode part(JsonNode block, String param) {
        if (block.isTextual()) {
            return ExactJson.textBlock(block.textValue());
        }
        note(block);
        return switch (ExactJson.text(block, "type", "")) {
            case "text" -> ExactJson.textBlock(required(block, "text", param));
            case "search_result" -> ExactJson.textBlock(found(block, param));
            case "image" -> image(block.path("source"), param + ".source");
            case "document" -> document(block, param);
            case "container_upload" -> throw foreignFile();
            case "" -> throw new Untranslatable.Invalid("The content block has no type.", param + ".type");
            default ->
                throw new Untranslatable.Ineligible("server-tools", "Chat Completions has no such content block.");
        };
    }

    /** The text of a content field that may have nothing but text. */
    String text(JsonNode content, String separator, String param) {
        if (content.isTextual()) {
            return content.textValue();
        }
        JsonNode blocks = ExactJson.list(content, param);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < blocks.size(); i++) {
            ObjectNode part = part(blocks.get(i), param + "[" + i + "]");
            if (!part.path("type").asText().equals("text")) {
                throw new Untranslatable.Ineligible("content", "Chat Completions accepts only text here.");
            }
            text.append(text.isEmpty() ? "" : separator)
                    .append(part.path("text").asText());
        }
        return text.toString();
    }

    /** Notes the fields that every block may have and Chat Completions has no place for. */
    void note(JsonNode block) {
        if (ExactJson.has(block, "cache_control")) {
            dropped.add("cache_control");
        }
        if (!block.path("citations").isEmpty()) {
            dropped.add("citations");
        }
    }

    private static ObjectNode image(JsonNode source, String param) {
        String url =
                switch (ExactJson.text(source, "type", "")) {
                    case "base64" -> base64(source, param).toString();
                    case "url" -> required(source, "url", param);
                    case "file" -> throw foreignFile();
                    default -> throw new Untranslatable.Invalid("The image has no known source.", param);
                };
        ObjectNode part = ExactJson.typed("image_url");
        part.putObject("image_url").put("url", url);
        return part;
    }

    private static DataUrl base64(JsonNode source, String param) {
        DataUrl data = DataUrl.file(ExactJson.text(source, "media_type", ""), required(source, "data", param));
        if (data.mediaType().isEmpty()) {
            required(source, "media_type", param);
        }
        return data;
    }

    private ObjectNode document(JsonNode block, String param) {
        if (ExactJson.has(block, "context")) {
            dropped.add("document.context");
        }
        JsonNode source = block.path("source");
        String type = ExactJson.text(source, "type", "");
        if (type.equals("text")) {
            return ExactJson.textBlock(required(source, "data", param + ".source"));
        }
        DataUrl data = type.equals("base64") ? base64(source, param + ".source") : null;
        if (data == null || !data.mediaType().equals(MediaTypes.PDF)) {
            throw new Untranslatable.Ineligible("file", "Chat Completions accepts PDF and plain text documents.");
        }
        ObjectNode part = ExactJson.typed("file");
        part.putObject("file")
                .put("filename", ExactJson.text(block, "title", "document.pdf"))
                .put("file_data", data.toString());
        return part;
    }

    private String found(JsonNode block, String param) {
        ArrayNode lines = ExactJson.array();
        for (String field : new String[] {"title", "source"}) {
            if (ExactJson.has(block, field)) {
                lines.add(ExactJson.textBlock(required(block, field, param)));
            }
        }
        block.path("content").forEach(lines::add);
        return text(lines, "\n", param + ".content");
    }

    private static Untranslatable foreignFile() {
        return new Untranslatable.Ineligible("file", "A file id is valid only at the vendor that issued it.");
    }

    private static String required(JsonNode node, String field, String param) {
        String value = ExactJson.text(node, field);
        if (value == null) {
            throw new Untranslatable.Invalid("The field is missing or not a text.", param + "." + field);
        }
        return value;
    }
}
