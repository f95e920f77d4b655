package io.bactrian.protocol.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.config.Limits.Rescue;
import io.bactrian.protocol.AnswerAssembler;
import io.bactrian.protocol.CallerProtocol;
import io.bactrian.protocol.ChatRequest;
import io.bactrian.protocol.Continuation;
import io.bactrian.protocol.ConversationKey;
import io.bactrian.protocol.FinishFailures;
import io.bactrian.protocol.Ids;
import io.bactrian.protocol.Json;
import io.bactrian.protocol.Problem;
import io.bactrian.protocol.RequestFields;
import io.bactrian.protocol.SchemaCheck;
import io.bactrian.protocol.StreamWriter;
import io.bactrian.protocol.Usage;
import io.bactrian.protocol.translation.ChatTarget;
import io.bactrian.protocol.translation.IncidentalFields;
import io.bactrian.protocol.translation.Translated;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * OpenAI's Chat Completions for callers. Its form is the canonical form, to and from which others are translated. Thread-safe.
 */
public final class ChatCompletions implements CallerProtocol {
    /** The one object of this protocol. */
    public static final ChatCompletions PROTOCOL = new ChatCompletions();

    private static final Set<String> PROMPT = Set.of("messages", "system", "tools");
    private static final Set<String> SILENT =
            Set.of("type", "role", "thinking", "signature", "reasoning", "reasoning_content");

    private static final Set<String> CACHE_MARKS = Set.of("cache_control");
    private static final Set<String> REPEATABLE = Set.of("file");
    private static final Set<String> REPEATABLE_WITH_TOOLS = Set.of("file", "functions", "web_search_options");
    private static final List<String> TOKEN_LIMITS = List.of("max_tokens", "max_completion_tokens");

    private ChatCompletions() {}

    @Override
    public String name() {
        return "chat-completions";
    }

    @Override
    public String path() {
        return "/v1/chat/completions";
    }

    /** The body of a request with one user message. */
    public static byte[] question(String text) {
        ObjectNode request = Json.MAPPER.createObjectNode();
        request.putArray("messages").addObject().put("role", "user").put("content", text);
        return Json.bytes(request);
    }

    /**
     * The body of a request with one user message and a short answer.
     *
     * @param tokens the most tokens of the answer
     * @param thinks whether the model thinks, which it is asked to do little
     */
    public static byte[] question(String text, int tokens, boolean thinks) {
        ObjectNode request = Json.MAPPER.createObjectNode();
        request.putArray("messages").addObject().put("role", "user").put("content", text);
        if (thinks) {
            request.put("reasoning_effort", "low").put("max_completion_tokens", tokens);
        } else {
            request.put("max_tokens", tokens);
        }
        return Json.bytes(request);
    }

    @Override
    public RequestFields newRequestFields() {
        return new ChatRequestFields();
    }

    @Override
    public Set<String> promptFields() {
        return PROMPT;
    }

    /** Reasoning among them: some servers put it in their answers, and clients send it back. */
    @Override
    public Set<String> silentFields() {
        return SILENT;
    }

    @Override
    public ConversationKey conversationKey(ChatRequest request) {
        return ConversationKey.ofMessages(request, CACHE_MARKS);
    }

    @Override
    public Set<String> incidentalFields() {
        return IncidentalFields.ALL;
    }

    @Override
    public Set<String> repeatableParts(boolean tools) {
        return tools ? REPEATABLE_WITH_TOOLS : REPEATABLE;
    }

    @Override
    public List<String> forwardedHeaders() {
        return List.of();
    }

    @Override
    public boolean hasToolTurns(ObjectNode request) {
        for (JsonNode message : request.path("messages")) {
            String role = message.path("role").asText();
            if (role.equals("tool")
                    || role.equals("function")
                    || message.hasNonNull("function_call")
                    || !message.path("tool_calls").isEmpty()) {
                return true;
            }
            for (JsonNode part : message.path("content")) {
                if (part.path("type").asText().startsWith("tool_")) {
                    return true;
                }
            }
        }
        return false;
    }

    @Override
    public Translated toCanonical(ChatRequest request, ChatTarget target, boolean stream) {
        return new Translated(request.tree(), List.of());
    }

    @Override
    public ChatRequest continuation(ChatRequest request, String committed, long tokens, Rescue way) {
        return Continuation.of(request, committed, tokens, way, TOKEN_LIMITS);
    }

    @Override
    public @Nullable Consumer<String> schemaCheck(ChatRequest request) {
        JsonNode format = request.tree().path("response_format");
        return format.path("type").asText().equals("json_object")
                ? SchemaCheck.ANY_OBJECT
                : SchemaCheck.of(
                        format.path("json_schema").path("schema"), "response_format.json_schema.schema", request);
    }

    @Override
    public @Nullable ChatChunk chunk(byte[] json) {
        return ChatChunk.read(json);
    }

    @Override
    public AnswerAssembler newAssembler() {
        return new ChatAssembler();
    }

    @Override
    public StreamWriter newStreamWriter(String requestId) {
        return new ChatStreamWriter();
    }

    @Override
    public ObjectNode fromCanonical(ObjectNode document) {
        return document;
    }

    @Override
    public Map<Integer, String> finishReasons(ObjectNode document) {
        return ChatDocument.finishReasons(document);
    }

    @Override
    public String text(ObjectNode document) {
        return ChatDocument.text(document);
    }

    @Override
    public boolean says(ObjectNode document) {
        return ChatDocument.says(document);
    }

    @Override
    public @Nullable Usage usage(ObjectNode document) {
        return Usage.of(document.path("usage"));
    }

    @Override
    public ObjectNode staticAnswer(String model, String text, Instant now) {
        ObjectNode document = Json.MAPPER
                .createObjectNode()
                .put("id", "chatcmpl-" + Ids.random())
                .put("object", "chat.completion")
                .put("created", now.getEpochSecond())
                .put("model", model);
        ObjectNode choice = document.putArray("choices").addObject().put("index", 0);
        choice.putObject("message").put("role", "assistant").put("content", text);
        choice.put("finish_reason", "stop");
        addUsage(document, new Usage(0, 0));
        return document;
    }

    @Override
    public boolean isCacheable(ObjectNode document) {
        JsonNode choice = document.path("choices").path(0);
        return FinishFailures.isWhole(FinishFailures.ofDocument(choice.path("finish_reason")))
                && choice.path("message").path("refusal").asText("").isEmpty();
    }

    @Override
    public boolean addUsage(ObjectNode document, Usage usage) {
        if (document.hasNonNull("usage")) {
            return false;
        }
        document.putObject("usage")
                .put("prompt_tokens", usage.prompt())
                .put("completion_tokens", usage.completion())
                .put("total_tokens", usage.prompt() + usage.completion());
        return true;
    }

    @Override
    public ObjectNode error(Problem problem, String requestId) {
        ObjectNode document = Json.MAPPER.createObjectNode();
        ObjectNode error = document.putObject("error");
        error.put("message", problem.message());
        error.put("type", problem.type());
        error.put("param", problem.param());
        error.put("code", problem.code());
        problem.addAttempts(error);
        return document;
    }

    @Override
    public int status(Problem problem) {
        return problem.status();
    }

    @Override
    public List<String> requestIdHeaders() {
        return List.of("x-request-id");
    }

    @Override
    public String limitHeader(String kind, String figure) {
        return "x-ratelimit-" + figure + "-" + kind;
    }

    /** In OpenAI's notation: {@code 120ms}, {@code 1s}, {@code 6m0s}. */
    @Override
    public String limitReset(long waitMillis, long now) {
        if (waitMillis > 0 && waitMillis < 1000) {
            return waitMillis + "ms";
        }
        long seconds = Math.ceilDiv(waitMillis, 1000);
        return seconds < 60 ? seconds + "s" : seconds / 60 + "m" + seconds % 60 + "s";
    }
}
