package io.bactrian.web;

import java.util.Locale;

/** The spelling of media types. Stateless. */
final class ContentTypes {
    private ContentTypes() {}

    /** A media type with its names in lower case and its parameters as they are; the same object if it is so already. */
    static String plain(String type) {
        int end = type.indexOf(';');
        end = end < 0 ? type.length() : end;
        for (int i = 0; i < end; i++) {
            char c = type.charAt(i);
            if (c <= ' ' || (c >= 'A' && c <= 'Z')) {
                return type.substring(0, end).strip().toLowerCase(Locale.ROOT) + type.substring(end);
            }
        }
        return type;
    }
}
