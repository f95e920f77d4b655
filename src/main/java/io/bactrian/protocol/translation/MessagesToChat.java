package io.bactrian.protocol.translation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The translation of whole documents from Anthropic Messages to OpenAI Chat Completions. Its input is not changed.
 * Thread-safe.
 */
public final class MessagesToChat {
    private MessagesToChat() {}

    /**
     * The request for an OpenAI-compatible model.
     *
     * @param stream true to ask for a stream, regardless of the caller's request
     * @throws Untranslatable.Ineligible if Chat Completions cannot serve the request faithfully
     * @throws Untranslatable.Invalid if the request is not what its protocol says
     */
    public static Translated request(ObjectNode messages, ChatTarget target, boolean stream) {
        Set<String> dropped = new LinkedHashSet<>();
        ObjectNode body = ExactJson.object().put("model", target.model());
        body.set("messages", new MessagesTurns(dropped).read(messages.path("system"), messages.path("messages")));
        new MessagesSettings(messages, target, dropped, body).write();
        MessagesTools.write(messages, dropped, body);
        if (stream) {
            body.put("stream", true);
            if (target.takesStreamOptions()) {
                body.putObject("stream_options").put("include_usage", true);
            }
        }
        return new Translated(body, List.copyOf(dropped));
    }

    /**
     * The answer for a caller of the Chat Completions protocol.
     *
     * @param created the time of the answer
     * @param customTools the result of {@link ChatToMessages#customTools} for the request
     */
    public static ObjectNode answer(ObjectNode message, Instant created, Set<String> customTools) {
        String id = AnswerIds.chat(ExactJson.text(message, "id"));
        ObjectNode answer = ExactJson.object()
                .put("id", id)
                .put("object", "chat.completion")
                .put("created", created.getEpochSecond())
                .put("model", ExactJson.text(message, "model", ""));
        StringBuilder text = new StringBuilder();
        ArrayNode calls = ExactJson.array();
        for (JsonNode block : message.path("content")) {
            switch (ExactJson.text(block, "type", "")) {
                case "text" -> text.append(ExactJson.text(block, "text", ""));
                case "tool_use" -> {
                    if (AnswerTool.isCalledBy(block)) {
                        text.append(AnswerTool.text(block, block.path("input")));
                    } else {
                        calls.add(call(block, id, calls.size(), customTools));
                    }
                }
                default -> {}
            }
        }
        ObjectNode choice = answer.putArray("choices").addObject().put("index", 0);
        ObjectNode reply = choice.putObject("message").put("role", "assistant");
        if (text.isEmpty() && !calls.isEmpty()) {
            reply.putNull("content");
        } else {
            reply.put("content", text.toString());
        }
        reply.putNull("refusal");
        if (!calls.isEmpty()) {
            reply.set("tool_calls", calls);
        }
        choice.putNull("logprobs");
        choice.put("finish_reason", reason(message.path("stop_reason"), text.isEmpty(), !calls.isEmpty()));
        answer.set("usage", Usages.chat(message.path("usage")));
        return answer;
    }

    /** Null if the message says that it has not ended. */
    private static @Nullable String reason(JsonNode stopReason, boolean silent, boolean hasCalls) {
        return stopReason.isNull() || (stopReason.isTextual() && Ending.of(stopReason.textValue()) == Ending.NONE)
                ? null
                : FinishReasons.chat(stopReason.asText(""), hasCalls, !silent || hasCalls);
    }

    private static ObjectNode call(JsonNode block, String answer, int position, Set<String> customTools) {
        String id = ExactJson.text(block, "id", "");
        String portable = id.isEmpty() ? ToolIds.invented(answer, position) : ToolIds.portable(id);
        String name = ExactJson.text(block, "name", "");
        return customTools.contains(name)
                ? ChatCalls.custom(portable, name, CustomTools.unwrap(block.path("input")))
                : ChatCalls.function(portable, name, ChatCalls.arguments(block));
    }
}
