package io.bactrian.protocol.translation;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Ids that every vendor accepts, mainly those of tool calls: OpenAI allows 40 characters, Anthropic
 * {@code [a-zA-Z0-9_-]+}. The rewriting is deterministic, so that a call and its result match across turns and
 * providers. Thread-safe.
 */
public final class ToolIds {
    private static final int MAX_LENGTH = 40;
    private static final int HASHED_BYTES = 16;

    private ToolIds() {}

    /** The id itself if both vendors accept it, else one made from its hash. */
    public static String portable(String id) {
        return isPortable(id) ? id : "call_" + hash(id);
    }

    /** An id of nine letters and digits: the id itself if it has that form, else a part of its hash. */
    static String nineLetters(String id) {
        return id.matches("[A-Za-z0-9]{9}") ? id : hash(id).substring(0, 9);
    }

    /** An id for a call without one: the same for the same answer and position. */
    static String invented(String answer, int position) {
        return "call_" + hash(answer + '#' + position);
    }

    /** The id itself if it is not longer than {@code length} characters, else its hash. */
    static String atMost(int length, String id) {
        return id.length() <= length ? id : hash(id);
    }

    /** True if every vendor accepts the id. */
    public static boolean isPortable(String id) {
        if (id.isEmpty() || id.length() > MAX_LENGTH) {
            return false;
        }
        for (int i = 0; i < id.length(); i++) {
            char c = id.charAt(i);
            boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
            boolean fine = letter || (c >= '0' && c <= '9') || c == '_' || c == '-';
            if (!fine) {
                return false;
            }
        }
        return true;
    }

    private static String hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, HASHED_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-256 is missing", e);
        }
    }
}
