package io.bactrian.runtime;

/** A part of a generation that works by itself, beside the requests. */
interface GenerationPart {

    /** Takes over from the generation before. */
    void serve();

    /** Makes way for the next generation, or for the end. */
    default void retire() {}
}
