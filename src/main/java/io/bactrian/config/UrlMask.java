package io.bactrian.config;

import java.util.regex.Pattern;

/**
 * A mask for what may be secret in the URLs of a text: user and password, and the values of parameters. Its time grows with the length
 * of the text only, because callers name models that stand in the log. Stateless.
 */
public final class UrlMask {
    private static final String MASK = "***";
    private static final Pattern USER = Pattern.compile("://[^/@\\s?]*@");
    private static final Pattern SECRET =
            Pattern.compile("key|secret|token|sig|pass|auth|code|pwd|credential", Pattern.CASE_INSENSITIVE);
    /** Shorter values, such as {@code kind=503}, are masked only if the name says that they are secret. */
    private static final int LONG_VALUE = 8;

    private UrlMask() {}

    /** The text with the masks. */
    public static String of(String text) {
        if (text.indexOf('=') < 0 && text.indexOf('@') < 0) {
            return text;
        }
        String masked = text.contains("://") ? USER.matcher(text).replaceAll("://" + MASK + "@") : text;
        if (masked.indexOf('=') < 0 || (masked.indexOf('?') < 0 && masked.indexOf(';') < 0)) {
            return masked;
        }
        StringBuilder out = new StringBuilder(masked.length());
        int at = 0;
        while (at < masked.length()) {
            int end = at;
            while (end < masked.length() && !isBreak(masked.charAt(end))) {
                end++;
            }
            int parameters = parameters(masked, at, end);
            out.append(masked, at, parameters);
            values(masked, parameters, end, out);
            if (end < masked.length()) {
                out.append(masked.charAt(end));
            }
            at = end + 1;
        }
        return out.toString();
    }

    /** Where the parameters of the first URL, URI or path begin, which H2's URLs have behind semicolons; the end if there is none. */
    private static int parameters(String text, int from, int end) {
        boolean url = false;
        boolean scheme = false;
        for (int i = from; i < end; i++) {
            char c = text.charAt(i);
            if (isMark(c)) {
                if (url) {
                    return i;
                }
                scheme = false;
            } else if (c == '/') {
                url = true;
                scheme = false;
            } else if (c == ':') {
                url = url || (scheme && i + 1 < end && !isMark(text.charAt(i + 1)));
                scheme = false;
            } else if (isLetter(c)) {
                scheme = true;
            } else if ((c < '0' || c > '9') && c != '+' && c != '.' && c != '-') {
                scheme = false;
            }
        }
        return end;
    }

    private static void values(String text, int from, int end, StringBuilder out) {
        int at = from;
        int next = from;
        while (at < end) {
            if (next <= at) {
                next = at + 1;
                while (next < end && text.charAt(next) != '&' && text.charAt(next) != ';') {
                    next++;
                }
            }
            int equals = text.indexOf('=', at + 1, next);
            if (equals < 0) {
                out.append(text, at, next);
                at = next;
                continue;
            }
            int value = equals + 1;
            out.append(text, at, value);
            int length = next - value;
            if (length > 0
                    && ((length >= LONG_VALUE && equals > at + 1)
                            || SECRET.matcher(text).region(at, equals).find())) {
                out.append(MASK);
                at = next;
            } else {
                int mark = text.indexOf('?', value, next);
                at = mark < 0 ? next : mark;
                out.append(text, value, at);
            }
        }
    }

    private static boolean isBreak(char c) {
        return c == ' ' || (c >= '\t' && c <= '\r') || c == '\'' || c == '"' || c == '<' || c == '>';
    }

    private static boolean isMark(char c) {
        return c == '?' || c == ';';
    }

    private static boolean isLetter(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }
}
