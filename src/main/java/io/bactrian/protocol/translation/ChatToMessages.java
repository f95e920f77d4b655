package io.bactrian.protocol.translation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The translation of whole documents from OpenAI Chat Completions to Anthropic Messages. Its input is not changed.
 * Thread-safe.
 */
public final class ChatToMessages {
    /**
     * The name of the tool through which a model returns an answer in a schema, if it keeps only to the schemas of
     * tools. The name is reserved, and so is {@code bactrian_answer_value} for an answer that is no object.
     */
    public static final String ANSWER_TOOL = "bactrian_answer";

    private ChatToMessages() {}

    /**
     * The request for an Anthropic model.
     *
     * @param stream true to ask for a stream, regardless of the caller's request
     * @throws Untranslatable.Ineligible if Messages cannot serve the request faithfully
     * @throws Untranslatable.Invalid if the request is not what its protocol says
     */
    public static Translated request(ObjectNode chat, MessagesTarget target, boolean stream) {
        Set<String> dropped = new LinkedHashSet<>();
        ObjectNode body = ExactJson.object().put("model", target.model());
        ChatTurns turns = new ChatTurns(dropped);
        ArrayNode messages = turns.read(chat.path("messages"), target.takesPrefill());
        ArrayNode system = turns.system();
        new ChatSettings(chat, target, dropped, body).write(system);
        if (!system.isEmpty()) {
            body.set("system", system);
        }
        body.set("messages", messages);
        ChatTools.write(chat, turns.toolNames(), body);
        if (!target.structuredOutput()) {
            ChatTools.loosen(body, dropped);
            AnswerTool.write(chat, body);
        }
        if (stream) {
            body.put("stream", true);
        }
        return new Translated(body, List.copyOf(dropped));
    }

    /**
     * The names of the tools that take free text, which the translation of the answer needs: {@link MessagesToChat}.
     */
    public static Set<String> customTools(ObjectNode chat) {
        return Set.copyOf(CustomTools.names(chat.path("tools")));
    }

    /** The answer for a caller of the Messages protocol, made from the first choice. */
    public static ObjectNode answer(ObjectNode chat) {
        JsonNode choice = chat.path("choices").path(0);
        JsonNode message = choice.path("message");
        String id = AnswerIds.messages(ExactJson.text(chat, "id"));
        ObjectNode answer = ExactJson.object()
                .put("id", id)
                .put("type", "message")
                .put("role", "assistant")
                .put("model", ExactJson.text(chat, "model", ""));
        ArrayNode content = answer.putArray("content");
        text(content, ChatCalls.contentText(message.path("content")));
        String refusal = ExactJson.text(message, "refusal", "");
        text(content, refusal);
        boolean called = calls(message, id, content);
        String reason = FinishReasons.messages(ExactJson.text(choice, "finish_reason"), called);
        answer.put("stop_reason", refusal.isEmpty() ? reason : "refusal").putNull("stop_sequence");
        answer.set("usage", Usages.messages(chat.path("usage")));
        return answer;
    }

    private static void text(ArrayNode content, String text) {
        if (!text.isEmpty()) {
            content.add(ExactJson.textBlock(text));
        }
    }

    private static boolean calls(JsonNode message, String answer, ArrayNode content) {
        int before = content.size();
        JsonNode calls = message.path("tool_calls");
        for (int i = 0; i < calls.size(); i++) {
            JsonNode call = calls.get(i);
            String id = ExactJson.text(call, "id", "");
            String portable = id.isEmpty() ? ToolIds.invented(answer, i) : ToolIds.portable(id);
            JsonNode custom = call.path("custom");
            content.add(
                    custom.isObject()
                            ? Blocks.toolUse(
                                    portable, name(custom), CustomTools.wrap(ExactJson.text(custom, "input", "")))
                            : function(portable, call.path("function")));
        }
        JsonNode legacy = message.path("function_call");
        if (legacy.isObject() && calls.isEmpty()) {
            content.add(function(ToolIds.invented(answer, 0), legacy));
        }
        return content.size() > before;
    }

    private static ObjectNode function(String id, JsonNode function) {
        return Blocks.toolUse(id, name(function), ExactJson.arguments(ChatCalls.argumentsText(function)));
    }

    private static String name(JsonNode named) {
        return ExactJson.text(named, "name", "");
    }
}
