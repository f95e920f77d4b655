package io.bactrian.protocol.translation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The tool calls of a conversation that still wait for their results. Gives each call an id that every vendor takes and
 * that no other call of the conversation has: some servers number their calls afresh in each answer. Not thread-safe.
 */
final class OpenCalls {
    private record Call(String original, String id) {}

    private final List<Call> waiting = new ArrayList<>();
    private final Map<String, Integer> seen = new HashMap<>();

    /** Opens a call and says under which id it goes on. */
    String open(String original) {
        int times = seen.merge(original, 1, Integer::sum);
        String id = ToolIds.portable(times == 1 ? original : original + '#' + times);
        waiting.add(new Call(original, id));
        return id;
    }

    /** Closes the oldest call with this id; null if none waits. */
    @Nullable
    String answer(String original) {
        for (int i = 0; i < waiting.size(); i++) {
            if (waiting.get(i).original().equals(original)) {
                return waiting.remove(i).id();
            }
        }
        return null;
    }

    /** Gives up the calls that have no result, so that a later call with the same id cannot be taken for them. */
    void forget() {
        waiting.clear();
    }

    /** Refuses to go on while a call has no result: no vendor takes such a history. */
    void requireNone(String param) {
        if (!waiting.isEmpty()) {
            throw new Untranslatable.Invalid("The tool call '" + waiting.get(0).original() + "' has no result.", param);
        }
    }
}
