package io.bactrian.protocol;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.config.Limits.Rescue;
import io.bactrian.stream.Seam;
import java.util.List;

/** Requests to go on with an answer that broke off. Both protocols say it in the same words. */
public final class Continuation {
    private static final String GO_ON =
            "Go on exactly where your last message stops, in the middle of the word or sentence if need be."
                    + " Repeat nothing of it and add no remark.";

    private static final List<String> LIMITS = List.of("max_tokens", "max_completion_tokens");

    private Continuation() {}

    /**
     * The request that asks for the rest of what was spoken; the given one where it is asked afresh.
     *
     * @param tokens how many of the answer's have been spoken, which its limit has no longer
     */
    public static ChatRequest of(ChatRequest request, String spoken, long tokens, Rescue way) {
        if (way == Rescue.REPLAY) {
            return request;
        }
        ObjectNode tree = request.tree().deepCopy();
        if (tree.path("messages") instanceof ArrayNode messages) {
            String begun = Seam.prefix(spoken);
            // A caller may have begun the answer itself.
            if (messages.get(messages.size() - 1) instanceof ObjectNode last
                    && last.path("role").asText().equals("assistant")
                    && last.path("content").isTextual()) {
                last.put("content", last.path("content").textValue() + begun);
            } else {
                messages.addObject().put("role", "assistant").put("content", begun);
            }
            if (way == Rescue.CONTINUE) {
                messages.addObject().put("role", "user").put("content", GO_ON);
            }
        }
        for (String limit : LIMITS) {
            if (tree.path(limit).canConvertToLong()) {
                tree.put(limit, Math.max(1, tree.path(limit).asLong() - tokens));
            }
        }
        return ChatRequest.of(request.dialect(), tree);
    }
}
