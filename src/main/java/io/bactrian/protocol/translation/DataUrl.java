package io.bactrian.protocol.translation;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The two parts of a {@code data:<type>;base64,<data>} URL. Immutable. */
record DataUrl(String mediaType, String data) {
    private static final String SCHEME = "data:";
    private static final String ENCODING = ";base64";

    /** The parts of a URL; null for any other URL, including a data URL without base64. */
    static @Nullable DataUrl parse(String url) {
        int comma = url.indexOf(',');
        if (comma < 0 || !url.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            return null;
        }
        String head = url.substring(SCHEME.length(), comma).toLowerCase(Locale.ROOT);
        if (!head.endsWith(ENCODING)) {
            return null;
        }
        int parameters = head.indexOf(';');
        return new DataUrl(head.substring(0, parameters), url.substring(comma + 1));
    }

    static String of(String mediaType, String data) {
        return SCHEME + mediaType + ENCODING + ',' + data;
    }

    /** The data as UTF-8 text; null if it is not base64. */
    @Nullable
    String decoded() {
        try {
            return new String(Base64.getMimeDecoder().decode(data), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException notBase64) {
            return null;
        }
    }
}
