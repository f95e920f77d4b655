package io.bactrian.protocol.translation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The translation of one stream of Anthropic events to chunks of Chat Completions. It holds back the first chunk until
 * the model produces content, and the input of a custom tool until it is complete. It does not handle error events. Not
 * thread-safe.
 */
public final class MessagesToChunks {
    private final Instant created;
    private final Set<String> customTools;
    private final BlockFrame frame = new BlockFrame();
    private final Map<Integer, OpenInput> open = new HashMap<>();
    private final ObjectNode usage = ExactJson.object();
    private String id = "";
    private String model = "";
    private int tools;
    private boolean begun;
    private boolean complete;
    private @Nullable String stopReason;

    /**
     * @param created the time of the answer
     * @param customTools the result of {@link ChatToMessages#customTools} for the request
     */
    public MessagesToChunks(Instant created, Set<String> customTools) {
        this.created = created;
        this.customTools = Set.copyOf(customTools);
    }

    /** Translates the data of the next event, in order. Unknown events are ignored. */
    public Step<ObjectNode> accept(JsonNode event) {
        List<JsonNode> events = frame.mend(event);
        if (events.size() == 1) {
            return translate(events.get(0));
        }
        if (events.isEmpty()
                && !ExactJson.text(event.path("delta"), "partial_json", "").isEmpty()) {
            return Step.thought();
        }
        List<ObjectNode> out = new ArrayList<>();
        boolean progress = false;
        for (JsonNode one : events) {
            Step<ObjectNode> step = translate(one);
            out.addAll(step.out());
            progress |= step.progress();
        }
        return new Step<>(out, progress, false);
    }

    private Step<ObjectNode> translate(JsonNode event) {
        return switch (ExactJson.text(event, "type", "")) {
            case "content_block_delta" -> delta(event.path("index").asInt(), event.path("delta"));
            case "content_block_start" -> start(event.path("index").asInt(), event.path("content_block"));
            case "content_block_stop" -> stop(event.path("index").asInt());
            case "message_start" -> {
                JsonNode message = event.path("message");
                id = AnswerIds.chat(ExactJson.text(message, "id"));
                model = ExactJson.text(message, "model", "");
                count(message.path("usage"));
                yield Step.nothing();
            }
            case "message_delta" -> {
                String reason = ExactJson.text(event.path("delta"), "stop_reason");
                stopReason = Ending.of(reason) == Ending.NONE ? stopReason : reason;
                count(event.path("usage"));
                yield Step.nothing();
            }
            case "message_stop" -> finish();
            case "ping" -> Step.ping();
            default -> Step.nothing();
        };
    }

    /** Ends the stream: the finish chunk, if a stop reason came and the chunk was not returned yet. */
    public Step<ObjectNode> finish() {
        if (stopReason == null || complete) {
            return Step.nothing();
        }
        complete = true;
        List<ObjectNode> out = new ArrayList<>();
        frame.end().forEach(event -> out.addAll(translate(event).out()));
        List.copyOf(open.keySet()).forEach(index -> out.addAll(stop(index).out()));
        boolean said = begun || !out.isEmpty();
        begin(out);
        out.add(chunk(ExactJson.object(), FinishReasons.chat(stopReason, tools > 0, said)));
        return Step.of(out);
    }

    /** What makes the message unusable; null if nothing does, as far as it is known. */
    public @Nullable String fault() {
        return frame.fault();
    }

    /** True once the stop reason has come. */
    public boolean stopped() {
        return stopReason != null;
    }

    /** True if the input of a tool call has begun and not ended, and not because of the token limit. */
    public boolean hasHalfCall() {
        return frame.isHalf() && (stopReason == null || Ending.of(stopReason) != Ending.LENGTH);
    }

    /** True once the finish chunk was returned: the answer is whole. */
    public boolean complete() {
        return complete;
    }

    /** The answer's id in the caller's protocol; empty before the first event. */
    public String id() {
        return id;
    }

    /** The model that answers; empty before the first event. */
    public String model() {
        return model;
    }

    /** The usage so far in the form of Chat Completions. */
    public ObjectNode usage() {
        return Usages.chat(usage);
    }

    /** The chunk that follows the finish chunk if the caller asked for {@code include_usage}. */
    public ObjectNode usageChunk() {
        ObjectNode chunk = head();
        chunk.putArray("choices");
        chunk.set("usage", usage());
        return chunk;
    }

    private Step<ObjectNode> start(int index, JsonNode block) {
        return switch (ExactJson.text(block, "type", "")) {
            case "text" -> text(ExactJson.text(block, "text", ""));
            case "tool_use" -> {
                if (AnswerTool.isCalledBy(block)) {
                    open.put(index, new OpenAnswer(block));
                    yield Step.thought();
                }
                boolean custom = customTools.contains(ExactJson.text(block, "name", ""));
                OpenTool tool = new OpenTool(tools++, custom, block);
                open.put(index, tool);
                yield content(tool.opening(id));
            }
            case "redacted_thinking" -> Step.thought();
            default -> Step.nothing();
        };
    }

    private Step<ObjectNode> delta(int index, JsonNode delta) {
        return switch (ExactJson.text(delta, "type", "")) {
            case "text_delta" -> text(ExactJson.text(delta, "text", ""));
            case "input_json_delta" -> {
                OpenInput input = open.get(index);
                String json = ExactJson.text(delta, "partial_json", "");
                if (input == null || json.isEmpty()) {
                    yield Step.nothing();
                }
                ObjectNode piece = input.piece(json);
                yield piece == null ? Step.thought() : content(piece);
            }
            case "thinking_delta" -> Step.thought();
            default -> Step.nothing();
        };
    }

    private Step<ObjectNode> stop(int index) {
        OpenInput input = open.remove(index);
        ObjectNode rest = input == null ? null : input.rest();
        return rest == null ? Step.nothing() : content(rest);
    }

    private Step<ObjectNode> text(String text) {
        return text.isEmpty() ? Step.nothing() : content(ExactJson.object().put("content", text));
    }

    private Step<ObjectNode> content(ObjectNode delta) {
        List<ObjectNode> out = new ArrayList<>(2);
        begin(out);
        out.add(chunk(delta, null));
        return Step.of(out);
    }

    private void begin(List<ObjectNode> out) {
        if (!begun) {
            begun = true;
            out.add(chunk(ExactJson.object().put("role", "assistant").put("content", ""), null));
        }
    }

    private ObjectNode chunk(ObjectNode delta, @Nullable String finishReason) {
        ObjectNode chunk = head();
        ObjectNode choice = chunk.putArray("choices").addObject().put("index", 0);
        choice.set("delta", delta);
        choice.put("finish_reason", finishReason);
        return chunk;
    }

    private ObjectNode head() {
        return ExactJson.object()
                .put("id", id)
                .put("object", "chat.completion.chunk")
                .put("created", created.getEpochSecond())
                .put("model", model);
    }

    /** Replaces earlier figures, because they are totals; after content, zeros do not. */
    private void count(JsonNode figures) {
        for (Map.Entry<String, JsonNode> figure : figures.properties()) {
            boolean none = figure.getValue().isNull();
            if (begun ? Usages.replaces(figure.getValue(), usage.path(figure.getKey())) : !none) {
                usage.set(figure.getKey(), figure.getValue());
            }
        }
    }
}
