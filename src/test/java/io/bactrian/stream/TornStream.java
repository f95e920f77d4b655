package io.bactrian.stream;

import java.io.InputStream;

/** A stream that comes in pieces of given sizes, over and over. */
final class TornStream extends InputStream {
    private final byte[] bytes;
    private final int[] sizes;
    private int at;
    private int piece;

    TornStream(byte[] bytes, int... sizes) {
        this.bytes = bytes;
        this.sizes = sizes;
    }

    @Override
    public int read() {
        return at < bytes.length ? bytes[at++] & 0xFF : -1;
    }

    @Override
    public int read(byte[] into, int from, int length) {
        if (at >= bytes.length) {
            return -1;
        }
        int n = Math.min(Math.min(length, sizes[piece++ % sizes.length]), bytes.length - at);
        System.arraycopy(bytes, at, into, from, n);
        at += n;
        return n;
    }
}
