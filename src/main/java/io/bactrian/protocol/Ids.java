package io.bactrian.protocol;

import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** Ids that have to be unique but not secret: new ones, and the check of those that others have given. Thread-safe. */
public final class Ids {
    private static final char[] LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz".toCharArray();
    private static final int LENGTH = 22;

    private static final int MAX_LENGTH = 128;

    private Ids() {}

    /** The id of a request: the one that its caller has given if it is usable, else a new one. */
    public static String ofRequest(@Nullable String given) {
        return given != null && isUsable(given) ? given : "req_" + random();
    }

    /** True if a given id may be used: 1 to 128 visible characters of ASCII, which fit into a header and a line of the log. */
    public static boolean isUsable(@Nullable String id) {
        return id != null
                && !id.isEmpty()
                && id.length() <= MAX_LENGTH
                && id.chars().allMatch(c -> c > ' ' && c < 127);
    }

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
