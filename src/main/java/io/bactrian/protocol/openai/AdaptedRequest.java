package io.bactrian.protocol.openai;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.protocol.CallOptions;
import io.bactrian.protocol.Capability;
import io.bactrian.protocol.ChatRequest;
import io.bactrian.protocol.translation.LeftOut;
import io.bactrian.protocol.translation.OtherForms;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The request for a target that refused some of its parts: without these parts, or with them in another form. The same object for
 * every other target, so that its requests are not parsed. Stateless.
 */
public final class AdaptedRequest {
    private static final Set<Capability> OF_FORM = EnumSet.of(
            Capability.DEVELOPER_ROLE,
            Capability.LATE_INSTRUCTIONS,
            Capability.TEXT_PARTS,
            Capability.EMPTY_ARGUMENTS,
            Capability.FOREIGN_REASONING);

    private AdaptedRequest() {}

    /**
     * The request as it is sent.
     *
     * @param instructions moves the instructions among the messages to where they belong
     * @param dropped receives the fields that were left out
     */
    public static ChatRequest of(
            ChatRequest request, CallOptions options, Consumer<ObjectNode> instructions, Set<String> dropped) {
        if (isWhole(options)) {
            return request;
        }
        ObjectNode copy = request.tree().deepCopy();
        adapt(copy, options, instructions, dropped);
        return copy.equals(request.tree()) ? request : request.with(copy);
    }

    /** Changes a request that was made for the target, such as a translated one. */
    public static void adapt(
            ObjectNode request, CallOptions options, Consumer<ObjectNode> instructions, Set<String> dropped) {
        if (isWhole(options)) {
            return;
        }
        LeftOut.of(request, options.fields(), dropped);
        if (!options.with(Capability.DEVELOPER_ROLE)) {
            OtherForms.systemRoles(request);
        }
        if (!options.with(Capability.LATE_INSTRUCTIONS)) {
            instructions.accept(request);
        }
        if (!options.with(Capability.TEXT_PARTS)) {
            OtherForms.singleTexts(request);
        }
        if (!options.with(Capability.EMPTY_ARGUMENTS)) {
            OtherForms.emptyObjects(request);
        }
        if (!options.with(Capability.FOREIGN_REASONING)) {
            OtherForms.withoutReasoning(request, dropped);
        }
    }

    private static boolean isWhole(CallOptions options) {
        return options.fields().isEmpty()
                && (options.without().isEmpty() || options.without().stream().noneMatch(OF_FORM::contains));
    }
}
