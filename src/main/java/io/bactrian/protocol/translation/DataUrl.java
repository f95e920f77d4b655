package io.bactrian.protocol.translation;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * The two parts of a {@code data:<type>;base64,<data>} URL, as the APIs want them: the media type in its usual form, the data in
 * the standard alphabet and without white space. Immutable.
 */
record DataUrl(String mediaType, String data) {
    private static final String SCHEME = "data:";
    private static final String ENCODING = "base64";

    /** The parts of a URL; null for any other URL, including a data URL without base64. */
    static @Nullable DataUrl parse(String url) {
        int comma = url.indexOf(',');
        if (comma < 0 || !isData(url)) {
            return null;
        }
        String head = url.substring(SCHEME.length(), comma);
        int encoding = head.lastIndexOf(';') + 1;
        return head.substring(encoding).strip().equalsIgnoreCase(ENCODING)
                ? file(head.substring(0, Math.max(0, encoding - 1)), url.substring(comma + 1))
                : null;
    }

    /** The file in a text that is base64 without a URL around it; null if its first bytes do not tell its media type. */
    static @Nullable DataUrl bare(String base64) {
        DataUrl file = file("", base64);
        return file.mediaType().isEmpty() ? null : file;
    }

    /** The file with this media type, unless its first bytes tell another one. */
    static DataUrl file(String mediaType, String base64) {
        String data = standard(base64);
        return new DataUrl(MediaTypes.of(mediaType, data), data);
    }

    static String of(String mediaType, String data) {
        return SCHEME + mediaType + ';' + ENCODING + ',' + data;
    }

    /** Whether a URL has its data in itself. */
    static boolean isData(String url) {
        return url.regionMatches(true, 0, SCHEME, 0, SCHEME.length());
    }

    private static String standard(String base64) {
        for (int i = 0; i < base64.length(); i++) {
            char c = base64.charAt(i);
            if (c <= ' ' || c == '-' || c == '_') {
                return base64.replaceAll("\\s+", "").replace('-', '+').replace('_', '/');
            }
        }
        return base64;
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

    @Override
    public String toString() {
        return of(mediaType, data);
    }
}
