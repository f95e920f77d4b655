package io.bactrian.protocol;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.config.Limits.Rescue;
import io.bactrian.stream.Seam;
import java.util.List;

/** A writer of requests for the rest of an answer that broke off, in protocols with a list of {@code messages}. Stateless. */
public final class Continuation {
    /** The instruction to a model that is told to go on. */
    public static final String GO_ON =
            "Go on exactly where your last message stops, in the middle of the word or sentence if need be."
                    + " Repeat nothing of it and add no remark.";

    private Continuation() {}

    /**
     * The request for the rest of an answer, see {@link CallerProtocol#continuation}.
     *
     * @param limits the fields that limit the tokens of the answer
     */
    public static ChatRequest of(ChatRequest request, String committed, long tokens, Rescue way, List<String> limits) {
        ObjectNode tree = request.tree().deepCopy();
        if (tree.path("messages") instanceof ArrayNode messages) {
            String begun = Seam.prefix(committed);
            // The caller may have written the beginning of the answer.
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
        for (String limit : limits) {
            if (tree.path(limit).canConvertToLong()) {
                tree.put(limit, Math.max(1, tree.path(limit).asLong() - tokens));
            }
        }
        return request.with(tree);
    }
}
