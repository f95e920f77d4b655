package io.bactrian.protocol.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.protocol.Ids;
import io.bactrian.protocol.Json;
import io.bactrian.protocol.translation.CallPiece;
import io.bactrian.protocol.translation.CallReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The tool calls of one choice in the form that official libraries read: each begins with its index, an id of its own, its type
 * and its name, and goes on with its index and text alone. Not thread-safe.
 */
final class OrderlyCalls {
    private final CallReader reader = new CallReader();
    private final Map<CallReader.Call, Outgoing> outgoing = new HashMap<>();
    private int announced;
    private boolean listed;

    /** The index of the last piece, if it was in order; else negative. */
    private int lastTaken = -1;

    /** A call as it goes out. */
    private static final class Outgoing {
        /** Its first pieces joined, until it has its name. */
        final ObjectNode opening = Json.MAPPER.createObjectNode();

        final StringBuilder waiting = new StringBuilder();
        int index = -1;
    }

    /** Begins the next list of {@code tool_calls}. */
    void nextList() {
        reader.nextList();
        listed = true;
    }

    /** Whether there was a list of {@code tool_calls}. */
    boolean isListed() {
        return listed;
    }

    /** Takes a piece if it is in the official form and in order; notes nothing if not. */
    boolean takes(CallPiece piece) {
        if (piece.index() == lastTaken && reader.goesOn(piece)) {
            return true;
        }
        lastTaken = -1;
        CallReader.Call known = reader.known(piece);
        Outgoing out = known == null ? null : outgoing.get(known);
        boolean plain = known == null
                ? opens(piece)
                : out != null
                        && out.index == piece.index()
                        && piece.id().isEmpty()
                        && piece.name().isEmpty()
                        && (known.hasArguments() || CallPiece.isPlainBeginning(piece.text()))
                        && !reader.repeats(piece);
        if (!plain) {
            return false;
        }
        CallReader.Call call = reader.read(piece);
        if (known == null && call != null) {
            Outgoing fresh = new Outgoing();
            fresh.index = announced++;
            outgoing.put(call, fresh);
        }
        lastTaken = piece.index();
        return true;
    }

    private boolean opens(CallPiece piece) {
        boolean typed = piece.isCustom() || piece.type().equals(CallPiece.FUNCTION);
        return piece.index() == announced
                && typed
                && !CallPiece.saysNothing(piece.id())
                && !CallPiece.saysNothing(piece.name())
                && CallPiece.isPlainBeginning(piece.text())
                && reader.isFree(piece.id());
    }

    /** The entry of {@code tool_calls} that says the same in order; null if it says nothing yet. */
    @Nullable
    ObjectNode mended(JsonNode entry) {
        return mended(CallPiece.of(entry), entry instanceof ObjectNode given ? given : Json.MAPPER.createObjectNode());
    }

    /** The entry of {@code tool_calls} for a {@code function_call}; null if it says nothing yet. */
    @Nullable
    ObjectNode mendedFunction(JsonNode function) {
        ObjectNode entry = Json.MAPPER.createObjectNode();
        entry.set(CallPiece.FUNCTION, function);
        return mended(CallPiece.ofFunction(function), entry);
    }

    private @Nullable ObjectNode mended(CallPiece piece, ObjectNode entry) {
        lastTaken = -1;
        CallReader.Call call = reader.read(piece);
        if (call == null) {
            return null;
        }
        Outgoing out = outgoing.computeIfAbsent(call, fresh -> new Outgoing());
        if (out.index >= 0) {
            return goingOn(call, out, entry);
        }
        out.opening.setAll(entry.deepCopy());
        if (call.restarted()) {
            out.waiting.setLength(0);
        }
        out.waiting.append(call.piece());
        return call.name().isEmpty() ? null : opening(call, out);
    }

    private ObjectNode opening(CallReader.Call call, Outgoing out) {
        out.index = announced++;
        ObjectNode entry = out.opening;
        entry.remove(List.of("name", "arguments", "input"));
        entry.put("index", out.index);
        entry.put("id", call.id().isEmpty() ? "call_" + Ids.random() : call.id());
        entry.put("type", kind(call));
        ObjectNode called = entry.path(kind(call)) instanceof ObjectNode given ? given : entry.putObject(kind(call));
        called.put("name", call.name());
        called.put(text(call), out.waiting.toString());
        return entry;
    }

    private static ObjectNode goingOn(CallReader.Call call, Outgoing out, ObjectNode given) {
        ObjectNode entry = given.deepCopy();
        entry.remove(List.of("id", "type", "name", "arguments", "input"));
        entry.put("index", out.index);
        ObjectNode called = entry.path(kind(call)) instanceof ObjectNode known ? known : entry.putObject(kind(call));
        called.remove("name");
        called.put(text(call), call.piece());
        return entry;
    }

    /**
     * What makes the calls unusable; null if nothing does.
     *
     * @param said whether the answer has words
     */
    @Nullable
    String fault(boolean said) {
        boolean hasMore = said || announced > 0;
        for (CallReader.Call call : reader.calls()) {
            boolean asks = call.hasArguments() && !call.isPlaceholder();
            if (call.name().isEmpty() && (asks || (call.hasId() && !hasMore))) {
                return "a tool call has no name";
            }
            if (call.contradictsItself()) {
                return "a tool call has different arguments";
            }
        }
        return null;
    }

    /** The entries that complete the calls without any arguments. */
    List<ObjectNode> rest() {
        List<ObjectNode> rest = new ArrayList<>();
        for (CallReader.Call call : reader.calls()) {
            Outgoing out = outgoing.get(call);
            if (out != null && out.index >= 0 && !call.isCustom() && !call.hasArguments()) {
                ObjectNode entry = Json.MAPPER.createObjectNode().put("index", out.index);
                entry.putObject(CallPiece.FUNCTION).put("arguments", "{}");
                rest.add(entry);
            }
        }
        return rest;
    }

    /** Whether the arguments of a call have begun, and have not ended. */
    boolean isHalf() {
        for (CallReader.Call call : reader.calls()) {
            if (call.isHalf()) {
                return true;
            }
        }
        return false;
    }

    /** The call that the last piece belonged to; null if there was none. */
    CallReader.@Nullable Call last() {
        return reader.last();
    }

    private static String kind(CallReader.Call call) {
        return call.isCustom() ? CallPiece.CUSTOM : CallPiece.FUNCTION;
    }

    private static String text(CallReader.Call call) {
        return call.isCustom() ? "input" : "arguments";
    }
}
