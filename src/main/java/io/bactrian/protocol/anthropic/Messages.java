package io.bactrian.protocol.anthropic;

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
import io.bactrian.protocol.RequestRejected;
import io.bactrian.protocol.SchemaCheck;
import io.bactrian.protocol.StreamWriter;
import io.bactrian.protocol.Usage;
import io.bactrian.protocol.openai.ChatCompletions;
import io.bactrian.protocol.translation.ChatTarget;
import io.bactrian.protocol.translation.ChatToMessages;
import io.bactrian.protocol.translation.IncidentalFields;
import io.bactrian.protocol.translation.MessagesToChat;
import io.bactrian.protocol.translation.Translated;
import io.bactrian.protocol.translation.Untranslatable;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Anthropic's Messages for callers. Thread-safe. */
public final class Messages implements CallerProtocol {
    /** The one object of this protocol. */
    public static final Messages PROTOCOL = new Messages();

    /** The part of a request that has its conversation stored at the vendor from now on. */
    static final String NEW_THREAD = "thread";

    private static final String THREAD_UNSUPPORTED = "thread_unsupported_request";

    private static final Set<String> PROMPT = Set.of("system", "messages", "tools");
    private static final Set<String> MARKS = Set.of("anthropic-version", "x-api-key");
    private static final Set<String> CACHE_MARKS = Set.of("cache_control");
    private static final Set<String> REPEATABLE = Set.of("file");
    private static final Set<String> REPEATABLE_WITH_TOOLS = Set.of("file", "server-tools");
    private static final List<String> TOKEN_LIMITS = List.of("max_tokens");

    private Messages() {}

    @Override
    public String door() {
        return "anthropic";
    }

    @Override
    public String name() {
        return "messages";
    }

    @Override
    public String path() {
        return "/v1/messages";
    }

    @Override
    public RequestFields newRequestFields() {
        return new MessagesRequestFields(true);
    }

    @Override
    public RequestFields newCountedFields() {
        return new MessagesRequestFields(false);
    }

    @Override
    public Set<String> promptFields() {
        return PROMPT;
    }

    /** Reasoning among them: providers drop the reasoning of earlier turns. */
    @Override
    public Set<String> silentFields() {
        return ChatCompletions.PROTOCOL.silentFields();
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

    /**
     * A conversation that is stored at one vendor cannot go on at another. Anthropic's SDKs send the whole history once they are
     * told so in the words that the API has for it.
     */
    @Override
    public void check(ChatRequest request, boolean everywhereNative) {
        if (!everywhereNative && request.ownOnly().contains(NEW_THREAD)) {
            throw new RequestRejected(
                    400,
                    "invalid_request_error",
                    THREAD_UNSUPPORTED,
                    "thread",
                    "'thread' is not supported here, because other vendors' models may answer. Leave it out and send"
                            + " all messages with each request.");
        }
    }

    /** The version of the protocol, and the beta features that the caller asks for. */
    @Override
    public List<String> forwardedHeaders() {
        return List.of("anthropic-version", "anthropic-beta");
    }

    @Override
    public boolean hasToolTurns(ObjectNode request) {
        for (JsonNode message : request.path("messages")) {
            for (JsonNode block : message.path("content")) {
                if (block.path("type").asText().startsWith("tool_")) {
                    return true;
                }
            }
        }
        return false;
    }

    @Override
    public Translated toCanonical(ChatRequest request, ChatTarget target, boolean stream) throws Untranslatable {
        return MessagesToChat.request(request.tree(), target, stream);
    }

    @Override
    public ChatRequest continuation(ChatRequest request, String committed, long tokens, Rescue way) {
        return Continuation.of(request, committed, tokens, way, TOKEN_LIMITS);
    }

    @Override
    public @Nullable Consumer<String> schemaCheck(ChatRequest request) {
        JsonNode format = request.tree().path("output_config").path("format");
        return SchemaCheck.of(
                (format.isObject() ? format : request.tree().path("output_format")).path("schema"),
                "output_config.format.schema",
                request);
    }

    @Override
    public @Nullable MessagesChunk chunk(byte[] json) {
        return MessagesChunk.read(json);
    }

    @Override
    public AnswerAssembler newAssembler() {
        return new MessagesAssembler();
    }

    @Override
    public StreamWriter newStreamWriter(String requestId) {
        return new MessagesStreamWriter(requestId);
    }

    @Override
    public ObjectNode fromCanonical(ObjectNode document) {
        return ChatToMessages.answer(document);
    }

    @Override
    public Map<Integer, String> finishReasons(ObjectNode document) {
        return Map.of(0, FinishFailures.ofDocument(document.path("stop_reason")));
    }

    @Override
    public String text(ObjectNode document) {
        StringBuilder text = new StringBuilder();
        document.path("content").forEach(block -> text.append(block.path("text").asText("")));
        return text.toString();
    }

    @Override
    public boolean says(ObjectNode document) {
        for (JsonNode block : document.path("content")) {
            if (!block.path("type").asText().equals("text")
                    || !block.path("text").asText("").isEmpty()) {
                return true;
            }
        }
        return false;
    }

    @Override
    public @Nullable Usage usage(ObjectNode document) {
        return Usage.of(document.path("usage"));
    }

    @Override
    public ObjectNode staticAnswer(String model, String text, Instant now) {
        ObjectNode document = Json.MAPPER
                .createObjectNode()
                .put("id", "msg_" + Ids.random())
                .put("type", "message")
                .put("role", "assistant")
                .put("model", model);
        document.putArray("content").addObject().put("type", "text").put("text", text);
        document.put("stop_reason", "end_turn").putNull("stop_sequence");
        document.putObject("usage").put("input_tokens", 0).put("output_tokens", 0);
        return document;
    }

    @Override
    public boolean isCacheable(ObjectNode document) {
        return FinishFailures.isWhole(document.path("stop_reason").asText(""))
                && !document.path("content").isEmpty();
    }

    @Override
    public ObjectNode estimate(ChatRequest request) {
        return Json.MAPPER.createObjectNode().put("input_tokens", TokenEstimate.of(request.tree()));
    }

    /** The version of the protocol, which its clients must send, and their key. */
    @Override
    public Set<String> markHeaders() {
        return MARKS;
    }

    @Override
    public ObjectNode model(String name, Instant since) {
        return MessagesModels.model(name, since);
    }

    @Override
    public ObjectNode models(List<String> names, Instant since, UnaryOperator<@Nullable String> query) {
        return MessagesModels.page(names, since, query);
    }

    @Override
    public ObjectNode error(Problem problem, String requestId) {
        ObjectNode document = Json.MAPPER.createObjectNode().put("type", "error");
        // Clients recognize the error by these words.
        boolean tooLong = Problem.CONTEXT_LENGTH_EXCEEDED.equals(problem.code())
                && !problem.message().startsWith("prompt is too long");
        ObjectNode error = document.putObject("error");
        error.put("type", errorType(problem.status()));
        error.put("message", tooLong ? "prompt is too long: " + problem.message() : problem.message());
        details(problem, error);
        problem.addAttempts(error);
        return document.put("request_id", requestId);
    }

    /** Writes the code on which SDKs act, in the place that the API has for it. */
    private static void details(Problem problem, ObjectNode error) {
        if (problem.code() != null && problem.code().startsWith("thread_")) {
            ObjectNode details = error.putObject("details").put("error_code", problem.code());
            if (problem.code().equals(THREAD_UNSUPPORTED)) {
                details.putArray("unsupported").add(problem.param() == null ? "thread" : problem.param());
            }
        }
    }

    private static String errorType(int status) {
        return switch (status) {
            case 401 -> "authentication_error";
            case 403 -> "permission_error";
            case 404 -> "not_found_error";
            case 413 -> "request_too_large";
            case 429 -> "rate_limit_error";
            case 503 -> "overloaded_error";
            case 504 -> "timeout_error";
            default -> status < 500 ? "invalid_request_error" : "api_error";
        };
    }

    /** Anthropic's status for an outage is 529. */
    @Override
    public int status(Problem problem) {
        return switch (problem.status()) {
            case 422 -> 400;
            case 503 -> 529;
            default -> problem.status();
        };
    }

    /** Anthropic's SDKs read the second one. */
    @Override
    public List<String> requestIdHeaders() {
        return List.of("x-request-id", "request-id");
    }

    @Override
    public String limitHeader(String kind, String figure) {
        return "anthropic-ratelimit-" + kind + "-" + figure;
    }

    /** In Anthropic's notation: RFC 3339, to the second. */
    @Override
    public String limitReset(long waitMillis, long now) {
        return Instant.ofEpochSecond(Math.ceilDiv(now + waitMillis, 1000)).toString();
    }
}
