package io.bactrian.protocol.translation;

import java.util.Base64;
import java.util.Locale;

/**
 * The media types of images and documents as the APIs write them. Callers write some of them in other ways, or give an
 * image the name of another format; the first bytes tell which one it is. Stateless.
 */
final class MediaTypes {
    static final String PDF = "application/pdf";

    private static final String JPEG = "image/jpeg";
    private static final String PNG = "image/png";

    /** The characters that encode the first 12 bytes, in which a RIFF file says what it is. */
    private static final int RIFF_HEAD = 16;

    private MediaTypes() {}

    /**
     * The media type of a file.
     *
     * @param written as the caller wrote it; may be empty
     * @param base64 the file
     */
    static String of(String written, String base64) {
        String known = ofBytes(base64);
        return known.isEmpty() ? normal(written) : known;
    }

    /** The media type that the first bytes tell; empty if they do not. */
    static String ofBytes(String base64) {
        if (base64.startsWith("/9j/")) {
            return JPEG;
        }
        if (base64.startsWith("iVBORw0KGgo")) {
            return PNG;
        }
        if (base64.startsWith("R0lGODdh") || base64.startsWith("R0lGODlh")) {
            return "image/gif";
        }
        if (base64.startsWith("JVBERi0")) {
            return PDF;
        }
        return base64.startsWith("UklGR") && isWebp(base64) ? "image/webp" : "";
    }

    private static boolean isWebp(String base64) {
        if (base64.length() < RIFF_HEAD) {
            return false;
        }
        try {
            byte[] head = Base64.getDecoder().decode(base64.substring(0, RIFF_HEAD));
            return head[8] == 'W' && head[9] == 'E' && head[10] == 'B' && head[11] == 'P';
        } catch (IllegalArgumentException notBase64) {
            return false;
        }
    }

    private static String normal(String written) {
        int parameters = written.indexOf(';');
        String type = parameters < 0 ? written : written.substring(0, parameters);
        String lower = type.strip().toLowerCase(Locale.ROOT);
        return switch (lower) {
            case "image/jpg", "image/pjpeg", "image/jpe", "image/jfif" -> JPEG;
            case "image/x-png", "image/apng" -> PNG;
            case "application/x-pdf" -> PDF;
            default -> lower;
        };
    }
}
