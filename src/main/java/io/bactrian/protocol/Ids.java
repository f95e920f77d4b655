package io.bactrian.protocol;

import java.util.concurrent.ThreadLocalRandom;

/** A source of ids that have to be unique but not secret. Thread-safe. */
public final class Ids {
    private static final char[] LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz".toCharArray();
    private static final int LENGTH = 22;

    private Ids() {}

    /** 22 letters and digits. */
    public static String random() {
        char[] id = new char[LENGTH];
        ThreadLocalRandom random = ThreadLocalRandom.current();
        for (int i = 0; i < LENGTH; i++) {
            id[i] = LETTERS[random.nextInt(LETTERS.length)];
        }
        return new String(id);
    }
}
