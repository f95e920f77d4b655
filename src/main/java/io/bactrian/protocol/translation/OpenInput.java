package io.bactrian.protocol.translation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/** A {@code tool_use} block of an Anthropic stream with incomplete input, as deltas of Chat Completions. */
sealed interface OpenInput permits OpenAnswer, OpenTool {

    /** The delta for the next piece of input, which must not be empty; null while it is held back. */
    @Nullable
    ObjectNode piece(String json);

    /** The delta that completes the block; null if nothing is missing. */
    @Nullable
    ObjectNode rest();
}
