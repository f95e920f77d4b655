package io.bactrian.protocol;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/**
 * A part of an answer: text, or a call of a tool. Immutable.
 *
 * @param tool the name of the tool, null for text
 * @param input the input of the tool, null for text
 */
record Said(String text, @Nullable String tool, @Nullable ObjectNode input) {

    static Said text(String text) {
        return new Said(text, null, null);
    }

    static Said call(String tool, ObjectNode input) {
        return new Said("", tool, input);
    }
}
