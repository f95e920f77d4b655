package io.bactrian.lastresort;

/**
 * A stored answer.
 *
 * @param givenAt epoch milliseconds
 * @param target the target that gave it
 * @param quality the quality of that target, 0..1
 * @param document the whole answer in the caller's protocol; must not be changed
 */
record StoredAnswer(long givenAt, String target, double quality, byte[] document) {
    /** The size of the largest answer that is stored. */
    static final int MAX_BYTES = 1 << 20;
}
