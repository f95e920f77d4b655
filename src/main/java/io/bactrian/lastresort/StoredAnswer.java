package io.bactrian.lastresort;

/**
 * An answer as it is kept.
 *
 * @param givenAt epoch milliseconds
 * @param target who gave it
 * @param quality of that target
 * @param document the whole answer in the caller's protocol; not to be changed
 */
record StoredAnswer(long givenAt, String target, double quality, byte[] document) {
    /** A larger one is not kept, in bytes. */
    static final int MAX_BYTES = 1 << 20;
}
