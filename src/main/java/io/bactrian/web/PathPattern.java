package io.bactrian.web;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A path, or all below it, in which a name in braces stands for any text up to a slash. Upper and lower case count as the same.
 * Immutable.
 */
final class PathPattern {
    private static final Pattern PARAMETER = Pattern.compile("\\{[^/}]+}|:[A-Za-z0-9_]+");

    private final Pattern pattern;

    private PathPattern(Pattern pattern) {
        this.pattern = pattern;
    }

    /** A pattern as the configuration writes it: {@code /hooks/*} is all below {@code /hooks}. */
    static PathPattern of(String text) {
        boolean below = text.endsWith("*");
        return of(below ? text.substring(0, text.length() - 1) : text, below);
    }

    /** @param below whether all paths are meant that begin with it */
    static PathPattern of(String path, boolean below) {
        String start = path.startsWith("/") ? path : "/" + path;
        String trimmed = start.replaceFirst("/+$", "");
        StringBuilder regex = new StringBuilder();
        int from = 0;
        Matcher parameter = PARAMETER.matcher(trimmed);
        while (parameter.find()) {
            regex.append(Pattern.quote(trimmed.substring(from, parameter.start())))
                    .append("[^/]+");
            from = parameter.end();
        }
        regex.append(Pattern.quote(trimmed.substring(from)));
        regex.append(below ? (path.endsWith("/") ? "(/.*)?" : ".*") : "/*");
        return new PathPattern(Pattern.compile(regex.toString(), Pattern.CASE_INSENSITIVE | Pattern.DOTALL));
    }

    boolean matches(String path) {
        return pattern.matcher(path).matches();
    }
}
