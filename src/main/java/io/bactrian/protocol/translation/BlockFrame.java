package io.bactrian.protocol.translation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The frame of one Messages stream: which block is open, and which one an event belongs to. Events in order pass as they are.
 * Of others the content counts and not the index: a start opens a new block, a delta opens the block that it needs, and each
 * block is stopped once, before the next one starts. The input of a call may come before its start or after its stop; what
 * comes after its whole input adds nothing to it. Not thread-safe.
 */
public final class BlockFrame {
    private final Deque<Block> blocks = new ArrayDeque<>();
    private final Map<Integer, Block> places = new HashMap<>();
    private final Set<String> ids = new HashSet<>();
    private final List<Block> called = new ArrayList<>();
    /** Input that came before the call it belongs to. */
    private final List<ObjectNode> early = new ArrayList<>();

    /** Calls with more than their whole input. */
    private final Set<Block> doubted = new HashSet<>();

    private @Nullable Block last;
    private @Nullable String fault;
    private boolean begun;
    private int next;

    /** The part of the message that has come. */
    private enum Until {
        NOW,
        REASON,
        END
    }

    /** A block that has not ended, or waits for the end of the one before it. */
    private static final class Block {
        final String kind;
        final ObjectNode start;
        ArgumentsEnd input = new ArgumentsEnd();

        /** What came after the whole input. */
        ArgumentsEnd again = new ArgumentsEnd();

        final List<ObjectNode> waiting = new ArrayList<>();
        boolean ended;

        /** Whether its stop has gone out. */
        boolean gone;

        int index = -1;

        /** The index by which the provider names it; negative if it has none. */
        int place = -1;

        Block(String kind, ObjectNode start) {
            this.kind = kind;
            this.start = start;
        }

        boolean isCall() {
            return CALLS.contains(kind);
        }

        /** Whether it is a call whose input is not whole. */
        boolean isOpenCall() {
            return isCall() && !input.reached();
        }

        /** Whether more of it may come: the stop of a call may come before its input. */
        boolean goesOn() {
            return !ended || (kind.equals(TOOL_USE) && !gone && !input.reached());
        }

        /** Whether its input is {@code {}}, which some servers send before the real one, or the beginning of that. */
        boolean hasPlaceholder() {
            return isCall() && (input.isEmptyObject() || input.isOpening());
        }

        /** Reads input if it can pass as it is. */
        boolean passes(String piece) {
            if (!isCall() || piece.isEmpty()) {
                return true;
            }
            if (input.reached() || (input.isBlank() && piece.charAt(0) == '{' && piece.length() <= 2)) {
                return false;
            }
            input.read(piece);
            return true;
        }

        /** Adds a delta; returns whether it is more than the whole input. */
        boolean add(ObjectNode event, String piece) {
            boolean says = !piece.isBlank();
            if (isCall() && says && !gone && input.isEmptyObject()) {
                if (ArgumentsEnd.of(piece).isEmptyObject()) {
                    return false;
                }
                waiting.removeIf(one -> one.at("/delta/partial_json").isTextual());
                input = new ArgumentsEnd();
            }
            if (isCall() && says && input.reached()) {
                again(piece);
                return true;
            }
            input.read(piece);
            waiting.add(event);
            return false;
        }

        private void again(String piece) {
            if (again.isSame(input) || again.isEmptyObject()) {
                again = new ArgumentsEnd();
            }
            again.read(piece);
        }

        boolean contradictsItself() {
            return !again.isBlank() && !again.isSame(input) && !again.isEmptyObject();
        }

        /** Whether a delta can belong to it. Deltas of unknown blocks may have any type. */
        boolean takes(String delta) {
            return switch (kind) {
                case "text" -> delta.equals("text_delta") || !OF_OTHERS_THAN_TEXT.contains(delta);
                case "thinking" -> !OF_OTHERS_THAN_THINKING.contains(delta);
                case "redacted_thinking" -> false;
                default -> isCall() ? !SPOKEN.contains(delta) : !kind.endsWith("_result");
            };
        }
    }

    private static final String TOOL_USE = "tool_use";
    private static final String INPUT = "input_json_delta";
    private static final Set<String> CALLS = Set.of(TOOL_USE, "server_tool_use", "mcp_tool_use");
    private static final Set<String> SPOKEN =
            Set.of("text_delta", "citations_delta", "thinking_delta", "signature_delta");
    private static final Set<String> OF_OTHERS_THAN_TEXT = Set.of("thinking_delta", "signature_delta", INPUT);
    private static final Set<String> OF_OTHERS_THAN_THINKING = Set.of("text_delta", "citations_delta", INPUT);

    /**
     * A whole message, with every field of its blocks that official libraries need; the same object if it has them.
     *
     * @return null if a tool call has no name
     */
    public static @Nullable ObjectNode complete(ObjectNode message) {
        JsonNode content = message.path("content");
        if (isComplete(content)) {
            return message;
        }
        BlockFrame frame = new BlockFrame();
        ObjectNode whole = message.deepCopy();
        ArrayNode blocks = whole.putArray("content");
        for (JsonNode block : content) {
            if (block instanceof ObjectNode given) {
                blocks.add(frame.complete(given.deepCopy(), ExactJson.text(given, "type", "")));
            } else if (!block.isNull()) {
                blocks.add(ExactJson.textBlock(block.asText("")));
            }
        }
        return frame.fault == null ? whole : null;
    }

    private static boolean isComplete(JsonNode content) {
        Set<String> ids = new HashSet<>();
        for (JsonNode block : content) {
            String kind = ExactJson.text(block, "type", "");
            String id = ExactJson.text(block, "id", "");
            boolean named = !kind.equals(TOOL_USE) || (!CallPiece.saysNothing(id) && ids.add(id));
            if (!named || !BlockEvent.isPlainBlock(kind, block)) {
                return false;
            }
        }
        return true;
    }

    /** Takes an event if it is in order; notes nothing if not: it has to be mended then. */
    public boolean takes(BlockEvent event) {
        Block head = blocks.peek();
        boolean own = head != null && blocks.size() == 1 && event.index() == head.index && event.index() == head.place;
        return switch (event.type()) {
            case "message_start" -> event.isPlain() && !begun && (begun = true);
            case "content_block_start" ->
                begun && event.isPlain() && head == null && early.isEmpty() && event.index() == next && begins(event);
            case "content_block_delta" ->
                own
                        && event.isPlain()
                        && head.takes(event.kind())
                        && head.waiting.isEmpty()
                        && head.passes(event.input());
            case "content_block_stop" ->
                own && head.waiting.isEmpty() && !(head.kind.equals(TOOL_USE) && head.isOpenCall()) && stops(head);
            case "message_delta" -> begun && (!event.namesReason() || (head == null && isSound()));
            case "message_stop" -> begun && head == null && isSound();
            default -> true;
        };
    }

    private boolean isSound() {
        return early.isEmpty() && doubted.isEmpty();
    }

    private boolean begins(BlockEvent event) {
        if (event.kind().equals(TOOL_USE) && (CallPiece.saysNothing(event.id()) || !ids.add(event.id()))) {
            return false;
        }
        Block block = new Block(event.kind(), ExactJson.object());
        block.index = next++;
        block.place = event.index();
        blocks.add(block);
        places.put(event.index(), block);
        last = block;
        note(block);
        return true;
    }

    private boolean stops(Block block) {
        block.ended = true;
        block.gone = true;
        blocks.remove();
        return true;
    }

    /** The events in order that say the same as the next one; none if it says nothing, or nothing yet. */
    public List<JsonNode> mend(JsonNode event) {
        if (takes(BlockEvent.of(event))) {
            return List.of(event);
        }
        List<JsonNode> out = new ArrayList<>();
        if (event instanceof ObjectNode given) {
            mend(given, ExactJson.text(event, "type", ""), out);
        }
        return out;
    }

    private void note(Block block) {
        if (block.isCall()) {
            called.add(block);
        }
    }

    /** Whether the input of a call has begun, and has not ended. */
    public boolean isHalf() {
        for (Block block : called) {
            if (block.input.isOpen()) {
                return true;
            }
        }
        return false;
    }

    /** The events that end the blocks which are still open or wait. */
    public List<JsonNode> end() {
        List<JsonNode> out = new ArrayList<>();
        end(out);
        return out;
    }

    private void end(List<JsonNode> out) {
        flow(Until.END, out);
        judge();
    }

    /** Looks for what makes the message unusable, once its stop reason is known. */
    public void judge() {
        ArgumentsEnd lost = new ArgumentsEnd();
        early.forEach(event -> lost.read(event.at("/delta/partial_json").textValue()));
        if (!lost.isBlank() && !lost.isEmptyObject()) {
            fault = "the input of a tool call belongs to no call";
        }
        if (doubted.stream().anyMatch(Block::contradictsItself)) {
            fault = "a tool call has different inputs";
        }
    }

    /** What makes the message unusable; null if nothing does, as far as it is known. */
    public @Nullable String fault() {
        return fault;
    }

    private void mend(ObjectNode event, String type, List<JsonNode> out) {
        if (!begun && !type.equals("message_start")) {
            begun = true;
            out.add(MessagesEvent.start(AnswerIds.messages(null), "").data());
        }
        int index = index(event.path("index"));
        switch (type) {
            case "message_start" -> start(event, out);
            case "content_block_start" -> {
                if (event.path("content_block") instanceof ObjectNode block) {
                    open(index, event, block, out);
                }
            }
            case "content_block_delta" -> {
                if (event.path("delta") instanceof ObjectNode delta) {
                    delta(index, event, delta, out);
                }
            }
            case "content_block_stop" -> stop(index, out);
            default -> {
                if (type.equals("message_stop")) {
                    end(out);
                } else if (BlockEvent.of(event).namesReason()) {
                    flow(Until.REASON, out);
                    judge();
                }
                out.add(event);
            }
        }
    }

    /** A second start says nothing new. Content in it becomes blocks. */
    private void start(ObjectNode event, List<JsonNode> out) {
        if (begun) {
            return;
        }
        begun = true;
        ObjectNode whole = event.deepCopy();
        ObjectNode message = whole.get("message") instanceof ObjectNode given ? given : whole.putObject("message");
        JsonNode content = message.path("content");
        message.putArray("content");
        MessageHead.complete(message);
        out.add(whole);
        for (int i = 0; i < content.size(); i++) {
            if (content.get(i) instanceof ObjectNode block) {
                endLast();
                open(i, MessagesEvent.blockStart(i, block).data(), block, out);
            }
        }
    }

    private void endLast() {
        if (last != null) {
            last.ended = true;
        }
    }

    private void open(int index, ObjectNode event, ObjectNode given, List<JsonNode> out) {
        ObjectNode block = complete(given.deepCopy(), ExactJson.text(given, "type", ""));
        ObjectNode start = event.deepCopy();
        start.set("content_block", block);
        Block opened = new Block(ExactJson.text(block, "type", ""), start);
        if (!block.path("input").isEmpty()) {
            opened.input.read(block.path("input").toString());
        }
        if (opened.isCall() && !early.isEmpty()) {
            takeEarly(index, opened);
        }
        add(index, opened, out);
    }

    private void takeEarly(int index, Block opened) {
        for (Iterator<ObjectNode> events = early.iterator(); events.hasNext(); ) {
            ObjectNode event = events.next();
            int at = index(event.path("index"));
            if (at == index || at < 0 || index < 0) {
                events.remove();
                give(opened, event);
            }
        }
    }

    private void give(Block block, ObjectNode event) {
        if (block.add(event, ExactJson.text(event.path("delta"), "partial_json", ""))) {
            doubted.add(block);
        }
    }

    private Block add(int index, Block block, List<JsonNode> out) {
        Block before = last;
        if (before != null && !before.isCall()) {
            before.ended = true;
        }
        Block placed = index < 0 ? null : places.get(index);
        if (placed != null) {
            placed.ended = true;
        }
        block.place = index;
        places.put(index, block);
        last = block;
        note(block);
        blocks.add(block);
        flow(Until.NOW, out);
        return block;
    }

    /** The block with the fields that official libraries need. */
    private ObjectNode complete(ObjectNode block, String type) {
        String kind = type;
        if (kind.isEmpty()) {
            kind = block.has("name") ? TOOL_USE : block.has("thinking") ? "thinking" : "text";
            block.put("type", kind);
        }
        switch (kind) {
            case "text", "thinking" -> block.put(kind, ExactJson.text(block, kind, ""));
            case TOOL_USE -> {
                String id = ExactJson.text(block, "id", "");
                if (CallPiece.saysNothing(id) || !ids.add(id)) {
                    String fresh = "toolu_" + UUID.randomUUID().toString().replace("-", "");
                    ids.add(fresh);
                    block.put("id", fresh);
                }
                String name = ExactJson.text(block, "name", "");
                if (CallPiece.saysNothing(name)) {
                    fault = "a tool call has no name";
                }
                block.put("name", name);
                JsonNode input = block.path("input");
                if (!input.isObject()) {
                    block.set("input", ExactJson.arguments(input.isTextual() ? input.textValue() : ""));
                }
            }
            default -> {}
        }
        return block;
    }

    private void delta(int index, ObjectNode given, ObjectNode said, List<JsonNode> out) {
        ObjectNode event = given.deepCopy();
        ObjectNode delta = said.deepCopy();
        event.set("delta", delta);
        String kind = ExactJson.text(delta, "type", "");
        if (kind.isEmpty()) {
            kind = kind(delta);
            delta.put("type", kind);
        }
        String field = BlockEvent.field(kind);
        if (!field.isEmpty() && !delta.path(field).isTextual()) {
            if (!delta.path(field).isContainerNode()) {
                return;
            }
            delta.put(field, delta.path(field).toString());
        }
        Block block = blockFor(index, kind, out);
        if (block != null) {
            give(block, event);
            flow(Until.NOW, out);
        } else if (kind.equals(INPUT)) {
            early.add(event);
        }
    }

    private static String kind(ObjectNode delta) {
        for (String kind : List.of("text_delta", "thinking_delta", "signature_delta", INPUT)) {
            if (delta.has(BlockEvent.field(kind))) {
                return kind;
            }
        }
        return "";
    }

    /** The block that a delta belongs to, opened if need be; null if there is none. */
    private @Nullable Block blockFor(int index, String delta, List<JsonNode> out) {
        Block newest = last;
        Block placed = index < 0 ? newest : places.get(index);
        boolean spoken = SPOKEN.contains(delta);
        if (placed != null && placed.goesOn() && placed.takes(delta) && (!spoken || placed == newest)) {
            return placed;
        }
        if (newest != null && !newest.ended && newest.takes(delta)) {
            return newest;
        }
        return switch (delta) {
            case "text_delta" -> implied(index, "text", out);
            case "thinking_delta" -> implied(index, "thinking", out);
            case INPUT -> openCall(placed);
            default -> null;
        };
    }

    /** The newest open call, else the call that the input names, if that may have more of it. */
    private @Nullable Block openCall(@Nullable Block placed) {
        for (Iterator<Block> newestFirst = blocks.descendingIterator(); newestFirst.hasNext(); ) {
            Block block = newestFirst.next();
            if (block.isCall() && !block.ended) {
                return block;
            }
        }
        return placed != null && placed.isCall() && (placed.goesOn() || placed.input.reached()) ? placed : null;
    }

    /** A block that no start announced. It does not take the place of a call that goes on. */
    private Block implied(int index, String kind, List<JsonNode> out) {
        Block placed = index < 0 ? null : places.get(index);
        ObjectNode block = ExactJson.typed(kind).put(kind, "");
        if (kind.equals("thinking")) {
            block.put("signature", "");
        }
        boolean taken = placed != null && placed.isCall() && !placed.ended;
        return add(
                taken ? -1 : index,
                new Block(kind, MessagesEvent.blockStart(0, block).data()),
                out);
    }

    private void stop(int index, List<JsonNode> out) {
        Block block = index < 0 ? last : places.get(index);
        if (block != null) {
            block.ended = true;
            flow(Until.NOW, out);
        }
    }

    /** Sends what may go out: the first block, and what waits behind it as soon as that one has ended. */
    private void flow(Until until, List<JsonNode> out) {
        Block head = blocks.peek();
        while (head != null) {
            if (head.index < 0) {
                head.index = next++;
                out.add(head.start.put("index", head.index));
            }
            boolean done = isDone(head, until);
            if (done || !head.hasPlaceholder()) {
                for (ObjectNode event : head.waiting) {
                    out.add(event.put("index", head.index));
                }
                head.waiting.clear();
            }
            if (!done) {
                return;
            }
            head.ended = true;
            head.gone = true;
            out.add(MessagesEvent.blockStop(head.index).data());
            blocks.remove();
            head = blocks.peek();
        }
    }

    /** Whether nothing more of the first block can come. */
    private boolean isDone(Block head, Until until) {
        boolean open = head.isOpenCall();
        return switch (until) {
            case END -> true;
            case REASON -> !open || isFollowedByWords();
            case NOW ->
                head.ended ? !open || !head.kind.equals(TOOL_USE) || isFollowedByWords() : !open && blocks.size() > 1;
        };
    }

    private boolean isFollowedByWords() {
        return blocks.stream().skip(1).anyMatch(block -> !block.isCall());
    }

    private static int index(JsonNode index) {
        if (index.isTextual()) {
            return index.textValue().matches("[0-9]{1,6}") ? Integer.parseInt(index.textValue()) : -1;
        }
        return index.isNumber() && index.canConvertToInt() ? index.intValue() : -1;
    }
}
