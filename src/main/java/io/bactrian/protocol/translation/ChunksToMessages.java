package io.bactrian.protocol.translation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The translation of one stream of Chat Completions chunks to Anthropic events. It holds back the first event until the
 * model produces content, and the last ones until the stream has ended. Not thread-safe.
 */
public final class ChunksToMessages {
    private final BlockQueue blocks;
    private String id;
    private String model;
    private boolean begun;
    private boolean refused;
    private boolean closed;
    private boolean complete;
    private @Nullable String finishReason;
    private JsonNode usage = MissingNode.getInstance();

    public ChunksToMessages() {
        this("", "", false, new BlockQueue());
    }

    private ChunksToMessages(String id, String model, boolean begun, BlockQueue blocks) {
        this.id = id;
        this.model = model;
        this.begun = begun;
        this.blocks = blocks;
    }

    /**
     * A translation that continues a message which another provider began: its first event is a delta or a new block.
     * The usage at its end covers these chunks alone.
     *
     * @param id the id of the message, from which ids for tool calls are derived
     * @param model the model that the message names
     * @param nextIndex the index of the next block
     * @param openText the index of the text block that is still open and takes the first text; null if there is none
     */
    public static ChunksToMessages goingOn(String id, String model, int nextIndex, @Nullable Integer openText) {
        return new ChunksToMessages(id, model, true, new BlockQueue(nextIndex, openText));
    }

    /** Translates the next chunk, in order. After an error event there is no further event. */
    public Step<MessagesEvent> accept(JsonNode chunk) {
        if (closed) {
            return Step.nothing();
        }
        MessagesEvent error = ChatErrors.event(chunk);
        if (error != null) {
            closed = true;
            return new Step<>(List.of(error), false, false);
        }
        id = id.isEmpty() ? ExactJson.text(chunk, "id", "") : id;
        model = model.isEmpty() ? ExactJson.text(chunk, "model", "") : model;
        usage = Usages.larger(usage, Usages.inChat(chunk));
        for (JsonNode choice : chunk.path("choices")) {
            if (choice.path("index").asInt(0) == 0) {
                return choice(choice);
            }
        }
        return Step.nothing();
    }

    /** Ends the stream, with or without {@code [DONE]}; an error event if no finish reason came. */
    public Step<MessagesEvent> finish() {
        if (closed) {
            return Step.nothing();
        }
        closed = true;
        if (finishReason == null) {
            MessagesEvent error = MessagesEvent.error("api_error", "The answer broke off before its end.");
            return new Step<>(List.of(error), false, false);
        }
        complete = true;
        List<MessagesEvent> out = new ArrayList<>(4);
        begin(out);
        blocks.close(out);
        String reason = refused ? "refusal" : FinishReasons.messages(finishReason, blocks.hasCalls());
        out.add(MessagesEvent.delta(reason, usage()));
        out.add(MessagesEvent.stop());
        return Step.of(out);
    }

    /** True once the last event was returned: the answer is whole. */
    public boolean complete() {
        return complete;
    }

    /** The answer's id in the caller's protocol; empty before the first content. */
    public String id() {
        return begun ? id : "";
    }

    /** The model that answers; empty before it is known. */
    public String model() {
        return model;
    }

    /** The usage so far in the form of Messages; only {@code output_tokens} of 0 if none came. */
    public ObjectNode usage() {
        return usage.isObject() ? Usages.messages(usage) : ExactJson.object().put("output_tokens", 0);
    }

    private Step<MessagesEvent> choice(JsonNode choice) {
        JsonNode delta = choice.path("delta");
        List<MessagesEvent> out = new ArrayList<>(2);
        JsonNode content = delta.path("content");
        text(ChatCalls.contentText(content), out);
        String refusal = ExactJson.text(delta, "refusal", "");
        refused |= !refusal.isEmpty();
        text(refusal, out);
        calls(delta, out);
        String reason = ExactJson.text(choice, "finish_reason", "");
        if (Ending.of(reason) != Ending.NONE) {
            finishReason = reason;
        }
        boolean thought = !ExactJson.text(delta, "reasoning_content", "").isEmpty()
                || !ExactJson.text(delta, "reasoning", "").isEmpty();
        boolean held = !delta.path("tool_calls").isEmpty() || (content.isArray() && !content.isEmpty());
        return new Step<>(out, !out.isEmpty() || thought || held, false);
    }

    private void calls(JsonNode delta, List<MessagesEvent> out) {
        blocks.nextList();
        for (JsonNode call : delta.path("tool_calls")) {
            begin(out);
            blocks.call(CallPiece.of(call), id, out);
        }
    }

    private void text(String text, List<MessagesEvent> out) {
        if (!text.isEmpty()) {
            begin(out);
            blocks.text(text, out);
        }
    }

    private void begin(List<MessagesEvent> out) {
        if (!begun) {
            begun = true;
            id = AnswerIds.messages(id);
            out.add(MessagesEvent.start(id, model));
        }
    }
}
