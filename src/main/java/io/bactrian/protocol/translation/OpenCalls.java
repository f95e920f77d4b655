package io.bactrian.protocol.translation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The tool calls of a conversation that have no result yet. Each call gets an id that every vendor accepts and that no
 * other call of the conversation has, because some servers number the calls of each answer from the start. Not
 * thread-safe.
 */
final class OpenCalls {
    private record Call(String original, String id) {}

    private final List<Call> waiting = new ArrayList<>();
    private final Map<String, Integer> seen = new HashMap<>();

    /** Opens a call; returns its new id. */
    String open(String original) {
        int times = seen.merge(original, 1, Integer::sum);
        String id = ToolIds.portable(times == 1 ? original : original + '#' + times);
        waiting.add(new Call(original, id));
        return id;
    }

    /** Closes the oldest call with this id; returns its new id, null if no such call is open. */
    @Nullable
    String answer(String original) {
        for (int i = 0; i < waiting.size(); i++) {
            if (waiting.get(i).original().equals(original)) {
                return waiting.remove(i).id();
            }
        }
        return null;
    }

    /** Drops the calls without a result, so that a later call with the same id is not mistaken for them. */
    void forget() {
        waiting.clear();
    }

    /** Rejects the history if a call has no result, because no vendor accepts that. */
    void requireNone(String param) {
        if (!waiting.isEmpty()) {
            throw new Untranslatable.Invalid("The tool call '" + waiting.get(0).original() + "' has no result.", param);
        }
    }
}
