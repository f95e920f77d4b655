package io.bactrian.protocol.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.policy.CallFailed;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import io.bactrian.protocol.AnswerChunk;
import io.bactrian.protocol.Json;
import io.bactrian.protocol.ProviderProtocol;
import io.bactrian.protocol.translation.CallPiece;
import io.bactrian.protocol.translation.CallReader;
import io.bactrian.protocol.translation.Ending;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A reader of the events of one Chat Completions answer. Events pass as they are, but for content and tool calls in a form that
 * official libraries do not read: those are mended here, once, so that every later reader sees the same answer. Not thread-safe.
 */
final class ChatEvents implements ProviderProtocol.Events {
    private final boolean callsFunctions;
    private final Map<Integer, OrderlyCalls> calls = new TreeMap<>();
    private @Nullable ChatChunk lastWithTools;
    private @Nullable ChatChunk held;
    private boolean converted;
    private boolean said;
    private int otherParts;
    private boolean limited;

    /** @param callsFunctions whether the caller reads {@code function_call}, the form of old */
    ChatEvents(boolean callsFunctions) {
        this.callsFunctions = callsFunctions;
    }

    @Override
    public boolean isEndMark(byte[] data) {
        return ChatChunk.isEndMark(data);
    }

    @Override
    public @Nullable AnswerChunk read(byte[] data) {
        return ChatChunk.read(data);
    }

    @Override
    public List<AnswerChunk> chunks(AnswerChunk event) {
        if (!event.isObject()) {
            return List.of();
        }
        if (event.hasReason()) {
            limited = event.choices().stream().anyMatch(choice -> Ending.of(choice.finish()) == Ending.LENGTH);
        }
        said |= event.hasWords();
        List<AnswerChunk> inOrder = inOrder(event);
        if (event.hasReason()) {
            requireSound(true);
        }
        return inOrder;
    }

    private List<AnswerChunk> inOrder(AnswerChunk event) {
        boolean plain = !event.hasTools() && !converted;
        if (!(event instanceof ChatChunk chunk) || (plain && !chunk.isOdd())) {
            return released(event);
        }
        ChatChunk mended = isInOrder(chunk) ? chunk : mended(chunk);
        return mended.hasTools() ? called(mended) : released(mended);
    }

    /** @throws CallFailed if a tool call is unusable */
    @Override
    public List<AnswerChunk> end() {
        requireSound(said);
        List<AnswerChunk> rest = new ArrayList<>();
        if (held != null) {
            rest.add(held);
            held = null;
        }
        calls.forEach((choice, orderly) -> orderly.rest().forEach(entry -> rest.add(completing(choice, entry))));
        return rest;
    }

    private void requireSound(boolean hasWords) {
        for (OrderlyCalls orderly : calls.values()) {
            String fault = orderly.fault(hasWords);
            if (fault != null) {
                throw new CallFailed(Failure.of(FailureClass.INVALID_RESPONSE, 200, fault));
            }
        }
    }

    @Override
    public boolean ended() {
        return false;
    }

    @Override
    public boolean hasHalfCall() {
        return !limited && calls.values().stream().anyMatch(OrderlyCalls::isHalf);
    }

    @Override
    public ProviderProtocol.Sign sign() {
        return ProviderProtocol.Sign.NONE;
    }

    /** Whether a chunk with tool calls is in the official form; its piece has been noted then. */
    private boolean isInOrder(ChatChunk chunk) {
        CallPiece piece = chunk.piece();
        if (piece == null || chunk.choices().size() != 1 || converted) {
            return false;
        }
        OrderlyCalls orderly = calls(chunk.choices().get(0).index());
        orderly.nextList();
        return orderly.takes(piece);
    }

    private OrderlyCalls calls(int choice) {
        return calls.computeIfAbsent(choice, first -> new OrderlyCalls());
    }

    /** The chunk in the official form; the same object if it has that form. */
    private ChatChunk mended(ChatChunk chunk) {
        ObjectNode tree = chunk.tree().deepCopy();
        boolean changed = false;
        int at = 0;
        for (JsonNode part : tree.path("choices")) {
            if (part instanceof ObjectNode choice) {
                boolean scanned = at < chunk.choices().size();
                int index = scanned
                        ? chunk.choices().get(at++).index()
                        : choice.path("index").asInt();
                changed |= choice.path("delta") instanceof ObjectNode delta && mend(delta, index);
                changed |= mendReason(choice);
            }
        }
        return changed ? ChatChunk.of(tree) : chunk;
    }

    private boolean mend(ObjectNode delta, int choice) {
        boolean changed = ContentParts.mend(delta, otherParts);
        otherParts += changed ? delta.path(ContentParts.OTHERS).size() : 0;
        changed |= delta.path("tool_calls").isContainerNode() && mendCalls(delta, calls(choice));
        if (delta.get("function_call") instanceof ObjectNode function) {
            changed |= callsFunctions ? mendText(function) : convert(delta, function, calls(choice));
        }
        return changed;
    }

    private static boolean mendCalls(ObjectNode delta, OrderlyCalls orderly) {
        JsonNode given = delta.path("tool_calls");
        ArrayNode mended = Json.MAPPER.createArrayNode();
        orderly.nextList();
        if (given instanceof ObjectNode one) {
            add(mended, orderly.mended(one));
        } else {
            given.forEach(entry -> add(mended, entry.isObject() ? orderly.mended(entry) : null));
        }
        if (mended.equals(given)) {
            return false;
        }
        write(delta, mended);
        return true;
    }

    private static void add(ArrayNode list, @Nullable ObjectNode entry) {
        if (entry != null) {
            list.add(entry);
        }
    }

    private static void write(ObjectNode delta, ArrayNode entries) {
        if (entries.isEmpty()) {
            delta.remove("tool_calls");
        } else {
            delta.set("tool_calls", entries);
        }
    }

    /** Writes a {@code function_call} as one of the {@code tool_calls}; servers that send both say the same twice. */
    private boolean convert(ObjectNode delta, ObjectNode function, OrderlyCalls orderly) {
        delta.remove("function_call");
        if (!orderly.isListed()) {
            converted = true;
            ArrayNode entries = Json.MAPPER.createArrayNode();
            add(entries, orderly.mendedFunction(function));
            write(delta, entries);
        }
        return true;
    }

    /** Writes arguments as text. */
    private static boolean mendText(ObjectNode function) {
        JsonNode arguments = function.path("arguments");
        if (!arguments.isContainerNode()) {
            return false;
        }
        function.put("arguments", CallPiece.ofFunction(function).text());
        return true;
    }

    private boolean mendReason(ObjectNode choice) {
        if (!converted || !choice.path("finish_reason").asText().equals("function_call")) {
            return false;
        }
        choice.put("finish_reason", "tool_calls");
        return true;
    }

    /** Holds back the arguments {@code {}}, which some servers send before the real ones. */
    private List<AnswerChunk> called(ChatChunk chunk) {
        lastWithTools = chunk;
        boolean only = chunk.choices().size() == 1 && chunk.piece() != null;
        CallReader.Call call = only ? calls(chunk.choices().get(0).index()).last() : null;
        if (call == null) {
            return released(chunk);
        }
        ChatChunk placeholder = held;
        if (call.restarted() && placeholder != null) {
            held = emptied(placeholder);
        }
        if (!call.isPlaceholder()
                || chunk.hasWords()
                || !chunk.choices().get(0).finish().isEmpty()) {
            return released(chunk);
        }
        List<AnswerChunk> before = placeholder == null ? List.of() : List.of(placeholder);
        held = chunk;
        return before;
    }

    /** The chunk after the one that was held back. */
    private List<AnswerChunk> released(AnswerChunk chunk) {
        ChatChunk before = held;
        held = null;
        return before == null ? List.of(chunk) : List.of(before, chunk);
    }

    private static ChatChunk emptied(ChatChunk chunk) {
        ObjectNode tree = chunk.tree().deepCopy();
        if (tree.at("/choices/0/delta/tool_calls/0/function") instanceof ObjectNode function) {
            function.put("arguments", "");
        }
        return ChatChunk.of(tree);
    }

    private ChatChunk completing(int choice, ObjectNode entry) {
        ChatChunk like = lastWithTools;
        ObjectNode tree =
                like == null ? Json.MAPPER.createObjectNode() : like.tree().deepCopy();
        tree.remove("usage");
        ObjectNode part = tree.putArray("choices").addObject().put("index", choice);
        part.putObject("delta").putArray("tool_calls").add(entry);
        part.putNull("finish_reason");
        return ChatChunk.of(tree);
    }
}
