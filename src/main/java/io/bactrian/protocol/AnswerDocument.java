package io.bactrian.protocol;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A whole answer in one document. Immutable as long as its tree is not changed.
 *
 * @param form the protocol whose form it has: the caller's own, or the canonical one
 * @param json its bytes
 * @param tree the same bytes, parsed; what the gateway does not read may be missing
 */
public record AnswerDocument(CallerProtocol form, byte[] json, ObjectNode tree) {

    /** A document of a tree. */
    public static AnswerDocument of(CallerProtocol form, ObjectNode tree) {
        return new AnswerDocument(form, Json.bytes(tree), tree);
    }

    /** The finish reason of each choice, see {@link CallerProtocol#finishReasons}. */
    public Map<Integer, String> finishReasons() {
        return form.finishReasons(tree);
    }

    public String text() {
        return form.text(tree);
    }

    /** Whether it has any content. */
    public boolean says() {
        return form.says(tree);
    }

    /** The tokens of the answer; null if it does not count them. */
    public @Nullable Usage usage() {
        return form.usage(tree);
    }

    /** The bytes of the answer in the form of a protocol; unchanged if it has that form already. */
    public byte[] jsonIn(CallerProtocol protocol) {
        return form == protocol ? json : Json.bytes(protocol.fromCanonical(tree));
    }
}
