package io.bactrian.protocol;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** An assembler of one document from the chunks of one stream. Not thread-safe. */
public interface AnswerAssembler {

    /** Adds the next chunk, which has the form of the assembler's protocol. */
    void add(ObjectNode chunk);

    /** Adds the next chunk. By default as the tree that it is; what is no object is left out. */
    default void add(AnswerChunk chunk) {
        if (chunk.tree() instanceof ObjectNode tree) {
            add(tree);
        }
    }

    /** The document that all chunks so far add up to. */
    ObjectNode document();
}
