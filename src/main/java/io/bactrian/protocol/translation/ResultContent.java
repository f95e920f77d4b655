package io.bactrian.protocol.translation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * The content of a tool result for Chat Completions, whose tool messages hold only text: an image leaves a placeholder
 * there, and follows in a user message after the results. Immutable if its reader does not change the images.
 *
 * @param images the parts of a user message: each image after a text that says where it belongs
 */
record ResultContent(String text, ArrayNode images) {

    /** @param call the id of the call at the other vendor */
    static ResultContent read(JsonNode content, String call, MessagesBlocks blocks, String param) {
        if (content.isTextual()) {
            return new ResultContent(content.textValue(), ExactJson.array());
        }
        JsonNode given = ExactJson.list(content, param);
        StringBuilder text = new StringBuilder();
        ArrayNode images = ExactJson.array();
        for (int i = 0; i < given.size(); i++) {
            ObjectNode part = blocks.part(given.get(i), param + "[" + i + "]");
            text.append(text.isEmpty() ? "" : "\n");
            switch (part.path("type").asText()) {
                case "text" -> text.append(part.path("text").asText());
                case "image_url" -> {
                    int number = images.size() / 2 + 1;
                    text.append("[image ").append(number).append(']');
                    images.add(ExactJson.textBlock("Image " + number + " of the result of tool call " + call + ":"));
                    images.add(part);
                }
                default ->
                    throw new Untranslatable.Ineligible("content", "Chat Completions accepts no files from tools.");
            }
        }
        return new ResultContent(text.toString(), images);
    }
}
