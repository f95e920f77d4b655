package io.bactrian.protocol.translation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * The content blocks of an answer, one after the other. Chat Completions may interleave the pieces of several tool
 * calls, but blocks of Messages must not overlap: the first block is sent at once, the others wait until it is
 * complete. Not thread-safe.
 */
final class BlockQueue {
    private final Queue<Block> blocks = new ArrayDeque<>();
    private final CallReader reader = new CallReader();
    private final Map<CallReader.Call, Block> calls = new HashMap<>();
    private final int first;
    private @Nullable Block text;
    private int started;
    private boolean announced;

    BlockQueue() {
        this(0, null);
    }

    /**
     * @param first the index of the first block that begins here
     * @param openText the index of a text block that another provider began and did not end; null if there is none
     */
    BlockQueue(int first, @Nullable Integer openText) {
        this.first = first;
        started = first;
        if (openText != null) {
            text = Block.begun(openText);
            blocks.add(text);
        }
    }

    /** True if a tool call was announced; a call whose name never came does not count. */
    boolean hasCalls() {
        return announced;
    }

    void text(String piece, List<MessagesEvent> out) {
        Block block = text;
        if (block == null) {
            block = Block.text();
            text = block;
            blocks.add(block);
        }
        block.add(piece);
        flow(false, out);
    }

    /** Begins the next list of calls. */
    void nextList() {
        reader.nextList();
    }

    /**
     * Takes one piece of a call.
     *
     * @param answer the id of the answer, for calls without an id
     */
    void call(CallPiece piece, String answer, List<MessagesEvent> out) {
        CallReader.Call call = reader.read(piece);
        if (call == null) {
            return;
        }
        Block block = calls.get(call);
        if (block == null) {
            String id = call.id();
            block = Block.call(
                    id.isEmpty() ? ToolIds.invented(answer, first + calls.size()) : ToolIds.portable(id),
                    call.isCustom());
            calls.put(call, block);
            blocks.add(block);
            text = null;
        }
        block.name(call.name());
        block.add(call.piece());
        flow(false, out);
    }

    /** Ends the input: the pending blocks are sent. */
    void close(List<MessagesEvent> out) {
        flow(true, out);
    }

    private void flow(boolean last, List<MessagesEvent> out) {
        Block head = blocks.peek();
        while (head != null) {
            if (head.isReady() && head.start(started, out)) {
                started++;
                announced |= head.isCall();
            }
            head.flush(last, out);
            boolean done = last || (blocks.size() > 1 && head.isWhole());
            if (!done) {
                return;
            }
            head.stop(out);
            blocks.remove();
            head = blocks.peek();
        }
    }

    /** One block: what is known of it, and the pieces that were not sent yet. */
    private static final class Block {
        private final ObjectNode opening;
        private final @Nullable ArgumentsEnd end;
        private final boolean custom;
        private final StringBuilder waiting = new StringBuilder();
        private int index = -1;

        private Block(ObjectNode opening, @Nullable ArgumentsEnd end, boolean custom) {
            this.opening = opening;
            this.end = end;
            this.custom = custom;
        }

        static Block text() {
            return new Block(ExactJson.textBlock(""), null, false);
        }

        static Block begun(int index) {
            Block block = text();
            block.index = index;
            return block;
        }

        static Block call(String id, boolean custom) {
            return new Block(Blocks.toolUse(id, "", ExactJson.object()), new ArgumentsEnd(), custom);
        }

        void name(String name) {
            if (index < 0 && !name.isEmpty()) {
                opening.put("name", name);
            }
        }

        void add(String piece) {
            waiting.append(piece);
            if (end != null && !custom) {
                end.read(piece);
            }
        }

        /** True if the block can be announced; a tool call needs its name for that. */
        boolean isReady() {
            return end == null || !opening.path("name").textValue().isEmpty();
        }

        boolean isCall() {
            return end != null;
        }

        boolean isWhole() {
            return end == null || end.reached();
        }

        boolean start(int number, List<MessagesEvent> out) {
            if (index >= 0) {
                return false;
            }
            index = number;
            out.add(MessagesEvent.blockStart(index, opening));
            return true;
        }

        /** Sends what has come; the text of a custom tool is wrapped, so it is sent as a whole at the end. */
        void flush(boolean last, List<MessagesEvent> out) {
            if (index < 0 || waiting.isEmpty() || (custom && !last)) {
                return;
            }
            String piece = custom ? CustomTools.wrap(waiting.toString()).toString() : waiting.toString();
            waiting.setLength(0);
            out.add(
                    end == null
                            ? MessagesEvent.blockDelta(index, "text_delta", "text", piece)
                            : MessagesEvent.blockDelta(index, "input_json_delta", "partial_json", piece));
        }

        void stop(List<MessagesEvent> out) {
            if (index >= 0) {
                out.add(MessagesEvent.blockStop(index));
            }
        }
    }
}
